"""What came with the photograph stays, in every format that can hold it; Pillow and exiftool read it back."""

import io
import json
import logging
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, Image, ImageOps

from photochrom import images
from photochrom.images import photoshop, xmp

COLORIZED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NEGATIVE = "http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm"
FORMATS = sorted(images.FORMATS)

PACKET = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
 tiff:Orientation="6" xmp:CreatorTool="SilverFast 9">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Großmutter &amp; Hund</rdf:li></rdf:Alt></dc:title>
<Iptc4xmpExt:DigitalSourceType>{NEGATIVE}</Iptc4xmpExt:DigitalSourceType>
<xmpMM:History><rdf:Seq><rdf:li stEvt:action="created" stEvt:softwareAgent="SilverFast 9"/></rdf:Seq></xmpMM:History>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()


def exif_block(orientation: int | None = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Leitz"
    exif[ExifTags.Base.Artist] = "A. Nonymous"
    exif[ExifTags.Base.DateTime] = "1936:03:01 12:00:00"
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = "1936:03:01 12:00:00"
    inner[ExifTags.Base.FNumber] = 3.5
    inner[ExifTags.Base.ColorSpace] = 65535
    inner[ExifTags.Base.MakerNote] = b"maker\x00note\xff" * 9
    inner[ExifTags.Base.UserComment] = b"ASCII\0\0\0of the family"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (48.0, 51.0, 24.5)
    return exif


def source(format: str = "JPEG", **options: Any) -> bytes:
    """A gray picture of 48 x 32 with a bright corner, by Pillow."""
    gray = np.full((32, 48), 60, np.uint8)
    gray[:8, :12] = 220
    stream = io.BytesIO()
    if format == "WEBP":
        options["lossless"] = True
    if isinstance(options.get("exif"), Image.Exif):
        options["exif"] = options["exif"].tobytes()
    Image.fromarray(gray).save(stream, format, **options)
    return stream.getvalue()


def written(photograph: images.Photograph, format: str, *, deep: bool = False, model: str | None = None) -> bytes:
    pixels: Any = np.repeat(photograph.gray[..., np.newaxis], 3, axis=-1)
    if deep:
        pixels = pixels.astype(np.uint16) * (257 if pixels.dtype == np.uint8 else 1)
    else:
        pixels = Image.fromarray((pixels >> (8 if pixels.dtype == np.uint16 else 0)).astype(np.uint8))
    stream = io.BytesIO()
    images.write(pixels, photograph, stream, format=format, software="photochrom 1.2", model=model)
    return stream.getvalue()


def reopened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_in_every_format(format: str, orientation: int) -> None:
    data = source(format, exif=exif_block(orientation))
    expected = ImageOps.exif_transpose(reopened(data)).convert("L")
    photograph = images.read(data)
    gray = np.asarray(photograph.gray >> (8 if photograph.gray.dtype == np.uint16 else 0))
    assert gray.shape == np.asarray(expected).shape
    assert np.abs(gray.astype(int) - np.asarray(expected)).max() <= 2
    for output in ("jpeg", "png", "webp", "tiff", "avif"):
        again = reopened(written(photograph, output))
        assert again.getexif().get(ExifTags.Base.Orientation, 1) == 1
        assert images.read(written(photograph, output)).gray.shape == gray.shape


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_tiff_opened_by_pillow_is_read_as_its_file_is(tmp_path: Path, compression: str, orientation: int) -> None:
    path = tmp_path / "old.tif"
    block = exif_block(orientation)
    block[ExifTags.Base.ImageDescription] = "a dog"
    # libtiff writes no inner directories.
    exif = block.tobytes() if compression == "raw" else block
    gray = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    Image.fromarray(gray).save(path, compression=compression, exif=exif)
    photograph, expected = images.read(Image.open(path)), images.read(path)
    np.testing.assert_array_equal(photograph.gray, expected.gray)
    found, kept = fields(photograph), fields(expected)
    assert found == kept and found[0][ExifTags.Base.Artist] == "A. Nonymous"
    assert compression != "raw" or ExifTags.Base.DateTimeOriginal in found[1]


def fields(photograph: images.Photograph) -> list[dict[int, Any]]:
    """EXIF by Pillow, without its pointers and the orientation, which is 1."""
    exif = Image.Exif()
    exif.load(photograph.metadata.exif or b"")
    inner = [dict(exif.get_ifd(pointer)) for pointer in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)]
    pointers = {ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.Base.Orientation}
    return [{tag: value for tag, value in exif.items() if tag not in pointers}, *inner]


