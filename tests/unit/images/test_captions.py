"""What people wrote about a photograph goes with it: where a format has no place for it as it came, as XMP."""

import hashlib
import io
import json
import shutil
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from photochrom import images
from photochrom.images import photoshop
from photochrom.images.captions import iptc_captions, text_captions
from photochrom.images.location import without_gps

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "xmpNote": "http://ns.adobe.com/xmp/note/",
}
LI = f"{{{PREFIXES['rdf']}}}li"
TEXTS = {
    "Title": "Großmutter & Hund",
    "Author": "A. Nonymous",
    "Description": "Вид на церковь",
    "Copyright": "© family archive",
    "Creation Time": "Sun, 01 Mar 1936 12:00:00 GMT",
    "Comment": "found in the attic",
    "album page": "17",
}
UTF8 = b"\x1c\x01\x5a\x00\x03\x1b%G"


def field(number: int, text: str, encoding: str = "utf-8") -> bytes:
    value = text.encode(encoding)
    return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(value)) + value


IPTC = UTF8 + b"".join(
    [
        field(5, "Swing"),
        field(25, "couple"),
        field(25, "garden"),
        field(55, "19360301"),
        field(60, "120000+0100"),
        field(80, "A. Nonymous"),
        field(90, "Ulm"),
        field(116, "© family archive"),
        field(120, "Großmutter auf der Schaukel"),
    ]
)


def picture(format: str, depth: str = "L", **options: Any) -> bytes:
    stream = io.BytesIO()
    gray = Image.fromarray(np.full((32, 48), 60, np.uint8))
    gray.convert(depth).save(stream, format, **options)
    return stream.getvalue()


def png(texts: Mapping[str, str], *, late: bool = False, depth: str = "L") -> bytes:
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    if late:
        info.chunks = [(*chunk[:2], True) for chunk in info.chunks]
    return picture("PNG", depth, pnginfo=info)


def app13(resources: bytes) -> bytes:
    segment = b"Photoshop 3.0\0" + resources
    return b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment


def written(photograph: images.Photograph, format: str, *, deep: bool = False) -> bytes:
    gray = np.repeat(photograph.gray[..., np.newaxis], 3, axis=-1)
    pixels: Any = gray.astype(np.uint16) * 257 if deep else Image.fromarray(gray.astype(np.uint8))
    stream = io.BytesIO()
    images.write(pixels, photograph, stream, format=format, software="photochrom")
    return stream.getvalue()


def info_of(data: bytes) -> dict[Any, Any]:
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        return opened.info


def said(data: bytes) -> dict[str, list[str]]:
    """XMP properties of a written picture, by their names with the prefix."""
    packet = info_of(data)["xmp"]
    found: dict[str, list[str]] = {}
    for description in ElementTree.fromstring(packet).iter(f"{{{PREFIXES['rdf']}}}Description"):
        for name, value in description.attrib.items():
            found[prefixed(name)] = [value]
        for child in description:
            found[prefixed(child.tag)] = [item.text or "" for item in child.iter(LI)] or [child.text or ""]
    return found


def prefixed(name: str) -> str:
    namespace, _, local = name.removeprefix("{").partition("}")
    return next((f"{prefix}:{local}" for prefix, known in PREFIXES.items() if known == namespace), name)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("depth", ["L", "I;16", "RGB"])
def test_texts_of_a_png_stay_in_a_png(depth: str, late: bool, deep: bool) -> None:
    photograph = images.read(png(TEXTS, late=late, depth=depth))
    info = info_of(written(photograph, "png", deep=deep))
    assert {key: info[key] for key in TEXTS} == TEXTS


@pytest.mark.parametrize("format", ["jpeg", "webp", "avif", "tiff"])
def test_texts_of_a_png_become_xmp_elsewhere(format: str) -> None:
    found = said(written(images.read(png(TEXTS)), format))
    assert found["dc:title"] == ["Großmutter & Hund"]
    assert found["dc:creator"] == ["A. Nonymous"]
    assert found["dc:description"] == ["Вид на церковь"]
    assert found["dc:rights"] == ["© family archive"]
    assert found["photoshop:DateCreated"] == ["1936-03-01T12:00:00+00:00"]


