"""A JPEG that was cut short and closed again, as recovery tools leave it: libjpeg silently paints the rest gray."""

import io
import math
from dataclasses import replace

from PIL import Image
from PIL.ImageFile import ImageFile

from ..errors import CorruptImage
from .source import Source, load, open_picture

__all__ = ["check_whole"]

_END = b"\xff\xd9"
_BLOCK = 8
# A block of zero bits takes at most 64 codes of 3 bits, with the usual tables.
_BYTES_A_BLOCK = 24


def check_whole(source: Source, picture: ImageFile) -> None:
    """Looks whether the last pixels of a decoded baseline JPEG were in the file.

    Missing blocks come out as exact mid-gray. Where the last block is that, the file is decoded once more with zero
    bits before its end marker: what was there stays, what was missing becomes something else. Files with restart
    markers, of arithmetic coding, and progressive ones, of which only the detail is missing, are not caught.

    Raises:
        CorruptImage: the last block was not in the file.
    """
    last = _last_block(picture)
    if any(low != high or high not in (127, 128) for low, high in _extrema(last)):
        return
    source.stream.seek(0)
    data = source.stream.read()
    end = data.rfind(_END)
    blocks = math.ceil(picture.width / _BLOCK) * math.ceil(picture.height / _BLOCK) * len(picture.getbands())
    probe = data[:end] + bytes(blocks * _BYTES_A_BLOCK) + data[end:]
    other = open_picture(replace(source, stream=io.BytesIO(probe)))
    load(other)
    if _last_block(other).tobytes() != last.tobytes():
        raise CorruptImage(f"{source.name} is broken or cut short (its last rows are missing); get a whole copy of it")


def _last_block(picture: Image.Image) -> Image.Image:
    left, top = ((size - 1) // _BLOCK * _BLOCK for size in picture.size)
    return picture.crop((left, top, picture.width, picture.height))


def _extrema(picture: Image.Image) -> list[tuple[int, int]]:
    return [band.getextrema() for band in picture.split()]  # type: ignore[misc]
