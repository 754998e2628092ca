"""What EXIF says goes on being true of the result, in every byte order and type; Pillow reads it back."""

import io
import logging
import struct
from typing import Any

import pytest
from PIL import ExifTags, Image

from photochrom import images

FORMATS = sorted(images.FORMATS)
BOTH = pytest.mark.parametrize("order", ["<", ">"])
JPEG_FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")


def exif_block(rows: list[bytes], values: bytes = b"", order: str = ">") -> bytes:
    """A block of one directory; `values` begin at 200."""
    head = (b"MM\0\x2a" if order == ">" else b"II\x2a\0") + struct.pack(order + "LH", 8, len(rows))
    return (head + b"".join(rows) + bytes(4)).ljust(200, b"\0") + values


def resolution(x: int, y: int, unit: int = 2, *, orientation: int = 1, order: str = ">") -> bytes:
    """A block of whole pixels a unit: 2 inch, 3 centimetre."""
    rows = [
        struct.pack(order + "HHLHH", 274, 3, 1, orientation, 0),
        struct.pack(order + "HHLL", 282, 5, 1, 200),
        struct.pack(order + "HHLL", 283, 5, 1, 208),
        struct.pack(order + "HHLHH", 296, 3, 1, unit, 0),
    ]
    return exif_block(rows, struct.pack(order + "4L", x, 1, y, 1), order)


def source(format: str = "JPEG", **options: Any) -> bytes:
    """A gray picture of 48 x 32 by Pillow."""
    stream = io.BytesIO()
    if isinstance(options.get("exif"), bytes):
        options["exif"] = b"Exif\0\0" + options["exif"]
    Image.new("L", (48, 32), 60).save(stream, format, **options)
    return stream.getvalue()


def written(data: bytes | images.Photograph, format: str) -> bytes:
    photograph = images.read(data) if isinstance(data, bytes) else data
    stream = io.BytesIO()
    images.write(Image.new("RGB", (photograph.width, photograph.height)), photograph, stream, format=format)
    return stream.getvalue()


def exif_of(data: bytes) -> Image.Exif:
    return Image.open(io.BytesIO(data)).getexif()


def exif_dpi(data: bytes) -> tuple[float, float]:
    exif = exif_of(data)
    assert exif[ExifTags.Base.ResolutionUnit] == 2
    return float(exif[ExifTags.Base.XResolution]), float(exif[ExifTags.Base.YResolution])


@BOTH
def test_a_user_comment_in_unicode_stays_readable_in_either_byte_order(order: str) -> None:
    encoding = "utf-16-be" if order == ">" else "utf-16-le"
    comment = b"UNICODE\0" + "Großmutter".encode(encoding)
    pointer = struct.pack(order + "HHLL", 34665, 4, 1, 200)
    inner = struct.pack(order + "HHHLLL", 1, 37510, 7, len(comment), 218, 0)
    data = written(source(exif=exif_block([pointer], inner + comment, order)), "tiff")
    assert data.startswith(b"II")
    found = exif_of(data).get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
    assert bytes(found) == b"UNICODE\0" + "Großmutter".encode("utf-16-le")


@BOTH
@pytest.mark.parametrize("row", ["HHLBBBB", "HHLHH", "HHLL"])
def test_an_orientation_of_any_integer_type_is_set_upright_with_the_picture(order: str, row: str) -> None:
    kind, values = {"HHLBBBB": (1, [6, 0, 0, 0]), "HHLHH": (3, [6, 6]), "HHLL": (4, [6])}[row]
    count = 2 if kind == 3 else 1
    block = exif_block([struct.pack(order + row, 274, kind, count, *values)], order=order)
    photograph = images.read(source(exif=block))
    assert photograph.gray.shape == (48, 32)
    for format in FORMATS:
        assert images.read(written(photograph, format)).gray.shape == (48, 32)


