"""Valid files of rare kinds are read for what they are, or refused with what to do; none is called broken."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image

from photochrom import images
from photochrom.errors import InputError
from photochrom.images.icc import srgb_profile

Array = npt.NDArray[Any]


def png(samples: Array, bits: int, color_type: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of (H, W, n) samples, with chunks before the pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    height, width = samples.shape[:2]
    rows = samples.reshape(height, -1)
    if bits == 16:
        packed = rows.astype(">u2").view(np.uint8)
    else:
        digits = rows[..., np.newaxis] >> np.arange(bits - 1, -1, -1) & 1
        packed = np.packbits(digits.reshape(height, -1).astype(np.uint8), axis=1)
    data = np.pad(packed, ((0, 0), (1, 0))).tobytes()
    head = struct.pack(">2L5B", width, height, bits, color_type, 0, 0, 0)
    parts = [(b"IHDR", head), *chunks, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("opened", [False, True])
def test_the_transparent_gray_of_a_png_is_found_at_every_depth(bits: int, opened: bool) -> None:
    levels = np.arange(1 << bits).reshape(1, -1)
    for key in (0, 1, (1 << bits) - 1):
        data = png(levels[..., np.newaxis], bits, 0, (b"tRNS", struct.pack(">H", key)))
        photograph = images.read(Image.open(io.BytesIO(data)) if opened else data)
        assert photograph.alpha is not None
        assert np.array_equal(photograph.alpha, np.where(levels == key, 0, 255))
        assert np.array_equal(photograph.gray, levels * (255 // ((1 << bits) - 1)))


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">L", round(value * 100_000))


def encoded_light(light: Array) -> Array:
    """The sRGB curve (IEC 61966-2-1)."""
    return np.asarray(np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("bits", [4, 8, 16])
@pytest.mark.parametrize("value", [0.35, 1 / 1.8, 1.0])
def test_gray_of_a_png_with_a_gamma_keeps_its_light(bits: int, value: float) -> None:
    top = (1 << bits) - 1
    levels = np.linspace(0, top, 16).astype(int).reshape(1, -1, 1)
    photograph = images.read(png(levels, bits, 0, gamma(value)))
    expected = encoded_light((levels[..., 0] / top) ** (1 / value))
    assert np.abs(photograph.gray / 65535 - expected).max() <= 1e-4


@pytest.mark.parametrize("bits", [8, 16])
def test_colours_of_a_png_with_a_gamma_keep_their_light(bits: int) -> None:
    top = (1 << bits) - 1
    colors = np.random.default_rng(5).integers(0, top + 1, (8, 9, 3))
    data = png(colors, bits, 2, gamma(1.0))
    expected = colors / top @ np.array([0.2126, 0.7152, 0.0722])
    assert np.abs(images.read(data).gray / 65535 - encoded_light(expected)).max() <= 5e-4
    assert np.abs(images.read_color(data) - encoded_light(colors / top)).max() <= 1e-4


@pytest.mark.parametrize(
    "chunks",
    [
        [gamma(0.45455)],
        [gamma(0.4615)],
        [gamma(0)],
        [gamma(1), (b"sRGB", b"\0")],
        [(b"cICP", b"\x01\x0d\0\x01"), gamma(1)],
        [(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile())), gamma(1)],
    ],
    ids=["1/2.2", "nearly", "none", "sRGB", "cICP", "iCCP"],
)
def test_a_gamma_of_srgb_and_one_with_a_better_word_change_nothing(chunks: list[tuple[bytes, bytes]]) -> None:
    levels = np.arange(256).reshape(16, 16, 1)
    photograph = images.read(png(levels, 8, 0, *chunks))
    assert photograph.gray.dtype == np.uint8 and np.array_equal(photograph.gray, levels[..., 0])


def pages(*subfile_types: int) -> bytes:
    """A TIFF with a page for each type: 0 full, 1 reduced."""
    stream = io.BytesIO()
    with tifffile.TiffWriter(stream) as file:
        for kind in subfile_types:
            file.write(np.zeros((8, 8), np.uint8), photometric="minisblack", subfiletype=kind, metadata=None)
    return stream.getvalue()


def test_a_page_behind_smaller_copies_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    images.read(pages(0, 1, 1))
    assert not caplog.messages
    images.read(pages(0, 1, 1, 0))
    assert caplog.messages == ["the given bytes has further pages; the first alone is read"]


def test_smaller_copies_that_lead_to_each_other_end(caplog: pytest.LogCaptureFixture) -> None:
    data = bytearray(pages(0, 1, 1))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        second, third = file.pages[1].offset, file.pages[2].offset
    (entries,) = struct.unpack_from("<H", data, third)
    struct.pack_into("<L", data, third + 2 + 12 * entries, second)
    assert images.read(bytes(data)).width == 8
    assert not caplog.messages


def test_signed_samples_of_8_bits_are_refused() -> None:
    stream = io.BytesIO()
    tifffile.imwrite(stream, np.full((4, 4), 100, np.int8), photometric="minisblack")
    with pytest.raises(InputError, match="signed integers of 8 bits; convert"):
        images.read(stream.getvalue())


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_gray_and_alpha_in_planes_of_their_own_are_read(dtype: Any, compression: str | None) -> None:
    planes = np.random.default_rng(6).integers(0, np.iinfo(dtype).max, (2, 20, 30), dtype, endpoint=True)
    stream = io.BytesIO()
    options: Any = {"extrasamples": ["unassalpha"], "compression": compression, "planarconfig": "separate"}
    tifffile.imwrite(stream, planes, photometric="minisblack", metadata=None, **options)
    photograph = images.read(stream.getvalue())
    assert np.array_equal(photograph.gray, planes[0])
    assert photograph.alpha is not None and np.array_equal(photograph.alpha, planes[1])
