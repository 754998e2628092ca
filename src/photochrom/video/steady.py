"""Colours that hold still: each frame's own colours averaged with those of the frames before, carried along motion.

A network colours every frame afresh, and what it is unsure of changes from frame to frame. Here each pixel keeps the
mean of the colours that it had, weighed by how long it has been in view: a running mean that grows to `MEMORY` frames.
It is carried along the motion, and forgotten where the lightness says that something else is there now, so that
colours do not smear behind what moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photochrom.color import FloatArray
from photochrom.video.motion import inside, relit, warped

# All chosen with benchmarks/video_flicker.py. Frames that the mean goes back to at most:
MEMORY = 24.0
# Difference of L, after motion and exposure, at which three quarters of the memory are lost. On top come so many times
# the difference that three quarters of the picture exceed, which is grain.
LIKENESS, GRAIN = 3.0, 3.0


@dataclass(frozen=True, eq=False)
class Carried:
    """What is known of a shot's colours after a frame.

    Attributes:
        color: a and b (2, h, w) in Lab units.
        lightness: CIE L* (h, w) of that frame.
        age: (h, w), how many frames are in the mean.
    """

    color: FloatArray
    lightness: FloatArray
    age: FloatArray


def begun(color: FloatArray, lightness: FloatArray) -> Carried:
    """The first frame of a shot: its own colours."""
    return Carried(color, lightness, np.ones_like(lightness))


def carried_on(before: Carried, color: FloatArray, lightness: FloatArray, moved: FloatArray) -> Carried:
    """The next frame of the shot.

    Args:
        before: what was known.
        color: the frame's own colours (2, h, w).
        lightness: CIE L* (h, w).
        moved: its motion since the frame before, (2, h, w), as of `motion`.
    """
    planes = warped(np.stack([*before.color, before.lightness, before.age]), moved)
    away = _local_mean(np.abs(relit(planes[2], lightness) - lightness))
    strange = np.maximum(away - np.float32(GRAIN) * np.quantile(away, 0.25), 0)
    likeness = 1 / (1 + (strange / np.float32(LIKENESS)) ** 2) ** 2
    age = np.minimum(planes[3], np.float32(MEMORY)) * likeness * inside(moved)
    mean = (age * planes[:2] + color) / (age + 1)
    return Carried(mean.astype(np.float32), lightness, (age + 1).astype(np.float32))


def _local_mean(plane: FloatArray) -> FloatArray:
    """Means over 3 x 3 pixels: grain is no motion."""
    padded = np.pad(plane, 1, mode="edge")
    down = padded[:-2] + padded[1:-1] + padded[2:]
    mean: FloatArray = (down[:, :-2] + down[:, 1:-1] + down[:, 2:]) / 9
    return mean
