"""The loops over pixels, compiled by Numba (extra `fast`): the same bytes as NumPy's, in a fraction of the time.

NumPy goes through memory once for every operation; here all of them are done to a pixel while it is at hand. Each is
that of the NumPy code which a loop stands for (in `upsample`, `pixels` and `resample`), in its order and in float32, so
that nothing but time depends on whether Numba is installed.

Two things make these loops fast that Python does not show. What looks values up in a table has a loop of its own, since
the compiler uses vectors for a whole loop or not at all; and an index is without a sign, or the compiler lets it count
from the end, too.
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
_INDICES, _TAPS, _BITS = _read(types.intp, 1), _read(types.intp, 2), _read(types.int32, 2)
_GRAYS = [_read(kind, 2, "A") for kind in (types.uint8, types.uint16)]
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
def _linear(f, to_x, to_z, x_shares, z_shares, delta, slope):
    luminance = _cube(f, delta, slope)
    x = _cube(f + to_x, delta, slope) - luminance
    z = _cube(f + to_z, delta, slope) - luminance
    red = x * x_shares[0] + luminance + z * z_shares[0]
    green = x * x_shares[1] + luminance + z * z_shares[1]
    blue = x * x_shares[2] + luminance + z * z_shares[2]
    return red, green, blue


@njit(inline="always")
def _outside(red, green, blue, lowest, highest):
    return (min(min(red, green), blue) < lowest) | (max(max(red, green), blue) > highest)


@njit(inline="always")
def _curve_indices(bits, shift, first, last, indices):
    for x in range(len(bits)):
        indices[x] = min(max((bits[x] >> shift) - first, np.int32(0)), last)


@njit(inline="always")
def _spread(cells, indices, out):
    for x in range(len(indices)):
        out[x] = cells[np.uintp(indices[x])]


@njit(inline="always")
def _add_pair(lightness, before, behind, gain, total, a, b):
    """Add to a row's weights and colours what the cells on two sides (lightness, a and b of each) say of them."""
    for x in range(len(total)):
        difference = lightness[x] - before[0, x]
        weight = gain / (difference * difference + np.float32(1))
        difference = behind[0, x] - lightness[x]
        weight_behind = gain / (difference * difference + np.float32(1))
        total[x] = total[x] + weight + weight_behind
        a[x] = a[x] + before[1, x] * weight + behind[1, x] * weight_behind
        b[x] = b[x] + before[2, x] * weight + behind[2, x] * weight_behind


@_compiled(*((gray, _FLOATS, _PART) for gray in _GRAYS))
def look_up(gray, table, lightness):
    """See `photochrom.resample.pixel_lightness`.

    Args:
        gray: Gray values (rows, columns).
        table: L of all gray values.
        lightness: Where L goes, (rows, columns).
    """
    for y in range(gray.shape[0]):
        for x in range(gray.shape[1]):
            lightness[y, x] = table[gray[y, x]]


@_compiled(*((gray, _FLOATS, types.uintp, types.uintp, _PART) for gray in _GRAYS))
def sum_blocks(gray, table, height, width, sums):
    """See `photochrom.resample.block_lightness`.

    Args:
        gray: Gray values (rows, columns).
        table: L of all gray values.
        height, width: Of a block.
        sums: Where the sums of L go, (ceil(rows / height), ceil(columns / width)).
    """
    rows, columns = np.uintp(gray.shape[0]), np.uintp(gray.shape[1])
    down = np.empty(gray.shape[1], np.float32)
    for i in range(np.uintp(sums.shape[0])):
        top = i * height
        for x in range(columns):
            down[x] = table[gray[top, x]]
        for y in range(top + np.uintp(1), min(top + height, rows)):
            for x in range(columns):
                down[x] += table[gray[y, x]]
        for j in range(np.uintp(sums.shape[1])):
            left = j * width
            total = down[left]
            for x in range(left + np.uintp(1), min(left + width, columns)):
                total += down[x]
            sums[i, j] = total


