"""JPEGs of rare processes are read, or refused by their name; none that is whole is called broken."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photochrom import images
from photochrom.errors import CorruptImage, UnsupportedFormat
from photochrom.images.header import read_header


def jpeg(*, marker: int = 0xC0, bits: int = 8, width: int = 16) -> bytes:
    """A JPEG with another frame header."""
    stream = io.BytesIO()
    Image.new("L", (16, 16), 90).save(stream, "JPEG")
    data = bytearray(stream.getvalue())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4] = marker, bits
    data[at + 7 : at + 9] = width.to_bytes(2, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ({"marker": 0xC1, "bits": 12}, "a JPEG of 12 bits"),
        ({"marker": 0xC3, "bits": 14}, "a JPEG of 14 bits"),
        ({"marker": 0xC5}, "a hierarchical JPEG"),
        ({"marker": 0xCB}, "a lossless JPEG of arithmetic coding"),
        ({"marker": 0xF7}, "a JPEG-LS"),
        ({"width": 65_501}, "a JPEG of 65501 x 16 pixels (at most 65500 a side)"),
    ],
)
def test_a_jpeg_that_libjpeg_does_not_decode_is_called_what_it_is(header: dict[str, int], kind: str) -> None:
    for read in (images.read, read_header):
        with pytest.raises(UnsupportedFormat) as caught:
            read(jpeg(**header))
        assert str(caught.value) == f"the given bytes is {kind}, which is not read here; convert it to a TIFF or PNG"


def arithmetic() -> bytes:
    """A gray JPEG of 2400 x 2400 with arithmetic coding (SOF9), restarted in each of 300 rows of blocks.

    Any bytes are such a scan.
    """
    stream = io.BytesIO()
    Image.new("L", (2400, 2400)).save(stream, "JPEG")
    data = stream.getvalue()
    frame, tables, start = (data.index(marker) for marker in (b"\xff\xc0", b"\xff\xc4", b"\xff\xda"))
    restarts = b"\xff\xdd" + struct.pack(">2H", 4, 2400 // 8)
    head = data[:frame] + b"\xff\xc9" + data[frame + 2 : tables] + restarts + data[start : start + 10]
    rows = np.random.default_rng(7).integers(0, 255, (300, 400), dtype=np.uint8)
    return (
        head + b"".join(row.tobytes() + bytes([255, 0xD0 + at % 8]) for at, row in enumerate(rows))[:-2] + b"\xff\xd9"
    )


def test_a_long_jpeg_of_arithmetic_coding_is_read_and_one_cut_short_refused() -> None:
    whole = arithmetic()
    expected = Image.open(io.BytesIO(whole))
    expected.decodermaxblock = len(whole)
    for source in (whole, Image.open(io.BytesIO(whole))):
        assert np.array_equal(images.read(source).gray, np.asarray(expected))
    with pytest.raises(CorruptImage, match="cut short"):
        images.read(whole[:100_000])
