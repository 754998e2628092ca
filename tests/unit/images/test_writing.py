"""Files appear whole or not at all, in the right format and depth; independent decoders read the pixels back."""

import errno
import hashlib
import io
import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image

from photochrom import images
from photochrom.errors import InputError, OutputExists, UnsupportedFormat
from photochrom.images import atomic, tiff_file

FORMATS = sorted(images.FORMATS)


@pytest.fixture(scope="module")
def deep() -> npt.NDArray[np.uint16]:
    """(37, 53, 3) smooth 16-bit colours."""
    y, x = np.mgrid[:37, :53]
    planes = [900 * x + 300 * y, 1200 * y + 100 * x, 30000 + 400 * x - 500 * y]
    return np.stack(planes, axis=-1).clip(0, 65535).astype(np.uint16)


@pytest.fixture(scope="module")
def picture(deep: npt.NDArray[np.uint16]) -> Image.Image:
    return Image.fromarray((deep >> 8).astype(np.uint8))


def photograph(deep: npt.NDArray[np.uint16], alpha: Any = None, **metadata: Any) -> images.Photograph:
    return images.Photograph(deep[..., 0], alpha, metadata=images.Metadata(**{"format": "array", **metadata}))


def encoded(pixels: Any, source: images.Photograph, format: str) -> bytes:
    stream = io.BytesIO()
    images.write(pixels, source, stream, format=format)
    return stream.getvalue()


def test_16_bit_pngs_are_read_back_exactly_by_libpng(deep: Any) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    assert np.array_equal(imagecodecs.png_decode(encoded(deep, photograph(deep), "png")), deep)
    alpha = deep[..., 1]
    both = imagecodecs.png_decode(encoded(deep, photograph(deep, alpha), "png"))
    assert np.array_equal(both, np.dstack([deep, alpha]))


def test_tiffs_are_deflated_in_no_more_threads_than_are_given(deep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    for given, expected in (("1", 1), ("3", 3), ("99", 8)):
        monkeypatch.setenv("PHOTOCHROM_THREADS", given)
        with mock.patch.object(tiff_file, "ThreadPoolExecutor", wraps=ThreadPoolExecutor) as pool:
            encoded(deep, photograph(deep), "tiff")
        pool.assert_called_once_with(expected)


def test_16_bit_pngs_are_whole_to_pillow(deep: Any) -> None:
    data = encoded(deep, photograph(deep), "png")
    Image.open(io.BytesIO(data)).verify()
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), deep >> 8)
    assert images.read(data).metadata.bits == 16


@pytest.mark.parametrize("with_alpha", [False, True])
def test_16_bit_tiffs_are_read_back_exactly(deep: Any, with_alpha: bool) -> None:
    expected = np.dstack([deep, deep[..., 1]]) if with_alpha else deep
    data = encoded(deep, photograph(deep, deep[..., 1] if with_alpha else None), "tiff")
    assert np.array_equal(tifffile.imread(io.BytesIO(data)), expected)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), expected >> 8)


@pytest.mark.parametrize("format", ["png", "tiff"])
@pytest.mark.parametrize("with_alpha", [False, True])
def test_8_bit_lossless_formats_are_exact(picture: Image.Image, deep: Any, format: str, with_alpha: bool) -> None:
    alpha = (deep[..., 1] >> 8).astype(np.uint8) if with_alpha else None
    again = np.asarray(Image.open(io.BytesIO(encoded(picture, photograph(deep, alpha), format))))
    expected = np.asarray(picture)
    assert np.array_equal(again, expected if alpha is None else np.dstack([expected, alpha]))


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif"])
def test_lossy_formats_stay_close(picture: Image.Image, deep: Any, format: str) -> None:
    again = Image.open(io.BytesIO(encoded(picture, photograph(deep), format))).convert("RGB")
    assert np.abs(np.asarray(again).astype(int) - np.asarray(picture)).mean() < 2


