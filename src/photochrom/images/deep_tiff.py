"""TIFF pictures that Pillow does not read, or not rightly: over 8 bits, floats, planes of such (TIFF 6.0, BigTIFF)."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL.ImageFile import ImageFile

from ..errors import CorruptImage, UnsupportedFormat
from ..installation import install_command
from .deep import Plane, picture_strip, two_halves
from .depth import full_range, sample_bits
from .source import Source, check_size, load, open_picture

__all__ = ["tiff_is_deep", "tiff_plane"]

Rows = Callable[[int, int], npt.NDArray[Any]]

# Photometric interpretations: layout, colour samples a pixel.
_LAYOUTS: dict[int, tuple[str, int]] = {
    0: ("gray", 1),
    1: ("gray", 1),
    2: ("rgb", 3),
    5: ("cmyk", 4),
    6: ("rgb", 3),  # YCbCr, which the JPEG decoder has turned into RGB
    8: ("lab", 3),
    9: ("icclab", 3),
}
_WHITE_IS_ZERO = 0
_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA = 1, 2
_MOST_EXTRA_SAMPLES = 8
_BITS_PER_SAMPLE, _PLANAR_CONFIGURATION, _SAMPLE_FORMAT = 258, 284, 339
_SEPARATE = 2


def tiff_is_deep(picture: ImageFile) -> bool:
    """Whether an unread TIFF holds what Pillow does not read, or not rightly."""
    tags: Any = getattr(picture, "tag_v2", {})
    bits, formats = tags.get(_BITS_PER_SAMPLE, (1,)), tags.get(_SAMPLE_FORMAT, (1,))
    # Of gray and alpha in planes of their own it reads no alpha, or a wrong one.
    alone = picture.mode == "LA" and tags.get(_PLANAR_CONFIGURATION) == _SEPARATE
    return alone or max(bits, default=1) > 8 or any(kind != 1 for kind in formats)


def tiff_plane(source: Source) -> Plane:
    """Reads the first page of a TIFF through tifffile.

    Raises:
        UnsupportedFormat: a compression that needs imagecodecs, or samples that are no picture.
        CorruptImage: strips or tiles are missing.
    """
    import tifffile

    source.stream.seek(0)
    # Named, since tifffile takes the number that temporary files have for a name to be split.
    with tifffile.TiffFile(source.stream, name=source.name) as file:
        page: Any = file.pages.first
        check_size(page.imagewidth, page.imagelength, source.name)
        photometric = int(page.photometric if page.photometric is not None else 1)
        layout, colors = _LAYOUTS.get(photometric, ("", 0))
        if not layout or page.imagedepth > 1 or not colors <= page.samplesperpixel <= colors + _MOST_EXTRA_SAMPLES:
            kind = getattr(page.photometric, "name", str(photometric))
            raise UnsupportedFormat(
                f"{source.name} is a TIFF of a kind that is not read here ({kind}, {page.samplesperpixel} samples a "
                "pixel); save it as gray or RGB first"
            )
        _check_data(page, source)
        extra = int(page.extrasamples[0]) if page.extrasamples else None
        alpha = extra in (_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA)
        read, bits = _page_rows(page, source, colors + alpha)

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        strip = read(top, bottom)
        if extra == _ASSOCIATED_ALPHA:
            strip = _straight(strip)
        if photometric == _WHITE_IS_ZERO:
            strip = np.concatenate([np.iinfo(strip.dtype).max - strip[..., :1], strip[..., 1:]], axis=-1)
        return strip

    return Plane((page.imagelength, page.imagewidth), layout, bits, alpha, rows)


def _check_data(page: Any, source: Source) -> None:
    """Whether all strips or tiles lie in the file. tifffile would fill missing ones with zeros."""
    end = source.stream.seek(0, io.SEEK_END)
    counts = page.databytecounts
    missing = 0 in counts or any(at + count > end for at, count in zip(page.dataoffsets, counts, strict=False))
    if missing or not counts:
        raise CorruptImage(f"{source.name} is broken or cut short (missing strips); get a whole copy of it")


def _page_rows(page: Any, source: Source, samples: int) -> tuple[Rows, Any]:
    """Rows of the first `samples` samples a pixel, and their depth."""
    try:
        array = page.asarray(squeeze=False, maxworkers=1)
    except Exception as error:
        # tifffile names what is missing in errors of several classes.
        if "imagecodecs" not in str(error):
            raise
        if not _pillow_reads(page):
            raise UnsupportedFormat(
                f"{source.name} is compressed with {page.compression.name}, which needs the extra `tiff`: "
                f"{install_command('tiff')}; or save it without compression"
            ) from error
        picture = open_picture(source)
        if page.samplesperpixel > 1:
            return two_halves(source, picture)[0], 16
        load(picture)
        return lambda top, bottom: picture_strip(picture, top, bottom).astype(np.uint16), 16
    # (planes, depth, height, width, samples); planes or samples is 1.
    grid = np.moveaxis(array, 0, -1)[0, ..., 0, :] if array.shape[0] > 1 else array[0, 0]
    grid = grid[..., :samples]
    bits = page.bitspersample
    return lambda top, bottom: full_range(grid[top:bottom], source.name, bits), sample_bits(grid.dtype)


def _pillow_reads(page: Any) -> bool:
    """Whether Pillow can take tifffile's place: unsigned 16 bits, pixel after pixel, gray or RGB."""
    return bool(
        page.dtype == np.uint16
        and page.bitspersample == 16
        and (int(page.photometric), page.samplesperpixel) in ((0, 1), (1, 1), (2, 3), (2, 4))
        and (page.planarconfig == 1 or page.samplesperpixel == 1)
        and all(int(kind) == _UNASSOCIATED_ALPHA for kind in page.extrasamples)
    )


def _straight(strip: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Colours that were multiplied by their alpha as they were before."""
    top = np.iinfo(strip.dtype).max
    alpha = strip[..., -1:].astype(np.float64)
    color = np.divide(strip[..., :-1] * float(top), alpha, out=np.zeros(strip[..., :-1].shape), where=alpha > 0)
    return np.concatenate([np.rint(np.minimum(color, top)).astype(strip.dtype), strip[..., -1:]], axis=-1)
