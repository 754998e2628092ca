"""A JPEG's frame header: of what process it is, before anything is decoded (ITU-T T.81, annex B; T.87)."""

from typing import IO, NamedTuple

__all__ = ["Frame", "read_frame", "unread_kind"]

_SOI, _SOS, _JPEG_LS = 0xD8, 0xDA, 0xF7
# DHT, JPG and DAC lie between the frame headers.
_FRAMES = frozenset({*range(0xC0, 0xD0), 0xDE, _JPEG_LS}) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_HIERARCHICAL = frozenset({0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE})
_ARITHMETIC = frozenset({0xC9, 0xCA})
_ARITHMETIC_LOSSLESS = 0xCB

# libjpeg's JPEG_MAX_DIMENSION.
_LONGEST = 65_500


class Frame(NamedTuple):
    """What a frame header says.

    Attributes:
        marker: second byte of its marker, which names the process.
        bits: a sample.
        width, height: in pixels.
    """

    marker: int
    bits: int
    width: int
    height: int

    @property
    def arithmetic(self) -> bool:
        """Whether the entropy coding is arithmetic, of which libjpeg wants a scan's bytes all at once."""
        return self.marker in _ARITHMETIC


def read_frame(stream: IO[bytes]) -> Frame | None:
    """The frame header of a JPEG, wherever the stream is; None where there is none before the first scan."""
    stream.seek(0)
    while (mark := stream.read(2)) and mark[0] == 0xFF and len(mark) == 2:
        marker = mark[1]
        if marker == 0xFF:  # padding
            stream.seek(-1, 1)
        elif marker in _FRAMES and len(head := stream.read(7)) == 7:
            return Frame(marker, head[2], int.from_bytes(head[5:7], "big"), int.from_bytes(head[3:5], "big"))
        elif marker == _SOS:
            return None
        elif marker != _SOI and marker not in _ALONE:
            length = int.from_bytes(stream.read(2), "big")
            stream.seek(max(length - 2, 0), 1)
    return None


def unread_kind(frame: Frame) -> str | None:
    """What kind of JPEG it is, if none that is read here."""
    if frame.marker == _JPEG_LS:
        return "a JPEG-LS"
    if frame.marker == _ARITHMETIC_LOSSLESS:
        return "a lossless JPEG of arithmetic coding"
    if frame.marker in _HIERARCHICAL:
        return "a hierarchical JPEG"
    if frame.bits != 8:
        return f"a JPEG of {frame.bits} bits"
    if max(frame.width, frame.height) > _LONGEST:
        return f"a JPEG of {frame.width} x {frame.height} pixels (at most {_LONGEST} a side)"
    return None
