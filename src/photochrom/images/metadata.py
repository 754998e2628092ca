"""What comes with a picture: gathered from any format, made ready to be written to any other."""

import contextlib
import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from PIL import Image

from . import exif, photoshop, xmp, xmp_extension
from .photograph import Metadata
from .png_texts import XMP_KEY, png_texts, raw_profile
from .source import Source

__all__ = ["XMP_TAG", "Attachments", "picture_attachments", "tiff_attachments"]

logger = logging.getLogger("photochrom")

XMP_TAG = 700
_IPTC_TAG, _PHOTOSHOP_TAG, _ICC_TAG = 33723, 34377, 34675
_DESCRIPTION = 270
_IPTC_MARKER = b"\x1c"

# A JPEG's marker and what follows it, as Pillow lists them.
Segment = tuple[str, bytes]


@dataclass(frozen=True)
class Attachments:
    """What a file holds beside its pixels, as it is.

    Attributes:
        exif: TIFF-structured EXIF block, or None.
        xmp: XMP packet, or None.
        photoshop: 8BIM image resources, or None.
        comment: of a JPEG, PNG or GIF, or None.
        texts: a PNG's texts by their keywords.
        dpi: pixels an inch, or None.
        profile: ICC profile, or None.
        gamma: of a PNG without a better word on its samples: they are light to this power; or None.
        orientation: 1 to 8, how the stored picture is to be turned.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    photoshop: bytes | None = None
    comment: bytes | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    dpi: tuple[float, float] | None = None
    profile: bytes | None = None
    gamma: float | None = None
    orientation: int = 1

    def upright(self, format: str, bits: Literal[8, 16], source: Source | None) -> Metadata:
        """The metadata of the picture after it has been turned upright and converted to sRGB."""
        turned = self.orientation >= 5
        dpi = self.dpi[::-1] if self.dpi and turned else self.dpi
        block = exif.normalised(self.exif, turned=turned) if self.exif else None
        if block and dpi and exif.resolution(exif.block_directory(block)):
            block = exif.with_resolution(block, dpi)
        resources = photoshop.cleaned(self.photoshop) if self.photoshop else None
        path, sha256 = (None, None) if source is None else (source.path, source.sha256())
        return Metadata(format, bits, block, self.xmp, resources, self.comment, self.texts, dpi, path, sha256)


def picture_attachments(picture: Image.Image, name: str) -> Attachments:
    """What Pillow found in a picture's file, after the picture was loaded."""
    if picture.format == "TIFF":
        return _tiff_picture_attachments(picture, name)
    info = picture.info
    block = _checked(_exif_block(info), name)
    directory = exif.block_directory(block) if block else None
    segments = list(getattr(picture, "applist", ()))
    packet = _packet(info, segments)
    return Attachments(
        exif=block,
        xmp=packet,
        photoshop=_photoshop(info, segments),
        comment=_comment(picture, segments),
        texts=png_texts(info) if picture.format == "PNG" else {},
        dpi=_picture_dpi(picture, directory),
        profile=info.get("icc_profile") or None,
        gamma=_gamma(picture),
        orientation=_orientation(directory, packet),
    )


def tiff_attachments(directory: exif.Directory) -> Attachments:
    """What a TIFF's first directory holds."""
    packet, resources, iptc = (directory.data(tag) for tag in (XMP_TAG, _PHOTOSHOP_TAG, _IPTC_TAG))
    # The field of its own counts, as it does for exiftool and exiv2, unless it is garbled: some wrote it byte-swapped.
    if iptc and (iptc.startswith(_IPTC_MARKER) or not photoshop.iptc(resources or b"")):
        resources = photoshop.without_iptc(resources or b"") + photoshop.from_iptc(iptc)
    return Attachments(
        exif=exif.build_block(_without_shape(directory)),
        xmp=packet,
        photoshop=resources,
        dpi=_dpi(exif.resolution(directory)),
        profile=directory.data(_ICC_TAG),
        orientation=_orientation(directory, packet),
    )


def _tiff_picture_attachments(picture: Image.Image, name: str) -> Attachments:
    """What a loaded TIFF still tells, which Pillow turned upright: it takes the orientation out of EXIF and XMP."""
    info = picture.info
    said = Attachments()
    try:
        block = picture.getexif().tobytes().removeprefix(b"Exif\0\0")
        said = tiff_attachments(exif.block_directory(block))
    except Exception as error:  # Pillow writes the directory anew, and fails at odd values with errors of any class
        logger.warning("%s: its EXIF cannot be read and is left out: %s", name, error)
    profile = info.get("icc_profile") or None
    return replace(said, xmp=_packet(info), dpi=_dpi(info.get("dpi")), profile=profile, orientation=1)


