"""Photoshop image resources (8BIM blocks), where JPEG and TIFF keep IPTC-IIM (Adobe Photoshop File Formats, 2019)."""

import struct
from collections.abc import Iterator

__all__ = ["HEAD", "cleaned", "from_iptc", "iptc", "without_iptc"]

# Begins a JPEG's APP13 segment that holds such.
HEAD = b"Photoshop 3.0\0"
_IPTC = 0x0404
# Thumbnails of the old picture, its profile and its clipping of both: they speak of other pixels than are written.
_DROPPED = frozenset({0x0409, 0x040C, 0x040F, 0x0411})


def cleaned(resources: bytes) -> bytes | None:
    """The resources without thumbnails and profile; None if nothing remains. What is malformed ends the list."""
    kept = b"".join(raw for identifier, raw, _ in _blocks(resources) if identifier not in _DROPPED)
    return kept or None


def iptc(resources: bytes) -> bytes | None:
    """The IPTC-IIM data among the resources."""
    return next((data for identifier, _, data in _blocks(resources) if identifier == _IPTC), None)


def without_iptc(resources: bytes) -> bytes:
    """The resources without IPTC-IIM, which a TIFF keeps in a field of its own."""
    return b"".join(raw for identifier, raw, _ in _blocks(resources) if identifier != _IPTC)


def from_iptc(data: bytes) -> bytes:
    """Resources that hold IPTC-IIM data alone."""
    return b"8BIM" + struct.pack(">H2xL", _IPTC, len(data)) + data + b"\0" * (len(data) % 2)


def _blocks(resources: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(identifier, the whole block, its data)."""
    at = 0
    while resources[at : at + 4] == b"8BIM" and at + 12 <= len(resources):
        (identifier,) = struct.unpack_from(">H", resources, at + 4)
        # A Pascal string, padded so that it has an even length with its length byte.
        size_at = at + 6 + (resources[at + 6] | 1) + 1
        if size_at + 4 > len(resources):
            return
        (size,) = struct.unpack_from(">L", resources, size_at)
        end = size_at + 4 + size
        if end > len(resources):
            return
        yield identifier, resources[at:end] + b"\0" * (size % 2), resources[size_at + 4 : end]
        at = end + size % 2