@pytest.mark.parametrize("origin", JPEG_FORMATS)
@pytest.mark.parametrize("unit", [2, 3])
def test_a_resolution_that_only_exif_tells_stays(origin: str, unit: int) -> None:
    expected = tuple(value * (2.54 if unit == 3 else 1) for value in (300, 150))
    photograph = images.read(source(origin, exif=resolution(300, 150, unit)))
    assert photograph.metadata.dpi == pytest.approx(expected)
    for format in ("jpeg", "png", "tiff"):
        found = Image.open(io.BytesIO(written(photograph, format))).info["dpi"]
        assert found == pytest.approx(expected, abs=0.5 if format == "jpeg" else 0.02)


@pytest.mark.parametrize("origin", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("format", ["webp", "avif"])
@pytest.mark.parametrize("block", [None, exif_block([struct.pack(">HHL4s", 271, 2, 4, b"Zei\0")])])
def test_formats_without_a_field_for_the_resolution_say_it_in_exif(
    origin: str, format: str, block: bytes | None
) -> None:
    data = written(source(origin, dpi=(600, 600), **({"exif": block} if block else {})), format)
    assert exif_dpi(data) == pytest.approx((600, 600), abs=0.01)
    assert exif_of(data).get(ExifTags.Base.Make) == ("Zei" if block else None)


def test_exif_gains_a_resolution_with_all_else_in_its_place() -> None:
    before = exif_block([struct.pack(">HHLL", 315, 2, 12, 200)], b"A. Nonymous\0maker's own offsets")
    data = written(source(dpi=(300, 300), exif=before), "webp")
    after = Image.open(io.BytesIO(data)).info["exif"].removeprefix(b"Exif\0\0")
    assert after[8 : len(before)] == before[8:]
    assert exif_of(data)[ExifTags.Base.Artist] == "A. Nonymous"


def test_the_resolution_of_exif_counts_before_that_of_jfif() -> None:
    assert images.read(source(dpi=(72, 72), exif=resolution(300, 300))).metadata.dpi == (300, 300)


def test_a_png_s_own_resolution_counts_and_exif_is_made_to_agree() -> None:
    photograph = images.read(source("PNG", dpi=(300, 300), exif=resolution(72, 72)))
    for format in ("jpeg", "png", "webp", "avif"):
        assert exif_dpi(written(photograph, format)) == pytest.approx((300, 300), abs=0.01)


def test_no_resolution_is_made_up_for_a_jpeg_that_has_none() -> None:
    plain = source(exif=exif_block([struct.pack(">HHL4s", 271, 2, 4, b"Zei\0")]))
    length = int.from_bytes(plain[4:6], "big")
    assert plain[6:10] == b"JFIF"
    assert images.read(plain[:2] + plain[4 + length :]).metadata.dpi is None


@BOTH
def test_the_resolution_of_a_turned_picture_is_turned_in_exif_too(order: str) -> None:
    photograph = images.read(source(exif=resolution(300, 150, orientation=6, order=order)))
    assert photograph.metadata.dpi == (150, 300)
    for format in ("jpeg", "png", "webp", "avif"):
        assert exif_dpi(written(photograph, format)) == (150, 300)


def test_only_the_longest_fields_of_exif_too_long_for_a_jpeg_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "long " * 14_000
    exif[ExifTags.Base.Artist] = "A. Nonymous"
    exif[ExifTags.Base.Copyright] = "none " * 10_000
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 24.5)
    photograph = images.read(source("TIFF", exif=exif.tobytes()))
    with caplog.at_level(logging.WARNING, "photochrom"):
        found = exif_of(written(photograph, "jpeg"))
    assert caplog.messages == ["the photograph: its EXIF is too long for a JPEG; left out: ImageDescription"]
    assert ExifTags.Base.ImageDescription not in found
    assert found[ExifTags.Base.Artist] == "A. Nonymous" and found[ExifTags.Base.Copyright] == "none " * 10_000
    assert found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (48.0, 51.0, 24.5)


def test_exif_of_many_long_fields_still_fits_a_jpeg(caplog: pytest.LogCaptureFixture) -> None:
    exif = Image.Exif()
    for tag in range(40_000, 40_090):
        exif[tag] = "x" * (tag - 39_000)
    found = exif_of(written(source("PNG", exif=exif.tobytes()), "jpeg"))
    assert 0 < len(found) < 90 and 40_000 in found and 40_089 not in found
    assert "tag 40089" in caplog.text
