"""Reading photographs: as their lightness, or, for reference pictures and evaluation, in colour."""

import os
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from ..errors import InputError
from .decode import pillow_samples
from .lightness import Samples, has_color, to_gray, to_srgb
from .photograph import Metadata, Photograph
from .source import check_size, decoding, open_picture, open_source

__all__ = ["PhotographSource", "read", "read_color"]

PhotographSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | npt.NDArray[Any]

T = TypeVar("T")


def read(source: PhotographSource) -> Photograph:
    """Reads a photograph as its lightness, upright, with all that came with it.

    Args:
        source: path, bytes, binary stream, Pillow picture, or (H, W), (H, W, 3) or (H, W, 4) array of uint8, uint16 or
            float in [0, 1], sRGB-encoded. Of an animation or a file of many pages, the first picture.

    Raises:
        InputError: there is no such file, it cannot be read, or the array is of no such kind.
        UnsupportedFormat: the file is no picture of a format that is read here.
        ImageTooLarge: more than `MAX_PIXELS` pixels, by the header.
        CorruptImage: the picture is broken or cut short.
    """

    def build(samples: Samples, metadata: Metadata) -> Photograph:
        gray, alpha = to_gray(samples)
        return Photograph(gray, alpha, has_color(samples), metadata)

    return _decoded(source, build)


def read_color(source: PhotographSource) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Reads a picture's colours as (H, W, 3) sRGB, upright: uint8 from 8-bit sources, otherwise float32 in [0, 1].

    Transparency is left out. Raises the same errors as `read`.
    """
    return _decoded(source, lambda samples, _: to_srgb(samples))


def _decoded(source: PhotographSource, build: Callable[[Samples, Metadata], T]) -> T:
    """Opens `source`, hands its samples to `build` while it is open, and closes it."""
    if isinstance(source, np.ndarray):
        return build(_array_samples(source), Metadata("array"))
    if isinstance(source, Image.Image):
        with decoding("the given picture"):
            source.load()
            check_size(source.width, source.height, "the given picture")
            return build(pillow_samples(source), Metadata((source.format or "array").lower()))
    with open_source(source) as opened, open_picture(opened) as picture, decoding(opened.name):
        picture.load()
        return build(pillow_samples(picture), Metadata(opened.format, path=opened.path))


def _array_samples(array: npt.NDArray[Any]) -> Samples:
    """Samples of an array; float values become 16 bits."""
    if array.ndim == 2:
        array = array[..., np.newaxis]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4) or 0 in array.shape:
        raise InputError(f"the array has shape {array.shape}; give (H, W), (H, W, 3) or (H, W, 4)")
    check_size(array.shape[1], array.shape[0], "the given array")
    if array.dtype not in (np.uint8, np.uint16):
        raise InputError(f"the array holds {array.dtype}; give uint8, uint16 or float in [0, 1]")
    return Samples(
        array.shape[1],
        array.shape[0],
        "gray" if array.shape[2] == 1 else "rgb",
        8 if array.dtype == np.uint8 else 16,
        array.shape[2] == 4,
        lambda top, bottom: array[top:bottom],
    )
