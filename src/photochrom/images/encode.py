"""From finished pixels to a file: formats, depths, and what of the photograph's metadata each format can hold."""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

import numpy as np
from PIL import Image

from ..errors import InputError, OutputExists, UnsupportedFormat
from . import photoshop, xmp
from .atomic import whole_file
from .captions import Captions, comment_captions, iptc_captions, text_captions
from .encoders import ENCODERS, Pixels
from .photograph import Gray, Metadata, Photograph

__all__ = ["FORMATS", "encode", "output_depth", "output_format", "write"]


@dataclass(frozen=True)
class OutputFormat:
    """What a format that is written here can hold.

    Attributes:
        suffixes: file names that mean it; the first is the one that new names get.
        deep: whether it holds 16 bits a sample.
        alpha: whether it holds transparency.
        longest: the longest side in pixels, or None.
        iptc: whether it has a place for IPTC-IIM that other programs read.
    """

    suffixes: tuple[str, ...]
    deep: bool
    alpha: bool
    longest: int | None
    iptc: bool = False


# What libavif, and with it most programs, opens (its imageDimensionLimit); it writes more.
_AVIF_SIDE = 32_768

FORMATS = {
    "png": OutputFormat((".png",), deep=True, alpha=True, longest=None),
    "jpeg": OutputFormat((".jpg", ".jpeg", ".jpe", ".jfif"), deep=False, alpha=False, longest=65_500, iptc=True),
    "webp": OutputFormat((".webp",), deep=False, alpha=True, longest=16_383),
    "avif": OutputFormat((".avif",), deep=False, alpha=True, longest=_AVIF_SIDE),
    "tiff": OutputFormat((".tif", ".tiff"), deep=True, alpha=True, longest=None, iptc=True),
}


def output_format(photograph: Photograph, destination: str | os.PathLike[str] | None, format: str | None) -> str:
    """The format that `write` will use.

    An explicit format counts, then the destination's suffix, then the source's own format; GIF, BMP, HEIC and arrays
    become PNG.

    Raises:
        UnsupportedFormat: the format or the suffix is not one that is written here.
        InputError: format and suffix contradict each other.
    """
    choice = ", ".join(FORMATS)
    if format is not None:
        format = {"jpg": "jpeg", "tif": "tiff"}.get(format.lower(), format.lower())
        if format not in FORMATS:
            raise UnsupportedFormat(f"{format!r} is not a format that is written here; choose one of {choice}")
    suffix = Path(destination).suffix.lower() if destination is not None else ""
    if not suffix:
        return format or (photograph.metadata.format if photograph.metadata.format in FORMATS else "png")
    named = next((name for name, known in FORMATS.items() if suffix in known.suffixes), None)
    if named is None and format is None:
        raise UnsupportedFormat(
            f"{destination} does not end like a format that is written here; choose one of {choice}"
        )
    if named is not None and format is not None and named != format:
        raise InputError(f"{destination} is named like a {named}, but the format asked for is {format}; rename it")
    return format or named or "png"


def output_depth(photograph: Photograph, format: str) -> Literal[8, 16]:
    """Bits a sample of the output: the source's where the format can hold them."""
    return 16 if photograph.metadata.bits == 16 and FORMATS[format].deep else 8


def write(
    pixels: Pixels,
    photograph: Photograph,
    destination: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    overwrite: bool = False,
    software: str = "photochrom",
    model: str | None = None,
) -> None:
    """Writes a colorized photograph with all that came with it, whole or not at all; always the same bytes.

    Args:
        pixels: RGB picture, or (H, W, 3) uint16 sRGB, an array or rows that are made when asked for. 16 bits become 8
            (rounded) in formats that hold no more.
        photograph: what was read; its alpha, EXIF, XMP, IPTC, comment and resolution are written too.
        destination: path, or a binary stream.
        format: png, jpeg, webp, avif or tiff; None: see `output_format`.
        overwrite: whether an existing file may be replaced. The photograph's own file never is.
        software: the program's name and version, for the XMP.
        model: the model's name, for the XMP.

    Raises:
        OutputExists: the file exists and `overwrite` is false, or it is the photograph read.
        UnsupportedFormat: no such output format.
        InputError: the format cannot hold this picture (transparency in a JPEG, a side too long), or the folder is
            missing or not writable.
    """
    path = Path(destination) if isinstance(destination, (str, os.PathLike)) else None
    chosen = output_format(photograph, path, format)
    if path is None:
        buffer = io.BytesIO()
        encode(pixels, photograph, buffer, format=chosen, software=software, model=model)
        cast(BinaryIO, destination).write(buffer.getvalue())
        return
    _writable_alpha(pixels, photograph, chosen)
    spare_the_input(path, photograph.metadata.path)
    with whole_file(path, overwrite=overwrite) as stream:
        encode(pixels, photograph, stream, format=chosen, software=software, model=model)


def encode(
    pixels: Pixels, photograph: Photograph, stream: BinaryIO, *, format: str, software: str, model: str | None = None
) -> None:
    """Encodes a colorized photograph into an empty, seekable stream. What an error leaves there is no picture.

    Arguments and errors are those of `write`.
    """
    alpha = _writable_alpha(pixels, photograph, format)
    metadata = photograph.metadata
    packet = xmp.colorized(metadata.xmp, software=software, model=model, captions=_captions(metadata, format))
    ENCODERS[format](pixels, alpha, metadata, packet, stream)


def _captions(metadata: Metadata, format: str) -> Captions:
    """What people wrote and the format has no place for as it came. IPTC, which is the fullest, counts first."""
    found: dict[str, tuple[str, ...]] = {}
    if metadata.comment and format not in ("jpeg", "png"):
        found |= comment_captions(metadata.comment)
    if format != "png":
        found |= text_captions(metadata.texts)
    resources = metadata.photoshop if not FORMATS[format].iptc else None
    if resources and (data := photoshop.iptc(resources)):
        found |= iptc_captions(data)
    return found


def spare_the_input(path: Path, original: Path | None) -> None:
    """Refuses to write over the photograph that was read.

    Raises:
        OutputExists: `path` leads to the file `original`.
    """
    with contextlib.suppress(FileNotFoundError):
        if original is not None and os.path.samefile(path, original):
            raise OutputExists(f"{path} is the photograph itself, which is never overwritten; choose another name")


def _writable_alpha(pixels: Pixels, photograph: Photograph, format: str) -> Gray | None:
    """The alpha to write; checks that the format can hold the picture."""
    width, height = (pixels.width, pixels.height) if isinstance(pixels, Image.Image) else pixels.shape[1::-1]
    if (width, height) != (photograph.width, photograph.height):
        raise InputError(
            f"the pixels are {width} x {height}, but the photograph is {photograph.width} x {photograph.height}"
        )
    known = FORMATS[format]
    if known.longest is not None and max(width, height) > known.longest:
        raise InputError(
            f"{photograph.metadata.name} is {width} x {height}, too large for {format} (at most {known.longest}); "
            "choose png or tiff"
        )
    alpha = photograph.alpha
    if alpha is None or known.alpha:
        return alpha
    if int(alpha.min()) < np.iinfo(alpha.dtype).max:
        able = ", ".join(name for name, other in FORMATS.items() if other.alpha)
        name = photograph.metadata.name
        raise InputError(f"{name} has transparent parts, which {format} cannot hold; choose one of {able}")
    return None