def _picture_dpi(picture: Image.Image, directory: exif.Directory | None) -> tuple[float, float] | None:
    """A JPEG's EXIF counts before its JFIF, as it does for most programs; elsewhere it speaks where the format is mute.

    Of a JPEG whose EXIF says nothing Pillow makes up 72.
    """
    said = _dpi(exif.resolution(directory)) if directory is not None else None
    if picture.format in ("JPEG", "MPO"):
        return said or (_dpi(picture.info.get("dpi")) if picture.info.get("jfif_unit") else None)
    return _dpi(picture.info.get("dpi")) or said


def _gamma(picture: Image.Image) -> float | None:
    """The value of a PNG's gAMA, unless one of the chunks that count before it is there (PNG 3, 13.14 and annex C)."""
    said = picture.info
    return said.get("gamma") if picture.format == "PNG" and not said.get("icc_profile") and "srgb" not in said else None


def _packet(info: Mapping[Any, Any], segments: Iterable[Segment] = ()) -> bytes | None:
    packet = info.get("xmp") or info.get(XMP_KEY) or raw_profile(info, "xmp")
    packet = packet.encode() if isinstance(packet, str) else packet
    if not isinstance(packet, bytes):
        return None
    return xmp_extension.extended(packet, (data for marker, data in segments if marker == "APP1"))


def _photoshop(info: Mapping[Any, Any], segments: Iterable[Segment]) -> bytes | None:
    """Image resources of a JPEG, or of a PNG as ImageMagick and exiftool write them."""
    found = [data for marker, data in segments if marker == "APP13" and data.startswith(photoshop.HEAD)]
    if found:
        return b"".join(data.removeprefix(photoshop.HEAD) for data in found) or None
    raw = raw_profile(info, "8bim") or raw_profile(info, "iptc")
    return photoshop.from_iptc(raw) if raw and not raw.startswith(b"8BIM") else raw


def _comment(picture: Image.Image, segments: Iterable[Segment]) -> bytes | None:
    if picture.format in ("JPEG", "MPO"):
        return b"\n".join(data for marker, data in segments if marker == "COM") or None
    comment = picture.info.get("Comment" if picture.format == "PNG" else "comment")
    return comment.encode("utf-8", "replace") if isinstance(comment, str) else comment


def _without_shape(directory: exif.Directory) -> exif.Directory:
    """The directory without the array's size, which tifffile writes into the description: the result has another."""
    entries = dict(directory.entries)
    entry = entries.get(_DESCRIPTION)
    if entry is None or not entry.value.startswith(b'{"shape":'):
        return directory
    del entries[_DESCRIPTION]
    with contextlib.suppress(ValueError):
        said = json.loads(entry.value.rstrip(b"\0"))
        if kept := {key: value for key, value in said.items() if key not in ("shape", "axes")}:
            text = json.dumps(kept).encode() + b"\0"
            entries[_DESCRIPTION] = entry._replace(number=len(text), value=text)
    return replace(directory, entries=entries)


def _orientation(directory: exif.Directory | None, packet: bytes | None) -> int:
    """1 to 8. What EXIF says counts; XMP is asked only where EXIF is silent."""
    value = directory.integer(exif.ORIENTATION) if directory is not None else None
    if value is None:
        return xmp.orientation(packet)
    return value if 1 <= value <= 8 else 1


def _exif_block(info: Mapping[Any, Any]) -> bytes | None:
    block = info.get("exif") or raw_profile(info, "exif")
    if not isinstance(block, bytes):
        return None
    return block.removeprefix(b"Exif\0\0").removeprefix(b"Exif\0\0") or None


def _checked(block: bytes | None, name: str) -> bytes | None:
    if block is None:
        return None
    try:
        directory = exif.block_directory(block)
    except ValueError as error:
        logger.warning("%s: its EXIF cannot be read and is left out: %s", name, error)
        return None
    if directory.complete:
        return block
    logger.warning("%s: its EXIF is damaged; what can be read of it is kept", name)
    return exif.build_block(directory)


def _dpi(value: Any) -> tuple[float, float] | None:
    try:
        x, y = (float(part) for part in value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if 1 <= x <= 65535 and 1 <= y <= 65535 else None
