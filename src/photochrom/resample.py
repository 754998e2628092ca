"""Lightness at other sizes: of the network's input, and of the levels between the network's grid and the photograph.

The photograph is read once, in tiles; what is kept is small.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom.color import FloatArray, lightness_table
from photochrom.fast import loops

GrayArray = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]

# Pixels of a tile: its float32 lightness fits a CPU's second-level cache.
_TILE_PIXELS = 1 << 16
# Lanczos weighs six pixels a side of its output's; below that many the block mean would blur what it keeps.
_LANCZOS_REDUCTION = 3


def network_lightness(gray: GrayArray, height: int, width: int, *, threads: int = 1) -> FloatArray:
    """Reduce (or enlarge) a photograph's lightness to a network's input size, antialiased.

    Args:
        gray: The photograph (H, W), sRGB-encoded neutral gray, uint8 or uint16.
        height: Rows of the result.
        width: Columns of the result; the picture is stretched where the proportions differ.
        threads: How many threads share the work; the result does not depend on it.

    Returns:
        CIE L* (height, width), float32 in [0, 100].
    """
    rows, columns = gray.shape
    block = max(1, rows // (height * _LANCZOS_REDUCTION)), max(1, columns // (width * _LANCZOS_REDUCTION))
    reduced = block_lightness(gray, block, threads=threads)
    extent = rows / block[0], columns / block[1]
    return np.clip(resize_plane(reduced, (height, width), Image.Resampling.LANCZOS, extent), 0, 100)


def block_lightness(gray: GrayArray, block: tuple[int, int], *, threads: int = 1) -> FloatArray:
    """Return the mean CIE L* of each block of pixels.

    Args:
        gray: The photograph (H, W), uint8 or uint16.
        block: Rows and columns of a block.
        threads: How many threads share the work; the result does not depend on it.

    Returns:
        float32 (ceil(H / rows), ceil(W / columns)); a block cut by the border is the mean of what is there.
    """
    rows, columns = gray.shape
    if not gray.dtype.isnative:
        gray = gray.astype(np.uint16)
    table = lightness_table(gray.dtype.itemsize * 8)
    means = np.empty((-(-rows // block[0]), -(-columns // block[1])), np.float32)

    def reduce(tile: tuple[slice, slice]) -> None:
        down, across = tile
        part = means[_blocks_of(down, block[0]), _blocks_of(across, block[1])]
        if compiled := loops():
            compiled.sum_blocks(gray[down, across], table, *block, part)
        else:
            lightness = np.take(table, gray[down, across])
            part[:] = _sum_blocks(_sum_blocks(lightness, block[0]).T, block[1]).T

    tiles = _tiles((rows, columns), block)
    if threads == 1:
        for tile in tiles:
            reduce(tile)
    else:
        with ThreadPoolExecutor(threads) as pool:
            for _ in pool.map(reduce, tiles):
                pass
    if block != (1, 1):
        means /= _block_counts(rows, block[0])[:, None] * _block_counts(columns, block[1])
    return means


def area_mean(planes: FloatArray, size: tuple[int, int], extent: tuple[float, float] | None = None) -> FloatArray:
    """Reduce planes to the means over equal areas, cut pixels counting by the part that lies inside.

    Pillow's box filter takes or leaves whole pixels instead, which shifts small pictures.

    Args:
        planes: (..., h, w).
        size: Rows and columns of the result, not more than those of `extent`.
        extent: How much of the planes to use, in rows and columns, from the upper left; all of it if not given.

    Returns:
        float32 (..., *size).
    """
    rows, columns = extent or planes.shape[-2:]
    low = _interval_means(planes, size[0], rows)
    small = _interval_means(np.ascontiguousarray(np.swapaxes(low, -1, -2)), size[1], columns)
    return np.ascontiguousarray(np.swapaxes(small, -1, -2))


def _interval_means(planes: FloatArray, count: int, extent: float) -> FloatArray:
    """Return the means (..., count, w) of planes (..., h, w) over equal intervals of [0, extent] along the rows."""
    length = extent / count
    if length.is_integer():
        cells = planes[..., : int(extent), :].reshape(*planes.shape[:-2], count, int(length), -1)
        whole: FloatArray = cells.mean(axis=-2, dtype=np.float32)
        return whole
    starts = np.arange(count) * length
    first = starts.astype(np.intp)
    means = np.zeros((*planes.shape[:-2], count, planes.shape[-1]), np.float32)
    part = np.empty_like(means)
    for rows in first + np.arange(math.ceil(length) + 1)[:, None]:
        covered = np.minimum(starts + length, rows + 1) - np.maximum(starts, rows)
        share = (np.maximum(covered, 0) / length).astype(np.float32)
        if share.any():
            planes.take(rows, axis=-2, out=part, mode="clip")
            part *= share[:, None]
            means += part
    return means


def resize_plane(
    plane: npt.NDArray[Any],
    size: tuple[int, int],
    filtering: Image.Resampling,
    extent: tuple[float, float] | None = None,
) -> FloatArray:
    """Resize a plane (h, w) to `size` (rows, columns).

    Args:
        plane: Any real numbers, (h, w).
        size: Rows and columns of the result.
        filtering: Pillow's resampling filter, antialiased where the plane shrinks.
        extent: How much of the plane to use, in its own rows and columns, from the upper left; all of it if not given.
    """
    if plane.shape == size and extent in (None, size):
        return plane.astype(np.float32)
    rows, columns = extent or plane.shape
    image = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.array(image.resize((size[1], size[0]), filtering, box=(0, 0, columns, rows)))


def _tiles(shape: tuple[int, int], block: tuple[int, int]) -> Iterator[tuple[slice, slice]]:
    """Yield tiles of whole blocks, about `_TILE_PIXELS` large, wide rather than high."""
    rows, columns = shape
    width = max(1, _TILE_PIXELS // (min(block[0], rows) * block[1])) * block[1]
    height = max(1, _TILE_PIXELS // (block[0] * min(width, columns))) * block[0]
    for top in range(0, rows, height):
        for left in range(0, columns, width):
            yield slice(top, min(top + height, rows)), slice(left, min(left + width, columns))


def _blocks_of(pixels: slice, block: int) -> slice:
    """Return the blocks of a tile's pixels along an axis."""
    return slice(pixels.start // block, -(-pixels.stop // block))


def _sum_blocks(plane: FloatArray, block: int) -> FloatArray:
    """Sum each `block` successive rows; the last block may be shorter."""
    if block == 1:
        return plane
    whole = len(plane) // block * block
    summed = np.zeros((-(-len(plane) // block), plane.shape[1]), np.float32)
    for offset in range(block):
        part = plane[offset:whole:block]
        summed[: len(part)] += part
    for row in plane[whole:]:
        summed[-1] += row
    return summed


def _block_counts(length: int, block: int) -> FloatArray:
    """Return how many pixels each block along an axis holds."""
    starts = np.arange(0, length, block)
    return np.minimum(block, length - starts).astype(np.float32)
