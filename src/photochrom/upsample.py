"""Colour from the network's grid to the photograph's size, along the photograph's own edges.

Joint bilateral upsampling (Kopf et al. 2007) in steps: a pixel takes the colour of the coarse cells around it, those
of a lightness like its own counting more. The steps are grid -> four times the grid -> the block means of the
photograph -> its pixels. On the second, small level there is time for more: the colour is filtered once more along the
edges, and corrected until its cell means are the grid's again, which draws apart what a cell across an edge has mixed.
Every constant below was chosen with benchmarks/upsampling_quality.py.
"""

from dataclasses import dataclass

import numpy as np

from photochrom.color import FloatArray, IntArray
from photochrom.fast import loops
from photochrom.planes import Workspace, for_each_block
from photochrom.resample import area_mean, interpolate, linear_taps

# Lightness difference at which a cell's say in a pixel's colour halves. The weight 1 / (1 + (d / 10)**2) has no
# cut-off: where no cell is like the pixel, all are about equally unlike, and the blend falls back to bilinear.
RANGE = 10.0
# The filter on the level of four times the grid: spacing and reach of its taps each way, and its two widths.
FILTER_SPACING, FILTER_REACH, FILTER_SIGMA, FILTER_RANGE = 2, 4, 4.0, 3.5
# Spread of L (standard deviation of the 3 x 3 cells) at which a cell gets back half of what the filter took from its
# mean. All of it would give 0.4 dB more where the grid is exact, but near edges a network's grid is a blur of both
# sides, and restoring that carries colour across: 7 % of the drawing in the benchmark instead of 4 %.
EDGE_SPREAD = 8.0
LEVEL_FACTOR = 4


@dataclass(frozen=True, eq=False)
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


def blend(
    field: ColorField, lightness: FloatArray, corner: tuple[int, int], out: FloatArray, workspace: Workspace
) -> None:
    """Give the pixels of a block their colour, which does not depend on how the level is cut into blocks.

    Args:
        field: The colour to upsample.
        lightness: CIE L* (rows, columns) of the block.
        corner: The block's first row and column in the level to be filled.
        out: Where a and b go, (2, rows, columns) float32.
        workspace: Memory to work in.
    """
    rows, columns = map(linear_taps, corner, lightness.shape, field.cell, field.lightness.shape)
    if compiled := loops(lightness.size):
        planes = (np.ascontiguousarray(x, np.float32) for x in (field.lightness, field.a, field.b, lightness))
        compiled.blend(*planes, *rows, *columns, RANGE**2, *out)
        return
    used = slice(rows[0][0, 0], rows[0][1, -1] + 1)
    weight, total, part = workspace.planes(3, lightness.shape)
    out.fill(0)
    total.fill(0)
    for across, across_share in zip(*columns, strict=True):
        cells, *colors = (plane[used].take(across, axis=1) for plane in (field.lightness, field.a, field.b))
        for down, down_share in zip(*rows, strict=True):
            cells.take(down - used.start, axis=0, out=weight, mode="clip")
            np.subtract(lightness, weight, out=weight)
            np.square(weight, out=weight)
            weight += np.float32(RANGE**2)
            np.divide(across_share, weight, out=weight)
            weight *= down_share[:, None]
            total += weight
            for color, mixed in zip(colors, out, strict=True):
                color.take(down - used.start, axis=0, out=part, mode="clip")
                part *= weight
                mixed += part
    out /= total


