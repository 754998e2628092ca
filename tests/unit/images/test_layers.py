"""Layers for picture editors, read as an editor reads them."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photochrom import Colorizer, Hint, OutputExists, UnsupportedFormat
from photochrom.pipeline import Result

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def result(examples_dir: Path) -> Result:
    return Colorizer("compact").open(examples_dir / "white_church.jpg").render([Hint(0.5, 0.8, "#406030")])


def luma(rgb: Floats) -> Floats:
    return rgb @ [0.3, 0.59, 0.11]


def blended(layer: Floats, below: Floats) -> Floats:
    """Blend mode "color" as W3C Compositing and Blending Level 1 defines it: SetLum(layer, Lum(below))."""
    lum = luma(below)[..., None]
    mixed = layer + lum - luma(layer)[..., None]
    low, high = mixed.min(axis=-1, keepdims=True), mixed.max(axis=-1, keepdims=True)
    mixed = np.where(low < 0, lum + (mixed - lum) * lum / np.maximum(lum - low, 1e-9), mixed)
    return np.where(high > 1, lum + (mixed - lum) * (1 - lum) / np.maximum(high - lum, 1e-9), mixed)


def test_open_raster_lays_the_colours_over_the_photograph(result: Result, tmp_path: Path) -> None:
    result.save_layer(tmp_path / "church.ora")
    with zipfile.ZipFile(tmp_path / "church.ora") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        layers = ElementTree.fromstring(archive.read("stack.xml")).findall("stack/layer")
        assert [layer.get("composite-op") for layer in layers] == ["svg:color", "svg:src-over"]
        top, bottom = (Image.open(io.BytesIO(archive.read(str(layer.get("src"))))).convert("RGB") for layer in layers)
        merged = Image.open(io.BytesIO(archive.read("mergedimage.png")))
        assert max(Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size) == 256
    assert merged.tobytes() == result.image.tobytes()
    assert np.array_equal(np.asarray(bottom)[..., 0], result.photograph.gray)
    shown, expected = blended(np.asarray(top) / 255, np.asarray(bottom) / 255) * 255, np.asarray(result.image, float)
    # An editor's luma is not quite CIE L*, so a pixel may come out lighter or darker, but with the same colour (where
    # that fits between black and white).
    fits = (shown.min(axis=-1) > 0.01) & (shown.max(axis=-1) < 254.99)
    assert fits.mean() > 0.98
    np.testing.assert_allclose(np.diff(shown[fits], axis=-1), np.diff(expected[fits], axis=-1), atol=1e-6)
    assert np.abs(shown - expected).mean() < 5


def test_layer_alone_is_a_png_of_the_colours_and_the_transparency(tmp_path: Path) -> None:
    gray = np.full((20, 30), 120, np.uint8)
    alpha = np.tile(np.arange(30, dtype=np.uint8) * 8, (20, 1))
    Image.merge("LA", (Image.fromarray(gray), Image.fromarray(alpha))).save(tmp_path / "a.png")
    result = Colorizer("compact").colorize(tmp_path / "a.png")
    stream = io.BytesIO()
    result.save_layer(stream)
    layer = Image.open(stream)
    assert (layer.format, layer.mode) == ("PNG", "RGBA")
    assert np.array_equal(np.asarray(layer)[..., 3], alpha)
    assert layer.convert("RGB").tobytes() == result.image.tobytes()


def test_layers_say_that_an_algorithm_made_their_colours(result: Result, tmp_path: Path) -> None:
    result.save_layer(tmp_path / "church.png")
    result.save_layer(tmp_path / "church.ora")
    files = {"church.png": (tmp_path / "church.png").read_bytes()}
    with zipfile.ZipFile(tmp_path / "church.ora") as archive:
        files |= {name: archive.read(name) for name in archive.namelist() if name.endswith(".png")}
    statements = {name: Image.open(io.BytesIO(data)).info.get("xmp", b"") for name, data in files.items()}
    stated = {name for name, xmp in statements.items() if b"compositeWithTrainedAlgorithmicMedia" in xmp}
    assert stated == {"church.png", "data/colours.png", "mergedimage.png"}


def test_open_raster_keeps_the_resolution(tmp_path: Path) -> None:
    Image.new("L", (30, 20), 90).save(tmp_path / "a.png", dpi=(600, 300))
    Colorizer("compact").colorize(tmp_path / "a.png").save_layer(tmp_path / "a.ora")
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        image = ElementTree.fromstring(archive.read("stack.xml"))
    assert (image.get("xres"), image.get("yres")) == ("600", "300")


def test_layers_are_the_same_bytes_again_and_replace_nothing(result: Result, tmp_path: Path) -> None:
    for name in ("one.ora", "two.ora"):
        result.save_layer(tmp_path / name)
    assert (tmp_path / "one.ora").read_bytes() == (tmp_path / "two.ora").read_bytes()
    with pytest.raises(OutputExists):
        result.save_layer(tmp_path / "one.ora")
    with pytest.raises(UnsupportedFormat, match=r"choose \.png or \.ora"):
        result.save_layer(tmp_path / "one.xcf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.ora", "two.ora"]
