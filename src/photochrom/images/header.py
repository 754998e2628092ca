"""What a file announces of its picture, before anything is decoded."""

from dataclasses import dataclass

from ..errors import CorruptImage
from . import exif
from .read import PhotographSource
from .source import Source, open_picture, open_source

__all__ = ["Header", "read_header"]

_WIDTH, _HEIGHT, _BITS, _SAMPLES = 256, 257, 258, 277
# No other format that is read here holds more than four samples of 16 bits.
_MOST_BITS = 64


@dataclass(frozen=True)
class Header:
    """What a picture's header says.

    Attributes:
        format: jpeg, png, webp, tiff, avif, bmp, gif or heif.
        width, height: in pixels as stored, before the orientation.
        bits: that a pixel takes at most.
    """

    format: str
    width: int
    height: int
    bits: int = _MOST_BITS


def read_header(source: PhotographSource) -> Header:
    """Reads a file's header; of an animation or a file of many pages, the first picture's.

    Args:
        source: path, bytes or binary stream, which is left somewhere behind its beginning.

    Raises:
        InputError: there is no such file, or it cannot be read.
        UnsupportedFormat: it is no picture of a format that is read here.
        ImageTooLarge: it announces more than `MAX_PIXELS`.
        CorruptImage: the header is broken.
    """
    with open_source(source) as opened:  # type: ignore[arg-type]  # refuses pictures and arrays itself
        if opened.format == "tiff":
            return _tiff_header(opened)
        return Header(opened.format, *open_picture(opened).size)


def _tiff_header(source: Source) -> Header:
    """By the first directory itself: Pillow does not open every kind of TIFF that is read here."""
    try:
        directory = exif.read_tiff(source.stream)
    except ValueError as error:
        raise CorruptImage(f"{source.name} is broken or cut short ({error}); get a whole copy of it") from error
    width, height = directory.integer(_WIDTH), directory.integer(_HEIGHT)
    if not width or not height:
        raise CorruptImage(f"{source.name} announces no size; get a whole copy of it")
    samples, bits = directory.integer(_SAMPLES) or 1, directory.integer(_BITS) or 1
    return Header(source.format, width, height, bits * samples)
