"""Pictures of more than 8 bits a sample, which Pillow cannot hold: what they have in common, and PNG."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.ImageFile import ImageFile

from .source import Source, load, open_picture

__all__ = ["Plane", "picture_strip", "png_is_deep", "png_plane", "two_halves", "with_key"]


@dataclass(frozen=True)
class Plane:
    """Rows of a decoded picture, of which nothing is known yet but the samples' names.

    Attributes:
        shape: height and width in pixels.
        layout: gray, rgb, cmyk, lab (TIFF's CIELAB) or icclab.
        bits: 8 or 16.
        alpha: whether the last sample is alpha.
        rows: (top, bottom) -> (bottom - top, width, samples) uint8 or uint16.
    """

    shape: tuple[int, int]
    layout: str
    bits: Literal[8, 16]
    alpha: bool
    rows: Callable[[int, int], npt.NDArray[Any]]


def png_is_deep(picture: ImageFile) -> bool:
    """Whether an unread PNG has 16 bits a sample and more samples than Pillow holds of these."""
    return bool(picture.tile) and str(picture.tile[0].args) in ("RGB;16B", "RGBA;16B", "LA;16B")


def png_plane(source: Source, picture: ImageFile) -> Plane:
    """Reads an unread 16-bit PNG that is not plain gray."""
    raw_mode = str(picture.tile[0].args)
    shape = picture.height, picture.width
    if raw_mode == "LA;16B":
        # Four bytes a pixel, as RGBA has: taken as such they come out as they are in the file.
        picture.tile = [tile._replace(args="RGBA") for tile in picture.tile]
        load(picture)

        def pairs(top: int, bottom: int) -> npt.NDArray[np.uint16]:
            return picture_strip(picture, top, bottom).view(">u2").astype(np.uint16)

        return Plane(shape, "gray", 16, True, pairs)
    rows, samples = two_halves(source, picture)
    key = picture.info.get("transparency")
    if samples == 4 or not isinstance(key, tuple):
        return Plane(shape, "rgb", 16, samples == 4, rows)

    def keyed(top: int, bottom: int) -> npt.NDArray[np.uint16]:
        return with_key(rows(top, bottom), key)

    return Plane(shape, "rgb", 16, True, keyed)


def with_key(strip: npt.NDArray[np.uint16], key: int | tuple[int, ...]) -> npt.NDArray[np.uint16]:
    """Adds the alpha of a PNG's tRNS chunk: the one colour that is transparent."""
    alpha = np.where((strip == np.asarray(key)).all(axis=-1, keepdims=True), 0, 65535).astype(np.uint16)
    return np.concatenate([strip, alpha], axis=-1)


def two_halves(source: Source, picture: ImageFile) -> tuple[Callable[[int, int], npt.NDArray[np.uint16]], int]:
    """All 16 bits of an unread RGB or RGBA picture through Pillow, which keeps 8: once the upper, once the lower bytes.

    The trick: told that the file has the other byte order, Pillow keeps the lower bytes.
    """
    samples = len(picture.mode)
    lower = np.empty((picture.height, picture.width, samples), np.uint8)
    with open_picture(source) as other:
        other.tile = [tile._replace(args=_other_byte_order(tile.args)) for tile in other.tile]
        load(other)
        for top in range(0, other.height, 64):
            bottom = min(top + 64, other.height)
            lower[top:bottom] = picture_strip(other, top, bottom)[..., :samples]
    load(picture)

    def rows(top: int, bottom: int) -> npt.NDArray[np.uint16]:
        upper: npt.NDArray[np.uint16] = picture_strip(picture, top, bottom)[..., :samples].astype(np.uint16)
        upper <<= 8
        upper |= lower[top:bottom]
        return upper

    return rows, samples


def _other_byte_order(args: Any) -> Any:
    """A raw mode such as RGB;16B (alone, or first of a tile's arguments) with its byte order turned round."""
    if isinstance(args, tuple):
        return (_other_byte_order(args[0]), *args[1:])
    other_than_native = "B" if sys.byteorder == "little" else "L"
    return args[:-1] + {"B": "L", "L": "B", "N": other_than_native}[args[-1]]


def picture_strip(picture: Image.Image, top: int, bottom: int) -> npt.NDArray[Any]:
    return np.asarray(picture.crop((0, top, picture.width, bottom))).reshape(bottom - top, picture.width, -1)
