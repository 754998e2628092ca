"""EXIF blocks and TIFF directories, byte for byte (CIPA DC-008, TIFF 6.0).

A block that came in a JPEG, PNG, WebP or AVIF is patched in place, so that maker notes with offsets of their own stay
readable. Only between TIFF directories and blocks do entries move.
"""

import io
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate
from typing import BinaryIO, Literal, NamedTuple

__all__ = [
    "EXIF_IFD",
    "GPS_IFD",
    "ORIENTATION",
    "STORAGE_TAGS",
    "Directory",
    "Entry",
    "block_directory",
    "build_block",
    "in_order",
    "next_directory",
    "normalised",
    "read_tiff",
    "resolution",
    "serialised",
    "set_upright",
    "shortened",
    "with_resolution",
    "without_gps",
    "without_orientation",
]

Order = Literal["<", ">"]

ORIENTATION = 274
EXIF_IFD, GPS_IFD, INTEROP_IFD = 34665, 34853, 40965
_COLOR_SPACE, _PIXEL_X, _PIXEL_Y = 40961, 40962, 40963
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH = 513, 514
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296
_INCH, _CENTIMETRE = 2, 3

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
# Bytes that swap together when the byte order changes: a rational is two longs, an undefined value stays.
_UNITS = {3: 2, 8: 2, 4: 4, 9: 4, 11: 4, 13: 4, 5: 4, 10: 4, 12: 8}
_INTEGERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}

# How the text of UserComment and of two GPS fields begins where it is of 16-bit units in the block's byte order.
_UNICODE = b"UNICODE\0"

# No directory of a photograph has as many entries or bytes; broken ones may.
_MOST_ENTRIES = 4096
_MOST_BYTES = 1 << 26

# What describes the storage of pixels, or is carried by other means (XMP, IPTC, Photoshop, ICC): no part of EXIF.
STORAGE_TAGS = frozenset(
    {
        *range(254, 260), *range(262, 267), 273, *range(277, 285), *range(288, 294), 296, 301, 317,
        318, 319, *range(320, 326), 330, *range(332, 348), *range(512, 522), *range(529, 533), 559, 700, 33723,
        34377, 34675, 37724, EXIF_IFD, GPS_IFD, INTEROP_IFD,
    }
)  # fmt: skip


class Entry(NamedTuple):
    """One field of a directory (TIFF 6.0): tag, type, number of values, their bytes as in the file, their offset."""

    tag: int
    type: int
    number: int
    value: bytes
    at: int = 0

    def integer(self, order: Order) -> int | None:
        """The first value, if it is an unsigned integer."""
        code = _INTEGERS.get(self.type)
        return struct.unpack_from(order + code, self.value)[0] if code and self.number else None


@dataclass(frozen=True)
class Directory:
    """A directory without its pointers to others, which are `children` by the pointer's tag.

    `at` and `next_at` are its own place in the file and that of the offset of the next directory, `next_offset`.
    `complete` says that nothing in it was out of reach.
    """

    order: Order
    entries: Mapping[int, Entry]
    children: Mapping[int, "Directory"] = field(default_factory=dict)
    at: int = 0
    next_at: int = 0
    next_offset: int = 0
    complete: bool = True

    def integer(self, tag: int) -> int | None:
        """An unsigned integer field."""
        entry = self.entries.get(tag)
        return entry.integer(self.order) if entry else None

    def data(self, tag: int) -> bytes | None:
        """A field's bytes."""
        entry = self.entries.get(tag)
        return entry.value if entry else None

    def rational(self, tag: int) -> float | None:
        """An unsigned rational field."""
        entry = self.entries.get(tag)
        if entry is None or entry.type != 5 or not entry.number:
            return None
        numerator, denominator = struct.unpack_from(self.order + "2L", entry.value)
        return numerator / denominator if denominator else None


