"""The loops over pixels, compiled by Numba (extra `fast`): the same bytes as NumPy's, in a fraction of the time.

NumPy goes through memory once for every operation; here all of them are done to a pixel while it is at hand. Each is
that of the NumPy code which a loop stands for (in `upsample`, `pixels` and `resample`), in its order and in float32, so
that nothing but time depends on whether Numba is installed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numba import njit, types

_log = logging.getLogger("photochrom")
_Loop = Callable[..., None]


def _read(kind: types.Type, axes: int, layout: Literal["A", "C"] = "C") -> types.Array:
    """An argument that is only read, so that an array that cannot be written to will do."""
    return types.Array(kind, axes, layout, readonly=True)


# Each loop is compiled for these alone: arrays in one piece, but for parts of a photograph and of a result.
_FLOATS, _PLANE = _read(types.float32, 1), _read(types.float32, 2)
_INDICES, _VALUES, _BITS = _read(types.intp, 1), _read(types.intp, 2), _read(types.int32, 2)
_RESULT, _PART, _PICTURE = types.float32[:, ::1], types.float32[:, :], types.uint16[:, :, :]


def _compiled(*signatures: Sequence[types.Type]) -> Callable[[_Loop], _Loop]:
    """Compile for arguments of these types, to run without the interpreter's lock; kept on disk if there is a place."""
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    typed = [types.void(*signature) for signature in signatures]

    def compiled(function: _Loop) -> _Loop:
        try:
            return njit(typed, cache=True, **options)(function)
        except RuntimeError:  # neither the package's folder nor the person's can be written to
            return njit(typed, **options)(function)
        except Exception as error:  # a cache that is damaged, or on a full disk, fails in many ways
            _tell_of_the_cache(next(iter(str(error).splitlines()), type(error).__name__))
            return njit(typed, **options)(function)

    return compiled


@lru_cache(maxsize=1)  # of a full disk every loop would tell
def _tell_of_the_cache(reason: str) -> None:
    _log.warning("Numba's cache cannot be used, so that it compiles for each process anew: %s", reason)


@njit(inline="always")
def _cube(f, delta, slope):
    curved = max(f, delta)
    below = (f - curved) * slope
    return curved * curved * curved + below


@njit(inline="always")
def _outside(red, green, blue, lowest, highest):
    return (min(min(red, green), blue) < lowest) | (max(max(red, green), blue) > highest)


@_compiled(*((_read(gray, 2, "A"), _FLOATS, types.intp, types.intp, _PART) for gray in (types.uint8, types.uint16)))
def sum_blocks(gray, table, height, width, sums):
    """See `photochrom.resample.block_lightness`.

    Args:
        gray: Gray values (rows, columns).
        table: L of all gray values.
        height, width: Of a block.
        sums: Where the sums of L go, (ceil(rows / height), ceil(columns / width)).
    """
    rows, columns = gray.shape
    down = np.empty(columns, np.float32)
    for i in range(sums.shape[0]):
        top = i * height
        for x in range(columns):
            down[x] = table[gray[top, x]]
        for y in range(top + 1, min(top + height, rows)):
            for x in range(columns):
                down[x] += table[gray[y, x]]
        for j in range(sums.shape[1]):
            left = j * width
            total = down[left]
            for x in range(left + 1, min(left + width, columns)):
                total += down[x]
            sums[i, j] = total


@_compiled((*[_PLANE] * 4, *[_INDICES, _INDICES, _FLOATS] * 2, types.float32, _RESULT, _RESULT))
def blend(cell_lightness, cell_a, cell_b, lightness, above, below, low, left, right, near, squared_range, a, b):
    """See `photochrom.upsample.blend`.

    Args:
        cell_lightness, cell_a, cell_b: The field's planes.
        lightness: (rows, columns).
        above, below, low: Cells around each row, and the share of the lower one.
        left, right, near: Cells around each column, and the share of the right one.
        squared_range: Of lightness.
        a, b: Where colours go, (rows, columns).
    """
    rows, columns = lightness.shape
    cells = np.empty((2, 3, 2, columns), np.float32)  # upper and lower; L, a and b; left and right
    held = np.array([-1, -1])
    far = np.float32(1) - near
    for y in range(rows):
        for side, row in enumerate((above[y], below[y])):
            if held[side] == row:  # from the row of pixels before
                continue
            held[side] = row
            for plane, source in enumerate((cell_lightness[row], cell_a[row], cell_b[row])):
                for x in range(columns):
                    cells[side, plane, 0, x] = source[left[x]]
                    cells[side, plane, 1, x] = source[right[x]]
        upper_share, lower_share = np.float32(1) - low[y], low[y]
        (l00, l01), (a00, a01), (b00, b01) = cells[0]
        (l10, l11), (a10, a11), (b10, b11) = cells[1]
        for x in range(columns):
            difference = lightness[y, x] - l00[x]
            weight = far[x] / (difference * difference + squared_range) * upper_share
            total, mixed_a, mixed_b = weight, a00[x] * weight, b00[x] * weight
            difference = lightness[y, x] - l10[x]
            weight = far[x] / (difference * difference + squared_range) * lower_share
            total += weight
            mixed_a += a10[x] * weight
            mixed_b += b10[x] * weight
            difference = lightness[y, x] - l01[x]
            weight = near[x] / (difference * difference + squared_range) * upper_share
            total += weight
            mixed_a += a01[x] * weight
            mixed_b += b01[x] * weight
            difference = lightness[y, x] - l11[x]
            weight = near[x] / (difference * difference + squared_range) * lower_share
            total += weight
            mixed_a += a11[x] * weight
            mixed_b += b11[x] * weight
            a[y, x] = mixed_a / total
            b[y, x] = mixed_b / total


