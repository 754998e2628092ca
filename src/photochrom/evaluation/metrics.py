"""How far one picture's colours are from another's. NumPy and SciPy.

Pictures are (H, W, 3) uint8 sRGB, as a user sees them; colours ab (..., 2) are in Lab units.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from photochrom import color
from photochrom.color import FloatArray
from photochrom.evaluation.datasets import Picture

Floats = npt.NDArray[np.float64]

# What rounding to 8 bits costs on average: pictures that differ by less count as equal, at 58.9 dB.
_ROUNDING_ERROR = 1 / 12
# Wang et al. 2004: a Gaussian window of standard deviation 1.5, cut off at 11 x 11, and the constants K1 and K2.
_SSIM_SIGMA, _SSIM_RADIUS, _SSIM_K = 1.5, 5, (0.01, 0.03)
# The area under the curve of accuracy is taken up to this ab distance (Zhang et al. 2016, section 3.1).
AUC_LIMIT = 150.0


def psnr(picture: Picture, truth: Picture) -> float:
    """Peak signal-to-noise ratio over R, G and B, in dB; at most 58.9, for equal pictures."""
    error = float(((picture.astype(np.float64) - truth) ** 2).mean())
    return float(10 * np.log10(255.0**2 / max(error, _ROUNDING_ERROR)))


def ssim(picture: Picture, truth: Picture) -> float:
    """Structural similarity (Wang et al. 2004), the mean over R, G and B, at most 1."""
    x, y = picture.astype(np.float32), truth.astype(np.float32)
    mean_x, mean_y = _blurred(x), _blurred(y)
    c1, c2 = ((k * 255) ** 2 for k in _SSIM_K)
    covariance = _blurred(x * y) - mean_x * mean_y
    variances = _blurred(x * x) - mean_x**2 + _blurred(y * y) - mean_y**2
    likeness = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    likeness /= (mean_x**2 + mean_y**2 + c1) * (variances + c2)
    inner = slice(_SSIM_RADIUS, -_SSIM_RADIUS)
    return float(likeness[inner, inner].mean(dtype=np.float64))


def colorfulness(picture: Picture) -> float:
    """Hasler and Suesstrunk, "Measuring colourfulness in natural images" (2003): 0 for gray, about 100 for vivid."""
    r, g, b = np.moveaxis(picture.astype(np.float64), -1, 0)
    rg, yb = r - g, 0.5 * (r + g) - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def ciede2000(lab: npt.ArrayLike, truth: npt.ArrayLike) -> Floats:
    """Colour difference CIEDE2000 (CIE 142-2001, with unit weights) of Lab colours (..., 3) -> (...)."""
    first, second = np.asarray(lab, np.float64), np.asarray(truth, np.float64)
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    stretch = 1.5 - 0.5 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    (c1, h1), (c2, h2) = ((np.hypot(x[..., 1] * stretch, x[..., 2]), _hue(x, stretch)) for x in (first, second))
    turn = np.where(c1 * c2 == 0, 0.0, (h2 - h1 + 180) % 360 - 180)
    dL, dC, dH = second[..., 0] - first[..., 0], c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_L, mean_C = (first[..., 0] + second[..., 0]) / 2, (c1 + c2) / 2
    # Without chroma one of the hues means nothing, and their sum stands for the other.
    mean_h = np.where(c1 * c2 == 0, h1 + h2, _middle_hue(h1, h2))
    tone = 1 - 0.17 * _cos(mean_h - 30) + 0.24 * _cos(2 * mean_h) + 0.32 * _cos(3 * mean_h + 6)
    tone = tone - 0.20 * _cos(4 * mean_h - 63)
    centred = (mean_L - 50) ** 2
    term_L = dL / (1 + 0.015 * centred / np.sqrt(20 + centred))
    term_C, term_H = dC / (1 + 0.045 * mean_C), dH / (1 + 0.015 * mean_C * tone)
    rotation = -2 * np.sqrt(mean_C**7 / (mean_C**7 + 25.0**7))
    rotation = rotation * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    squared = term_L**2 + term_C**2 + term_H**2 + rotation * term_C * term_H
    return np.asarray(np.sqrt(np.maximum(squared, 0)))


def accuracy_area(ab: FloatArray, truth: FloatArray) -> FloatArray:
    """Each colour's part in the area under the curve of accuracy: ab (..., 2) -> (...) in [0, 1].

    Zhang et al. 2016, section 3.1. Their curve is the share of colours whose ab error is below t, for t in 0..150. One
    colour's step covers 1 - error / 150 of the area under it, so that the curve's area is the mean of this over the
    colours, weighted or not.
    """
    error = np.hypot(ab[..., 0] - truth[..., 0], ab[..., 1] - truth[..., 1])
    area: FloatArray = 1 - np.minimum(error, AUC_LIMIT) / np.float32(AUC_LIMIT)
    return area


def class_balance(counts: npt.ArrayLike) -> Floats:
    """Weights (313,) of the colour bins for the rebalanced area: 1 / p, where p is the smoothed prior.

    That is equation 4 of Zhang et al. 2016 with lambda 0.

    Args:
        counts: (313,), how often each bin occurs in the data set at hand.
    """
    shares = np.asarray(counts, np.float64)
    return color.rebalancing_weights(color.smooth_prior(shares / shares.sum()), uniform_share=0.0)


def _blurred(planes: FloatArray) -> FloatArray:
    from scipy.ndimage import correlate1d

    kernel = _gaussian()
    blurred: FloatArray = correlate1d(correlate1d(planes, kernel, axis=0), kernel, axis=1)
    return blurred


@lru_cache(maxsize=1)
def _gaussian() -> Floats:
    reach = np.arange(-_SSIM_RADIUS, _SSIM_RADIUS + 1)
    weights = np.exp(-(reach**2) / (2 * _SSIM_SIGMA**2))
    normalised: Floats = weights / weights.sum()
    return normalised


def _hue(lab: Floats, stretch: Floats) -> Floats:
    """Hue in degrees, [0, 360); 0 without chroma."""
    return np.asarray(np.degrees(np.arctan2(lab[..., 2], lab[..., 1] * stretch)) % 360)


def _middle_hue(first: Floats, second: Floats) -> Floats:
    """The hue half way on the shorter arc, in degrees."""
    half = (first + second) / 2
    return np.where(np.abs(first - second) <= 180, half, np.where(first + second < 360, half + 180, half - 180))


def _cos(degrees: Floats) -> Floats:
    return np.asarray(np.cos(np.radians(degrees)))