@pytest.mark.parametrize("format", ["png", "webp", "avif"])
@pytest.mark.parametrize("origin", ["JPEG", "TIFF"])
def test_iptc_becomes_xmp_where_a_format_has_no_place_for_it(origin: str, format: str) -> None:
    options = {"extra": app13(photoshop.from_iptc(IPTC))} if origin == "JPEG" else {"tiffinfo": {33723: IPTC}}
    found = said(written(images.read(picture(origin, **options)), format))
    assert found["dc:title"] == ["Swing"]
    assert found["dc:subject"] == ["couple", "garden"]
    assert found["dc:creator"] == ["A. Nonymous"]
    assert found["dc:description"] == ["Großmutter auf der Schaukel"]
    assert found["photoshop:City"] == ["Ulm"]
    assert found["photoshop:DateCreated"] == ["1936-03-01T12:00:00+01:00"]


@pytest.mark.parametrize("format", ["jpeg", "tiff"])
def test_iptc_is_not_repeated_where_it_has_its_place(format: str) -> None:
    photograph = images.read(picture("JPEG", extra=app13(photoshop.from_iptc(IPTC))))
    assert "dc:title" not in said(written(photograph, format))


@pytest.mark.parametrize("deep", [False, True])
def test_iptc_comes_back_whole_from_a_png(deep: bool) -> None:
    photograph = images.read(picture("JPEG", extra=app13(photoshop.from_iptc(IPTC))))
    back = images.read(written(photograph, "png", deep=deep)).metadata.photoshop
    assert back is not None and photoshop.iptc(back) == IPTC


@pytest.mark.parametrize("kind", ["iptc", "8bim"])
def test_profiles_that_imagemagick_writes_into_a_png_are_read(kind: str) -> None:
    data = IPTC if kind == "iptc" else photoshop.from_iptc(IPTC)
    packet = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="' + PREFIXES["rdf"] + '"></rdf:RDF></x:xmpmeta>'
    raw = {
        f"Raw profile type {name}": f"\n{name}\n{len(value):8}\n{value.hex()}\n"
        for name, value in ((kind, data), ("xmp", packet.encode()))
    }
    metadata = images.read(png(raw)).metadata
    assert metadata.photoshop is not None and photoshop.iptc(metadata.photoshop) == IPTC
    assert metadata.xmp == packet.encode() and not metadata.texts


def test_what_xmp_says_already_stays_as_it_is() -> None:
    packet = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{PREFIXES["rdf"]}"><rdf:Description rdf:about="" '
        f'xmlns:dc="{PREFIXES["dc"]}" xmlns:photoshop="{PREFIXES["photoshop"]}" photoshop:City="Neu-Ulm">'
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">mine</rdf:li></rdf:Alt></dc:title>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
    photograph = images.read(picture("JPEG", xmp=packet, extra=app13(photoshop.from_iptc(IPTC))))
    found = said(written(photograph, "webp"))
    assert (found["dc:title"], found["photoshop:City"], found["dc:subject"]) == (
        ["mine"],
        ["Neu-Ulm"],
        ["couple", "garden"],
    )


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("19360301", "", "1936-03-01"),
        ("19360300", "", "1936-03"),
        ("19360000", "", "1936"),
        ("19360301", "120000", "1936-03-01T12:00:00"),
        ("00000000", "", None),
        ("spring", "", None),
    ],
)
def test_an_iptc_date_says_no_more_than_is_known(day: str, time: str, expected: str | None) -> None:
    found = iptc_captions(field(55, day) + field(60, time))
    assert found.get("photoshop:DateCreated") == (expected and (expected,))


@pytest.mark.parametrize(("encoding", "head"), [("utf-8", UTF8), ("utf-8", b""), ("cp1252", b"")])
def test_iptc_is_read_in_the_encoding_it_has(encoding: str, head: bytes) -> None:
    assert iptc_captions(head + field(120, "Großmutter: Œuvre €", encoding)) == {
        "dc:description": ("Großmutter: Œuvre €",)
    }


def test_malformed_iptc_ends_the_list() -> None:
    good = field(90, "Ulm")
    for rest in (b"\x1c", b"\x1c\x02\x78\xff\xff\x00", b"\x1c\x02\x78\x00\x20short", b"rubbish"):
        assert iptc_captions(good + rest) == {"photoshop:City": ("Ulm",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1936-03-01T12:00:00+01:00", "1936-03-01T12:00:00+01:00"),
        ("1936-03-01", "1936-03-01"),
        ("Sun, 01 Mar 1936 12:00:00 +0100", "1936-03-01T12:00:00+01:00"),
        ("long ago", None),
    ],
)
def test_a_png_s_creation_time_counts_if_it_is_a_date(text: str, expected: str | None) -> None:
    assert text_captions({"Creation Time": text}).get("photoshop:DateCreated") == (expected and (expected,))


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    photograph = images.read(picture("JPEG", extra=app13(photoshop.from_iptc(field(120, "a\x01b\x1fc")))))
    assert said(written(photograph, "webp"))["dc:description"] == ["abc"]


