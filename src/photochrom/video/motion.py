"""Where each part of a picture was in the one before: block matching on lightness, coarse to fine. Pure NumPy.

Old films flicker in exposure, so the picture before is first brought to the brightness and contrast of the one now.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import FloatArray

# Side of a block of one motion, in pixels of the pictures given; its neighbours' differences count too.
BLOCK = 4
# Halvings of the pictures, as long as the shorter side stays above so many pixels; and the search at each size.
_LEVELS, _SMALLEST = 4, 12
_REACH_COARSE, _REACH_FINE = 2, 1
# A motion must explain the lightness by so many units of L better than one nearer to what is expected, a pixel apart.
_RELUCTANCE = 0.15
# How much contrast may change from frame to frame, as in a fade.
_GAINS = 0.2, 5.0
# Parts of a pixel below this are the noise of the fit.
_STILL = 0.2


def motion(before: FloatArray, now: FloatArray) -> FloatArray:
    """Return the motion (2, h, w) in rows and columns: `now[y, x]` was at `before[y + dy, x + dx]`.

    Args:
        before: CIE L* (h, w) of the picture before.
        now: CIE L* (h, w).

    Returns:
        float32, the same over each `BLOCK` x `BLOCK` pixels, to parts of a pixel; exactly 0 where nothing moves.
    """
    pyramid = [(before, now)]
    while len(pyramid) < _LEVELS and min(pyramid[-1][0].shape) >= 2 * _SMALLEST:
        pyramid.append((_halved(pyramid[-1][0]), _halved(pyramid[-1][1])))
    old, new = pyramid.pop()
    match = _Match(_as_exposed(old, new), new)
    blocks = match.search(np.zeros((2, *_blocks(new.shape)), np.intp), _REACH_COARSE)
    for old, new in reversed(pyramid):
        blocks = 2 * _enlarged(blocks, _blocks(new.shape))
        # With what moved brought back, exposure can be told better than before.
        gain, offset = _exposure(warped(old, _spread(blocks, new.shape)), new)
        match = _Match(gain * old + offset, new)
        blocks = match.search(blocks, _REACH_FINE)
    return _spread(blocks + match.parts_of_pixels(blocks), now.shape)


def warped(planes: FloatArray, moved: FloatArray) -> FloatArray:
    """Return planes (..., h, w) of the picture before, each pixel where it is now; beyond the border, the border's."""
    height, width = planes.shape[-2:]
    y = np.clip(np.arange(height, dtype=np.float32)[:, None] + moved[0], 0, height - 1)
    x = np.clip(np.arange(width, dtype=np.float32) + moved[1], 0, width - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    down, across = y - top, x - left
    bottom, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    upper = planes[..., top, left] * (1 - across) + planes[..., top, right] * across
    lower = planes[..., bottom, left] * (1 - across) + planes[..., bottom, right] * across
    mixed: FloatArray = upper * (1 - down) + lower * down
    return mixed


def inside(moved: FloatArray) -> npt.NDArray[np.bool_]:
    """Tell (h, w) of which pixels the place before lies within the picture."""
    height, width = moved.shape[1:]
    y, x = np.arange(height)[:, None] + moved[0], np.arange(width) + moved[1]
    within: npt.NDArray[np.bool_] = (y >= -0.5) & (y <= height - 0.5) & (x >= -0.5) & (x <= width - 0.5)
    return within


def followed(place: tuple[float, float], moved: FloatArray) -> tuple[float, float] | None:
    """Return where a place (y, x) of the picture before, as fractions of its size, is now; None: outside of it.

    `moved` tells where things came from; a place whose origin is the one sought is found in a few steps.
    """
    height, width = moved.shape[1:]
    start = np.array([place[0] * height, place[1] * width])
    here = start.copy()
    for _ in range(4):
        row, column = np.clip(here, 0, (height - 1, width - 1)).astype(int)
        here = start - moved[:, row, column]
    y, x = here / (height, width)
    return (float(y), float(x)) if 0 <= y <= 1 and 0 <= x <= 1 else None


def relit(before: FloatArray, now: FloatArray) -> FloatArray:
    """Return the lightness before with the brightness and contrast of now, where both lie on top of each other."""
    gain, offset = _exposure(before, now)
    return gain * before + offset


def _exposure(before: FloatArray, now: FloatArray) -> tuple[np.float32, np.float32]:
    """Return gain and offset of the best line from the lightness before to now, what does not fit disregarded."""
    x, y = before.ravel(), now.ravel()
    gain, offset = np.float32(1), np.float32(np.median(y - x))
    for _ in range(3):
        away = gain * x + offset - y
        weight = 1 / (1 + (away / 4) ** 2)
        total = weight.sum()
        mean_x, mean_y = (weight * x).sum() / total, (weight * y).sum() / total
        spread = (weight * (x - mean_x) ** 2).sum()
        together = (weight * (x - mean_x) * (y - mean_y)).sum()
        # A line through too little contrast could have any slope.
        gain = np.float32(np.clip((together + total) / (spread + total), *_GAINS))
        offset = np.float32(mean_y - gain * mean_x)
    return gain, offset


class _Match:
    """How well blocks of a picture fit to places of another."""

    def __init__(self, old: FloatArray, new: FloatArray) -> None:
        rows, columns = _blocks(new.shape)
        self.shape = rows * BLOCK, columns * BLOCK
        missing = tuple((0, whole - side) for whole, side in zip(self.shape, new.shape, strict=True))
        self.old, self.new = np.pad(old, missing, mode="edge"), np.pad(new, missing, mode="edge")
        self.y, self.x = np.arange(self.shape[0])[:, None], np.arange(self.shape[1])

    def cost(self, blocks: npt.NDArray[np.intp]) -> FloatArray:
        """Mean difference of L (rows, columns) over each block and half as much its neighbours."""
        rows, columns = self.shape
        moved = np.repeat(np.repeat(blocks, BLOCK, axis=1), BLOCK, axis=2)
        y, x = np.clip(self.y + moved[0], 0, rows - 1), np.clip(self.x + moved[1], 0, columns - 1)
        away = np.abs(self.old[y, x] - self.new)
        mean = away.reshape(rows // BLOCK, BLOCK, columns // BLOCK, BLOCK).mean(axis=(1, 3))
        padded = np.pad(mean, 1, mode="edge")
        down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
        around: FloatArray = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 16
        return around

    def search(self, start: npt.NDArray[np.intp], reach: int) -> npt.NDArray[np.intp]:
        """The best of the motions around `start` (2, rows, columns), of its neighbours' and of standing still."""
        best, lowest = start, self.cost(start)
        around = range(-reach, reach + 1)
        for dy, dx in sorted(((y, x) for y in around for x in around if y or x), key=lambda d: abs(d[0]) + abs(d[1])):
            trial = start + np.array([dy, dx])[:, None, None]
            best, lowest = self._better(best, lowest, trial, _RELUCTANCE * (abs(dy) + abs(dx)))
        best, lowest = self._better(best, lowest, np.zeros_like(start), 0)
        for axis, step in ((1, 1), (1, -1), (2, 1), (2, -1)):
            best, lowest = self._better(best, lowest, np.roll(best, step, axis), 0)
        return best

    def _better(
        self, best: npt.NDArray[np.intp], lowest: FloatArray, trial: npt.NDArray[np.intp], penalty: float
    ) -> tuple[npt.NDArray[np.intp], FloatArray]:
        cost = self.cost(trial) + np.float32(penalty)
        wins = cost < lowest
        return np.where(wins, trial, best), np.where(wins, cost, lowest)

    def parts_of_pixels(self, blocks: npt.NDArray[np.intp]) -> FloatArray:
        """What to add to whole pixels (2, rows, columns): where two lines of one slope through the costs meet."""
        middle = self.cost(blocks)
        parts = []
        for step in np.eye(2, dtype=np.intp)[:, :, None, None]:
            low, high = self.cost(blocks - step), self.cost(blocks + step)
            slope = np.maximum(np.maximum(low, high) - middle, 1e-3)
            part = np.clip((low - high) / (2 * slope), -0.5, 0.5)
            # A place that fits as well on both sides (a flat surface) tells nothing.
            parts.append(np.where((np.abs(part) < _STILL) | (slope < _RELUCTANCE), 0, part))
        return np.stack(parts).astype(np.float32)


def _as_exposed(before: FloatArray, now: FloatArray) -> FloatArray:
    """Return the lightness before with the median and spread of now, whatever has moved where meanwhile.

    Fitting a line would take what does not lie on top of each other yet for a loss of contrast.
    """
    low, middle, high = np.quantile(before, (0.2, 0.5, 0.8))
    low_now, middle_now, high_now = np.quantile(now, (0.2, 0.5, 0.8))
    gain = np.clip((high_now - low_now + 1) / (high - low + 1), *_GAINS)
    exposed: FloatArray = ((before - middle) * gain + middle_now).astype(np.float32)
    return exposed


def _blocks(shape: tuple[int, ...]) -> tuple[int, int]:
    return -(-shape[0] // BLOCK), -(-shape[1] // BLOCK)


def _spread(blocks: npt.NDArray[Any], shape: tuple[int, ...]) -> FloatArray:
    """Each block's motion for its pixels."""
    pixels = np.repeat(np.repeat(blocks, BLOCK, axis=1), BLOCK, axis=2)
    return pixels[:, : shape[0], : shape[1]].astype(np.float32)


def _halved(plane: FloatArray) -> FloatArray:
    rows, columns = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    mean: FloatArray = plane[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2).mean(axis=(1, 3))
    return mean


def _enlarged(blocks: npt.NDArray[np.intp], shape: tuple[int, int]) -> npt.NDArray[np.intp]:
    """Each block's motion for the four of the next size, of which there may be one more or less."""
    twice = np.repeat(np.repeat(blocks, 2, axis=1), 2, axis=2)
    short = [(0, max(0, whole - side)) for whole, side in zip(shape, twice.shape[1:], strict=True)]
    return np.pad(twice, [(0, 0), *short], mode="edge")[:, : shape[0], : shape[1]]