@_compiled((_read(types.float32, 3), _TAPS, _PLANE, _TAPS, _PLANE, types.float32[:, :, ::1]))
def weighted(planes, down, down_shares, across, across_shares, sums):
    """See `photochrom.resample._weighted`.

    Args:
        planes: (planes, h, w).
        down, down_shares: Rows of which each row of the result is made, and their weights, (taps, rows).
        across, across_shares: Columns likewise.
        sums: The result, (planes, rows, columns).
    """
    low = np.empty(planes.shape[2], np.float32)
    for plane in range(planes.shape[0]):
        for i in range(sums.shape[1]):
            low[:] = 0
            for tap in range(down.shape[0]):
                row, share = planes[plane, down[tap, i]], down_shares[tap, i]
                for x in range(len(low)):
                    low[x] += row[x] * share
            result = sums[plane, i]
            result[:] = 0
            for tap in range(across.shape[0]):
                columns, shares = across[tap], across_shares[tap]
                for j in range(len(result)):
                    result[j] += low[np.uintp(columns[j])] * shares[j]


@_compiled((*[_PLANE] * 3, _INDICES, _FLOATS, _RESULT, _RESULT))
def filter_colors(lightness, a, b, distances, gains, smooth_a, smooth_b):
    """See `photochrom.upsample._filter`.

    Args:
        lightness, a, b: (h, w), lightness in units of the filter's range.
        distances, gains: Of the taps on either side.
        smooth_a, smooth_b: Where colours go, (h, w).
    """
    rows, columns = lightness.shape
    margin = distances[-1]
    planes = np.empty((3, rows, columns), np.float32)  # lightness, and colours smoothed along the rows
    wide = np.empty((3, columns + 2 * margin), np.float32)  # a row, its ends repeated
    total, mixed_a, mixed_b = np.empty((3, columns), np.float32)
    for y in range(rows):
        for plane, source in enumerate((lightness[y], a[y], b[y])):
            for x in range(margin):
                wide[plane, x], wide[plane, margin + columns + x] = source[0], source[-1]
            for x in range(columns):
                wide[plane, margin + x] = source[x]
        for x in range(columns):
            total[x], mixed_a[x], mixed_b[x] = 1, a[y, x], b[y, x]
        for tap in range(len(distances)):
            before, behind = wide[:, margin - distances[tap] :], wide[:, margin + distances[tap] :]
            _add_pair(lightness[y], before, behind, gains[tap], total, mixed_a, mixed_b)
        for x in range(columns):
            planes[0, y, x], planes[1, y, x] = lightness[y, x], mixed_a[x] / total[x]
            planes[2, y, x] = mixed_b[x] / total[x]
    for y in range(rows):
        for x in range(columns):
            total[x], mixed_a[x], mixed_b[x] = 1, planes[1, y, x], planes[2, y, x]
        for tap in range(len(distances)):
            above, below = planes[:, max(y - distances[tap], 0)], planes[:, min(y + distances[tap], rows - 1)]
            _add_pair(lightness[y], above, below, gains[tap], total, mixed_a, mixed_b)
        for x in range(columns):
            smooth_a[y, x], smooth_b[y, x] = mixed_a[x] / total[x], mixed_b[x] / total[x]


@_compiled((*[_PLANE] * 4, _TAPS, _PLANE, _TAPS, _PLANE, types.float32, _RESULT, _RESULT))
def blend(cell_lightness, cell_a, cell_b, lightness, down, down_shares, across, across_shares, squared_range, a, b):
    """See `photochrom.upsample.blend`.

    Args:
        cell_lightness, cell_a, cell_b: The field's planes.
        lightness: (rows, columns).
        down, down_shares: The cells above and below each row's middle, and their shares, (2, rows).
        across, across_shares: Those on the left and on the right of each column's, (2, columns).
        squared_range: Of lightness.
        a, b: Where colours go, (rows, columns).
    """
    rows, columns = lightness.shape
    cells = np.empty((2, 3, 2, columns), np.float32)  # of two rows of cells; L, a and b; left and right
    held = np.array([-1, -1])
    far, near = across_shares[0].copy(), across_shares[1].copy()
    for y in range(rows):
        # What lies below one row of pixels is above another: rows of cells take turns.
        upper = 1 if held[1] == down[0, y] else 0
        for side, row in ((upper, down[0, y]), (1 - upper, down[1, y])):
            if held[side] != row:
                held[side] = row
                for plane, source in enumerate((cell_lightness[row], cell_a[row], cell_b[row])):
                    _spread(source, across[0], cells[side, plane, 0])
                    _spread(source, across[1], cells[side, plane, 1])
        upper_share, lower_share = down_shares[0, y], down_shares[1, y]
        (l00, l01), (a00, a01), (b00, b01) = cells[upper]
        (l10, l11), (a10, a11), (b10, b11) = cells[1 - upper]
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


