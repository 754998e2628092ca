"""Measuring colorizers by the published protocols, so that figures can be compared and reproduced."""
