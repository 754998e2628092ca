"""Hints held to the letter: the pixel in which a hint lies has its colour, whatever the upsampling made of it.

The network fits its own grid to the hints. A pixel's colour is a blend of several cells of it, so a hint beside an edge
would come out a little like its neighbourhood. What is still missing there is added to the field of colour that the
last step of the upsampling reads, over the nearby cells of a like lightness, so that no dot shows.
"""

from dataclasses import dataclass

import numpy as np

from photochrom.color import FloatArray, IntArray, lightness_table
from photochrom.resample import GrayArray
from photochrom.upsample import RANGE, ColorField, blend_weights

# Width of a correction as a share of the longer side: half a cell of the network's usual grid.
_WIDTH = 1 / 128
# Corrections of neighbouring hints overlap; they are fitted in turns.
_SWEEPS = 5


@dataclass(frozen=True, eq=False)
class Pins:
    """Places (K, 2), y and x as fractions of height and width, and their colours ab (K, 2) in Lab units."""

    position: FloatArray
    ab: FloatArray


@dataclass(frozen=True, eq=False)
class _Pin:
    """One pixel's pin: the cells and weights of which its colour is made, and where its correction goes."""

    ab: FloatArray
    rows: IntArray
    columns: IntArray
    weights: FloatArray
    window: tuple[slice, slice]
    spread: FloatArray


def pinned(field: ColorField, gray: GrayArray, pins: Pins) -> ColorField:
    """Return the field corrected so that the pixels of `gray` (H, W) under the pins get the pins' colours.

    Where two pins name one pixel, the later holds, and of close ones the later is the more exact.
    """
    pixels = np.minimum(pins.position * gray.shape, np.array(gray.shape) - 1).astype(int).tolist()
    last = {(row, column): index for index, (row, column) in enumerate(pixels)}
    fitted = [_fit(field, gray, *pixel, pins.ab[index]) for pixel, index in sorted(last.items(), key=lambda p: p[1])]
    colors = np.stack([field.a, field.b])
    for _ in range(_SWEEPS):
        for pin in fitted:
            missing = pin.ab - colors[:, pin.rows, pin.columns] @ pin.weights
            colors[:, *pin.window] += missing[:, None, None] * pin.spread
    return ColorField(colors[0], colors[1], field.lightness, field.cell)


def _fit(field: ColorField, gray: GrayArray, row: int, column: int, ab: FloatArray) -> _Pin:
    lightness = lightness_table(gray.dtype.itemsize * 8)[gray[row, column]]
    rows, columns, weights = blend_weights(field, lightness, row, column)
    heaviest = weights.argmax()
    like = field.lightness[rows[heaviest], columns[heaviest]]
    width = max(1.0, max(field.a.shape) * _WIDTH)
    middle = (row + 0.5) / field.cell[0] - 0.5, (column + 0.5) / field.cell[1] - 0.5
    window, squared = _around(middle, 3 * width, field.a.shape)
    spread = np.exp(-squared / (2 * width**2)) / (1 + ((field.lightness[window] - like) / RANGE) ** 2)
    at_cells = spread[rows - window[0].start, columns - window[1].start]
    # Brought to 1 at the pixel, but nowhere above: the cells beside a mixed one must not be overdone.
    return _Pin(ab, rows, columns, weights, window, np.minimum(spread / (at_cells @ weights), 1).astype(np.float32))


def _around(
    middle: tuple[float, float], reach: float, shape: tuple[int, ...]
) -> tuple[tuple[slice, slice], FloatArray]:
    """Return the window of cells within `reach` of a place, at least two each way, and their squared distances."""
    spans = [
        slice(max(0, int(np.floor(m - reach))), min(side, int(np.ceil(m + reach)) + 1))
        for m, side in zip(middle, shape, strict=True)
    ]
    down, across = (np.arange(s.start, s.stop, dtype=np.float32) - m for s, m in zip(spans, middle, strict=True))
    return (spans[0], spans[1]), down[:, None] ** 2 + across**2
