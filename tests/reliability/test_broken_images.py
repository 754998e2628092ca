"""Files that are broken, huge, disguised or no pictures at all: each its own clear error, of one line."""

import io
import os
import struct
import sys
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom import images
from photochrom.errors import (
    CorruptImage,
    ImageTooLarge,
    InputError,
    OutputExists,
    PhotochromError,
    UnsupportedFormat,
)


def picture(mode: str = "RGB") -> Image.Image:
    noise = np.random.default_rng(8).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    return Image.fromarray(noise).convert(mode)


def encoded(format: str, mode: str = "RGB", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture(mode).save(stream, format, **options)
    return stream.getvalue()


def deep_tiff(**options: Any) -> bytes:
    stream = io.BytesIO()
    array = np.random.default_rng(9).integers(0, 65536, (64, 80, 3)).astype(np.uint16)
    tifffile.imwrite(stream, array, photometric="rgb", metadata=None, **options)
    return stream.getvalue()


def deep_png() -> bytes:
    stream = io.BytesIO()
    array = np.random.default_rng(9).integers(0, 65536, (64, 80, 3)).astype(np.uint16)
    images.write(array, images.Photograph(array[..., 0]), stream, format="png")
    return stream.getvalue()


SAMPLES = {
    "jpeg": encoded("JPEG"),
    "progressive": encoded("JPEG", progressive=True),
    "png": encoded("PNG"),
    "palette": encoded("PNG", "P"),
    "gray png": encoded("PNG", "L"),
    "deep png": deep_png(),
    "webp": encoded("WEBP"),
    "lossless webp": encoded("WEBP", lossless=True),
    "tiff": encoded("TIFF"),
    "lzw": encoded("TIFF", compression="tiff_lzw"),
    "jpeg in tiff": encoded("TIFF", compression="jpeg"),
    "deep tiff": deep_tiff(),
    "deep deflated tiff": deep_tiff(compression="zlib", rowsperstrip=16),
    "avif": encoded("AVIF"),
    "bmp": encoded("BMP"),
    "gif": encoded("GIF"),
}


def assert_one_clear_line(error: BaseException, name: str) -> None:
    text = str(error)
    assert "\n" not in text and len(text) < 400
    assert name in text


@pytest.mark.parametrize("kind", SAMPLES)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.98])
def test_a_file_that_is_cut_short_is_never_half_a_picture(kind: str, kept: float, tmp_path: Path) -> None:
    path = tmp_path / f"old photo.{kind}"
    data = SAMPLES[kind]
    # The directory of a TIFF by Pillow lies at its end, and a GIF ends with a byte that nobody needs.
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(CorruptImage) as caught:
        images.read(path)
    assert_one_clear_line(caught.value, str(path))
    assert "cut short" in str(caught.value) or "broken" in str(caught.value)


@pytest.mark.parametrize("value", [0, 0xFFFFFF])
def test_a_tiff_that_misses_a_strip_is_not_filled_with_black(value: int) -> None:
    data = bytearray(deep_tiff(compression="zlib", rowsperstrip=16))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        counts = file.pages.first.tags[279]
    code = "<H" if counts.dtype == 3 else "<L"
    struct.pack_into(
        code, data, counts.valueoffset + struct.calcsize(code), value & (0xFFFF if code == "<H" else value)
    )
    with pytest.raises(CorruptImage, match="strips"):
        images.read(bytes(data))


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_jpeg_that_was_cut_and_closed_again_is_not_half_gray(mode: str, kept: float) -> None:
    data = encoded("JPEG", mode, quality=90)
    with pytest.raises(CorruptImage, match="last rows"):
        images.read(data[: int(len(data) * kept)] + b"\xff\xd9")


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [(64, 64), (77, 45)])
def test_a_whole_jpeg_that_ends_in_mid_gray_is_read(mode: str, size: tuple[int, int]) -> None:
    canvas = Image.new(mode, size, 128 if mode == "L" else (128, 128, 128))
    canvas.paste(picture(mode).crop((0, 0, 30, 20)))
    stream = io.BytesIO()
    canvas.save(stream, "JPEG", quality=95)
    gray = images.read(stream.getvalue()).gray
    assert gray[-1, -1] == (128 if gray.dtype == np.uint8 else 128 * 257)


def test_a_changed_bit_in_the_pixels_of_a_png_is_noticed() -> None:
    # Smooth, so that many changes leave a stream that inflates without an error.
    stream = io.BytesIO()
    Image.fromarray(np.add.outer(np.arange(64), np.arange(80)).astype(np.uint8)).save(stream, "PNG")
    start, end = stream.getvalue().index(b"IDAT") + 6, len(stream.getvalue()) - 16
    for place in range(start, end, 3):
        data = bytearray(stream.getvalue())
        data[place] ^= 0x04
        with pytest.raises(CorruptImage):
            images.read(bytes(data))