def test_comments_go_between_jpeg_png_and_gif() -> None:
    jpeg = images.read(picture("JPEG", comment=b"aunt Emma"))
    assert info_of(written(jpeg, "png"))["Comment"] == "aunt Emma"
    assert said(written(jpeg, "webp"))["exif:UserComment"] == ["aunt Emma"]
    attic = written(images.read(png({"Comment": "in the attic"})), "jpeg")
    assert info_of(attic)["comment"] == b"in the attic" and "exif:UserComment" not in said(attic)
    assert info_of(written(images.read(picture("GIF", comment=b"uncle Karl")), "jpeg"))["comment"] == b"uncle Karl"


def test_all_comments_of_a_jpeg_stay() -> None:
    data = picture("JPEG", comment=b"second", extra=b"\xff\xfe\x00\x07first")
    comment = info_of(written(images.read(data), "jpeg"))["comment"]
    assert b"first" in comment and b"second" in comment


def test_texts_that_tell_the_place_go_with_it() -> None:
    metadata = images.read(png({"exif:GPSLatitude": "48/1, 51/1, 0/1", "Title": "Ulm"})).metadata
    assert without_gps(metadata).texts == {"Title": "Ulm"}


def test_xmp_beyond_one_segment_is_read() -> None:
    """By Adobe's specification: pieces of an RDF document of its own, which may come in any order."""
    story = "Es war einmal. " * 9000
    extension = (
        f'<rdf:RDF xmlns:rdf="{PREFIXES["rdf"]}" xmlns:dc="{PREFIXES["dc"]}"><rdf:Description rdf:about="">'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{story}</rdf:li></rdf:Alt></dc:description>'
        "</rdf:Description></rdf:RDF>"
    ).encode()
    name = hashlib.md5(extension).hexdigest().upper()
    packet = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{PREFIXES["rdf"]}"><rdf:Description rdf:about="" '
        f'xmlns:xmpNote="{PREFIXES["xmpNote"]}" xmpNote:HasExtendedXMP="{name}"/></rdf:RDF></x:xmpmeta>'
    ).encode()
    pieces = [extension[at : at + 60_000] for at in range(0, len(extension), 60_000)]
    segments = [
        b"http://ns.adobe.com/xmp/extension/\0" + name.encode() + struct.pack(">2L", len(extension), 60_000 * i) + piece
        for i, piece in enumerate(pieces)
    ]
    extra = b"".join(b"\xff\xe1" + struct.pack(">H", 2 + len(s)) + s for s in reversed(segments))
    photograph = images.read(picture("JPEG", xmp=packet, extra=extra))
    for format in ("png", "tiff"):
        found = said(written(photograph, format))
        assert found["dc:description"] == [story] and "xmpNote:HasExtendedXMP" not in found
    missing = b"".join(b"\xff\xe1" + struct.pack(">H", 2 + len(s)) + s for s in segments[:-1])
    found = said(written(images.read(picture("JPEG", xmp=packet, extra=missing)), "png"))
    assert "dc:description" not in found and "xmpNote:HasExtendedXMP" not in found


def test_exiftool_reads_captions_and_long_xmp(tmp_path: Path) -> None:
    exiftool = shutil.which("exiftool")
    if exiftool is None:
        pytest.skip("needs exiftool")
    story = "Es war einmal. " * 9000
    captioned = images.read(png({**TEXTS, "Description": story}))
    iptc = images.read(picture("JPEG", extra=app13(photoshop.from_iptc(IPTC))))
    (tmp_path / "long.jpg").write_bytes(written(captioned, "jpeg"))
    (tmp_path / "texts.png").write_bytes(written(captioned, "png"))
    (tmp_path / "iptc.png").write_bytes(written(iptc, "png"))
    (tmp_path / "iptc.webp").write_bytes(written(iptc, "webp"))
    names = sorted(path.name for path in tmp_path.iterdir())
    command = [exiftool, "-j", "-G0", "-struct", "-charset", "utf8", *names]
    out = json.loads(subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout)
    found = {entry["SourceFile"]: entry for entry in out}
    assert found["long.jpg"]["XMP:Description"].strip() == story.strip()
    assert "ExifTool:Warning" not in found["long.jpg"]
    assert found["texts.png"]["PNG:Title"] == TEXTS["Title"]
    assert found["iptc.png"]["IPTC:Caption-Abstract"] == "Großmutter auf der Schaukel"
    assert found["iptc.webp"]["XMP:Subject"] == ["couple", "garden"]