@pytest.mark.parametrize("format", ["webp", "avif"])
def test_lossy_formats_keep_alpha(picture: Image.Image, deep: Any, format: str) -> None:
    alpha = (deep[..., 1] >> 8).astype(np.uint8)
    again = Image.open(io.BytesIO(encoded(picture, photograph(deep, alpha), format)))
    assert np.abs(np.asarray(again)[..., 3].astype(int) - alpha).mean() < 1


def test_jpeg_keeps_the_colours_at_full_resolution(picture: Image.Image, deep: Any) -> None:
    from PIL import JpegImagePlugin

    jpeg = Image.open(io.BytesIO(encoded(picture, photograph(deep), "jpeg")))
    assert JpegImagePlugin.get_sampling(jpeg) == 0


def test_16_bits_are_rounded_where_the_format_holds_8(deep: Any) -> None:
    again = np.asarray(Image.open(io.BytesIO(encoded(deep, photograph(deep, deep[..., 1]), "webp"))))
    assert np.abs(again[..., 3] - deep[..., 1] / 257).max() <= 0.5
    flat = np.full((8, 8, 3), 40000, np.uint16)
    jpeg = np.asarray(Image.open(io.BytesIO(encoded(flat, photograph(flat), "jpeg"))))
    assert np.all(jpeg == round(40000 / 257))


def test_transparency_in_a_jpeg_is_refused_and_a_full_alpha_is_not(picture: Image.Image, deep: Any) -> None:
    alpha = np.full(deep.shape[:2], 255, np.uint8)
    assert encoded(picture, photograph(deep, alpha), "jpeg").startswith(b"\xff\xd8")
    alpha[3, 3] = 254
    with pytest.raises(InputError, match="png, webp, avif, tiff"):
        encoded(picture, photograph(deep, alpha), "jpeg")


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_input_gives_the_same_bytes(picture: Image.Image, deep: Any, format: str) -> None:
    source = photograph(deep, format="jpeg", dpi=(300.0, 300.0))
    assert encoded(picture, source, format) == encoded(picture, source, format)
    if images.FORMATS[format].deep:
        assert encoded(deep, source, format) == encoded(deep, source, format)


def test_16_bit_bytes_do_not_depend_on_imagecodecs(deep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_it = {format: encoded(deep, photograph(deep), format) for format in ("png", "tiff")}
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    for format, expected in with_it.items():
        assert encoded(deep, photograph(deep), format) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [("jpeg", "jpeg"), ("png", "png"), ("webp", "webp"), ("tiff", "tiff"), ("avif", "avif")]
    + [(name, "png") for name in ("gif", "bmp", "heif", "array")],
)
def test_the_default_format_is_the_source_s(deep: Any, source: str, expected: str) -> None:
    assert images.output_format(photograph(deep, format=source), None, None) == expected


def test_the_destination_s_name_chooses_the_format(deep: Any) -> None:
    source = photograph(deep, format="jpeg")
    for name, expected in (("a.PNG", "png"), ("a.tif", "tiff"), ("a.jpeg", "jpeg"), ("noending", "jpeg")):
        assert images.output_format(source, name, None) == expected
    assert images.output_format(source, "a.unknown", "JPG") == "jpeg"


def test_contradictions_and_unknown_formats_are_refused(deep: Any) -> None:
    source = photograph(deep)
    with pytest.raises(InputError, match="rename"):
        images.output_format(source, "a.jpg", "png")
    with pytest.raises(UnsupportedFormat, match="png, jpeg"):
        images.output_format(source, "a.xyz", None)
    with pytest.raises(UnsupportedFormat, match="png, jpeg"):
        images.output_format(source, None, "gif")


def test_16_bit_sources_keep_16_bits_where_the_format_can(deep: Any) -> None:
    source = photograph(deep, bits=16)
    depths = {format: images.output_depth(source, format) for format in FORMATS}
    assert depths == {"avif": 8, "jpeg": 8, "png": 16, "tiff": 16, "webp": 8}
    assert images.output_depth(photograph(deep, bits=8), "png") == 8