NOT_PICTURES = {
    "a PDF document": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "an SVG drawing": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>',
    "a web page": b"<!DOCTYPE html><html></html>",
    "a text": b"dear Emma,\nthank you for the photographs\n",
    "a video": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(50),
    "a Photoshop document": b"8BPS\0\1" + bytes(50),
    "a JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(50),
    "a JPEG XL": b"\xff\x0a" + bytes(50),
    "an archive": b"PK\x03\x04" + bytes(50),
    "a file of an unknown kind": bytes(range(1, 200)),
}
RAW_FILES = {
    "cr2": b"II*\0\x10\0\0\0CR\x02\0" + bytes(50),
    "raf": b"FUJIFILMCCD-RAW 0201" + bytes(50),
    "orf": b"IIRO\x08\0\0\0" + bytes(50),
    "cr3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(50),
}


@pytest.mark.parametrize("label", NOT_PICTURES)
def test_what_is_no_picture_is_called_by_its_name_whatever_its_ending(label: str, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(NOT_PICTURES[label])
    with pytest.raises(UnsupportedFormat, match=label) as caught:
        images.read(path)
    assert_one_clear_line(caught.value, str(path))


@pytest.mark.parametrize("data", RAW_FILES.values(), ids=RAW_FILES.keys())
def test_raw_files_are_to_be_developed_first(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match="develop"):
        images.read(data)


@pytest.mark.parametrize("field", [(50706, 1, 4, 0x401), (330, 4, 1, 8)], ids=["DNG", "SubIFDs"])
def test_raw_files_that_look_like_tiff_are_not_read_as_their_thumbnail(field: tuple[int, int, int, int]) -> None:
    with pytest.raises(UnsupportedFormat, match="develop"):
        images.read(sized_tiff(4, 4, 8, (254, 4, 1, 1), field))


def test_heic_names_the_extra_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(UnsupportedFormat, match=r"pip install .*\[heif\]"):
        images.read(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))


def test_missing_empty_unreadable_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        images.read(tmp_path / "none.jpg")
    with pytest.raises(InputError, match="is a folder"):
        images.read(tmp_path)
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(InputError, match="is empty"):
        images.read(tmp_path / "empty.jpg")
    with pytest.raises(InputError, match="is empty"):
        images.read(b"")
    with pytest.raises(InputError):
        images.read("nul\0byte.jpg")
    with pytest.raises(InputError):
        images.read("x" * 5000)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(SAMPLES["jpeg"])
    path.chmod(0)
    with pytest.raises(InputError, match="permission"):
        images.read(path)


def test_a_stream_that_fails_is_an_input_error() -> None:
    class Failing(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, _: Any) -> int:
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match="Input/output error"):
        images.read(Failing())  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [None, 7, [[0, 1]], {"path": "a.jpg"}, np.uint8(3)])
def test_what_holds_no_picture_is_refused_by_its_type(source: Any) -> None:
    with pytest.raises(InputError, match=rf"cannot be read from {type(source).__name__}; give a path, "):
        images.read(source)


def test_a_stream_of_text_says_how_to_open_it() -> None:
    with pytest.raises(InputError, match='open it with "rb"'):
        images.read(io.StringIO("text"))  # type: ignore[arg-type]


def test_an_input_is_spared_from_another_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg").write_bytes(SAMPLES["jpeg"])
    monkeypatch.chdir(tmp_path)
    photograph = images.read("a.jpg")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    pixels = Image.new("RGB", (photograph.width, photograph.height))
    with pytest.raises(OutputExists, match="is the photograph itself"):
        images.write(pixels, photograph, "../a.jpg", overwrite=True)
    assert (tmp_path / "a.jpg").read_bytes() == SAMPLES["jpeg"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_is_read_once_and_not_looked_for_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(SAMPLES["jpeg"],))
    writer.start()
    assert images.read(tmp_path / "pipe").metadata.path is None
    writer.join()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, bits: int = 8, kind: int = 0) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">2L5B", width, height, bits, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + png_chunk(b"IEND", b"")


IDAT = png_chunk(b"IDAT", zlib.compress(b"\0" * 9))


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<LHHL", 54, 0, 0, 54) + struct.pack("<LllHHLLllLL", 40, width, height, 1, 24, *[0] * 6)


def sized_tiff(width: int, height: int, bits: int = 8, *more: tuple[int, int, int, int]) -> bytes:
    fields = [*more, (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, bits), (259, 3, 1, 1), (262, 3, 1, 1)]
    fields += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 16)]
    table = b"".join(struct.pack("<HHLL", *field) for field in sorted(fields))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(fields)) + table + bytes(4)


