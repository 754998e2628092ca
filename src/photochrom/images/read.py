"""Reading photographs: as their lightness, or, for reference pictures and evaluation, in colour."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, TypeVar, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from .decode import decode_array, decode_picture, decode_source
from .lightness import Samples, has_color, to_gray, to_srgb
from .metadata import Attachments
from .photograph import Photograph
from .source import Source, decoding, file_behind, open_source

__all__ = ["PhotographSource", "read", "read_color"]

PhotographSource = str | os.PathLike[str] | bytes | BinaryIO | Image.Image | npt.NDArray[Any]

T = TypeVar("T")
P = TypeVar("P", bound=npt.NDArray[Any])


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

    file = file_behind(source)

    def build(samples: Samples, attachments: Attachments, format: str, opened: Source | None) -> Photograph:
        gray, alpha = to_gray(samples)
        turned = _upright(gray, attachments.orientation)
        metadata = attachments.upright(format, samples.bits, opened)
        return Photograph(
            gray=turned,
            alpha=None if alpha is None else _upright(alpha, attachments.orientation),
            had_color=has_color(samples),
            metadata=replace(metadata, path=metadata.path or file),
        )

    return _decoded(source, build)


def read_color(source: PhotographSource) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Reads a picture's colours as (H, W, 3) sRGB, upright: uint8 from 8-bit sources, otherwise float32 in [0, 1].

    Transparency is left out. Raises the same errors as `read`.
    """
    return _decoded(source, lambda samples, attachments, *_: _upright(to_srgb(samples), attachments.orientation))


def _decoded(source: PhotographSource, build: Callable[[Samples, Attachments, str, Source | None], T]) -> T:
    """Decodes `source` and hands it to `build` while it is open."""
    if isinstance(source, np.ndarray):
        return build(decode_array(source), Attachments(), "array", None)
    if isinstance(source, Image.Image):
        with decoding("the given picture"):
            samples, attachments = decode_picture(source, "the given picture")
            return build(samples, attachments, _format_name(source), None)
    with open_source(source) as opened, decoding(opened.name):
        samples, attachments = decode_source(opened)
        return build(samples, attachments, opened.format, opened)


def _format_name(picture: Image.Image) -> str:
    name = (picture.format or "array").lower()
    return {"mpo": "jpeg"}.get(name, name)


def _upright(plane: P, orientation: int) -> P:
    """Turns a picture, as stored, upright (EXIF 2.3, 4.6.4 Orientation)."""
    turned: npt.NDArray[Any] = plane.swapaxes(0, 1) if orientation >= 5 else plane
    if orientation in (2, 3, 6, 7):
        turned = turned[:, ::-1]
    if orientation in (3, 4, 7, 8):
        turned = turned[::-1]
    return cast(P, np.ascontiguousarray(turned))
