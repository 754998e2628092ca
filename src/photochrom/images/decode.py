"""From a picture that Pillow has opened to samples: every mode, its transparency, its profile."""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from .lightness import Samples

__all__ = ["pillow_samples"]

# Modes that already are what a strip should hold, by layout and alpha.
_TARGETS: dict[tuple[Literal["gray", "rgb"], bool], str] = {
    ("gray", False): "L",
    ("gray", True): "LA",
    ("rgb", False): "RGB",
    ("rgb", True): "RGBA",
}


def pillow_samples(picture: Image.Image) -> Samples:
    """8-bit samples of a loaded picture in any of Pillow's 8-bit modes."""
    alpha = picture.has_transparency_data
    layout: Literal["gray", "rgb"] = "gray" if picture.mode in ("1", "L", "LA", "La") else "rgb"
    target = _TARGETS[layout, alpha]
    width = picture.width

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        strip = picture.crop((0, top, width, bottom))
        if strip.mode != target:
            strip = strip.convert(target)
        return np.asarray(strip).reshape(bottom - top, width, -1)

    return Samples(width, picture.height, layout, 8, alpha, rows)
