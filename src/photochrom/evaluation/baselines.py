"""What colours without learning: none at all, and hints spread over places of like lightness.

Levin, Lischinski, Weiss, "Colorization using Optimization" (SIGGRAPH 2004): each pixel's colour is the mean of its
eight neighbours' weighted by their likeness in lightness, except where a hint lies. The weights are those of the
authors' published code; it works on YUV, this on Lab, so that hints are the very same as the networks'.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import FloatArray, IntArray

_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
# The authors' code: the window's variance times 0.6, but enough for the likest neighbour to weigh at least 0.01.
_VARIANCE_SHARE, _LEAST_WEIGHT, _LEAST_VARIANCE = 0.6, 0.01, 2e-6
# So few pixels are not divided any further.
_UNDIVIDED = 16


def spread_hints(lightness: FloatArray, ab: FloatArray, known: npt.NDArray[np.bool_]) -> FloatArray:
    """Colours a picture from a few known pixels by Levin's optimisation.

    Args:
        lightness: L (H, W) in [0, 100], at least two pixels.
        ab: colours (H, W, 2), used where `known`.
        known: (H, W).

    Returns:
        ab (H, W, 2), exact at the known pixels; neutral if there are none.
    """
    from scipy.sparse.linalg import splu

    colors: FloatArray = np.where(known[..., None], ab, 0).astype(np.float32)
    free = ~known
    if known.all() or free.all():
        return colors
    order = dissection(*free.shape)
    order = order[free.ravel()[order]]
    matrix, inflow = _equations(lightness, colors, order)
    # The weights are dominated by their diagonal: no pivoting is needed, and the order keeps the factors sparse.
    solver = splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    colors.reshape(-1, 2)[order] = solver.solve(inflow)
    return colors


@lru_cache(maxsize=2)
def dissection(height: int, width: int) -> IntArray:
    """The order of elimination of a picture's pixels that keeps the factors sparse: (height x width,) flat places.

    Nested dissection (George 1973): a line of pixels parts the rest into two halves that know nothing of each other,
    and comes after both. A general minimum-degree order takes twice as long.
    """

    def ordered(places: IntArray) -> list[IntArray]:
        rows, columns = places.shape
        if places.size <= _UNDIVIDED or max(rows, columns) < 3:
            return [places.ravel()]
        if columns > rows:
            places, rows = places.T, columns
        middle = rows // 2
        return [*ordered(places[:middle]), *ordered(places[middle + 1 :]), places[middle]]

    return np.concatenate(ordered(np.arange(height * width).reshape(height, width)))


def neighbour_weights(lightness: FloatArray) -> npt.NDArray[np.float64]:
    """Weights (8, H, W) of each pixel's neighbours, row by row from the upper left; their sum is 1, 0 is outside."""
    value = lightness.astype(np.float64) / 100
    padded = np.pad(value, 1, constant_values=np.nan)
    height, width = value.shape
    around = np.stack([padded[1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width] for dy, dx in _NEIGHBOURS])
    window = np.concatenate([around, value[None]])
    variance = np.nanmean((window - np.nanmean(window, axis=0)) ** 2, axis=0) * _VARIANCE_SHARE
    squared = (around - value) ** 2
    variance = np.maximum(variance, np.nanmin(squared, axis=0) / -np.log(_LEAST_WEIGHT))
    weights = np.nan_to_num(np.exp(-squared / np.maximum(variance, _LEAST_VARIANCE)))
    normalised: npt.NDArray[np.float64] = weights / weights.sum(axis=0)
    return normalised


def _equations(lightness: FloatArray, ab: FloatArray, order: IntArray) -> tuple[Any, Any]:
    """The matrix (n, n) and right side (n, 2) for the n free pixels: own colour less the neighbours' mean is 0.

    `order` holds the flat places of the free pixels.
    """
    from scipy.sparse import csc_array, eye_array

    count = len(order)
    number = np.full(lightness.shape, -1)
    number.ravel()[order] = np.arange(count)
    rows, columns, entries, inflow = [], [], [], np.zeros((count, 2))
    for weights, (dy, dx) in zip(neighbour_weights(lightness), _NEIGHBOURS, strict=True):
        y, x = np.nonzero((number >= 0) & (weights > 0))
        row, column, weight = number[y, x], number[y + dy, x + dx], weights[y, x]
        fixed = column < 0
        # Every row occurs once for each neighbour, so that += is safe.
        inflow[row[fixed]] += weight[fixed, None] * ab[y + dy, x + dx][fixed]
        rows.append(row[~fixed])
        columns.append(column[~fixed])
        entries.append(-weight[~fixed])
    places = np.concatenate(rows), np.concatenate(columns)
    matrix = eye_array(count, format="csc") + csc_array((np.concatenate(entries), places), shape=(count, count))
    return matrix.tocsc(), inflow