@_compiled((*[_PLANE] * 4, *[_FLOATS] * 3, *[_RESULT] * 3))
def linear_rgb(lightness, a, b, shares, curve, limits, steps, red, green, blue):
    """See `photochrom.pixels.linear_rgb`.

    Args:
        lightness, a, b: (rows, columns).
        shares: Of X and of Z in red, green and blue, (2, 3).
        curve: CIELAB's delta, and the slope of f's inverse below it.
        limits: Of linear light in gamut, the lowest and the highest.
        steps: In which the scale of chroma is found.
        red, green, blue: Where linear light goes, (rows, columns).
    """
    rows, columns = lightness.shape
    # Single numbers: of arrays the compiler would think that they change under the loops.
    x_shares, z_shares = (shares[0, 0], shares[0, 1], shares[0, 2]), (shares[1, 0], shares[1, 1], shares[1, 2])
    delta, slope, lowest, highest = curve[0], curve[1], limits[0], limits[1]
    f, to_x, to_z, scale = np.empty((4, columns), np.float32)
    outside, where = np.empty(columns, np.uint8), np.empty(columns, np.uintp)
    for y in range(rows):
        for i in range(columns):
            whole_f = (lightness[y, i] + np.float32(16)) * np.float32(1 / 116)
            x, z = a[y, i] * np.float32(1 / 500), b[y, i] * np.float32(-1 / 200)
            red[y, i], green[y, i], blue[y, i] = _linear(whole_f, x, z, x_shares, z_shares, delta, slope)
        for i in range(columns):
            outside[i] = _outside(red[y, i], green[y, i], blue[y, i], lowest, highest)
        count = np.uintp(0)
        for i in range(columns):
            where[count] = i
            count += np.uintp(outside[i])
        for k in range(count):  # side by side, so that vectors hold nothing else
            i = where[k]
            f[k] = (lightness[y, i] + np.float32(16)) * np.float32(1 / 116)
            to_x[k], to_z[k], scale[k] = a[y, i] * np.float32(1 / 500), b[y, i] * np.float32(-1 / 200), 0
        for step in steps:
            for k in range(count):
                x, z = to_x[k] * (scale[k] + step), to_z[k] * (scale[k] + step)
                r, g, b_ = _linear(f[k], x, z, x_shares, z_shares, delta, slope)
                scale[k] = scale[k] if _outside(r, g, b_, lowest, highest) else scale[k] + step
        for k in range(count):
            i, x, z = where[k], to_x[k] * scale[k], to_z[k] * scale[k]
            red[y, i], green[y, i], blue[y, i] = _linear(f[k], x, z, x_shares, z_shares, delta, slope)


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
    last = np.int32(len(table) - 1)
    r, g, b = np.empty((3, columns), np.uint32)
    for y in range(rows):
        _curve_indices(red[y], shift, first, last, r)
        _curve_indices(green[y], shift, first, last, g)
        _curve_indices(blue[y], shift, first, last, b)
        for x in range(columns):
            red_green = np.uint32(table[r[x]]) | (np.uint32(table[g[x]]) << np.uint32(8))
            packed[y, x] = red_green | (np.uint32(table[b[x]]) << np.uint32(16))


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
    last = np.int32(len(table) - 1)
    indices = np.empty(columns, np.uint32)
    for y in range(rows):
        for channel, plane in enumerate((red, green, blue)):
            _curve_indices(plane[y], shift, first, last, indices)
            for x in range(columns):
                picture[y, x, channel] = table[indices[x]]
