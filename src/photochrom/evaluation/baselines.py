"""What colours without learning: none at all, and hints spread over places of like lightness.

Levin, Lischinski, Weiss, "Colorization using Optimization" (SIGGRAPH 2004): each pixel's colour is the mean of its
eight neighbours' weighted by their likeness in lightness, except where a hint lies. The weights are those of the
authors' published code; it works on YUV, this on Lab, so that hints are the very same as the networks'.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import FloatArray

_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx)
# The authors' code: the window's variance times 0.6, but enough for the likest neighbour to weigh at least 0.01.
_VARIANCE_SHARE, _LEAST_WEIGHT, _LEAST_VARIANCE = 0.6, 0.01, 2e-6


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
    matrix, inflow = _equations(lightness, colors, free)
    # The weights are dominated by their diagonal: no pivoting is needed, and its order can keep the factors sparse.
    solver = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    colors[free] = solver.solve(inflow)
    return colors


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


def _equations(lightness: FloatArray, ab: FloatArray, free: npt.NDArray[np.bool_]) -> tuple[Any, Any]:
    """The matrix (n, n) and right side (n, 2) for the n free pixels: own colour less the neighbours' mean is 0."""
    from scipy.sparse import csc_array, eye_array

    count = int(free.sum())
    number = np.full(free.shape, -1)
    number[free] = np.arange(count)
    rows, columns, entries, inflow = [], [], [], np.zeros((count, 2))
    for weights, (dy, dx) in zip(neighbour_weights(lightness), _NEIGHBOURS, strict=True):
        y, x = np.nonzero(free & (weights > 0))
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