def read_tiff(stream: BinaryIO) -> Directory:
    """Reads the first directory of a TIFF or BigTIFF file, or of an EXIF block, with its EXIF and GPS directories.

    Fields that lie outside the file are left out.

    Raises:
        ValueError: there is no directory.
    """
    stream.seek(0)
    head = stream.read(16)
    order: Order = "<" if head[:2] == b"II" else ">"
    try:
        if head[:2] not in (b"II", b"MM"):
            raise ValueError("no TIFF header")
        (version,) = struct.unpack_from(order + "H", head, 2)
        if version not in (42, 43):
            raise ValueError("no TIFF header")
        big = version == 43
        (offset,) = struct.unpack_from(order + ("Q" if big else "L"), head, 8 if big else 4)
        return _read_directory(stream, offset, order, big, (EXIF_IFD, GPS_IFD))
    except (struct.error, OverflowError) as error:
        raise ValueError("the TIFF directory is cut short") from error


def next_directory(stream: BinaryIO, directory: Directory) -> Directory | None:
    """The directory of a TIFF's next page; None where there is none, or none that can be read."""
    stream.seek(2)
    version = stream.read(2)
    try:
        big = struct.unpack(directory.order + "H", version) == (43,)
        return (
            _read_directory(stream, directory.next_offset, directory.order, big, ()) if directory.next_offset else None
        )
    except (struct.error, OverflowError, ValueError):
        return None


def block_directory(block: bytes) -> Directory:
    """The first directory of an EXIF block. Raises ValueError where there is none."""
    return read_tiff(io.BytesIO(block))


def set_upright(data: bytearray, directory: Directory) -> None:
    """Sets the orientation of a TIFF file or block to 1, in place."""
    _patch_integer(data, directory, ORIENTATION, 1)


def normalised(block: bytes, *, turned: bool) -> bytes:
    """The block for an upright sRGB picture: orientation 1, colour space sRGB, no thumbnail of the old picture.

    Everything else keeps its bytes and its place.

    Args:
        block: TIFF-structured EXIF.
        turned: whether width and height changed places.
    """
    top = block_directory(block)
    patched = bytearray(block)
    set_upright(patched, top)
    exif = top.children.get(EXIF_IFD)
    if exif is not None:
        _patch_integer(patched, exif, _COLOR_SPACE, 1)
        if turned:
            _exchange(patched, exif, _PIXEL_X, _PIXEL_Y)
    if turned:
        _exchange(patched, top, _X_RESOLUTION, _Y_RESOLUTION)
    if top.next_offset:
        struct.pack_into(top.order + "L", patched, top.next_at, 0)
        _erase_thumbnail(patched, top)
    return bytes(patched)


def resolution(directory: Directory) -> tuple[float, float] | None:
    """Horizontal and vertical resolution in pixels an inch; None where a part of it or its unit is unknown."""
    x, y = directory.rational(_X_RESOLUTION), directory.rational(_Y_RESOLUTION)
    units = {_INCH: 1.0, _CENTIMETRE: 2.54}
    unit = units.get(directory.integer(_RESOLUTION_UNIT) or _INCH)
    return (x * unit, y * unit) if x and y and unit else None


def with_resolution(block: bytes | None, dpi: tuple[float, float]) -> bytes:
    """The block, or a new one, with a resolution in pixels an inch. One that says it already stays as it is.

    The first directory moves to the end; everything else keeps its place.
    """
    block = block or build_block(Directory("<", {}))
    top = block_directory(block)
    said = resolution(top)
    if said and all(abs(old - new) < 0.01 for old, new in zip(said, dpi, strict=True)):
        return block
    order = top.order
    start = top.at + 2
    (count,) = struct.unpack_from(order + "H", block, top.at)
    rows = [block[at : at + 12] for at in range(start, start + 12 * count, 12)]
    ours = (_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT)
    rows = [row for row in rows if struct.unpack_from(order + "H", row)[0] not in ours]
    patched = bytearray(block) + b"\0" * (len(block) % 2)
    for tag, value in zip(ours[:2], dpi, strict=True):
        rows.append(struct.pack(order + "HHLL", tag, 5, 1, len(patched)))
        # As large as the denominator may be for the numerator to fit: a resolution is at most 65535.
        patched += struct.pack(order + "2L", *Fraction(value).limit_denominator(1 << 16).as_integer_ratio())
    rows.append(struct.pack(order + "HHLHH", _RESOLUTION_UNIT, 3, 1, _INCH, 0))
    rows.sort(key=lambda row: struct.unpack_from(order + "H", row))
    struct.pack_into(order + "L", patched, 4, len(patched))
    table = struct.pack(order + "H", len(rows)) + b"".join(rows) + struct.pack(order + "L", top.next_offset)
    return bytes(patched) + table