def test_orientation_turns_alpha_and_resolution_too() -> None:
    picture = Image.new("LA", (6, 4), (9, 255))
    picture.putpixel((0, 0), (9, 0))
    stream = io.BytesIO()
    picture.save(stream, "TIFF", exif=exif_block(6).tobytes(), dpi=(300, 150))
    photograph = images.read(stream.getvalue())
    assert photograph.alpha is not None
    assert photograph.alpha.shape == (6, 4) and photograph.alpha[0, 3] == 0 and photograph.alpha.sum() == 255 * 23
    assert photograph.metadata.dpi == (150, 300)


def test_an_orientation_that_only_xmp_tells_is_applied_and_corrected() -> None:
    photograph = images.read(png_with_packet(PACKET))
    assert photograph.gray.shape == (48, 32)
    text = xmp_of(written(photograph, "png"))
    assert 'tiff:Orientation="1"' in text


def png_with_packet(packet: bytes) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    return source("PNG", pnginfo=info)


def xmp_of(data: bytes) -> str:
    packet = reopened(data).info["xmp"]
    return packet.decode() if isinstance(packet, bytes) else str(packet)


@pytest.mark.parametrize("origin", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("format", FORMATS)
def test_exif_and_gps_go_from_every_format_to_every_format(origin: str, format: str) -> None:
    exif = reopened(written(images.read(source(origin, exif=exif_block())), format)).getexif()
    expected = exif_block()
    for tag in (ExifTags.Base.Make, ExifTags.Base.Artist, ExifTags.Base.DateTime):
        assert exif[tag] == expected[tag]
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    assert inner[ExifTags.Base.DateTimeOriginal] == "1936:03:01 12:00:00"
    assert inner[ExifTags.Base.FNumber] == 3.5
    assert bytes(inner[ExifTags.Base.MakerNote]) == b"maker\x00note\xff" * 9
    assert bytes(inner[ExifTags.Base.UserComment]) == b"ASCII\0\0\0of the family"
    assert inner[ExifTags.Base.ColorSpace] == 1
    assert exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (48.0, 51.0, 24.5)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_an_exif_block_keeps_its_bytes_but_for_orientation_and_colour_space(format: str) -> None:
    block = exif_block(3).tobytes().removeprefix(b"Exif\0\0")
    data = written(images.read(source("JPEG", exif=b"Exif\0\0" + block)), format)
    after = reopened(data).info["exif"].removeprefix(b"Exif\0\0")
    differing = [at for at, (old, new) in enumerate(zip(block, after, strict=True)) if old != new]
    assert len(differing) <= 4  # one SHORT of each


@pytest.mark.parametrize("endian", ["<", ">"])
def test_both_byte_orders_of_exif_reach_a_tiff(endian: str) -> None:
    block = exif_block()
    block.endian = endian
    exif = reopened(written(images.read(source("JPEG", exif=block.tobytes())), "tiff")).getexif()
    assert exif[ExifTags.Base.Artist] == "A. Nonymous"
    assert exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FNumber] == 3.5


def with_thumbnail(block: bytes, thumbnail: bytes, *, behind: bytes = b"") -> bytes:
    """Adds IFD1 with a JPEG thumbnail to a little-endian block, and `behind` after it."""
    (first,) = struct.unpack_from("<L", block, 4)
    (count,) = struct.unpack_from("<H", block, first)
    second = len(block)
    table = (
        struct.pack("<H", 2)
        + struct.pack("<HHLL", 513, 4, 1, second + 30)
        + struct.pack("<HHLL", 514, 4, 1, len(thumbnail))
    )
    patched = bytearray(block)
    struct.pack_into("<L", patched, first + 2 + 12 * count, second)
    return bytes(patched) + table + bytes(4) + thumbnail + behind


@pytest.mark.parametrize("behind", [b"", b"something else"])
def test_the_thumbnail_of_the_gray_picture_is_gone(behind: bytes) -> None:
    block = exif_block()
    block.endian = "<"
    thumbnail = b"\xff\xd8" + b"old gray picture" * 9 + b"\xff\xd9"
    data = with_thumbnail(block.tobytes().removeprefix(b"Exif\0\0"), thumbnail, behind=behind)
    for format in ("jpeg", "png", "webp", "avif", "tiff"):
        after = written(images.read(source("JPEG", exif=b"Exif\0\0" + data)), format)
        assert b"old gray picture" not in after
        assert not reopened(after).getexif().get_ifd(ExifTags.IFD.IFD1)
        assert reopened(after).getexif()[ExifTags.Base.Artist] == "A. Nonymous"