@pytest.mark.parametrize(
    "data",
    [
        png(13_378, 13_378, IDAT),
        png(2**31 - 1, 2**31 - 1, IDAT),
        png(20_000, 20_000, IDAT, bits=16, kind=2),
        bmp(60_000, 60_000),
        sized_tiff(50_000, 50_000),
        sized_tiff(50_000, 50_000, bits=16),
    ],
    ids=["just above", "enormous", "deep png", "bmp", "tiff", "deep tiff"],
)
def test_too_many_pixels_are_refused_by_the_header(data: bytes) -> None:
    with pytest.raises(ImageTooLarge, match="178,956,970"):
        images.read(data)


def test_an_array_above_the_limit_is_refused() -> None:
    huge = np.broadcast_to(np.zeros((), np.uint8), (13_378, 13_378))
    with pytest.raises(ImageTooLarge, match="scale it down"):
        images.read(huge)


def test_between_pillow_s_warning_and_the_limit_nothing_is_refused() -> None:
    # 100 million pixels: Pillow would warn of a decompression bomb. The picture itself is missing, and that is said.
    with pytest.raises(CorruptImage):
        images.read(png(10_000, 10_000, IDAT))


@pytest.mark.parametrize("size", [(0, 5), (5, 0), (0, 0)])
def test_pictures_without_pixels_are_corrupt(size: tuple[int, int]) -> None:
    for data in (png(*size, IDAT), bmp(*size), sized_tiff(*size), sized_tiff(*size, bits=16)):
        with pytest.raises(CorruptImage):
            images.read(data)


def test_compressed_texts_do_not_explode() -> None:
    bomb = zlib.compress(bytes(200_000_000), 9)
    text = png_chunk(b"zTXt", b"Comment\0\0" + bomb)
    profile = png_chunk(b"iCCP", b"bomb\0\0" + bomb)
    for chunk in (text, profile):
        with pytest.raises(CorruptImage, match=r"large|big|exceed"):
            images.read(png(2, 2, chunk, png_chunk(b"IDAT", zlib.compress(b"\0\1\2\0\3\4"))))


def test_a_field_of_a_tiff_that_claims_gigabytes_is_left_out() -> None:
    data = bytearray(
        encoded("TIFF", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x3b\0\2\0\0\0\x08\0\0\0\x1aAnsel A.\0\0\0\0")
    )
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        artist = file.pages.first.tags[315]
    struct.pack_into("<L", data, artist.offset + 4, 0xFFFFFFF0)
    try:
        photograph = images.read(bytes(data))
    except PhotochromError:
        return
    assert photograph.gray.shape == (64, 80)


def test_a_directory_that_points_to_itself_ends() -> None:
    data = bytearray(sized_tiff(2, 2))
    data[-4:] = struct.pack("<L", 8)
    data[8 + 2 + 5 * 12 : 8 + 2 + 6 * 12] = struct.pack("<HHLL", 273, 4, 1, 8)
    try:
        images.read(bytes(data))
    except PhotochromError as error:
        assert_one_clear_line(error, "the given bytes")


@pytest.mark.parametrize("compression", ["lzw", "packbits", "deflate"])
def test_compressed_16_bit_tiffs_are_read_without_imagecodecs(
    compression: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("imagecodecs", reason="writes the compressed file")
    expected = images.read(deep_tiff()).gray
    for options in ({}, {"byteorder": ">"}, {"tile": (16, 16)}):
        data = deep_tiff(compression=compression, **options)
        with monkeypatch.context() as patch:
            hide_imagecodecs(patch)
            assert np.array_equal(images.read(data).gray, expected)


def test_a_turned_compressed_16_bit_tiff_is_read_without_imagecodecs(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("imagecodecs", reason="writes the compressed file")
    expected = np.rot90(images.read(deep_tiff()).gray, -1)
    data = deep_tiff(compression="lzw", extratags=[(274, 3, 1, 6, True)])
    assert np.array_equal(images.read(data).gray, expected)
    hide_imagecodecs(monkeypatch)
    assert np.array_equal(images.read(data).gray, expected)


def test_what_only_imagecodecs_can_decode_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    assert imagecodecs.LZW.available
    stream = io.BytesIO()
    array = np.random.default_rng(1).random((16, 16, 3)).astype(np.float32)
    tifffile.imwrite(stream, array, photometric="rgb", compression="lzw")
    hide_imagecodecs(monkeypatch)
    with pytest.raises(UnsupportedFormat, match=r"pip install .*\[tiff\]"):
        images.read(stream.getvalue())


def hide_imagecodecs(patch: pytest.MonkeyPatch) -> None:
    """As on a computer without it: tifffile looks when it is imported."""
    for name in [name for name in sys.modules if name.partition(".")[0] in ("tifffile", "imagecodecs")]:
        patch.delitem(sys.modules, name)
    patch.setitem(sys.modules, "imagecodecs", None)
