"""Fréchet distance between two sets of features, from their means and covariances gathered one by one.

Heusel et al., "GANs Trained by a Two Time-Scale Update Rule" (2017). The figure depends on the network that gives the
features, and on the number of pictures: compare only what has both alike.
"""

from __future__ import annotations

import numpy as np

from photochrom.evaluation.metrics import Floats


class Moments:
    """Mean and covariance of vectors (d,), gathered in d x d numbers however many there are."""

    def __init__(self, dimensions: int) -> None:
        self.count = 0
        self._mean = np.zeros(dimensions)
        self._scatter = np.zeros((dimensions, dimensions))

    def add(self, vector: Floats) -> None:
        """Takes one more vector into account (Welford's update)."""
        self.count += 1
        before = vector - self._mean
        self._mean += before / self.count
        self._scatter += np.outer(before, vector - self._mean)

    @property
    def mean(self) -> Floats:
        """(d,)."""
        return self._mean

    @property
    def covariance(self) -> Floats:
        """(d, d), the unbiased estimate; needs two vectors."""
        return self._scatter / (self.count - 1)


def frechet_distance(first: Moments, second: Moments) -> float:
    """|m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), not negative, 0 for equal moments."""
    values, vectors = np.linalg.eigh(first.covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # (S1 S2)^(1/2) has the trace of (S1^(1/2) S2 S1^(1/2))^(1/2), which is symmetric even where both are singular.
    inner = np.linalg.eigvalsh(root @ second.covariance @ root)
    overlap = np.sqrt(np.maximum(inner, 0)).sum()
    spread = np.trace(first.covariance) + np.trace(second.covariance) - 2 * overlap
    return float(max(((first.mean - second.mean) ** 2).sum() + spread, 0.0))