def shortened(block: bytes, room: int) -> tuple[bytes, list[int]]:
    """The block in at most `room` bytes, without its longest fields, and the tags of these.

    A block that fits stays as it is. `room` is at least a hundred bytes.
    """
    left_out: list[int] = []
    if len(block) <= room:
        return block, left_out
    directory = block_directory(block)
    while len(block := build_block(directory)) > room:
        longest = sorted(_all_entries(directory), key=lambda entry: len(entry.value), reverse=True)
        removed = accumulate(len(entry.value) for entry in longest)
        last = sum(total < len(block) - room for total in removed)
        limit = len(longest[min(last, len(longest) - 1)].value)
        left_out += [entry.tag for entry in longest if len(entry.value) >= limit]
        directory = _only_below(directory, limit)
    return block, left_out


def _all_entries(directory: Directory) -> Iterator[Entry]:
    yield from directory.entries.values()
    for child in directory.children.values():
        yield from _all_entries(child)


def _only_below(directory: Directory, length: int) -> Directory:
    """The directory and its children without values of `length` bytes and more."""
    entries = {tag: entry for tag, entry in directory.entries.items() if len(entry.value) < length}
    children = {pointer: _only_below(child, length) for pointer, child in directory.children.items()}
    return replace(directory, entries=entries, children=children)


def without_orientation(block: bytes) -> bytes:
    """The block without its orientation, everything else in its place."""
    return _without_entry(block, ORIENTATION)


def without_gps(block: bytes) -> bytes:
    """The block without its GPS directory, everything else in its place; what the directory held is overwritten."""
    top = block_directory(block)
    gps = top.children.get(GPS_IFD)
    patched = bytearray(block)
    if gps is not None:
        for entry in gps.entries.values():
            patched[entry.at : entry.at + len(entry.value)] = bytes(len(entry.value))
        patched[gps.at : gps.next_at] = bytes(gps.next_at - gps.at)
    return _without_entry(bytes(patched), GPS_IFD)


