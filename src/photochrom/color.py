"""sRGB and CIELAB, the sRGB gamut, and the 313 colour bins. Pure NumPy, float32.

sRGB is IEC 61966-2-1; CIELAB is CIE 15 with the D65 white of the 2-degree observer. L is in [0, 100], a and b are about
-128 .. 127. The bins, the soft encoding, the annealed mean and the rebalancing are those of Zhang, Isola, Efros,
"Colorful Image Colorization", ECCV 2016.
"""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.intp]

# Linear sRGB to XYZ in the six digits that most software uses, so that figures agree with theirs.
XYZ_FROM_RGB = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
RGB_FROM_XYZ = np.linalg.inv(XYZ_FROM_RGB)
WHITE_XYZ = np.array([0.95047, 1.0, 1.08883])

# CIE 15: f(t) is the cube root above DELTA**3 and the tangent there below it.
DELTA = 6 / 29
_SLOPE = 1 / (3 * DELTA**2)
_OFFSET = 4 / 29

# A colour counts as inside the gamut up to this much outside [0, 1] in linear light: less than a thirtieth of a step in
# 8 bits. Float32 needs some, and the white above, in five digits, lies 8e-5 outside of the cube of the matrix.
_BELOW_BLACK = 1e-5
_ABOVE_WHITE = 1e-4
# Halvings of the chroma's scale: 2**-16 of the largest chroma is 0.003.
_BISECTIONS = 16

_ENCODING_CHUNK = 8192


def srgb_to_linear(srgb: npt.ArrayLike) -> FloatArray:
    """Decode sRGB values (nominally [0, 1], any shape) to linear light. Negative values stay linear."""
    value = _as_float(srgb)
    curved = ((np.maximum(value, 0.04045) + 0.055) / 1.055) ** 2.4
    return np.where(value <= 0.04045, value / 12.92, curved).astype(np.float32, copy=False)


def linear_to_srgb(linear: npt.ArrayLike) -> FloatArray:
    """Encode linear light (nominally [0, 1], any shape) as sRGB values, not clipped."""
    value = _as_float(linear)
    curved = 1.055 * np.maximum(value, 0.0031308) ** (1 / 2.4) - 0.055
    return np.where(value <= 0.0031308, value * 12.92, curved).astype(np.float32, copy=False)


def srgb_to_lab(rgb: npt.ArrayLike) -> FloatArray:
    """Convert sRGB (..., 3) in [0, 1] to CIELAB (..., 3).

    Raises:
        TypeError: The values are integers, whose range is not [0, 1].
    """
    xyz = srgb_to_linear(rgb) @ (XYZ_FROM_RGB.T / WHITE_XYZ).astype(np.float32)
    f = _lab_f(xyz)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def lab_to_srgb(lab: npt.ArrayLike) -> FloatArray:
    """Convert CIELAB (..., 3) to sRGB (..., 3); colours outside of the gamut leave [0, 1]: nothing is clipped."""
    lab = _as_float(lab)
    return linear_to_srgb(_lab_to_linear(lab[..., 0], lab[..., 1:]))


def gray_to_lightness(gray: npt.ArrayLike) -> FloatArray:
    """Return CIE L* in [0, 100] of sRGB-encoded neutral gray: uint8, uint16 or float in [0, 1], any shape.

    Raises:
        TypeError: Integers of another type, whose range is not known.
    """
    gray = np.asarray(gray)
    if gray.dtype == np.uint8 or gray.dtype == np.uint16:
        table = lightness_table(gray.dtype.itemsize * 8)
        return np.take(table, gray)
    return np.asarray(116 * _lab_f(srgb_to_linear(gray)) - 16)


def lightness_to_gray(lightness: npt.ArrayLike) -> FloatArray:
    """Return the sRGB-encoded gray in [0, 1] (any shape) that has this CIE L* in [0, 100]."""
    return linear_to_srgb(_lab_f_inverse((_as_float(lightness) + np.float32(16)) / np.float32(116)))


@lru_cache(maxsize=2)
def lightness_table(bits: int) -> FloatArray:
    """Return L of every gray value of 8 or 16 bits, float32 (2**bits,), read-only."""
    levels = 1 << bits
    table = gray_to_lightness(np.arange(levels) / (levels - 1))
    table.setflags(write=False)
    return table