def test_pixels_of_another_size_are_refused(picture: Image.Image, deep: Any) -> None:
    with pytest.raises(InputError, match="53 x 36"):
        images.write(picture, photograph(deep[:36]), io.BytesIO(), format="png")


def test_a_side_too_long_for_the_format_names_others() -> None:
    long = np.zeros((1, 16_384, 3), np.uint16)
    with pytest.raises(InputError, match="png or tiff"):
        encoded(long, photograph(long), "webp")


def test_an_avif_is_no_longer_than_decoders_open() -> None:
    longest = np.zeros((1, 32_768, 3), np.uint16)
    assert images.read(encoded(longest, photograph(longest), "avif")).width == 32_768
    long = np.zeros((1, 32_769, 3), np.uint16)
    with pytest.raises(InputError, match="at most 32768"):
        encoded(long, photograph(long), "avif")


def test_what_a_format_cannot_hold_is_refused_with_the_photograph_s_name(picture: Image.Image, deep: Any) -> None:
    alpha = np.zeros(deep.shape[:2], np.uint8)
    with pytest.raises(InputError, match=r"aunt\.png has transparent parts"):
        encoded(picture, photograph(deep, alpha, path=Path("aunt.png")), "jpeg")
    with pytest.raises(InputError, match=r"^the photograph has transparent parts"):
        encoded(picture, photograph(deep, alpha), "jpeg")
    long = np.zeros((1, 16_384, 3), np.uint16)
    with pytest.raises(InputError, match=r"aunt\.png is 16384 x 1, too large for webp"):
        encoded(long, photograph(long, path=Path("aunt.png")), "webp")


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (300, 1, 3)])
@pytest.mark.parametrize("format", FORMATS)
def test_the_smallest_pictures_are_written(shape: tuple[int, int, int], format: str) -> None:
    pixels = np.full(shape, 30000, np.uint16)
    again = images.read(encoded(pixels, photograph(pixels), format))
    assert again.gray.shape == shape[:2]


# Whole or not at all.


def test_an_existing_file_is_refused_unless_asked_for(tmp_path: Path, picture: Image.Image, deep: Any) -> None:
    path = tmp_path / "out.png"
    path.write_bytes(b"precious")
    with pytest.raises(OutputExists, match=r"out\.png"):
        images.write(picture, photograph(deep), path)
    assert path.read_bytes() == b"precious"
    images.write(picture, photograph(deep), path, overwrite=True)
    assert path.read_bytes().startswith(b"\x89PNG")
    assert os.listdir(tmp_path) == ["out.png"]


