"""A hint has its colour where it lies, at every zoom and in the saved picture."""

import json
from pathlib import Path

import numpy as np
import pytest
from person import open_file, opened, saved, seen, surface
from PIL import Image
from playwright.sync_api import Page, Route, expect
from running_studio import Studio
from skimage.color import lab2rgb, rgb2lab

# Larger than the canvas, and than the level between its pixels and the network's grid.
SIZE = (3001, 2251)
COLORS = ("#a05a32", "#3f6fa8", "#5f8f4a", None)


def photograph(path: Path) -> float:
    """Writes slopes of light with a soft ripple; returns L in the middle."""
    width, height = SIZE
    x, y = np.meshgrid(np.arange(width) / width, np.arange(height) / height)
    gray = np.rint(110 + 60 * (x - 0.5) - 50 * (y - 0.5) + 4 * np.sin(40 * x) * np.sin(30 * y)).astype(np.uint8)
    Image.fromarray(gray).save(path)
    return float(rgb2lab(np.full((1, 1, 3), gray[height // 2, width // 2] / 255))[0, 0, 0])


def test_the_canvas_is_busy_until_the_part_in_view_is_there(page: Page, studio: Studio, tmp_path: Path) -> None:
    photograph(tmp_path / "slopes.png")
    page.goto(studio.address)
    open_file(page, tmp_path / "slopes.png")
    opened(page)
    expect(surface(page)).to_have_attribute("aria-busy", "false")
    held: list[Route] = []
    page.route("**/gray?*", lambda route: held.append(route))
    zoom = "button => { button.click(); return document.querySelector('[role=application]').ariaBusy; }"
    with page.expect_request("**/gray?*"):
        assert page.get_by_role("button", name="200 %").evaluate(zoom) == "true", "the view is yet to rest"
    expect(surface(page)).to_have_attribute("aria-busy", "true")
    for route in held:
        route.continue_()
    page.unroute("**/gray?*")
    expect(surface(page)).to_have_attribute("aria-busy", "false")


@pytest.mark.parametrize("color", COLORS)
def test_the_pixel_under_a_hint_has_its_colour_at_every_zoom_and_when_saved(
    page: Page, studio: Studio, tmp_path: Path, color: str | None
) -> None:
    lightness = photograph(tmp_path / "slopes.png")
    wish = np.zeros(2)
    if color is not None:
        wish = rgb2lab(np.array([[[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]]]))[0, 0, 1:]
        back = rgb2lab(lab2rgb(np.array([[[lightness, *wish]]])))[0, 0, 1:]
        assert np.hypot(*(back - wish)) < 0.1, "the colour must be one that sRGB holds at this lightness"
    session = {"photochrom": 1, "hints": [{"x": 0.5, "y": 0.5, "color": color, "radius": 0.01}]}
    (tmp_path / "slopes.photochrom.json").write_text(json.dumps(session))
    page.goto(studio.address)
    open_file(page, tmp_path / "slopes.png", tmp_path / "slopes.photochrom.json")
    opened(page)
    expect(page.get_by_role("list", name="Marks").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Show marks").click()

    for zoom in ("Fit", "100 %", "200 %"):
        page.get_by_role("button", name=zoom).click()
        expect(surface(page)).to_have_attribute("aria-busy", "false")
        lab = seen(page)
        row, column = lab.shape[0] // 2, lab.shape[1] // 2
        under = lab[row - 1 : row + 1, column - 1 : column + 1, 1:].mean(axis=(0, 1))
        assert np.hypot(*(under - wish)) <= 2, zoom

    with Image.open(saved(page, "Save picture", tmp_path)) as picture:
        assert picture.size == SIZE
        pixel = np.array(picture.getpixel((SIZE[0] // 2, SIZE[1] // 2))) / 255
    assert np.hypot(*(rgb2lab(pixel[None, None])[0, 0, 1:] - wish)) <= 2
