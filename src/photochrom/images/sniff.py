"""What a file is, by its first bytes; its name says nothing."""

from typing import NamedTuple

__all__ = ["HEAD", "VIDEO", "Kind", "sniff"]

# Bytes of a file's beginning that `sniff` wants to see.
HEAD = 4096


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        format: the format's name where it is one that is read here, otherwise None.
        label: what to call it in a message.
        remedy: what its owner may do, where it is not read here.
    """

    format: str | None
    label: str
    remedy: str = ""


_READ = "give a JPEG, PNG, WebP, TIFF, AVIF, BMP or GIF"
_RAW = Kind(None, "a camera's raw file", "develop it to a TIFF or JPEG first")
VIDEO = Kind(None, "a video", "export the frame you want as PNG or JPEG first")

_SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\xff\xd8\xff", Kind("jpeg", "a JPEG")),
    (0, b"\x89PNG\r\n\x1a\n", Kind("png", "a PNG")),
    (0, b"GIF87a", Kind("gif", "a GIF")),
    (0, b"GIF89a", Kind("gif", "a GIF")),
    (8, b"CR\x02\x00", _RAW),
    (0, b"II\x2a\x00", Kind("tiff", "a TIFF")),
    (0, b"MM\x00\x2a", Kind("tiff", "a TIFF")),
    (0, b"II\x2b\x00", Kind("tiff", "a TIFF")),
    (0, b"MM\x00\x2b", Kind("tiff", "a TIFF")),
    (8, b"WEBP", Kind("webp", "a WebP")),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (0, b"IIRO", _RAW),
    (0, b"IIRS", _RAW),
    (0, b"MMOR", _RAW),
    (0, b"IIU\x00", _RAW),
    (4, b"ftypcrx ", _RAW),
    (8, b"AVI ", VIDEO),
    (0, b"\x1a\x45\xdf\xa3", VIDEO),
    (4, b"moov", VIDEO),
    (0, b"%PDF", Kind(None, "a PDF document", "export its pictures as PNG or TIFF first")),
    (0, b"%!PS", Kind(None, "a PostScript document", "export it as PNG or TIFF first")),
    (0, b"8BPS", Kind(None, "a Photoshop document", "save it as TIFF or PNG first")),
    (0, b"\xff\x0a", Kind(None, "a JPEG XL", "convert it to PNG or TIFF first")),
    (4, b"JXL \r\n\x87\n", Kind(None, "a JPEG XL", "convert it to PNG or TIFF first")),
    (4, b"jP  \r\n\x87\n", Kind(None, "a JPEG 2000", "convert it to PNG or TIFF first")),
    (0, b"\xff\x4f\xff\x51", Kind(None, "a JPEG 2000", "convert it to PNG or TIFF first")),
    (0, b"AT&TFORM", Kind(None, "a DjVu document", "export its pages as TIFF first")),
    (0, b"PK\x03\x04", Kind(None, "an archive", "unpack it first")),
    (0, b"BM", Kind("bmp", "a BMP")),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def sniff(head: bytes) -> Kind:
    """Names the kind of a file from its first bytes (`HEAD` of them, or all there are)."""
    if head[4:8] == b"ftyp" and head[8:12] != b"crx ":
        return _iso_media(head)
    for offset, magic, kind in _SIGNATURES:
        if head.startswith(magic, offset):
            return kind
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if b"<svg" in start:
        return Kind(None, "an SVG drawing", "export it as PNG first")
    if start.startswith((b"<!doctype html", b"<html")):
        return Kind(None, "a web page", "save the picture itself")
    if head and not any(byte < 9 or 13 < byte < 32 for byte in head):
        return Kind(None, "a text", _READ)
    return Kind(None, "a file of an unknown kind", _READ)


def _iso_media(head: bytes) -> Kind:
    """AVIF, HEIF or video, by the brands of an ISO base media file (ISO/IEC 14496-12, `ftyp`)."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF_BRANDS:
        return Kind("avif", "an AVIF")
    if brands & _HEIF_BRANDS:
        return Kind("heif", "a HEIC")
    return VIDEO
