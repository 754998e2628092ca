"""From lightness and ab to the integers of sRGB, fast, with lightness kept.

What `photochrom.color` does with powers per pixel is done here with a table of the sRGB curve, by the first bits of
linear light as a float32. Exponent and 10 bits of mantissa place an 8-bit value to within
0.05 of a step, 15 bits a 16-bit value to within 0.4.
"""

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import DELTA, RGB_FROM_XYZ, XYZ_FROM_RGB, FloatArray
from photochrom.fast import loops

# The white of the matrix itself rather than D65 in five digits: neutral colours then give exactly R = G = B.
_WHITE = XYZ_FROM_RGB.sum(axis=1)
# Linear red, green and blue are Y + X's share (X / Xn - Y) + Z's share (Z / Zn - Y).
_SHARES = np.stack([RGB_FROM_XYZ[:, 0] * _WHITE[0], RGB_FROM_XYZ[:, 2] * _WHITE[2]]).astype(np.float32)
# CIELAB's delta, and the slope below it of the inverse of f.
_CURVE = np.array([DELTA, 3 * DELTA**2], np.float32)
# Linear light in gamut. What lies outside of [0, 1] by less than 2e-6 is float32's noise.
_LIMITS = np.array([-2e-6, 1 + 2e-6], np.float32)
# Of the scale of chroma, halved each time: 2**-9 of a chroma of 100 is 0.2, which 8 bits do not show.
_STEPS = 0.5 ** np.arange(1, 10, dtype=np.float32)
# By depth: bits of a float32 that the curve's table leaves out, and the light below which all values round to 0.
_CURVE_SHIFT = {8: 13, 16: 8}
_CURVE_START = {8: 2.0**-14, 16: 2.0**-22}


@lru_cache(maxsize=2)
def curve_table(depth: int) -> npt.NDArray[Any]:
    """Return sRGB values of 8 or 16 bits (uint8 or uint16) of linear light, by what `curve_index` gives."""
    shift, first, last = _CURVE_SHIFT[depth], _curve_first(depth), _float_bits(1) >> _CURVE_SHIFT[depth]
    middle = (np.arange(first, last + 1, dtype=np.int32) << shift) + (1 << (shift - 1))
    linear = np.minimum(middle.view(np.float32).astype(np.float64), 1)
    srgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    table: npt.NDArray[Any] = np.rint(srgb * ((1 << depth) - 1)).astype(np.uint8 if depth == 8 else np.uint16)
    return table


@lru_cache(maxsize=1)
def _shifted_tables() -> list[npt.NDArray[np.uint32]]:
    """Return the table of 8 bits with its values in the first, second and third byte."""
    return [curve_table(8).astype("<u4") << np.uint32(shift) for shift in (0, 8, 16)]


def linear_rgb(lightness: FloatArray, a: FloatArray, b: FloatArray) -> list[FloatArray]:
    """Return linear red, green and blue, inside of [0, 1] up to float32's noise; equal where a and b are 0.

    Args:
        lightness: CIE L* (rows, columns), in [0, 100].
        a: Colours (rows, columns); those out of gamut at their lightness give up chroma.
        b: Colours (rows, columns).
    """
    if compiled := loops():
        linear = [np.empty(lightness.shape, np.float32) for _ in range(3)]
        planes = map(np.ascontiguousarray, (lightness, a, b))
        compiled.linear_rgb(*planes, _SHARES, _CURVE, _LIMITS, _STEPS, *linear)
        return linear
    f = lightness + np.float32(16)
    f *= np.float32(1 / 116)
    luminance = _cube(f.copy())
    to_x, to_z = a * np.float32(1 / 500), b * np.float32(-1 / 200)
    channels = _channels(f, luminance, to_x, to_z)
    outside = _outside(channels)
    if outside.any():
        there = np.flatnonzero(outside)
        fitted = _fit(*(plane.ravel()[there] for plane in (f, luminance, to_x, to_z)))
        for channel, values_there in zip(channels, fitted, strict=True):
            channel.ravel()[there] = values_there
    return channels


