"""Colour from the network's grid to the photograph's size, along the photograph's own edges.

Joint bilateral upsampling (Kopf et al. 2007) in steps: a pixel takes the colour of the coarse cells around it, those
of a lightness like its own counting more. The steps are grid -> four times the grid -> the block means of the
photograph -> its pixels. On the second, small level there is time for more: the colour is filtered once more along the
edges, and corrected until its cell means are the grid's again, which draws apart what a cell across an edge has mixed.
Every constant below was chosen with benchmarks/upsampling_quality.py.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom.color import FloatArray
from photochrom.resample import area_mean, resize_plane

# Lightness difference at which a cell's say in a pixel's colour halves. The weight 1 / (1 + (d / 10)**2) has no
# cut-off: where no cell is like the pixel, all are about equally unlike, and the blend falls back to bilinear.
RANGE = 10.0
# The filter on the level of four times the grid: spacing and reach of its taps, and its two widths.
FILTER_SPACING, FILTER_REACH, FILTER_SIGMA, FILTER_RANGE = 2, 3, 4.0, 3.0
# Spread of L (standard deviation of the 3 x 3 cells) at which a cell gets back half of what the filter took from its
# mean. All of it would give 0.4 dB more where the grid is exact, but near edges a network's grid is a blur of both
# sides, and restoring that carries colour across: 7 % of the drawing in the benchmark instead of 4 %.
EDGE_SPREAD = 8.0
LEVEL_FACTOR = 4

_BLOCK_PIXELS = 1 << 15


@dataclass(frozen=True)
class ColorField:
    """Colour on a coarse grid, with the lightness that tells to which pixels it belongs.

    Attributes:
        a: (h, w) float32.
        b: (h, w) float32.
        lightness: CIE L* (h, w) float32, the mean over each cell.
        cell: Height and width of a cell, in pixels of the level to be filled.
    """

    a: FloatArray
    b: FloatArray
    lightness: FloatArray
    cell: tuple[float, float]


@dataclass(frozen=True)
class _Taps:
    """For successive pixels along an axis: the two cells around each, and the share of the second."""

    first: npt.NDArray[np.intp]
    second: npt.NDArray[np.intp]
    share: FloatArray


def blend(field: ColorField, lightness: FloatArray, top: int, left: int) -> tuple[FloatArray, FloatArray]:
    """Return a and b of a block of pixels.

    Args:
        field: The colour to upsample.
        lightness: CIE L* (rows, columns) of the block.
        top: The block's first row in the level to be filled.
        left: Its first column.

    Returns:
        a and b, each (rows, columns) float32. A pixel's colour does not depend on how the level is cut into blocks.
    """
    rows = _taps(top, lightness.shape[0], field.cell[0], field.a.shape[0])
    columns = _taps(left, lightness.shape[1], field.cell[1], field.a.shape[1])
    lowest = rows.first[0]
    used = slice(lowest, rows.second[-1] + 1)
    weight = np.empty_like(lightness)
    total, a, b = (np.zeros_like(lightness) for _ in range(3))
    for across, across_share in ((columns.first, 1 - columns.share), (columns.second, columns.share)):
        planes = [np.take(plane[used], across, axis=1) for plane in (field.lightness, field.a, field.b)]
        for down, down_share in ((rows.first, 1 - rows.share), (rows.second, rows.share)):
            cell_lightness, cell_a, cell_b = (np.take(plane, down - lowest, axis=0) for plane in planes)
            np.subtract(lightness, cell_lightness, out=weight)
            weight *= weight
            weight += np.float32(RANGE**2)
            np.multiply(down_share[:, None], across_share, out=cell_lightness)
            np.divide(cell_lightness, weight, out=weight)
            total += weight
            cell_a *= weight
            a += cell_a
            cell_b *= weight
            b += cell_b
    a /= total
    b /= total
    return a, b


def blend_weights(
    field: ColorField, lightness: float, row: int, column: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    """Return rows, columns and weights, each (4,), of the cells of which `blend` makes one pixel's colour."""
    down, across = _taps(row, 1, field.cell[0], len(field.a)), _taps(column, 1, field.cell[1], field.a.shape[1])
    rows = np.repeat(np.concatenate([down.first, down.second]), 2)
    columns = np.tile(np.concatenate([across.first, across.second]), 2)
    near = np.outer([1 - down.share[0], down.share[0]], [1 - across.share[0], across.share[0]]).ravel()
    weights = near / (RANGE**2 + (field.lightness[rows, columns] - lightness) ** 2)
    return rows, columns, (weights / weights.sum()).astype(np.float32)


