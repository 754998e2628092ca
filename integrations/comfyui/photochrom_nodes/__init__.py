"""Photochrom as a ComfyUI node; this folder goes into ComfyUI's `custom_nodes`."""

from .colorize import PhotochromColorize

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS"]

NODE_CLASS_MAPPINGS = {"PhotochromColorize": PhotochromColorize}
NODE_DISPLAY_NAME_MAPPINGS = {"PhotochromColorize": "Photochrom: Colorize"}
