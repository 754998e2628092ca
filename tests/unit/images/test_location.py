"""Where a photograph was taken goes; what else came with it stays, byte for byte and in its place."""

import io

import pytest
from PIL import ExifTags, Image

from photochrom.images import Metadata, read, write
from photochrom.images.exif import GPS_IFD, block_directory
from photochrom.images.location import without_gps

GPS = {1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0), 29: "1999:12:31"}
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:drone="http://www.dji.com/drone-dji/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" exif:GPSLatitude="52,31.2N"
 drone:GpsLongitude="13.405" dc:format="image/jpeg">
<exif:GPSLongitude>13,24.3E</exif:GPSLongitude><exif:ISO>200</exif:ISO>
<dc:nested rdf:parseType="Resource"><exif:GPSAltitude>34/1</exif:GPSAltitude><dc:title>Berlin</dc:title></dc:nested>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture(params=["JPEG", "PNG", "WEBP", "TIFF"])
def metadata(request: pytest.FixtureRequest) -> Metadata:
    """What comes with a photograph that says where it was taken."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada Example"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = b"ASCII\0\0\0a comment"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(GPS)
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG" if request.param == "TIFF" else request.param, exif=exif)
    if request.param == "TIFF":  # Pillow leaves the GPS directory of a TIFF out
        photograph, buffer = read(buffer.getvalue()), io.BytesIO()
        write(Image.new("RGB", (8, 8)), photograph, buffer, format="tiff")
    return read(buffer.getvalue()).metadata


def test_positions_leave_the_exif_and_everything_else_stays(metadata: Metadata) -> None:
    assert metadata.exif is not None
    before, cleaned = block_directory(metadata.exif), without_gps(metadata).exif
    assert GPS_IFD in before.children
    assert cleaned is not None
    after = Image.Exif()
    after.load(b"Exif\0\0" + cleaned)
    assert not after.get_ifd(ExifTags.IFD.GPSInfo)
    assert GPS_IFD not in after
    assert after[ExifTags.Base.Artist] == "Ada Example"
    assert after.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] == b"ASCII\0\0\0a comment"
    assert b"1999:12:31" in metadata.exif
    assert b"1999:12:31" not in cleaned
    kept = block_directory(cleaned)
    assert {tag: entry.value for tag, entry in kept.entries.items()} == {
        tag: entry.value for tag, entry in before.entries.items()
    }


def test_exif_without_positions_stays_as_it_is() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada Example"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    assert without_gps(Metadata("jpeg", exif=block)).exif == block


def test_positions_leave_the_xmp_at_any_depth() -> None:
    packet = without_gps(Metadata("jpeg", xmp=XMP.encode())).xmp
    assert packet is not None
    assert b"gps" not in packet.lower()
    for kept in (b"image/jpeg", b"200", b"Berlin"):
        assert kept in packet


def test_xmp_that_cannot_be_read_goes_as_a_whole() -> None:
    assert without_gps(Metadata("jpeg", xmp=b"<broken exif:GPSLatitude='52'")).xmp is None


def test_nothing_comes_of_nothing() -> None:
    assert without_gps(Metadata("png")) == Metadata("png")