def pack(channels: list[FloatArray]) -> npt.NDArray[np.uint32]:
    """Return linear red, green and blue (rows, columns) as sRGB of 8 bits: four bytes a pixel, the last one empty.

    Overwrites the channels.
    """
    if compiled := loops():
        packed = np.empty(channels[0].shape, "<u4")
        compiled.pack(*_bits(channels), _CURVE_SHIFT[8], _curve_first(8), curve_table(8), packed)
        return packed
    red, green, blue = (
        np.take(shifted, curve_index(channel, 8), mode="clip")
        for shifted, channel in zip(_shifted_tables(), channels, strict=True)
    )
    red |= green
    red |= blue
    return red


def encode(channels: list[FloatArray], picture: npt.NDArray[np.uint16]) -> None:
    """Write linear red, green and blue (rows, columns) as sRGB of 16 bits into a picture (rows, columns, 3).

    Overwrites the channels.
    """
    table = curve_table(16)
    if compiled := loops():
        compiled.encode(*_bits(channels), _CURVE_SHIFT[16], _curve_first(16), table, picture)
        return
    for index, channel in enumerate(channels):
        picture[..., index] = np.take(table, curve_index(channel, 16), mode="clip")


def curve_index(linear: FloatArray, depth: int) -> npt.NDArray[np.int32]:
    """Return where in `curve_table(depth)` linear light lies. Overwrites `linear`.

    Light outside of [0, 1] lies outside of the table, on the right side of it: take from it with ``mode="clip"``.
    """
    (index,) = _bits([linear])
    index >>= _CURVE_SHIFT[depth]
    index -= _curve_first(depth)
    return index


def _bits(planes: list[FloatArray]) -> list[npt.NDArray[np.int32]]:
    """Return floats as whole numbers: that of a larger float is larger, and that of a negative one negative."""
    return [plane.view(np.int32) for plane in planes]


def _curve_first(depth: int) -> int:
    return _float_bits(_CURVE_START[depth]) >> _CURVE_SHIFT[depth]


def _float_bits(value: float) -> int:
    return int(np.float32(value).view(np.int32))


def _channels(f: FloatArray, luminance: FloatArray, to_x: FloatArray, to_z: FloatArray) -> list[FloatArray]:
    """Return linear red, green and blue; `to_x` and `to_z` lead from f(Y) to f(X) and f(Z)."""
    x = _cube(f + to_x)
    x -= luminance
    z = _cube(f + to_z)
    z -= luminance
    channels = []
    scratch = np.empty_like(z)
    for x_share, z_share in zip(*_SHARES, strict=True):
        channel = x * x_share
        channel += luminance
        np.multiply(z, z_share, out=scratch)
        channel += scratch
        channels.append(channel)
    return channels


def _cube(f: FloatArray) -> FloatArray:
    """Invert CIELAB's f: the cube, and below DELTA the tangent there. Overwrites `f`."""
    curved = np.maximum(f, _CURVE[0])
    f -= curved
    f *= _CURVE[1]
    cube: FloatArray = curved * curved
    cube *= curved
    cube += f
    return cube


def _outside(channels: list[FloatArray]) -> npt.NDArray[np.bool_]:
    red, green, blue = channels
    lowest = np.minimum(red, green)
    np.minimum(lowest, blue, out=lowest)
    outside: npt.NDArray[np.bool_] = lowest < _LIMITS[0]
    np.maximum(red, green, out=lowest)
    np.maximum(lowest, blue, out=lowest)
    outside |= lowest > _LIMITS[1]
    return outside


def _fit(f: FloatArray, luminance: FloatArray, to_x: FloatArray, to_z: FloatArray) -> list[FloatArray]:
    """Return linear red, green and blue of colours out of gamut, moved towards neutral as far as needed."""
    scale = np.zeros_like(f)
    for step in _STEPS:
        trial = scale + step
        scale += ~_outside(_channels(f, luminance, to_x * trial, to_z * trial)) * step
    return _channels(f, luminance, to_x * scale, to_z * scale)
