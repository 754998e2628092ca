"""One encoder for each format that is written: pixels, alpha and metadata into a stream."""

import logging
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from . import exif, photoshop, xmp_extension
from .icc import srgb_profile
from .photograph import DeepRows, Gray, Metadata
from .png16 import write_png16
from .png_texts import written_texts
from .tiff_file import write_tiff

__all__ = ["ENCODERS", "Encoder", "Pixels"]

logger = logging.getLogger("photochrom")

Pixels = Image.Image | DeepRows
Encoder = Callable[[Pixels, Gray | None, Metadata, bytes, BinaryIO], None]

# A JPEG marker's length is 16 bits and counts itself.
_SEGMENT = 65533
_XMP_ROOM = 65_504
_EXIF_HEAD = b"Exif\0\0"


def _jpeg(pixels: Pixels, alpha: Gray | None, metadata: Metadata, packet: bytes, stream: BinaryIO) -> None:
    """Quality 95 without subsampling: the colours are what was asked for, and 4:2:0 would blur them at edges."""
    block = _segment_exif(metadata)
    packet, extension = xmp_extension.split(packet, _XMP_ROOM)
    extra = _segments(0xED, _photoshop_pieces(metadata.photoshop or b""))
    extra += _segments(0xE1, xmp_extension.pieces(extension))
    _rgb(pixels, None).save(
        stream,
        "JPEG",
        quality=95,
        subsampling=0,
        exif=_EXIF_HEAD + block if block else b"",
        xmp=packet,
        icc_profile=srgb_profile(),
        comment=(metadata.comment or b"")[:_SEGMENT],
        dpi=_whole_dpi(metadata),
        extra=extra,
    )


def _png(pixels: Pixels, alpha: Gray | None, metadata: Metadata, packet: bytes, stream: BinaryIO) -> None:
    """Level 3 of 9: a third of the time of Pillow's usual 6, and files one part in twenty larger."""
    texts = written_texts(metadata, packet)
    if not isinstance(pixels, Image.Image):
        opacity = None if alpha is None else _deep(alpha)
        write_png16(pixels, opacity, metadata, profile=srgb_profile(), texts=texts, stream=stream)
        return
    known = {"dpi": metadata.dpi} if metadata.dpi else {}
    block = {"exif": metadata.exif} if metadata.exif else {}
    _rgb(pixels, alpha).save(
        stream, "PNG", compress_level=3, icc_profile=srgb_profile(), pnginfo=texts, **known, **block
    )


def _webp(pixels: Pixels, alpha: Gray | None, metadata: Metadata, packet: bytes, stream: BinaryIO) -> None:
    """WebP always halves the colours' resolution; `use_sharp_yuv` keeps that from darkening edges."""
    _rgb(pixels, alpha).save(
        stream,
        "WEBP",
        quality=95,
        use_sharp_yuv=True,
        exif=_resolved_exif(metadata) or b"",
        xmp=packet,
        icc_profile=srgb_profile(),
    )


def _avif(pixels: Pixels, alpha: Gray | None, metadata: Metadata, packet: bytes, stream: BinaryIO) -> None:
    """Speed 8 of 10: a quarter of the time of 6 for files of nearly the same size and error.

    Pillow would write an EXIF block anew to take the orientation out of it, which breaks maker notes: it goes before.
    The tiles would depend on the number of processors, and with them the bytes: there is one.
    """
    block = _resolved_exif(metadata)
    _rgb(pixels, alpha).save(
        stream,
        "AVIF",
        quality=90,
        subsampling="4:4:4",
        speed=8,
        autotiling=False,
        exif=exif.without_orientation(block) if block else b"",
        xmp=packet,
        icc_profile=srgb_profile(),
    )


def _tiff(pixels: Pixels, alpha: Gray | None, metadata: Metadata, packet: bytes, stream: BinaryIO) -> None:
    deep = not isinstance(pixels, Image.Image)
    opacity = None if alpha is None else (_deep(alpha) if deep else _shallow(alpha))

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        if isinstance(pixels, Image.Image):
            strip: npt.NDArray[Any] = np.asarray(pixels.crop((0, top, pixels.width, bottom)))
        else:
            strip = pixels[top:bottom]
        return strip if opacity is None else np.concatenate([strip, opacity[top:bottom, :, np.newaxis]], axis=-1)

    height, width = pixels.size[::-1] if isinstance(pixels, Image.Image) else pixels.shape[:2]
    write_tiff(
        rows,
        (height, width, 3 if alpha is None else 4),
        np.uint16 if deep else np.uint8,
        metadata,
        profile=srgb_profile(),
        packet=packet,
        stream=stream,
    )


ENCODERS: dict[str, Encoder] = {"png": _png, "jpeg": _jpeg, "webp": _webp, "avif": _avif, "tiff": _tiff}


def _rgb(pixels: Pixels, alpha: Gray | None) -> Image.Image:
    """8-bit RGB or RGBA picture."""
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(_shallow(pixels[:]))
    if alpha is None:
        return picture
    picture = picture.convert("RGBA")
    picture.putalpha(Image.fromarray(_shallow(alpha)))
    return picture


def _deep(samples: Gray) -> npt.NDArray[np.uint16]:
    """16 bits stay; 8 become v * 257."""
    return samples.astype(np.uint16) * np.uint16(257 if samples.dtype == np.uint8 else 1)


def _shallow(samples: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """16 bits to 8, rounded: v / 257."""
    if samples.dtype == np.uint8:
        return samples
    out = np.empty(samples.shape, np.uint8)
    for top in range(0, len(samples), 64):
        out[top : top + 64] = (samples[top : top + 64].astype(np.uint32) + 128) // 257
    return out


def _segment_exif(metadata: Metadata) -> bytes:
    """EXIF that fits into a JPEG's segment, without its longest fields where it would not."""
    block, left_out = exif.shortened(metadata.exif, _SEGMENT - len(_EXIF_HEAD)) if metadata.exif else (b"", [])
    if left_out:
        names = ", ".join(ExifTags.TAGS.get(tag, f"tag {tag}") for tag in left_out)
        logger.warning("%s: its EXIF is too long for a JPEG; left out: %s", metadata.name, names)
    return block


def _resolved_exif(metadata: Metadata) -> bytes | None:
    """EXIF with the resolution, for formats that hold it nowhere else."""
    return exif.with_resolution(metadata.exif, metadata.dpi) if metadata.dpi else metadata.exif


def _whole_dpi(metadata: Metadata) -> tuple[int, int]:
    """JFIF holds whole numbers; (0, 0) says nothing."""
    x, y = metadata.dpi or (0, 0)
    return round(x), round(y)


def _photoshop_pieces(resources: bytes) -> Iterator[bytes]:
    """Image resources; what is too long for one segment goes on in the next."""
    room = _SEGMENT - len(photoshop.HEAD)
    yield from (photoshop.HEAD + resources[at : at + room] for at in range(0, len(resources), room))


def _segments(marker: int, pieces: Iterable[bytes]) -> bytes:
    """Segments of a JPEG, each with its marker and length."""
    return b"".join(struct.pack(">BBH", 0xFF, marker, 2 + len(piece)) + piece for piece in pieces)