@_compiled((_VALUES, _FLOATS, _FLOATS, _PLANE, _PLANE, _PLANE, *[_FLOATS] * 3, *[_RESULT] * 3))
def linear_rgb(values, f_table, luminance_table, a, b, shares, curve, limits, steps, red, green, blue):
    """See `photochrom.pixels.linear_rgb`.

    Args:
        values: Gray values (rows, columns).
        f_table, luminance_table: CIELAB's f and Y of all gray values.
        a, b: (rows, columns).
        shares: Of X and of Z in red, green and blue, (2, 3).
        curve: CIELAB's delta, and the slope of f's inverse below it.
        limits: Of linear light in gamut, the lowest and the highest.
        steps: In which the scale of chroma is found.
        red, green, blue: Where linear light goes, (rows, columns).
    """
    rows, columns = values.shape
    delta, slope, lowest, highest = curve[0], curve[1], limits[0], limits[1]
    x_red, x_green, x_blue = shares[0, 0], shares[0, 1], shares[0, 2]
    z_red, z_green, z_blue = shares[1, 0], shares[1, 1], shares[1, 2]
    f, luminance, to_x, to_z, x, z, scale = np.empty((7, columns), np.float32)
    outside, where = np.empty(columns, np.uint8), np.empty(columns, np.intp)
    for y in range(rows):
        # Loops over few arrays each: of many, the compiler cannot tell that they do not overlap, and uses no vectors.
        for i in range(columns):
            f[i], luminance[i] = f_table[values[y, i]], luminance_table[values[y, i]]
        for i in range(columns):
            to_x[i] = a[y, i] * np.float32(1 / 500)
        for i in range(columns):
            to_z[i] = b[y, i] * np.float32(-1 / 200)
        for i in range(columns):
            x[i] = _cube(f[i] + to_x[i], delta, slope) - luminance[i]
        for i in range(columns):
            z[i] = _cube(f[i] + to_z[i], delta, slope) - luminance[i]
        for i in range(columns):
            red[y, i] = x[i] * x_red + luminance[i] + z[i] * z_red
        for i in range(columns):
            green[y, i] = x[i] * x_green + luminance[i] + z[i] * z_green
        for i in range(columns):
            blue[y, i] = x[i] * x_blue + luminance[i] + z[i] * z_blue
        for i in range(columns):
            outside[i] = _outside(red[y, i], green[y, i], blue[y, i], lowest, highest)

        count = 0
        for i in range(columns):
            where[count] = i
            count += outside[i]
        for k in range(count):  # side by side, so that vectors hold nothing else
            i = where[k]
            f[k], luminance[k], to_x[k], to_z[k], scale[k] = f[i], luminance[i], to_x[i], to_z[i], 0
        for step in steps:
            for k in range(count):
                trial = scale[k] + step
                x_there = _cube(f[k] + to_x[k] * trial, delta, slope) - luminance[k]
                z_there = _cube(f[k] + to_z[k] * trial, delta, slope) - luminance[k]
                r = x_there * x_red + luminance[k] + z_there * z_red
                g = x_there * x_green + luminance[k] + z_there * z_green
                b_ = x_there * x_blue + luminance[k] + z_there * z_blue
                scale[k] = scale[k] if _outside(r, g, b_, lowest, highest) else trial
        for k in range(count):
            i = where[k]
            x_there = _cube(f[k] + to_x[k] * scale[k], delta, slope) - luminance[k]
            z_there = _cube(f[k] + to_z[k] * scale[k], delta, slope) - luminance[k]
            red[y, i] = x_there * x_red + luminance[k] + z_there * z_red
            green[y, i] = x_there * x_green + luminance[k] + z_there * z_green
            blue[y, i] = x_there * x_blue + luminance[k] + z_there * z_blue


@_compiled((*[_BITS] * 3, types.int32, types.int32, _read(types.uint8, 1), types.uint32[:, ::1]))
def pack(red, green, blue, shift, first, table, packed):
    """See `photochrom.pixels.pack`.

    Args:
        red, green, blue: The bits of linear light, (rows, columns).
        shift, first: See `photochrom.pixels.curve_index`.
        table: sRGB values by index.
        packed: Where they go, (rows, columns).
    """
    rows, columns = red.shape
    last = len(table) - 1
    for y in range(rows):
        for x in range(columns):
            r = np.uint32(table[min(max((red[y, x] >> shift) - first, 0), last)])
            g = np.uint32(table[min(max((green[y, x] >> shift) - first, 0), last)])
            b = np.uint32(table[min(max((blue[y, x] >> shift) - first, 0), last)])
            packed[y, x] = r | (g << np.uint32(8)) | (b << np.uint32(16))


@_compiled((*[_BITS] * 3, types.int32, types.int32, _read(types.uint16, 1), _PICTURE))
def encode(red, green, blue, shift, first, table, picture):
    """See `photochrom.pixels.encode`.

    Args:
        red, green, blue: The bits of linear light, (rows, columns).
        shift, first: See `photochrom.pixels.curve_index`.
        table: sRGB values by index.
        picture: Where they go, (rows, columns, 3).
    """
    rows, columns = red.shape
    last = len(table) - 1
    for y in range(rows):
        for x in range(columns):
            picture[y, x, 0] = table[min(max((red[y, x] >> shift) - first, 0), last)]
            picture[y, x, 1] = table[min(max((green[y, x] >> shift) - first, 0), last)]
            picture[y, x, 2] = table[min(max((blue[y, x] >> shift) - first, 0), last)]