@pytest.mark.parametrize(
    "block",
    [b"II*\0\xff\xff\xff\x7f", b"nonsense", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\x08\0\0\0\x01\0" + b"\xff" * 14],
)
def test_broken_exif_does_no_harm(block: bytes) -> None:
    photograph = images.read(source("PNG", exif=b"Exif\0\0" + block))
    for format in FORMATS:
        assert reopened(written(photograph, format)).size == (48, 32)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("deep", [False, True])
def test_every_output_says_that_an_algorithm_gave_the_colours(format: str, deep: bool) -> None:
    deep = deep and images.FORMATS[format].deep
    text = xmp_of(written(images.read(source()), format, deep=deep, model="compact"))
    assert text.count(COLORIZED) == 1
    assert "photochrom 1.2" in text and "with the model compact" in text


def test_xmp_is_kept_and_extended() -> None:
    photograph = images.read(png_with_packet(PACKET))
    for format in FORMATS:
        properties = said(xmp_of(written(photograph, format, model="compact")))
        assert properties["DigitalSourceType"] == [COLORIZED]
        assert properties["CreatorTool"] == ["SilverFast 9"]
        assert properties["Orientation"] == ["1"]
        assert properties["title"] == ["Großmutter & Hund"]
        assert properties["softwareAgent"] == ["SilverFast 9", "photochrom 1.2"]
        assert NEGATIVE in properties["parameters"][0]


def said(packet: str) -> dict[str, list[str]]:
    """Everything a packet says, by local names, in its order."""
    properties: dict[str, list[str]] = {}
    for element in ElementTree.fromstring(packet).iter():
        for name, value in element.attrib.items():
            properties.setdefault(name.rpartition("}")[2], []).append(value)
        text = "".join(element.itertext()).strip()
        if text:
            properties.setdefault(element.tag.rpartition("}")[2], []).append(text)
    return properties


def test_colorizing_twice_states_it_once() -> None:
    once = images.read(written(images.read(source()), "png"))
    text = xmp_of(written(once, "png"))
    assert text.count(COLORIZED) == 1
    assert text.count(">photochrom 1.2</stEvt:softwareAgent>") == 2


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&b;</rdf:RDF>
</x:xmpmeta>"""


@pytest.mark.parametrize(
    "packet",
    [
        b"<x:xmpmeta",
        b"\xff\x00\xfe",
        BOMB,
        b"<a/>",
        b"<a>" * 100_000 + b"</a>" * 100_000,
        BOMB.decode().encode("utf-16"),
    ],
    ids=["cut", "binary", "entities", "no RDF", "deep", "entities in UTF-16"],
)
def test_malformed_or_dangerous_xmp_is_left_out_and_logged(packet: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "photochrom"):
        text = xmp.colorized(packet, software="photochrom", model=None).decode()
    assert COLORIZED in text and "aaaaaaaaaa" not in text
    assert "XMP" in caplog.text


def test_a_packet_too_long_for_a_segment_goes_on_in_others() -> None:
    long = PACKET.replace(b"Hund", b"Hund" * 20_000)
    photograph = images.read(png_with_packet(long))
    jpeg = written(photograph, "jpeg")
    assert COLORIZED in xmp_of(jpeg) and "HundHund" not in xmp_of(jpeg)
    assert "HundHund" in xmp_of(written(images.read(jpeg), "png"))


def app13(resources: bytes) -> bytes:
    segment = b"Photoshop 3.0\0" + resources
    return b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment


IPTC = b"\x1c\x02\x78\x00\x0eold photograph"


def test_iptc_goes_between_jpeg_and_tiff_and_loses_only_the_thumbnail() -> None:
    thumbnail = b"8BIM\x04\x0c\0\0" + struct.pack(">L", 5) + b"GRAY!\0"
    named = b"8BIM\x04\x25\x04path\0" + struct.pack(">L", 2) + b"ok"
    photograph = images.read(source("JPEG", extra=app13(thumbnail + photoshop.from_iptc(IPTC) + named)))
    jpeg = written(photograph, "jpeg")
    assert b"GRAY!" not in jpeg and IPTC in jpeg and named in jpeg
    tiff = reopened(written(photograph, "tiff"))
    assert bytes(tiff.tag_v2[33723]) == IPTC  # type: ignore[attr-defined]
    back = written(images.read(written(photograph, "tiff")), "jpeg")
    assert IPTC in back


def test_iptc_in_a_tiff_s_own_field_counts_before_that_among_the_resources() -> None:
    other = b"\x1c\x02\x78\x00\x05older"
    named = b"8BIM\x04\x25\x04path\0" + struct.pack(">L", 2) + b"ok"
    for own, expected in ((IPTC, IPTC), (b"\0\x78\x02\x1cdlo ", other)):
        stream = io.BytesIO()
        tags = [(33723, 7, len(own), own, True), (34377, 1, None, photoshop.from_iptc(other) + named, True)]
        tifffile.imwrite(stream, np.zeros((8, 8), np.uint8), metadata=None, extratags=tags)
        resources = images.read(stream.getvalue()).metadata.photoshop
        assert resources is not None and named in resources
        assert photoshop.iptc(resources) == expected and resources.count(b"\x1c\x02\x78") == 1


def test_resources_longer_than_a_segment_are_split() -> None:
    long = b"8BIM\x10\x00\0\0" + struct.pack(">L", 100_000) + bytes(range(250)) * 400
    photograph = images.read(source())
    full = images.Photograph(photograph.gray, metadata=images.Metadata("jpeg", photoshop=long))
    assert images.read(written(full, "jpeg")).metadata.photoshop == long


def test_the_comment_of_a_jpeg_stays() -> None:
    assert reopened(written(images.read(source(comment=b"aunt Emma")), "jpeg")).info["comment"] == b"aunt Emma"


@pytest.mark.parametrize("origin", ["JPEG", "PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("format", ["jpeg", "png", "tiff"])
@pytest.mark.parametrize("deep", [False, True])
def test_resolution_stays(origin: str, format: str, deep: bool) -> None:
    data = written(images.read(source(origin, dpi=(600, 600))), format, deep=deep and format != "jpeg")
    assert reopened(data).info["dpi"] == pytest.approx((600, 600), abs=0.02)


def test_exiftool_reads_all_of_it(tmp_path: Path) -> None:
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("needs exiftool")
    extra = app13(photoshop.from_iptc(IPTC))
    photograph = images.read(source("JPEG", exif=exif_block(6), xmp=PACKET, extra=extra, dpi=(300, 300)))
    for format in FORMATS:
        path = tmp_path / ("result" + images.FORMATS[format].suffixes[0])
        path.write_bytes(written(photograph, format, model="compact"))
        report = subprocess.run([exiftool, "-json", "-n", path], capture_output=True, check=True, text=True, timeout=60)
        (tags,) = json.loads(report.stdout)
        assert "Error" not in tags and tags.get("Warning", "[minor]").startswith("[minor]")
        assert tags["DigitalSourceType"] == COLORIZED
        assert tags["Title"] == "Großmutter & Hund"
        assert tags["Artist"] == "A. Nonymous"
        assert tags["GPSLatitude"] == pytest.approx(48.856806, abs=1e-5)
        assert tags["ProfileDescription"].startswith("sRGB")
        assert tags.get("Orientation", 1) == 1
        if format in ("jpeg", "tiff"):
            assert tags["Caption-Abstract"] == "old photograph"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({}, None),
        ({"metadata": {"axes": "YX", "author": "A. Nonymous"}}, '{"author": "A. Nonymous"}'),
        ({"description": "Grandmother and dog"}, "Grandmother and dog"),
    ],
)
def test_size_that_tifffile_noted_is_not_said_of_the_result(
    tmp_path: Path, options: dict[str, Any], kept: str | None
) -> None:
    tifffile.imwrite(tmp_path / "gray.tif", np.full((20, 30), 30000, np.uint16), **options)
    photograph = images.read(tmp_path / "gray.tif")
    images.write(np.full((20, 30, 3), 30000, np.uint16), photograph, tmp_path / "color.tif", software="test")
    with tifffile.TiffFile(tmp_path / "color.tif") as file:
        tag = file.pages.first.tags.get("ImageDescription")
        assert (tag and tag.value) == kept
        assert file.asarray().shape == (20, 30, 3)
