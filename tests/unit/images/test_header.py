"""What a file announces, before anything is decoded."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom.errors import CorruptImage, UnsupportedFormat
from photochrom.images.header import Header, read_header


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "tiff", "avif", "bmp", "gif"])
def test_header_gives_format_and_size(tmp_path: Path, format: str) -> None:
    path = tmp_path / "picture"
    Image.new("L", (31, 17)).save(path, format)
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        header = read_header(source)
        assert (header.format, header.width, header.height) == (format, 31, 17)


@pytest.mark.parametrize("shape", [(10, 20), (10, 20, 3), (10, 20, 6)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_header_of_a_tiff_gives_the_bits_of_a_pixel(shape: tuple[int, ...], dtype: type[np.unsignedinteger]) -> None:
    buffer = io.BytesIO()
    array = np.zeros(shape, dtype)
    tifffile.imwrite(buffer, array, photometric="minisblack" if len(shape) == 2 else "rgb", bigtiff=True)
    samples = shape[2] if len(shape) > 2 else 1
    assert read_header(buffer.getvalue()) == Header("tiff", 20, 10, array.itemsize * 8 * samples)


@pytest.mark.parametrize("file", [b"II\x2a\0\xff\xff\xff\xff", b"MM\0\x2a\0\0\0\x08\0\0", b"II\x2a\0"])
def test_tiff_without_a_directory_is_refused(file: bytes) -> None:
    with pytest.raises(CorruptImage):
        read_header(file)


def test_file_that_is_no_picture_is_refused() -> None:
    with pytest.raises(UnsupportedFormat):
        read_header(b"%PDF-1.7")
