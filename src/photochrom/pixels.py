"""From gray values and ab to the integers of sRGB, fast, with lightness kept.

What `photochrom.color` does with powers and roots per pixel is done here with tables by gray value, and with a table of
the sRGB curve by the square root of linear light: 4096 entries place an 8-bit value to within 0.05 of a step, 131072 a
16-bit value to within 0.4, because the root makes the curve nearly straight.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import DELTA, RGB_FROM_XYZ, XYZ_FROM_RGB, FloatArray, IntArray

# The white of the matrix itself rather than D65 in five digits: neutral colours then give exactly R = G = B.
_WHITE = XYZ_FROM_RGB.sum(axis=1)
# Linear red, green and blue are Y + _X_SHARE (X / Xn - Y) + _Z_SHARE (Z / Zn - Y).
_X_SHARE = (RGB_FROM_XYZ[:, 0] * _WHITE[0]).astype(np.float32)
_Z_SHARE = (RGB_FROM_XYZ[:, 2] * _WHITE[2]).astype(np.float32)
# Linear light outside of [0, 1] by less than this is float32's noise, not a colour out of gamut.
_TOLERANCE = 2e-6
# Halvings of the scale of chroma: 2**-9 of a chroma of 100 is 0.2, which 8 bits do not show.
_BISECTIONS = 9
_CURVE_STEPS = {8: 1 << 12, 16: 1 << 17}


@dataclass(frozen=True)
class GrayTables:
    """What CIELAB needs of each gray value of 8 or 16 bits: f = (L + 16) / 116, and luminance Y in [0, 1]; float32."""

    f: FloatArray
    luminance: FloatArray


@lru_cache(maxsize=2)
def gray_tables(bits: int) -> GrayTables:
    """Return the tables of gray values of 8 or 16 bits."""
    gray = np.arange(1 << bits) / ((1 << bits) - 1)
    luminance = np.where(gray <= 0.04045, gray / 12.92, ((gray + 0.055) / 1.055) ** 2.4)
    f = np.where(luminance > DELTA**3, np.cbrt(luminance), luminance / (3 * DELTA**2) + 4 / 29)
    return GrayTables(f.astype(np.float32), luminance.astype(np.float32))


@lru_cache(maxsize=2)
def curve_table(depth: int) -> npt.NDArray[Any]:
    """Return sRGB values of 8 or 16 bits (uint8 or uint16) by the square root of linear light, in equal steps."""
    steps = _CURVE_STEPS[depth]
    linear = ((np.arange(steps) + 0.5) / steps) ** 2
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table: npt.NDArray[Any] = np.rint(srgb * ((1 << depth) - 1)).astype(np.uint8 if depth == 8 else np.uint16)
    return table


def linear_rgb(values: IntArray, a: FloatArray, b: FloatArray, bits: int) -> list[FloatArray]:
    """Return linear red, green and blue, inside of [0, 1] up to float32's noise.

    Args:
        values: Gray values (...) of 8 or 16 bits.
        a: Colours (...); those out of gamut at the lightness of `values` give up chroma.
        b: Colours (...).
        bits: How many bits the gray values have.
    """
    tables = gray_tables(bits)
    f, luminance = np.take(tables.f, values), np.take(tables.luminance, values)
    to_x, to_z = a * np.float32(1 / 500), b * np.float32(-1 / 200)
    channels = _channels(f, luminance, to_x, to_z)
    outside = _outside(channels)
    if outside.any():
        there = np.flatnonzero(outside)
        fitted = _fit(*(plane.ravel()[there] for plane in (f, luminance, to_x, to_z)))
        for channel, values_there in zip(channels, fitted, strict=True):
            channel.ravel()[there] = values_there
    return channels


def curve_index(linear: FloatArray, depth: int) -> IntArray:
    """Return where in `curve_table(depth)` linear light lies. Overwrites `linear`; the index may be one too high."""
    np.maximum(linear, 0, out=linear)
    np.sqrt(linear, out=linear)
    linear *= np.float32(_CURVE_STEPS[depth])
    return linear.astype(np.intp)


def _channels(f: FloatArray, luminance: FloatArray, to_x: FloatArray, to_z: FloatArray) -> list[FloatArray]:
    """Return linear red, green and blue; `to_x` and `to_z` lead from f(Y) to f(X) and f(Z)."""
    x = _cube(f + to_x)
    x -= luminance
    z = _cube(f + to_z)
    z -= luminance
    channels = []
    scratch = np.empty_like(z)
    for x_share, z_share in zip(_X_SHARE, _Z_SHARE, strict=True):
        channel = x * x_share
        channel += luminance
        np.multiply(z, z_share, out=scratch)
        channel += scratch
        channels.append(channel)
    return channels


def _cube(f: FloatArray) -> FloatArray:
    """Invert CIELAB's f: the cube, and below DELTA the tangent there. Overwrites `f`."""
    curved = np.maximum(f, np.float32(DELTA))
    f -= curved
    f *= np.float32(3 * DELTA**2)
    cube = curved * curved
    cube *= curved
    cube += f
    return cube


def _outside(channels: list[FloatArray]) -> npt.NDArray[np.bool_]:
    red, green, blue = channels
    lowest = np.minimum(red, green)
    np.minimum(lowest, blue, out=lowest)
    outside: npt.NDArray[np.bool_] = lowest < -_TOLERANCE
    np.maximum(red, green, out=lowest)
    np.maximum(lowest, blue, out=lowest)
    outside |= lowest > 1 + _TOLERANCE
    return outside


def _fit(f: FloatArray, luminance: FloatArray, to_x: FloatArray, to_z: FloatArray) -> list[FloatArray]:
    """Return linear red, green and blue of colours out of gamut, moved towards neutral as far as needed."""
    scale = np.zeros_like(f)
    for step in 0.5 ** np.arange(1, _BISECTIONS + 1, dtype=np.float32):
        trial = scale + step
        scale += ~_outside(_channels(f, luminance, to_x * trial, to_z * trial)) * step
    return _channels(f, luminance, to_x * scale, to_z * scale)