def color_field(ab: FloatArray, lightness: FloatArray, extent: tuple[float, float]) -> ColorField:
    """Bring the network's colour to the level of the photograph's block means, or near to it.

    Args:
        ab: Colour (h, w, 2), its cells covering the whole picture.
        lightness: CIE L* (rows, columns): the photograph's block means.
        extent: How many of those rows and columns the picture fills: the last of each may be cut.

    Returns:
        A field of four times as many cells as `ab` has each way, or as many as `lightness` has where that is fewer.
        Its cells are measured in those of `lightness`.
    """
    size = min(ab.shape[0], lightness.shape[0]), min(ab.shape[1], lightness.shape[1])
    fine_size = min(LEVEL_FACTOR * size[0], lightness.shape[0]), min(LEVEL_FACTOR * size[1], lightness.shape[1])
    fine_lightness = area_mean(lightness, fine_size, extent)
    colors = _refine(area_mean(np.moveaxis(ab, -1, 0), size), area_mean(lightness, size, extent), fine_lightness)
    cell = extent[0] / fine_size[0], extent[1] / fine_size[1]
    return ColorField(colors[0], colors[1], fine_lightness, cell)


def fill_level(field: ColorField, lightness: FloatArray) -> FloatArray:
    """Return a and b, (2, rows, columns), of a whole level whose CIE L* is `lightness` (rows, columns)."""
    filled = np.empty((2, *lightness.shape), np.float32)
    rows = max(1, _BLOCK_PIXELS // lightness.shape[1])
    for top in range(0, len(lightness), rows):
        filled[:, top : top + rows] = blend(field, lightness[top : top + rows], top, 0)
    return filled


def _refine(grid: FloatArray, grid_lightness: FloatArray, lightness: FloatArray) -> FloatArray:
    """Upsample the grid's colour (2, h, w) to a level (2, rows, columns) whose lightness is given."""
    cell = lightness.shape[0] / grid.shape[1], lightness.shape[1] / grid.shape[2]

    def upsampled(colors: FloatArray) -> FloatArray:
        return fill_level(ColorField(colors[0], colors[1], grid_lightness, cell), lightness)

    def missing(colors: FloatArray) -> FloatArray:
        return grid - area_mean(colors, (grid.shape[1], grid.shape[2]))

    colors = upsampled(grid)
    for _ in range(2):
        colors += upsampled(missing(colors))
    colors = _filter(colors, lightness)
    trusted = 1 / (1 + _neighbours(grid_lightness).var(axis=0) / np.float32(EDGE_SPREAD**2))
    colors += upsampled(missing(colors) * trusted)
    return _within_neighbours(colors, grid)


def _filter(colors: FloatArray, lightness: FloatArray) -> FloatArray:
    """Smooth colour (2, h, w) over places of like lightness (a joint bilateral filter with spaced taps)."""
    margin = FILTER_SPACING * FILTER_REACH
    height, width = lightness.shape
    around = np.pad(lightness, margin, mode="edge")
    colors_around = np.pad(colors, ((0, 0), (margin, margin), (margin, margin)), mode="edge")
    total = np.zeros_like(lightness)
    smooth = np.zeros_like(colors)
    offsets = range(-margin, margin + 1, FILTER_SPACING)
    for dy in offsets:
        for dx in offsets:
            window = slice(margin + dy, margin + dy + height), slice(margin + dx, margin + dx + width)
            weight = around[window] - lightness
            weight *= np.float32(1 / FILTER_RANGE)
            weight *= weight
            weight += 1
            np.divide(np.float32(np.exp(-(dy * dy + dx * dx) / (2 * FILTER_SIGMA**2))), weight, out=weight)
            total += weight
            smooth += colors_around[:, *window] * weight
    smooth /= total
    return smooth


def _within_neighbours(colors: FloatArray, grid: FloatArray) -> FloatArray:
    """Clip colour to the range of the 3 x 3 cells around it, so that the corrections leave no halos."""
    size = colors.shape[1], colors.shape[2]
    around = _neighbours(grid)
    limits = []
    for extreme in (around.min(axis=0), around.max(axis=0)):
        limits.append(np.stack([resize_plane(plane, size, Image.Resampling.BILINEAR) for plane in extreme]))
    return np.clip(colors, limits[0], limits[1])


def _neighbours(cells: FloatArray) -> FloatArray:
    """Return (9, ..., h, w): the 3 x 3 neighbours of each cell of (..., h, w), those at the border repeated."""
    height, width = cells.shape[-2:]
    padded = np.pad(cells, [(0, 0)] * (cells.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
    return np.stack([padded[..., y : y + height, x : x + width] for y in range(3) for x in range(3)])


def _taps(start: int, count: int, cell: float, cells: int) -> _Taps:
    position = (np.arange(start, start + count) + 0.5) / cell - 0.5
    first = np.floor(position).astype(np.intp)
    share = (position - first).astype(np.float32)
    return _Taps(np.clip(first, 0, cells - 1), np.clip(first + 1, 0, cells - 1), share)