def in_gamut(lightness: npt.ArrayLike, ab: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell for each L (...) and ab (..., 2) whether sRGB holds the colour (up to a small tolerance)."""
    rgb = _lab_to_linear(_as_float(lightness), _as_float(ab))
    return np.asarray(((rgb >= -_BELOW_BLACK) & (rgb <= 1 + _ABOVE_WHITE)).all(axis=-1))


def fit_gamut(lightness: npt.ArrayLike, ab: npt.ArrayLike) -> FloatArray:
    """Bring colours into the sRGB gamut by giving up chroma; lightness and hue stay.

    Args:
        lightness: L (...) in [0, 100].
        ab: Colours (..., 2), broadcast against `lightness`.

    Returns:
        ab (..., 2): colours inside of the gamut bit-unchanged, the others moved along the ray from neutral to its
        boundary. With L they give sRGB in [0, 1] up to 1.3e-4. Where L is outside of [0, 100], neutral.
    """
    lightness, ab = _as_float(lightness), _as_float(ab)
    shape = np.broadcast_shapes(lightness.shape, ab.shape[:-1])
    lightness = np.broadcast_to(lightness, shape)
    fitted = np.broadcast_to(ab, (*shape, 2)).copy()
    outside = ~in_gamut(lightness, fitted)
    if outside.any():
        far_lightness, far_ab = lightness[outside], fitted[outside]
        fitted[outside] = far_ab * _gamut_scale(far_lightness, far_ab)[:, None]
    return fitted


def held_lightness(lightness: float, ab: npt.ArrayLike) -> float:
    """The L nearest to `lightness`, in steps of a half, at which sRGB holds a and b (2,).

    Where none does, that of whole L at which `fit_gamut` leaves most of their chroma.
    """
    near = (lightness + np.outer(np.arange(0, 100.5, 0.5), (-1, 1))).ravel()
    held = in_gamut(near, ab)
    if held.any():
        return float(near[held.argmax()])
    whole = np.arange(101)
    return float(whole[np.hypot(*fit_gamut(whole, ab).T).argmax()])


def _gamut_scale(lightness: FloatArray, ab: FloatArray) -> FloatArray:
    """Return (n,) in [0, 1): by how much ab (n, 2), outside of the gamut at L (n,), must shrink."""
    inside = np.zeros(lightness.shape, np.float32)
    step = np.float32(0.5)
    for _ in range(_BISECTIONS):
        trial = inside + step
        inside = np.where(in_gamut(lightness, ab * trial[:, None]), trial, inside)
        step = step / 2
    return inside


@lru_cache(maxsize=1)
def ab_bins() -> FloatArray:
    """Return the centres (a, b) of the 313 in-gamut bins of a grid of step 10, (313, 2), read-only."""
    return read_only(_load("ab_bins.npy").astype(np.float32))


@lru_cache(maxsize=1)
def ab_prior() -> npt.NDArray[np.float64]:
    """Return the published prior of the bins, (313,), sums to 1, not smoothed, read-only.

    Its mass lies on the hull of the bins, 5 % of it at neutral, whereas a quarter of the colour of photographs is
    neutral. It is here to compare with published work; a training run measures the prior of its own photographs.
    """
    return read_only(_load("ab_prior.npy").astype(np.float64))


def nearest_bin(ab: npt.ArrayLike) -> IntArray:
    """Return the index of the bin nearest to each colour: ab (..., 2) -> (...)."""
    ab = _as_float(ab)
    flat = ab.reshape(-1, 2)
    chunks = [_squared_distances(chunk).argmin(axis=-1) for chunk in _chunks(flat)]
    return np.concatenate(chunks).reshape(ab.shape[:-1])


def soft_bins(ab: npt.ArrayLike, neighbours: int = 5, sigma: float = 5.0) -> tuple[IntArray, FloatArray]:
    """Soft-encode colours sparsely: each over its nearest bins, weighted by a Gaussian of the distance.

    Args:
        ab: Colours (..., 2).
        neighbours: How many bins share a colour, 1 .. 313.
        sigma: Standard deviation of the Gaussian, in ab units.

    Returns:
        The indices of the bins (..., neighbours), nearest first, and their weights (..., neighbours), which sum to 1.

    Raises:
        ValueError: `neighbours` or `sigma` is out of range.
    """
    bins = len(ab_bins())
    if not 1 <= neighbours <= bins:
        raise ValueError(f"neighbours must lie in 1..{bins}, got {neighbours}")
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    ab = _as_float(ab)
    flat = ab.reshape(-1, 2)
    indices = np.empty((len(flat), neighbours), np.intp)
    weights = np.empty((len(flat), neighbours), np.float32)
    for start in range(0, len(flat), _ENCODING_CHUNK):
        part = slice(start, start + _ENCODING_CHUNK)
        distances = _squared_distances(flat[part])
        nearest = np.argpartition(distances, neighbours - 1, axis=-1)[:, :neighbours]
        near = np.take_along_axis(distances, nearest, axis=-1)
        order = np.argsort(near, axis=-1, kind="stable")
        indices[part] = np.take_along_axis(nearest, order, axis=-1)
        near = np.take_along_axis(near, order, axis=-1)
        # Relative to the nearest, so that a colour far from every bin does not underflow to 0 / 0.
        raw = np.exp((near[:, :1] - near) / (2 * sigma**2))
        weights[part] = raw / raw.sum(axis=-1, keepdims=True)
    shape = (*ab.shape[:-1], neighbours)
    return indices.reshape(shape), weights.reshape(shape)


def soft_encode(ab: npt.ArrayLike, neighbours: int = 5, sigma: float = 5.0) -> FloatArray:
    """Soft-encode colours as distributions over the bins: ab (..., 2) -> (..., 313), summing to 1.

    The arguments and errors are those of `soft_bins`.
    """
    indices, weights = soft_bins(ab, neighbours, sigma)
    encoded = np.zeros((*indices.shape[:-1], len(ab_bins())), np.float32)
    np.put_along_axis(encoded, indices, weights, axis=-1)
    return encoded


def annealed_mean(logits: npt.ArrayLike, temperature: float = 0.38) -> FloatArray:
    """Decode distributions over the bins to colours: the mean after sharpening by the temperature (2016, section 2.3).

    Args:
        logits: (..., 313), log-probabilities up to a constant; -inf for an impossible bin.
        temperature: 1 is the mean of the distribution, towards 0 it becomes the mode. Positive.

    Returns:
        ab (..., 2).

    Raises:
        ValueError: `temperature` is not positive.
    """
    if not temperature > 0:
        raise ValueError(f"temperature must be positive, got {temperature}")
    logits = _as_float(logits)
    with np.errstate(over="ignore"):  # a bin far below the best one underflows to 0, as it should
        weights = np.exp((logits - logits.max(axis=-1, keepdims=True)) / np.float32(temperature))
    weights /= weights.sum(axis=-1, keepdims=True)
    mean: FloatArray = weights @ ab_bins()
    return mean


def smooth_prior(prior: npt.ArrayLike, sigma: float = 5.0) -> npt.NDArray[np.float64]:
    """Smooth a distribution (313,) over ab space with a Gaussian; each bin's share is spread, none of it lost."""
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    bins = ab_bins().astype(np.float64)
    squared = ((bins[:, None] - bins[None]) ** 2).sum(axis=-1)
    kernel = np.exp(-squared / (2 * sigma**2))
    smooth: npt.NDArray[np.float64] = (kernel / kernel.sum(axis=0)) @ np.asarray(prior, np.float64)
    return smooth


def rebalancing_weights(prior: npt.ArrayLike, uniform_share: float = 0.5) -> npt.NDArray[np.float64]:
    """Return each bin's weight in the loss, (313,): rare colours count more (2016, equation 4).

    Args:
        prior: The bins' (smoothed) frequencies p (313,), summing to 1.
        uniform_share: lambda in w ~ 1 / ((1 - lambda) p + lambda / 313), in [0, 1]; 1 weighs all bins alike.

    Returns:
        w with sum(p w) = 1.

    Raises:
        ValueError: `uniform_share` is outside of [0, 1].
    """
    if not 0 <= uniform_share <= 1:
        raise ValueError(f"uniform_share must lie in [0, 1], got {uniform_share}")
    p = np.asarray(prior, np.float64)
    weights = 1 / ((1 - uniform_share) * p + uniform_share / len(p))
    normalised: npt.NDArray[np.float64] = weights / (p * weights).sum()
    return normalised


def _as_float(values: npt.ArrayLike) -> FloatArray:
    array = np.asarray(values)
    if array.dtype in (np.uint8, np.uint16):
        raise TypeError(
            f"expected floating-point colour values, got {array.dtype}: divide by {np.iinfo(array.dtype).max}"
        )
    return array.astype(np.float32, copy=False)


def _lab_f(t: FloatArray) -> FloatArray:
    return np.where(t > DELTA**3, np.cbrt(t), _SLOPE * t + _OFFSET).astype(np.float32, copy=False)


def _lab_f_inverse(f: FloatArray) -> FloatArray:
    return np.where(f > DELTA, f * f * f, (f - _OFFSET) / _SLOPE).astype(np.float32, copy=False)


def _lab_to_linear(lightness: FloatArray, ab: FloatArray) -> FloatArray:
    """Return linear sRGB (..., 3), not clipped, of L (...) and ab (..., 2)."""
    y = (lightness + 16) / 116
    f = np.stack(np.broadcast_arrays(y + ab[..., 0] / 500, y, y - ab[..., 1] / 200), axis=-1)
    linear: FloatArray = _lab_f_inverse(f) @ (WHITE_XYZ[:, None] * RGB_FROM_XYZ.T).astype(np.float32)
    return linear


def _squared_distances(ab: FloatArray) -> FloatArray:
    """Return (n, 313): from each colour (n, 2) to each bin."""
    a, b = ab_bins().T
    distances: FloatArray = (ab[:, :1] - a) ** 2 + (ab[:, 1:] - b) ** 2
    return distances


def _chunks(flat: FloatArray) -> list[FloatArray]:
    return [flat[start : start + _ENCODING_CHUNK] for start in range(0, max(len(flat), 1), _ENCODING_CHUNK)]


def _load(name: str) -> npt.NDArray[Any]:
    with (files("photochrom") / "data" / name).open("rb") as file:
        array: npt.NDArray[Any] = np.load(file, allow_pickle=False)
    return array


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array itself, which nobody can write to any more: what a cache hands out is shared."""
    array.setflags(write=False)
    return array
