"""XMP in a JPEG beyond the one segment of a packet (XMP Specification part 3, 2020, 1.1.3.1).

The packet names an extension by its MD5; segments hold the extension's pieces, each with that name, the size of the
whole, and the piece's place.
"""

import hashlib
import re
import struct
from collections.abc import Iterable

from .xmp_document import (
    EMPTY,
    declare,
    descriptions,
    in_scope,
    new_description,
    parse,
    properties,
    property_text,
    remove,
    root_of,
    serialised,
    set_property,
)

__all__ = ["HEAD", "extended", "pieces", "split"]

HEAD = b"http://ns.adobe.com/xmp/extension/\0"
_NOTE = "http://ns.adobe.com/xmp/note/"
_NAME = re.compile(rb"xmpNote:HasExtendedXMP(?:\s*=\s*[\"']|>\s*)([0-9A-Fa-f]{32})")
_PIECE = 65_400


def extended(packet: bytes, segments: Iterable[bytes]) -> bytes:
    """A packet together with its extension; as it was, if it has none or that is not whole.

    Args:
        packet: as it is in a JPEG.
        segments: data of the JPEG's APP1 segments.
    """
    named = _NAME.search(packet)
    extension = _joined(HEAD + named[1], segments) if named else None
    document = parse(packet) if extension else None
    more = parse(extension) if extension else None
    if document is None or more is None:
        return packet
    root = root_of(document)
    remove(root, _NOTE, "HasExtendedXMP")
    for description in descriptions(root_of(more)):
        moved = root.appendChild(document.importNode(description, True))
        declare(moved, in_scope(description))
    return serialised(document)


def split(packet: bytes, room: int) -> tuple[bytes, bytes]:
    """A sound packet of at most `room` bytes, and an extension with its longest properties; empty if all have room."""
    extension = b""
    if len(packet) <= room:
        return packet, extension
    document, more = parse(packet), parse(EMPTY.encode())
    assert document is not None and more is not None
    root = root_of(document)
    note = new_description(document, root)
    root.appendChild(note)
    while len(packet) > room:
        description, longest = max(properties(root), key=lambda place: len(property_text(place[1])))
        moved = root_of(more).appendChild(new_description(more, root))
        declare(moved, in_scope(description))
        if longest.nodeType == longest.ATTRIBUTE_NODE:
            moved.setAttributeNS(longest.namespaceURI, longest.name, longest.value)
            description.removeAttributeNode(longest)
        else:
            moved.appendChild(more.importNode(longest, True))
            description.removeChild(longest)
        extension = root_of(more).toxml().encode()
        set_property(note, _NOTE, "xmpNote:HasExtendedXMP", _name(extension))
        packet = serialised(document)
    return packet, extension


def pieces(extension: bytes) -> Iterable[bytes]:
    """Data of the segments that hold an extension."""
    name = _name(extension).encode()
    for place in range(0, len(extension), _PIECE):
        yield HEAD + name + struct.pack(">2L", len(extension), place) + extension[place : place + _PIECE]


def _name(extension: bytes) -> str:
    return hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()


def _joined(head: bytes, segments: Iterable[bytes]) -> bytes | None:
    """The extension whose pieces begin so; None if some are missing."""
    found, size, begin = {}, 0, len(head) + 8
    for data in segments:
        if data.startswith(head) and len(data) > begin:
            size, place = struct.unpack_from(">2L", data, len(head))
            found[place] = data[begin:]
    whole = b"".join(found[place] for place in sorted(found))
    return whole if whole and len(whole) == size else None
