"""One photograph of a test set as a protocol shows it: the truth, and what colorizers get to see of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from photochrom import color, images
from photochrom.color import FloatArray, IntArray
from photochrom.evaluation.datasets import Picture, square_picture
from photochrom.hints import Reference
from photochrom.images import Photograph


@dataclass(frozen=True, eq=False)
class Scene:
    """A true picture at a protocol's size. What several methods need of it is computed once.

    Attributes:
        truth: (S, S, 3) sRGB.
        seed: random numbers for this photograph come from it.
    """

    truth: Picture
    seed: tuple[int, int]

    @cached_property
    def photograph(self) -> Photograph:
        """The picture without its colours."""
        return images.read(self.truth)

    @cached_property
    def gray(self) -> Picture:
        """The picture without its colours, (S, S, 3): of the same lightness."""
        gray = self.photograph.gray
        levels = np.rint(gray.astype(np.float64) * (255 / np.iinfo(gray.dtype).max)).astype(np.uint8)
        return np.repeat(levels[..., None], 3, axis=-1)

    @cached_property
    def lab(self) -> FloatArray:
        """The truth in Lab, (S, S, 3)."""
        return to_lab(self.truth)

    @cached_property
    def bins(self) -> IntArray:
        """The true colour bin of each pixel, (S, S)."""
        return color.nearest_bin(self.lab[..., 1:])

    @cached_property
    def palette(self) -> Reference:
        """The truth's own global statistics."""
        return Reference.from_picture(self.truth)


def open_scene(encoded: bytes, side: int, seed: tuple[int, int]) -> Scene:
    """Reads a photograph for a protocol of this size.

    Raises:
        InputError: it is no picture that can be read.
    """
    return Scene(square_picture(encoded, side), seed)


def to_lab(picture: Picture) -> FloatArray:
    """A picture (H, W, 3) in Lab."""
    return color.srgb_to_lab(picture.astype(np.float32) / 255)
