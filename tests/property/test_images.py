"""Whatever bytes come in, only the project's own errors go out; whatever pixels come in, their lightness stays."""

import io
import struct
import sys
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis.extra import numpy as arrays
from PIL import Image
from skimage.color import rgb2lab

from photochrom import images
from photochrom.errors import PhotochromError
from photochrom.images import exif, photoshop, xmp

PACKET = xmp.colorized(None, software="x", model="y")


def samples() -> list[bytes]:
    """Small files of every kind, with metadata of every kind."""
    block = Image.Exif()
    block[271], block[274] = "Leitz", 6
    block.get_ifd(34665)[36867] = "1936:03:01 12:00:00"
    noise = np.random.default_rng(2).integers(0, 256, (12, 15, 3), dtype=np.uint8)
    picture = Image.fromarray(noise)
    from PIL import ImageCms

    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    resources = photoshop.from_iptc(b"\x1c\x02\x78\x00\x03abc")
    app13 = b"\xff\xed" + struct.pack(">H", 16 + len(resources)) + b"Photoshop 3.0\0" + resources
    files = []
    for format in ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF"):
        options: dict[str, Any] = {"exif": block.tobytes(), "icc_profile": icc}
        if format in ("JPEG", "WEBP", "AVIF"):
            options["xmp"] = PACKET
        if format == "JPEG":
            options["extra"] = app13
        stream = io.BytesIO()
        picture.save(stream, format, **(options if format not in ("BMP", "GIF") else {}))
        files.append(stream.getvalue())
    deep = noise.astype(np.uint16) * 257
    photograph = images.Photograph(deep[..., 0], metadata=images.Metadata("png", exif=block.tobytes()[6:]))
    for format in ("png", "tiff"):
        stream = io.BytesIO()
        images.write(deep, photograph, stream, format=format)
        files.append(stream.getvalue())
    for options in ({"bigtiff": True}, {"tile": (16, 16)}, {"byteorder": ">"}):
        stream = io.BytesIO()
        tifffile.imwrite(stream, deep, photometric="rgb", metadata=None, **options)
        files.append(stream.getvalue())
    return files


SAMPLES = samples()


@settings(max_examples=400)
@given(st.data())
def test_no_damage_to_a_file_escapes_as_another_error(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    # Headers and directories are more telling than pixels.
    places = st.one_of(st.integers(0, min(400, len(content)) - 1), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(places)
        content[at] = data.draw(st.one_of(st.sampled_from([0, 1, 127, 128, 255]), st.integers(0, 255)))
    if data.draw(st.booleans()):
        del content[data.draw(places) :]
    try:
        photograph = images.read(bytes(content))
    except PhotochromError as error:
        assert "\n" not in str(error)
        return
    pixels = np.zeros((photograph.height, photograph.width, 3), np.uint16)
    for format in ("jpeg", "avif", "tiff") if pixels.size < 10_000 else ():
        if photograph.alpha is None:
            images.write(pixels, photograph, io.BytesIO(), format=format)


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([content[:24] for content in SAMPLES] + [b""]))
def test_no_bytes_escape_as_another_error(content: bytes, beginning: bytes) -> None:
    try:
        images.read(beginning + content)
    except PhotochromError as error:
        assert "\n" not in str(error)


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([b"II*\0", b"MM\0*", b"II+\0"]), st.booleans())
def test_any_exif_block_is_refused_or_made_whole(content: bytes, beginning: bytes, turned: bool) -> None:
    try:
        directory = exif.block_directory(beginning + content)
    except ValueError:
        return
    block = exif.build_block(directory)
    assert exif.block_directory(block).complete
    assert exif.block_directory(exif.normalised(block, turned=turned)).complete


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_any_packet_gives_a_packet_that_states_the_colorization(content: bytes) -> None:
    for packet in (content, PACKET.replace(b"photochrom", content)):
        assert xmp.COLORIZED.encode() in xmp.colorized(packet, software="a & b <c>", model='"quoted"')


@settings(max_examples=60)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.uint16]), st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))
    ),
    st.sampled_from(["png", "tiff"]),
)
def test_lightness_survives_reading_writing_and_reading_again(array: Any, format: str) -> None:
    photograph = images.read(array)
    top = np.iinfo(array.dtype).max
    expected = rgb2lab(np.broadcast_to(array / top, (*array.shape[:2], 3)))[..., 0]
    gray = photograph.gray.astype(np.uint16) * (257 if photograph.gray.dtype == np.uint8 else 1)
    stream = io.BytesIO()
    images.write(np.repeat(gray[..., np.newaxis], 3, axis=-1), photograph, stream, format=format)
    again = images.read(stream.getvalue()).gray
    assert np.array_equal(again, gray)
    lightness = rgb2lab(np.repeat(again[..., np.newaxis] / 65535, 3, axis=-1))[..., 0]
    assert np.abs(lightness - expected).max() <= 0.01


@pytest.mark.skipif(sys.byteorder != "little", reason="compares with little-endian files")
@settings(max_examples=60)
@given(arrays.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))))
def test_16_bit_pixels_and_alpha_survive_exactly(array: Any) -> None:
    photograph = images.Photograph(array[..., 0], array[..., 3], metadata=images.Metadata("png", 16))
    for format in ("png", "tiff"):
        stream = io.BytesIO()
        images.write(array[..., :3], photograph, stream, format=format)
        again = images.read(stream.getvalue())
        assert again.alpha is not None and np.array_equal(again.alpha, array[..., 3])
        color = images.read_color(stream.getvalue())
        assert np.array_equal(np.rint(color * 65535), array[..., :3])
