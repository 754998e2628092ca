"""Where one shot ends and the next begins.

The measure is the share of a small picture's contrast that the picture before does not explain, after each block has
moved to where it fits best and exposure has been brought in line (`motion`). Pans, moving things, flicker and fades are
explained; another scene is not. A cut is where the share is high in itself, stands out against the frames before, and
the next frame does not fit the one before the cut either: that tells a cut from a torn frame. What comes after black or
a flash is compared with what was before it.
"""

from collections import deque
from enum import Enum, auto
from statistics import median

import numpy as np

from photochrom.color import FloatArray
from photochrom.resample import area_mean
from photochrom.video.motion import motion, relit, warped

# Chosen with benchmarks/video_flicker.py: within shots of its films the share stays below the first figure's half.
LEAST = 0.30
ABOVE_USUAL = 2.5
_SIDE = 64
_REMEMBERED = 12
# Contrast, in units of L: so much is taken for noise, and frames of less (black ones, flashes) tell nothing of a scene.
_NOISE, _PLAIN = 4.0, 3.0


def thumbnail(lightness: FloatArray) -> FloatArray:
    """CIE L* (h, w) at the size at which shots are compared: the longer side 64, or less where there is less."""
    longer = max(lightness.shape)
    rows, columns = (max(1, round(side * min(1, _SIDE / longer))) for side in lightness.shape)
    return area_mean(lightness, (rows, columns))


def unexplained(before: FloatArray, now: FloatArray) -> float:
    """The share of a thumbnail's contrast that the one before does not explain: 0 the same, about 1 nothing alike."""
    old = warped(before, motion(before, now))
    left = np.abs(relit(old, now) - now).mean()
    return float(left / (_contrast(now) + _NOISE))


def _contrast(lightness: FloatArray) -> float:
    return float(np.abs(lightness - np.median(lightness)).mean())


class Step(Enum):
    """What a frame is to the one before it."""

    NEW_SHOT = auto()
    SAME_SHOT = auto()
    ASIDE = auto()  # black, a flash or torn: it says nothing of what comes after it


class CutFinder:
    """Tells of the frames of a film, one after the other, which begin a shot."""

    def __init__(self) -> None:
        self._usual: deque[float] = deque(maxlen=_REMEMBERED)
        self._before: FloatArray | None = None

    def step(self, now: FloatArray, after: FloatArray | None) -> Step:
        """What the next frame of the film is.

        Args:
            now: its thumbnail.
            after: thumbnail of the one after it, or None at the end of the film.
        """
        if _contrast(now) < _PLAIN:
            return Step.ASIDE
        before = self._before
        share = 1.0 if before is None else unexplained(before, now)
        if before is not None and share <= max(LEAST, ABOVE_USUAL * median(self._usual or [0])):
            self._usual.append(share)
            self._before = now
            return Step.SAME_SHOT
        if before is not None and after is not None and unexplained(before, after) <= LEAST:
            return Step.ASIDE
        self._usual.clear()
        self._before = now
        return Step.NEW_SHOT
