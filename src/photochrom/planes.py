"""Planes of floats, worked on block by block so that what a step leaves is still in the cache for the next."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from photochrom.color import FloatArray

# Small enough that a dozen planes of a block stay near the processor, large enough that Python's own time is little.
BLOCK_PIXELS = 1 << 16
_BLOCK_COLUMNS = 2048
# Floats in 64 bytes, the width of a cache line and of the widest vectors.
_LINE = 16


class Workspace:
    """Memory for the planes of one block after the other: asked of the system once, as its first touch is slow."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.float32)
        self.used = 0

    def planes(self, count: int, shape: tuple[int, ...]) -> FloatArray:
        """Return planes (count, *shape) to be filled.

        Each begins with a cache line, where NumPy is up to twice as fast as elsewhere.
        """
        size = math.prod(shape)
        padded = -(-size // _LINE) * _LINE
        end = self.used + count * padded
        if end > self._memory.size:
            self._memory = _aligned(end)
        planes = self._memory[self.used : end].reshape(count, padded)
        self.used = end
        return planes[:, :size].reshape(count, *shape)

    def release(self, used: int = 0) -> None:
        """Let go of all planes, or of those asked for since `used` had this value."""
        self.used = used


def for_each_block(
    work: Callable[[slice, slice, Workspace], None], shape: tuple[int, int], threads: int, pixels: int = BLOCK_PIXELS
) -> None:
    """Let threads work through a plane.

    Args:
        work: Called with the rows and columns of a block, and with the thread's workspace, where nothing is in use.
        shape: Of the plane.
        threads: How many share the work.
        pixels: About how many a block holds.
    """
    blocks = iter(_blocks(shape, pixels))

    def work_on(workspace: Workspace) -> None:
        for rows, columns in blocks:
            workspace.release()
            work(rows, columns, workspace)

    if threads == 1:
        work_on(Workspace())
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work_on, [Workspace() for _ in range(threads)]):
            pass


def _blocks(shape: tuple[int, int], pixels: int) -> list[tuple[slice, slice]]:
    height, width = shape
    count = -(-width // min(_BLOCK_COLUMNS, pixels))
    columns = -(-width // (count * _LINE)) * _LINE
    rows = max(1, pixels // columns)
    return [
        (slice(top, min(top + rows, height)), slice(left, min(left + columns, width)))
        for top in range(0, height, rows)
        for left in range(0, width, columns)
    ]


def _aligned(size: int) -> FloatArray:
    memory = np.empty(size + _LINE, np.float32)
    start = -(memory.__array_interface__["data"][0] // memory.itemsize) % _LINE
    return memory[start : start + size]
