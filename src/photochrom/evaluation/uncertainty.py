"""Whether a network knows what it does not know: calibration of its distribution, and of its map of uncertainty."""

from __future__ import annotations

import numpy as np

from photochrom import color, distribution
from photochrom.color import FloatArray
from photochrom.evaluation.metrics import Floats

CONFIDENCE_BINS = 15


def cell_means(plane: FloatArray, height: int, width: int) -> FloatArray:
    """Means of a plane (H, W, C) over a grid of `height` x `width` cells, whose edges are rounded to whole pixels."""
    means: Floats = plane.astype(np.float64)
    for axis, cells in ((0, height), (1, width)):
        edges = np.round(np.arange(cells) * plane.shape[axis] / cells).astype(np.intp)
        sizes = np.diff(np.append(edges, plane.shape[axis]))
        shape = [-1 if i == axis else 1 for i in range(plane.ndim)]
        means = np.add.reduceat(means, edges, axis=axis) / sizes.reshape(shape)
    return means.astype(np.float32)


def reliability(logits: FloatArray, truth: FloatArray) -> Floats:
    """How often the likeliest bin is right, by how sure the network was of it.

    Args:
        logits: (h, w, 313).
        truth: true ab (h, w, 2).

    Returns:
        (3, 15): cells in each of 15 equal intervals of confidence, their summed confidence, and how many were right.
    """
    shares = distribution.probabilities(logits)
    sure = shares.max(axis=-1).ravel().astype(np.float64)
    right = (shares.argmax(axis=-1) == color.nearest_bin(truth)).ravel()
    place = np.minimum((sure * CONFIDENCE_BINS).astype(np.intp), CONFIDENCE_BINS - 1)
    return np.stack([np.bincount(place, weights, CONFIDENCE_BINS) for weights in (np.ones_like(sure), sure, right)])


def calibration_error(tables: Floats) -> Floats:
    """Expected calibration error of tables of `reliability` (..., 3, 15), or of means or sums of them: (...) in [0, 1].

    The mean gap between confidence and accuracy, each interval weighted by its cells (Guo et al. 2017, equation 3).
    """
    count, confidence, right = np.moveaxis(tables, -2, 0)
    return np.asarray(np.abs(confidence - right).sum(axis=-1) / count.sum(axis=-1))


def error_correlation(doubt: FloatArray, ab: FloatArray, truth: FloatArray) -> float | None:
    """Spearman's rank correlation of uncertainty (h, w) with the error of ab (h, w, 2).

    None where either is the same everywhere.
    """
    from scipy.stats import spearmanr

    error = np.hypot(ab[..., 0] - truth[..., 0], ab[..., 1] - truth[..., 1])
    if np.ptp(doubt) == 0 or np.ptp(error) == 0:
        return None
    return float(spearmanr(doubt.ravel(), error.ravel()).statistic)