def blend_weights(field: ColorField, lightness: float, row: int, column: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return rows, columns and weights, each (4,), of the cells of which `blend` makes one pixel's colour."""
    down, across = (
        linear_taps(place, 1, cell, cells)
        for place, cell, cells in zip((row, column), field.cell, field.lightness.shape, strict=True)
    )
    rows, columns = np.repeat(down[0][:, 0], 2), np.tile(across[0][:, 0], 2)
    near = np.outer(down[1], across[1]).ravel()
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


def fill_level(field: ColorField, lightness: FloatArray, threads: int = 1) -> FloatArray:
    """Return a and b, (2, rows, columns), of a whole level whose CIE L* is `lightness` (rows, columns)."""
    filled = np.empty((2, *lightness.shape), np.float32)

    def fill(rows: slice, columns: slice, workspace: Workspace) -> None:
        part, colors = lightness[rows, columns], filled[:, rows, columns]
        whole = part.shape[1] == lightness.shape[1]
        out = colors if whole else workspace.planes(2, part.shape)  # planes in one piece
        blend(field, part, (rows.start, columns.start), out, workspace)
        if not whole:
            colors[:] = out

    for_each_block(fill, lightness.shape, threads)
    return filled


def _refine(grid: FloatArray, grid_lightness: FloatArray, lightness: FloatArray) -> FloatArray:
    """Upsample the grid's colour (2, h, w) to a level (2, rows, columns) whose lightness is given."""
    size = grid.shape[1], grid.shape[2]
    cell = lightness.shape[0] / size[0], lightness.shape[1] / size[1]

    def upsampled(colors: FloatArray) -> FloatArray:
        return fill_level(ColorField(colors[0], colors[1], grid_lightness, cell), lightness)

    def missing(colors: FloatArray) -> FloatArray:
        return grid - area_mean(colors, size)

    colors = upsampled(grid)
    for _ in range(2):
        colors += upsampled(missing(colors))
    colors = _filter(colors, lightness)
    trusted = 1 / (1 + _neighbours(grid_lightness).var(axis=0) / np.float32(EDGE_SPREAD**2))
    colors += upsampled(missing(colors) * trusted)
    return _within_neighbours(colors, grid)


def _filter(colors: FloatArray, lightness: FloatArray) -> FloatArray:
    """Smooth colour (2, h, w) over places of like lightness: a joint bilateral filter.

    It works along the rows, then along the columns (Pham and van Vliet 2005): 18 taps instead of 81.
    """
    lightness = lightness * np.float32(1 / FILTER_RANGE)
    distances = np.arange(1, FILTER_REACH + 1) * FILTER_SPACING
    gains = np.exp(-(distances**2) / (2 * FILTER_SIGMA**2)).astype(np.float32)
    if compiled := loops():
        smooth = np.empty_like(colors)
        compiled.filter_colors(lightness, *colors, distances, gains, *smooth)
        return smooth
    planes = np.concatenate([lightness[None], colors])
    for _ in range(2):
        planes = np.ascontiguousarray(np.swapaxes(planes, -1, -2))
        planes[1:] = _filter_down(planes, distances, gains)
    return planes[1:]


def _filter_down(planes: FloatArray, distances: IntArray, gains: FloatArray) -> FloatArray:
    """Smooth the colour of cells over those above and below.

    Args:
        planes: Lightness in units of `FILTER_RANGE`, a and b, (3, h, w).
        distances: Of the taps above and below, in cells.
        gains: Of these.

    Returns:
        a and b, (2, h, w).
    """
    margin, height = distances[-1], planes.shape[1]
    lightness, *colors = planes.take(np.arange(-margin, height + margin), axis=1, mode="clip")
    smooth, total = planes[1:].copy(), np.ones_like(planes[0])
    part, memory = np.empty_like(total), np.empty_like(lightness)
    for distance, gain in zip(distances, gains, strict=True):
        first, weights = margin - distance, memory[: height + distance]
        np.subtract(lightness[margin : margin + height + distance], lightness[first : margin + height], out=weights)
        np.square(weights, out=weights)
        weights += 1
        np.divide(gain, weights, out=weights)
        # A pair of cells weighs the same seen from either: first come the cells above, then those below.
        for weight, start in ((weights[:height], first), (weights[distance:], margin + distance)):
            total += weight
            for color, mixed in zip(colors, smooth, strict=True):
                np.multiply(color[start : start + height], weight, out=part)
                mixed += part
    smooth /= total
    return smooth


def _within_neighbours(colors: FloatArray, grid: FloatArray) -> FloatArray:
    """Clip colour to the range of the 3 x 3 cells around it, so that the corrections leave no halos."""
    around = _neighbours(grid)
    lowest, highest = interpolate(np.stack([around.min(axis=0), around.max(axis=0)]), colors.shape[1:])
    clipped: FloatArray = np.minimum(np.maximum(colors, lowest), highest)  # np.clip takes four times as long
    return clipped


def _neighbours(cells: FloatArray) -> FloatArray:
    """Return (9, ..., h, w): the 3 x 3 neighbours of each cell of (..., h, w), those at the border repeated."""
    height, width = cells.shape[-2:]
    padded = np.pad(cells, [(0, 0)] * (cells.ndim - 2) + [(1, 1), (1, 1)], mode="edge")
    return np.stack([padded[..., y : y + height, x : x + width] for y in range(3) for x in range(3)])
