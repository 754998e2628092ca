"""From an uploaded file to a photograph at work, checked before it is decoded."""

from dataclasses import replace
from typing import BinaryIO

from photochrom import images
from photochrom.errors import ImageTooLarge
from photochrom.hints import Reference
from photochrom.images.header import read_header
from photochrom.images.location import without_gps
from photochrom.pipeline import Colorizer, Work, read_reference
from photochrom.web.admission import Stop
from photochrom.web.limits import Limits
from photochrom.web.works import HeldWork

__all__ = ["check_header", "open_work", "reference_of"]

# More than four samples of 16 bits are no photograph, but memory.
_MOST_BITS = 64


def open_work(upload: BinaryIO, colorizer: Colorizer, limits: Limits, stop: Stop) -> HeldWork:
    """Reads and encodes an uploaded photograph, and gives it its first colours.

    Raises:
        InputError: it is no photograph that can be used, or larger than `limits`; see `photochrom.images.read`.
    """
    check_header(upload, limits)
    stop.check()
    upload.seek(0)
    photograph = images.read(upload)
    photograph = replace(photograph, metadata=without_gps(photograph.metadata))
    stop.check()
    work = Work(colorizer, photograph)
    stop.check()
    ab = work.render().ab
    return HeldWork(work, work.image_sha256, (ab.shape[0], ab.shape[1]))


def reference_of(upload: BinaryIO, limits: Limits, stop: Stop) -> Reference:
    """The palette of an uploaded picture. Raises the same as `open_work`."""
    check_header(upload, limits)
    stop.check()
    upload.seek(0)
    return read_reference(upload)


def check_header(upload: BinaryIO, limits: Limits) -> None:
    """Refuses a picture by what its header announces, before anything is decoded.

    Raises:
        ImageTooLarge: it has too many pixels, too long a side, or more in a pixel than a photograph has.
        InputError: see `photochrom.images.header.read_header`.
    """
    upload.seek(0)
    try:
        header = read_header(upload)
    except ImageTooLarge as error:  # for the whole package; here less is allowed
        raise ImageTooLarge(f"the picture has more than {limits.pixels:,} pixels; scale it down first") from error
    width, height = header.width, header.height
    if width * height > limits.pixels:
        raise ImageTooLarge(
            f"the picture has {width} x {height} = {width * height:,} pixels, more than the limit of "
            f"{limits.pixels:,}; scale it down first"
        )
    if max(width, height) > limits.side:
        raise ImageTooLarge(f"the picture is {width} x {height}; its sides may have {limits.side:,} pixels at most")
    if header.bits > _MOST_BITS:
        raise ImageTooLarge(
            f"the picture has {header.bits} bits a pixel, more than {_MOST_BITS}; save it as gray or RGB"
        )