def _without_entry(block: bytes, tag: int) -> bytes:
    """The block without one field of its first directory."""
    top = block_directory(block)
    patched = bytearray(block)
    table = top.next_at - 12 * struct.unpack_from(top.order + "H", patched, top.at)[0]
    for at in range(table, top.next_at, 12):
        if struct.unpack_from(top.order + "H", patched, at)[0] == tag:
            patched[at : top.next_at - 8] = patched[at + 12 : top.next_at + 4]
            patched[top.next_at - 8 : top.next_at + 4] = bytes(12)
            struct.pack_into(top.order + "H", patched, top.at, (top.next_at - table) // 12 - 1)
            break
    return bytes(patched)


def build_block(directory: Directory) -> bytes:
    """An EXIF block from a TIFF file's directory: what describes the photograph, without what describes its storage."""
    kept = {tag: entry for tag, entry in directory.entries.items() if tag not in STORAGE_TAGS}
    magic = b"II\x2a\x00" if directory.order == "<" else b"MM\x00\x2a"
    top = Directory(directory.order, kept, directory.children)
    return magic + struct.pack(directory.order + "L", 8) + serialised(top, 8)


def in_order(directory: Directory, order: Order) -> Directory:
    """The directory and its children with their values in a byte order."""
    if directory.order == order:
        return directory
    entries = {tag: entry._replace(value=_swapped(entry)) for tag, entry in directory.entries.items()}
    children = {pointer: in_order(child, order) for pointer, child in directory.children.items()}
    return Directory(order, entries, children)


def serialised(directory: Directory, offset: int) -> bytes:
    """A directory's bytes for a place in a file, its values and children right after it."""
    order = directory.order
    entries = [entry for entry in directory.entries.values() if entry.type < 16]  # without BigTIFF's 64 bits
    rows = [(entry.tag, entry.type, entry.number, entry.value) for entry in entries]
    rows += [(tag, 4, 1, b"") for tag in directory.children]
    table = bytearray(struct.pack(order + "H", len(rows)))
    start = offset + 2 + 12 * len(rows) + 4
    tail = bytearray()
    for tag, kind, count, value in sorted(rows):
        if tag in directory.children:
            place = start + len(tail)
            tail += serialised(directory.children[tag], place)
            inline = struct.pack(order + "L", place)
        elif len(value) > 4:
            inline = struct.pack(order + "L", start + len(tail))
            tail += value
        else:
            inline = value.ljust(4, b"\0")
        tail += b"\0" * (len(tail) % 2)
        table += struct.pack(order + "HHL", tag, kind, count) + inline
    return bytes(table + bytes(4) + tail)


def _swapped(entry: Entry) -> bytes:
    """The value in the other byte order."""
    if entry.type == 7 and entry.value.startswith(_UNICODE):
        return _UNICODE + _reversed(entry.value[len(_UNICODE) :], 2)
    return _reversed(entry.value, _UNITS.get(entry.type, 1))


def _reversed(value: bytes, unit: int) -> bytes:
    return b"".join(value[i : i + unit][::-1] for i in range(0, len(value), unit))


def _read_directory(stream: BinaryIO, offset: int, order: Order, big: bool, pointers: Iterable[int]) -> Directory:
    stream.seek(offset)
    (count,) = struct.unpack(order + ("Q" if big else "H"), stream.read(8 if big else 2))
    if count > _MOST_ENTRIES:
        raise ValueError(f"a directory of {count} entries")
    size, wide = (20, 8) if big else (12, 4)
    start = stream.tell()
    table = stream.read(count * size)
    next_at = stream.tell()
    following = stream.read(wide)
    next_offset = struct.unpack(order + ("Q" if big else "L"), following)[0] if len(following) == wide else 0
    entries: dict[int, Entry] = {}
    complete = len(table) == count * size and len(following) == wide
    budget = _MOST_BYTES
    for index in range(len(table) // size):
        tag, kind, number = struct.unpack_from(order + ("HHQ" if big else "HHL"), table, index * size)
        length = _SIZES.get(kind, 0) * number
        at = start + index * size + size - wide
        if length > wide:
            (at,) = struct.unpack_from(order + ("Q" if big else "L"), table, index * size + size - wide)
        if not 0 < length <= budget:
            complete = complete and number == 0
            continue
        stream.seek(at)
        value = stream.read(length)
        budget -= length
        if len(value) < length:
            complete = False
        else:
            # The first counts: tifffile puts a description of its own after the person's.
            entries.setdefault(tag, Entry(tag, kind, number, value, at))
    children = {}
    for pointer in pointers:
        place = entries[pointer].integer(order) if pointer in entries else None
        if place:
            inner = (INTEROP_IFD,) if pointer == EXIF_IFD else ()
            try:
                children[pointer] = _read_directory(stream, place, order, big, inner)
            except (struct.error, ValueError):
                complete = False
    links = (EXIF_IFD, GPS_IFD, INTEROP_IFD)
    own = {tag: entry for tag, entry in entries.items() if tag not in links}
    complete = complete and all(child.complete for child in children.values())
    return Directory(order, own, children, offset, next_at, next_offset, complete)


def _patch_integer(block: bytearray, directory: Directory, tag: int, value: int) -> None:
    """Sets the first value of a field of whole numbers."""
    entry = directory.entries.get(tag)
    if entry is not None and entry.number and entry.type in _INTEGERS:
        struct.pack_into(directory.order + _INTEGERS[entry.type], block, entry.at, value)


def _exchange(block: bytearray, directory: Directory, tag: int, other: int) -> None:
    """Exchanges the values of two fields that are stored alike."""
    x, y = directory.entries.get(tag), directory.entries.get(other)
    if x and y and x.type == y.type and len(x.value) == len(y.value):
        block[x.at : x.at + len(x.value)] = y.value
        block[y.at : y.at + len(y.value)] = x.value


def _erase_thumbnail(block: bytearray, top: Directory) -> None:
    """Cuts the thumbnail off where it lies at the end, as it mostly does; blanks it elsewhere."""
    try:
        second = _read_directory(io.BytesIO(block), top.next_offset, top.order, False, ())
    except (struct.error, ValueError):
        return
    offset, length = second.integer(_THUMBNAIL_OFFSET), second.integer(_THUMBNAIL_LENGTH)
    if not offset or not length or offset + length > len(block):
        return
    if offset + length >= len(block) - 2:
        del block[offset:]
    else:
        block[offset : offset + length] = bytes(length)
