"""The sheet as a picture and as a page: all that it must hold, in the right place, and nothing from elsewhere."""

import base64
import io
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.comparison.page import write_page
from photochrom.comparison.row import INPUT, Row
from photochrom.comparison.sheet import layout, write_sheet
from photochrom.comparison.store import RowStore
from photochrom.images.xmp import COLORIZED

Attributes = dict[str, str | None]


class Page(HTMLParser):
    """All elements of a page, with the text within each section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def all(self, tag: str) -> list[Attributes]:
        return [attributes for name, attributes in self.elements if name == tag]


def sheet(store: RowStore) -> Image.Image:
    stream = io.BytesIO()
    write_sheet(store, ["one", "another"], stream)
    stream.seek(0)
    image = Image.open(stream)
    image.load()
    return image


def page(store: RowStore) -> str:
    stream = io.BytesIO()
    write_page(store, stream)
    return stream.getvalue().decode()


def test_rows_come_back_from_the_store_as_they_were(rows: list[Row], store: RowStore) -> None:
    for _ in range(2):
        for before, after in zip(rows, store, strict=True):
            assert (before.name, before.labels) == (after.name, after.labels)
            assert np.array_equal(before.pictures, after.pictures)


def test_every_picture_stands_on_the_sheet_pixel_by_pixel(rows: list[Row], store: RowStore) -> None:
    pixels = np.asarray(sheet(store))
    placed = layout(store.entries)
    assert pixels.shape == (placed.height, placed.width, 3)
    top = placed.header
    lefts = []
    for row, height in zip(rows, placed.rows, strict=True):
        for picture in row.pictures:
            band = pixels[top : top + height]
            corner = picture[0, :8]
            windows = np.lib.stride_tricks.sliding_window_view(band, (1, 8, 3)).reshape(*band[:, 7:, 0].shape, -1)
            ((y, x),) = np.argwhere((windows == corner.ravel()).all(axis=-1))
            assert np.array_equal(band[y : y + picture.shape[0], x : x + picture.shape[1]], picture)
            lefts.append(int(x))
        top += height
    assert lefts == [*lefts[:4], *lefts[:3]] and len(set(np.diff(lefts[:4]))) == 1


def test_sheet_says_that_an_algorithm_made_the_colours(store: RowStore) -> None:
    packet = sheet(store).info["XML:com.adobe.xmp"]
    assert COLORIZED in packet and "one, another" in packet


def test_long_names_are_cut_to_the_sheet(store: RowStore, rows: list[Row]) -> None:
    width = layout(store.entries).width
    with RowStore() as long:
        long.add(Row("x" * 5000, rows[0].labels, rows[0].pictures))
        image = sheet(long)
    assert image.width == width
    margin = np.asarray(image)[:, -20:]
    assert (margin == margin[0, 0]).all()


def test_every_image_of_the_page_is_inside_it_and_described(rows: list[Row], store: RowStore) -> None:
    images = Page(page(store)).all("img")
    shown = [(row, number) for row in rows for number in range(len(row.labels))]
    assert len(images) == len(shown)
    for image, (row, number) in zip(images, shown, strict=True):
        assert image["alt"] and row.labels[number].title in image["alt"] and row.name[-4:] in image["alt"]
        kind, data = str(image["src"]).split(",")
        assert kind == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as embedded:
            assert embedded.size == (int(str(image["width"])), int(str(image["height"])))
            difference = np.asarray(embedded, np.float64) - row.pictures[number]
        assert np.sqrt((difference**2).mean()) < 16  # noise is the worst for JPEG; another picture differs by 100


def test_every_slider_has_a_label_of_its_own(rows: list[Row], store: RowStore) -> None:
    parsed = Page(page(store))
    sliders = [attributes for attributes in parsed.all("input") if attributes["type"] == "range"]
    labels = [attributes["for"] for attributes in parsed.all("label") if "for" in attributes]
    identities = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    results = sum(label.title != INPUT for row in rows for label in row.labels)
    assert len(sliders) == results and [slider["id"] for slider in sliders] == labels
    assert len(set(identities)) == len(identities)


def test_page_asks_for_nothing_from_elsewhere(store: RowStore) -> None:
    text = page(store)
    without_images = re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|fetch|XMLHttp", without_images)
    parsed = Page(text)
    assert not parsed.all("link") and not any("src" in attributes for attributes in parsed.all("script"))
    policies = [meta["content"] for meta in parsed.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert len(policies) == 1 and "default-src 'none'" in str(policies[0])


def test_names_of_files_are_text_and_never_markup(store: RowStore) -> None:
    parsed = Page(page(store))
    assert not parsed.all("b")
    assert '<b onload="x">é & ?.png' in parsed.text


def test_page_is_well_formed_and_tells_all_figures(rows: list[Row], store: RowStore) -> None:
    parsed = Page(page(store))
    assert parsed.open == []
    words = " ".join(parsed.text)
    assert words.count("23.4 dB") + words.count("23.5 dB") == 3 + 3  # three pictures with a truth, and their means
    assert words.count("45.7") == 2
    assert "Mean of the 1 of 2 photographs that have an original" in words


def test_script_of_the_page_is_sound(repository: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    script = repository / "src" / "photochrom" / "comparison" / "page.js"
    done = subprocess.run([node, "--check", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
