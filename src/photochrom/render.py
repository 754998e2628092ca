"""The photograph in colour: ab from the network's grid, lightness from the photograph, at the photograph's size.

Lightness is the photograph's own, pixel by pixel: the output's CIE L* differs from it by at most 0.5 in 8 bits and by
0.02 in 16 bits, which is what rounding red, green and blue costs. A colour that sRGB cannot hold at its lightness loses
chroma instead.

The picture is worked on in blocks that fit a CPU's cache, by several threads; float32 planes of the whole picture
never exist.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom.color import FloatArray
from photochrom.pins import Pins, pinned
from photochrom.pixels import encode, linear_rgb, pack
from photochrom.planes import BLOCK_PIXELS, Workspace, for_each_block
from photochrom.processors import processors
from photochrom.resample import GrayArray, block_lightness, pixel_lightness
from photochrom.upsample import ColorField, blend, color_field, fill_level

Output = Image.Image | npt.NDArray[np.uint16]

# Longest side of the level between the network's grid and the photograph: 1.5 megapixels in all, kept in float32.
_LEVEL_SIDE = 1536
_MAX_THREADS = 8


_Painter = Callable[[slice, slice, Workspace], list[FloatArray]]
_Store = Callable[[slice, slice, list[FloatArray]], None]


@dataclass(frozen=True, eq=False)
class RenderedRows:
    """A picture (H, W, 3) uint16 of which `picture[top:bottom]` renders some rows.

    Attributes:
        gray: The photograph (H, W).
        paint: Gives a block's linear red, green and blue.
    """

    gray: GrayArray
    paint: _Painter

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, 3)."""
        return (*self.gray.shape, 3)

    def __getitem__(self, rows: slice) -> npt.NDArray[np.uint16]:
        top, bottom, _ = rows.indices(len(self.gray))
        array, store = _array((max(bottom - top, 0), self.gray.shape[1]), top)
        _fill(self.paint, store, slice(top, bottom), self.gray.shape[1], available_threads(), BLOCK_PIXELS)
        return array


@overload
def render(
    gray: GrayArray,
    ab: npt.ArrayLike,
    *,
    saturation: float = ...,
    temperature: float = ...,
    depth: Literal[8] = ...,
    pins: Pins | None = ...,
) -> Image.Image: ...
@overload
def render(
    gray: GrayArray,
    ab: npt.ArrayLike,
    *,
    saturation: float = ...,
    temperature: float = ...,
    depth: Literal[16],
    pins: Pins | None = ...,
) -> npt.NDArray[np.uint16]: ...
@overload
def render(
    gray: GrayArray,
    ab: npt.ArrayLike,
    *,
    saturation: float = ...,
    temperature: float = ...,
    depth: int,
    pins: Pins | None = ...,
) -> Output: ...
def render(
    gray: GrayArray,
    ab: npt.ArrayLike,
    *,
    saturation: float = 1.0,
    temperature: float = 0.0,
    depth: int = 8,
    pins: Pins | None = None,
) -> Output:
    """Colour a photograph.

    Args:
        gray: The photograph (H, W), sRGB-encoded neutral gray, uint8 or uint16.
        ab: Its colour on a grid (h, w, 2) whose cells cover the whole picture, any size; finite.
        saturation: Factor of chroma, applied before colours are fitted into the gamut. Not negative.
        temperature: Added to b after that, in Lab units: above 0 all is warmer (yellower), below 0 colder (bluer).
        depth: Bits per channel of the result, 8 or 16.
        pins: Places that get exactly their colour (adjusted by `saturation` and `temperature`, within the gamut), such
            as a person's hints.

    Returns:
        For 8 bits an RGB image, for 16 bits an array (H, W, 3) uint16, which Pillow cannot hold. The same input gives
        the same bytes, on any number of threads.

    Raises:
        ValueError: A shape, `saturation`, `temperature` or `depth` is out of range.
        TypeError: `gray` is neither uint8 nor uint16.
    """
    if depth not in (8, 16):
        raise ValueError(f"depth must be 8 or 16, got {depth}")
    grid, held = _checked(gray, ab, saturation, temperature, pins)
    return _render(gray, grid, depth, available_threads(), BLOCK_PIXELS, held)


def render_rows(
    gray: GrayArray,
    ab: npt.ArrayLike,
    *,
    saturation: float = 1.0,
    temperature: float = 0.0,
    pins: Pins | None = None,
) -> RenderedRows:
    """Colour a photograph at 16 bits, row by row as they are asked for: the whole is six bytes a pixel.

    Arguments and errors are those of `render`, and so are the pixels.
    """
    grid, held = _checked(gray, ab, saturation, temperature, pins)
    return RenderedRows(gray, _painter(gray, grid, available_threads(), held))


