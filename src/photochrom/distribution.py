"""What a distribution over the 313 colour bins tells: suggestions, uncertainty, and where one more hint helps most."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photochrom import color
from photochrom.color import FloatArray

_ITERATIONS = 30
# What is most open is sought around a place, not in a single odd cell: in a window of this share of the grid.
_WINDOW = 1 / 12
# What a hint tells: how far it counts, as a share of the longer side, and how much alike things must be. Both found by
# measurement. Squares of this many cells are looked at as one.
_TOLD_WITHIN, _TOLD_LIKENESS, _BLOCK = 0.15, 8, 4


@dataclass(frozen=True)
class Suggestion:
    """A plausible colour for a place.

    Attributes:
        color: "#rrggbb", at the photograph's lightness there, or the nearest at which sRGB holds a and b: in what is
            nearly white or black, too, suggestions differ, and a hint of one means what it shows.
        ab: a and b in Lab units.
        probability: its share of the distribution, in [0, 1].
    """

    color: str
    ab: tuple[float, float]
    probability: float


def probabilities(logits: FloatArray, temperature: float = 1.0) -> FloatArray:
    """Softmax of logits (..., 313) / T."""
    scaled = logits / np.float32(temperature)
    odds = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: FloatArray = odds / odds.sum(axis=-1, keepdims=True)
    return shares


def suggestions(shares: FloatArray, lightness: float, count: int) -> list[Suggestion]:
    """The distribution (313,) as at most `count` colours, the likeliest first.

    The 2017 paper draws 25,000 colours and clusters them by k-means; clustering the bins weighted by their shares is
    what that tends to with ever more draws, and gives the same answer every time.
    """
    bins = color.ab_bins()
    centres = _spread_centres(bins, shares, count)
    for _ in range(_ITERATIONS):
        nearest = _nearest(bins, centres)
        weight = np.bincount(nearest, shares, len(centres))
        sums = np.stack([np.bincount(nearest, shares * bins[:, i], len(centres)) for i in (0, 1)], axis=1)
        moved = np.where(weight[:, None] > 0, sums / np.maximum(weight, 1e-12)[:, None], centres)
        if np.allclose(moved, centres, atol=1e-3):
            break
        centres = moved
    order = np.argsort(-weight, kind="stable")
    return [_suggestion(centres[i], lightness, weight[i]) for i in order if weight[i] > 0]


def uncertainty(logits: FloatArray) -> FloatArray:
    """Entropy of each cell's distribution (h, w, 313) over that of the uniform one: (h, w) in [0, 1]."""
    shares = probabilities(logits)
    entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=-1)
    scaled: FloatArray = (entropy / math.log(logits.shape[-1])).astype(np.float32)
    return np.clip(scaled, 0, 1)


def telling_place(logits: FloatArray, reach: FloatArray | None) -> tuple[float, float]:
    """The place (x, y), as fractions, where a hint should tell most that is not known yet.

    Like Gaussian processes, which take the variance away that goes along with what is observed: a hint counts for what
    lies near it and has a distribution like its own (a power of Bhattacharyya's coefficient).

    Args:
        logits: (h, w, 313).
        reach: (h, w) in [0, 1], how far hints decide already, or None.
    """
    shares = probabilities(logits)
    variance = _color_variance(shares)
    unknown = _block_means(variance if reach is None else variance * (1 - reach))
    roots = np.sqrt(_block_means(shares)).reshape(unknown.size, -1)
    rows, columns = (_block_centres(cells) for cells in logits.shape[:2])
    y, x = (places.ravel() for places in np.meshgrid(rows, columns, indexing="ij"))
    squared = (np.subtract.outer(y, y) ** 2 + np.subtract.outer(x, x) ** 2) / max(logits.shape[:2]) ** 2
    told = (roots @ roots.T) ** _TOLD_LIKENESS * np.exp(-squared / (2 * _TOLD_WITHIN**2))
    most = int((told @ unknown.ravel()).argmax())
    return float(x[most]) / logits.shape[1], float(y[most]) / logits.shape[0]


def open_place(doubt: FloatArray, reach: FloatArray | None) -> tuple[float, float]:
    """The place (x, y), as fractions, around which most is uncertain that no hint reaches yet."""
    open_doubt = doubt if reach is None else doubt * (1 - reach)
    mean = _window_means(open_doubt, max(1, round(max(doubt.shape) * _WINDOW)))
    row, column = np.unravel_index(int(mean.argmax()), mean.shape)
    return (float(column) + 0.5) / doubt.shape[1], (float(row) + 0.5) / doubt.shape[0]


def _suggestion(ab: npt.NDArray[np.float64], lightness: float, share: float) -> Suggestion:
    lightness = color.held_lightness(lightness, ab)
    inside = color.fit_gamut(lightness, ab)
    rgb = color.lab_to_srgb(np.array([lightness, *inside], np.float32))
    levels = np.rint(np.clip(rgb, 0, 1) * 255).astype(int)
    return Suggestion("#{:02x}{:02x}{:02x}".format(*levels), (float(ab[0]), float(ab[1])), float(share))


def _spread_centres(bins: FloatArray, shares: FloatArray, count: int) -> npt.NDArray[np.float64]:
    """First centres for k-means: the likeliest bin, then always the bin with most share times squared distance."""
    chosen = [int(shares.argmax())]
    while len(chosen) < count:
        distance = ((bins[:, None] - bins[chosen]) ** 2).sum(axis=-1).min(axis=1)
        pull = shares * distance
        if pull.max() <= 0:
            break
        chosen.append(int(pull.argmax()))
    return bins[chosen].astype(np.float64)


def _nearest(points: FloatArray, centres: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    nearest: npt.NDArray[np.intp] = ((points[:, None] - centres) ** 2).sum(axis=-1).argmin(axis=1)
    return nearest


def _color_variance(shares: FloatArray) -> FloatArray:
    """Variance of a and b together, in squared Lab units, of distributions (..., 313) -> (...)."""
    bins = color.ab_bins()
    mean = shares @ bins
    variance: FloatArray = np.maximum(shares @ (bins**2).sum(axis=1) - (mean**2).sum(axis=-1), 0)
    return variance


def _block_means(plane: FloatArray) -> FloatArray:
    """Means of a plane (h, w, ...) over squares of cells; those at the far edges can be smaller."""
    for axis in (0, 1):
        starts = np.arange(0, plane.shape[axis], _BLOCK)
        sizes = np.diff(starts, append=plane.shape[axis]).astype(np.float32)
        shape = [-1 if i == axis else 1 for i in range(plane.ndim)]
        plane = (np.add.reduceat(plane, starts, axis=axis) / sizes.reshape(shape)).astype(np.float32)
    return plane


def _block_centres(cells: int) -> npt.NDArray[np.float64]:
    """The middles of these squares along a side of so many cells, in cells."""
    starts = np.arange(0, cells, _BLOCK)
    centres: npt.NDArray[np.float64] = (starts + np.append(starts[1:], cells)) / 2
    return centres


def _window_means(plane: FloatArray, side: int) -> FloatArray:
    """Means over squares of `side` cells around each cell, of what lies in the plane, weighted as if 0 lay outside."""
    before, after = side // 2, side - side // 2
    summed = np.pad(plane, ((before + 1, after), (before + 1, after))).cumsum(axis=0).cumsum(axis=1)
    h, w = plane.shape
    total = summed[side : side + h, side : side + w] - summed[:h, side : side + w] - summed[side : side + h, :w]
    mean: FloatArray = (total + summed[:h, :w]) / side**2
    return mean
