"""Lightness at other sizes: of the network's input, and of the levels between the network's grid and the photograph.

The photograph is read once, in tiles; what is kept is small.
"""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom.color import FloatArray, IntArray, lightness_table, read_only
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
    means = np.empty((-(-rows // block[0]), -(-columns // block[1])), np.float32)
    if block == (1, 1):
        pixel_lightness(gray, means)
        return means
    table = lightness_table(gray.dtype.itemsize * 8)

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
    means /= _block_counts(rows, block[0])[:, None] * _block_counts(columns, block[1])
    return means


def pixel_lightness(gray: GrayArray, out: FloatArray) -> None:
    """Write the CIE L* of pixels (rows, columns), uint8 or uint16, into a plane of that shape."""
    table = lightness_table(gray.dtype.itemsize * 8)
    if (compiled := loops()) and gray.dtype.isnative:
        compiled.look_up(gray, table, out)
    else:
        np.take(table, gray, out=out, mode="clip")


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
    return _weighted(planes, _intervals(size[0], rows), _intervals(size[1], columns))


def interpolate(planes: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Enlarge planes (..., h, w) to (..., *size), not fewer rows or columns, by linear interpolation each way."""
    down, across = (linear_taps(0, new, new / old, old) for new, old in zip(size, planes.shape[-2:], strict=True))
    return _weighted(planes, down, across)


@lru_cache(maxsize=128)  # blocks of rows share their columns, photographs of one size everything
def linear_taps(start: int, count: int, cell: float, cells: int) -> tuple[IntArray, FloatArray]:
    """Find the cells between whose middles successive pixels lie along an axis.

    Args:
        start: The first of the pixels.
        count: How many there are.
        cell: Pixels of a cell.
        cells: How many there are; the outermost reach beyond the border.

    Returns:
        Indices and shares, (2, count) each, read-only: of the cell before the pixel and of that behind it.
    """
    position = (np.arange(start, start + count) + 0.5) / cell - 0.5
    first = np.floor(position).astype(np.intp)
    share = (position - first).astype(np.float32)
    # Not np.clip, which takes as long as all of the rest.
    taps = np.stack([np.minimum(np.maximum(first, 0), cells - 1), np.minimum(first + 1, cells - 1)])
    return read_only(taps), read_only(np.stack([1 - share, share]))


@lru_cache(maxsize=32)
def _intervals(count: int, extent: float) -> tuple[IntArray, FloatArray]:
    """Cut [0, extent] into equal intervals.

    Returns:
        The pixels that lie in each, at least in part, and their shares of it: (pixels, count) each, read-only.
    """
    width = extent / count
    starts = np.arange(count) * width
    pixels = starts.astype(np.intp) + np.arange(math.ceil(width) + 1)[:, None]
    covered = np.minimum(starts + width, pixels + 1) - np.maximum(starts, pixels)
    shares = (np.maximum(covered, 0) / width).astype(np.float32)
    used = shares.any(axis=1)
    return read_only(pixels[used]), read_only(shares[used])


def _weighted(planes: FloatArray, down: tuple[IntArray, FloatArray], across: tuple[IntArray, FloatArray]) -> FloatArray:
    """Return weighted sums of the rows and then of the columns of planes (..., h, w).

    Args:
        planes: float32.
        down: For each row of the result the rows that it is made of, and their weights: (taps, rows) each.
        across: For each of its columns likewise.
    """
    down, across = (
        (np.minimum(taps, length - 1), shares)
        for (taps, shares), length in zip((down, across), planes.shape[-2:], strict=True)
    )
    if compiled := loops():
        stacked = np.ascontiguousarray(planes, np.float32).reshape(-1, *planes.shape[-2:])
        sums = np.empty((len(stacked), down[0].shape[1], across[0].shape[1]), np.float32)
        compiled.weighted(stacked, *down, *across, sums)
        return sums.reshape(*planes.shape[:-2], *sums.shape[1:])
    low = _weighted_rows(planes, *down)
    small = _weighted_rows(np.ascontiguousarray(np.swapaxes(low, -1, -2)), *across)
    return np.ascontiguousarray(np.swapaxes(small, -1, -2))


def _weighted_rows(planes: FloatArray, taps: IntArray, shares: FloatArray) -> FloatArray:
    sums = np.zeros((*planes.shape[:-2], taps.shape[1], planes.shape[-1]), np.float32)
    part = np.empty_like(sums)
    for rows, share in zip(taps, shares, strict=True):
        planes.take(rows, axis=-2, out=part, mode="clip")
        part *= share[:, None]
        sums += part
    return sums


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