def sample_results() -> list[bytes]:
    """Return what this thread makes of a few pixels, through all that a photograph can go through."""
    rows, columns = np.ogrid[:37, :53]
    ab = 60 * np.stack([np.sin(rows[::4] / 5 + columns[:, ::4]), np.cos(rows[::4] + columns[:, ::4] / 7)], axis=-1)
    found = []
    for gray in ((rows * columns % 256).astype(np.uint8), (rows * columns * 97 % 65536).astype(np.uint16)):
        found.append(block_lightness(gray, (3, 2)).tobytes())
        for depth in (8, 16):
            found.append(np.asarray(_render(gray, ab.astype(np.float32), depth, 1, BLOCK_PIXELS)).tobytes())
    return found


def available_threads() -> int:
    """Return how many threads rendering uses: the processors this process may run on, at most 8."""
    return min(processors(), _MAX_THREADS)


def _checked(
    gray: GrayArray, ab: npt.ArrayLike, saturation: float, temperature: float, pins: Pins | None
) -> tuple[FloatArray, Pins | None]:
    """Return the grid and the pins with their final colours; refuse what `render` refuses."""
    grid = np.asarray(ab, np.float32)
    if gray.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"gray must be uint8 or uint16, got {gray.dtype}")
    if gray.ndim != 2 or gray.size == 0:
        raise ValueError(f"gray must have the shape (H, W) and hold pixels, got {gray.shape}")
    if grid.ndim != 3 or grid.shape[2] != 2 or grid.size == 0:
        raise ValueError(f"ab must have the shape (h, w, 2), got {grid.shape}")
    if not 0 <= saturation < np.inf:
        raise ValueError(f"saturation must be at least 0, got {saturation}")
    if not np.isfinite(temperature):
        raise ValueError(f"temperature must be finite, got {temperature}")
    # Upsampling takes means, whose weights sum to 1: what is added here is added to every pixel.
    factor, shift = np.float32(saturation), np.array([0, temperature], np.float32)
    held = None if pins is None or not len(pins.ab) else Pins(pins.position, pins.ab * factor + shift)
    return grid * factor + shift, held


def _render(
    gray: GrayArray, ab: FloatArray, depth: int, threads: int, block_pixels: int, pins: Pins | None = None
) -> Output:
    paint = _painter(gray, ab, threads, pins)
    output, store = _image(gray.shape) if depth == 8 else _array(gray.shape)
    _fill(paint, store, slice(0, gray.shape[0]), gray.shape[1], threads, block_pixels)
    return output


def _painter(gray: GrayArray, ab: FloatArray, threads: int, pins: Pins | None) -> _Painter:
    """Return how a block of the picture gets its linear red, green and blue."""
    field = _field(gray, ab, threads)
    if pins is not None:
        field = pinned(field, gray, pins)

    def paint(rows: slice, columns: slice, workspace: Workspace) -> list[FloatArray]:
        values = gray[rows, columns]
        (lightness,), ab = workspace.planes(1, values.shape), workspace.planes(2, values.shape)
        pixel_lightness(values, lightness)
        blend(field, lightness, (rows.start, columns.start), ab, workspace)
        return linear_rgb(lightness, ab[0], ab[1])

    return paint


def _fill(paint: _Painter, store: _Store, rows: slice, width: int, threads: int, block_pixels: int) -> None:
    """Paint and store rows of the picture, block by block."""

    def finish(down: slice, across: slice, workspace: Workspace) -> None:
        down = slice(rows.start + down.start, rows.start + down.stop)
        store(down, across, paint(down, across, workspace))

    for_each_block(finish, (max(rows.stop - rows.start, 0), width), threads, block_pixels)


def _field(gray: GrayArray, ab: FloatArray, threads: int) -> ColorField:
    """Bring the colour to the block means of the photograph."""
    block = -(-max(gray.shape) // _LEVEL_SIDE)
    lightness = block_lightness(gray, (block, block), threads=threads)
    extent = gray.shape[0] / block, gray.shape[1] / block
    field = color_field(ab, lightness, extent)
    if block == 1:
        return field
    a, b = fill_level(field, lightness, threads)
    return ColorField(a, b, lightness, (block, block))


def _image(shape: tuple[int, ...]) -> tuple[Image.Image, _Store]:
    """Return an RGB image of `shape` (rows, columns), and how blocks of linear light are written into it."""
    image = Image.new("RGB", (shape[1], shape[0]), None)  # every pixel will be written

    def store(rows: slice, columns: slice, channels: list[FloatArray]) -> None:
        packed = pack(channels)
        # Four bytes a pixel, as Pillow has them: it copies them once, and RGB's fourth byte says nothing.
        part = Image.frombuffer("RGBA", packed.shape[::-1], packed, "raw", "RGBA", 0, 1)
        image.paste(part, (columns.start, rows.start))

    return image, store


def _array(shape: tuple[int, ...], first: int = 0) -> tuple[npt.NDArray[np.uint16], _Store]:
    """Return an array (rows, columns, 3) of 16 bits, and how blocks of linear light are written into it.

    The array's first row is row `first` of the picture.
    """
    array = np.empty((*shape, 3), np.uint16)

    def store(rows: slice, columns: slice, channels: list[FloatArray]) -> None:
        encode(channels, array[rows.start - first : rows.stop - first, columns])

    return array, store