def test_the_photograph_itself_is_never_overwritten(tmp_path: Path, picture: Image.Image) -> None:
    path = tmp_path / "photo.png"
    picture.save(path)
    before = path.read_bytes()
    source = images.read(path)
    for name in ("photo.png", "other.png"):
        target = tmp_path / name
        if name == "other.png":
            target.symlink_to(path)
        with pytest.raises(OutputExists, match="itself"):
            images.write(picture, source, target, overwrite=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("opened", ["stream", "picture", "loaded picture", "picture of a stream"])
def test_the_photograph_read_through_a_stream_or_picture_is_never_overwritten(
    tmp_path: Path, picture: Image.Image, opened: str
) -> None:
    path = tmp_path / "photo.png"
    picture.save(path)
    before = path.read_bytes()
    with path.open("rb") as stream:
        given: Any = stream if opened == "stream" else Image.open(stream if "of a stream" in opened else path)
        if opened == "loaded picture":
            given.load()
        source = images.read(given)
    with pytest.raises(OutputExists, match="itself"):
        images.write(picture, source, path, overwrite=True)
    assert path.read_bytes() == before
    images.write(picture, source, tmp_path / "other.png")


def test_a_stream_s_name_counts_only_where_it_is_that_file(tmp_path: Path, picture: Image.Image) -> None:
    class Named(io.BytesIO):
        name = str(tmp_path / "other.png")

    picture.save(Named.name)
    stream = Named(Path(Named.name).read_bytes())
    assert images.read(stream).metadata.path is None
    with open(Named.name, "rb") as file:
        photograph = images.read(file)
    assert photograph.metadata.path == Path(Named.name)
    Path(Named.name).unlink()
    assert photograph.sha256 == hashlib.sha256(stream.getvalue()).hexdigest()  # counted while the stream was there


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX pipes and devices")
def test_pipes_and_devices_are_not_replaced_by_files(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe.png", tmp_path / "link.png"
    os.mkfifo(pipe)
    link.symlink_to(os.devnull)
    for path in (pipe, link):
        with pytest.raises(InputError, match="is no file"), atomic.whole_file(path, overwrite=True):
            pass
        with pytest.raises(OutputExists), atomic.whole_file(path, overwrite=False):
            pass
    assert pipe.is_fifo() and link.is_symlink()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    original, link = tmp_path / "original", tmp_path / "link"
    original.write_bytes(b"precious")
    for target in (original, tmp_path / "gone"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        with atomic.whole_file(link, overwrite=True) as stream:
            stream.write(b"new")
        assert not link.is_symlink() and link.read_bytes() == b"new"
    assert original.read_bytes() == b"precious"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    with pytest.raises(OutputExists), atomic.whole_file(path, overwrite=False) as stream:
        stream.write(b"mine")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["out.bin"]


def test_without_hard_links_the_name_is_claimed_exclusively(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    path = tmp_path / "out.bin"
    with atomic.whole_file(path, overwrite=False) as stream:
        stream.write(b"mine")
    assert path.read_bytes() == b"mine"
    other = tmp_path / "other.bin"
    with pytest.raises(OutputExists), atomic.whole_file(other, overwrite=False) as stream:
        stream.write(b"mine")
        other.write_bytes(b"theirs")
    assert other.read_bytes() == b"theirs"
    assert sorted(os.listdir(tmp_path)) == ["other.bin", "out.bin"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, ValueError, SystemExit])
def test_nothing_is_left_behind_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"precious")
    with pytest.raises(error), atomic.whole_file(path, overwrite=True) as stream:
        stream.write(b"half")
        raise error
    assert path.read_bytes() == b"precious"
    assert os.listdir(tmp_path) == ["out.bin"]


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    with pytest.raises(InputError, match="No space left"), atomic.whole_file(path, overwrite=False):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert os.listdir(tmp_path) == []


def test_missing_folders_and_folders_as_names_are_refused(tmp_path: Path, picture: Image.Image, deep: Any) -> None:
    with pytest.raises(InputError, match="does not exist"):
        images.write(picture, photograph(deep), tmp_path / "none" / "out.png")
    with pytest.raises(InputError, match="is a folder"):
        images.write(picture, photograph(deep), tmp_path, overwrite=True, format="png")
    with pytest.raises(InputError, match="cannot be a file's name"):
        images.write(picture, photograph(deep), tmp_path / "a\0b.png")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_the_umask_decides_who_may_read_the_output(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    before = os.umask(0o027)
    try:
        with atomic.whole_file(path, overwrite=False) as stream:
            stream.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_streams_that_cannot_seek_are_written(picture: Image.Image, deep: Any) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.data += bytes(data)
            return len(data)

    for format in FORMATS:
        pipe = Pipe()
        images.write(picture, photograph(deep), pipe, format=format)  # type: ignore[arg-type]
        assert images.read(pipe.data).gray.shape == deep.shape[:2]


@pytest.mark.parametrize("format", ["png", "tiff", "webp"])
def test_rows_that_are_made_when_asked_for_give_the_bytes_of_the_array(format: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 65536, (900, 401, 3)).astype(np.uint16)

    class Rows:
        shape = pixels.shape

        def __getitem__(self, rows: slice, /) -> npt.NDArray[np.uint16]:
            return pixels[rows].copy()

    whole, by_rows = io.BytesIO(), io.BytesIO()
    images.write(pixels, photograph(pixels, bits=16), whole, format=format)
    images.write(Rows(), photograph(pixels, bits=16), by_rows, format=format)
    assert by_rows.getvalue() == whole.getvalue()
