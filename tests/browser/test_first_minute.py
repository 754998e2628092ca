"""The first minute in the studio, as a person has it: with a mouse, by touch, and by keyboard alone."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from person import (
    Floats,
    around,
    chroma,
    click,
    entries,
    eventually,
    marks,
    opened,
    saved,
    seen,
    settled,
    surface,
    tab_to,
)
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from running_studio import Studio
from skimage.color import rgb2lab

# Places on the canvas of 1280 x 800 with the sample "White church": in the sky, on the ground, and in a hedge.
SKY, MEADOW, HEDGE = (180.0, 100.0), (620.0, 640.0), (705.0, 500.0)


def test_a_sample_is_coloured_guided_undone_compared_and_saved(page: Page, studio: Studio, tmp_path: Path) -> None:
    page.goto(studio.address)
    expect(page.get_by_text("Nothing leaves this computer").first).to_be_visible()
    page.get_by_role("button", name="White church").click()
    opened(page)
    automatic = seen(page)

    click(page, *MEADOW)
    settled(page)
    assert marks(page) == 1
    offers = page.get_by_role("region", name="Suggested here").get_by_role("button")
    expect(offers.nth(4)).to_be_visible()
    assert offers.count() <= 9
    expect(offers.first).to_have_attribute("aria-pressed", "true")

    likeliest = seen(page)
    offers.nth(3).click()
    expect(offers.nth(3)).to_have_attribute("aria-pressed", "true")
    eventually(lambda: moved(likeliest, seen(page), MEADOW) > 4, "the meadow did not take the other suggestion")

    page.get_by_label("Hex").fill("#7a3b1d")
    page.get_by_label("Hex").press("Enter")
    wanted = rgb2lab(np.array([[[0x7A, 0x3B, 0x1D]]]) / 255)[0, 0, 1:]
    eventually(
        lambda: bool(np.hypot(*(around(seen(page), *MEADOW)[1:] - wanted)) < 12), "the meadow did not take the colour"
    )
    brown = seen(page)

    for _ in range(3):
        page.get_by_role("button", name="Undo").click()
    eventually(lambda: bool(np.abs(seen(page) - automatic).mean() < 0.5), "undo did not bring the colours back")
    for _ in range(3):
        page.get_by_role("button", name="Redo").click()
    eventually(lambda: bool(np.abs(seen(page) - brown).mean() < 0.5), "redo did not bring the brown back")

    surface(page).focus()
    page.keyboard.down("o")
    eventually(lambda: bool(np.median(chroma(seen(page))) < 1), "holding O did not show the original")
    page.keyboard.up("o")
    eventually(lambda: bool(np.abs(seen(page) - brown).mean() < 0.5), "letting go of O left the original there")

    picture = saved(page, "Save picture", tmp_path)
    session = saved(page, "Save session", tmp_path)
    source = Path(__file__).parents[2] / "examples/white_church.jpg"
    again = ["photochrom", "colorize", source, "--hints", session, "-o", tmp_path / "again.png"]
    subprocess.run([sys.executable, "-m", *map(str, again)], check=True, capture_output=True)
    assert picture.read_bytes() == (tmp_path / "again.png").read_bytes()
    with Image.open(picture) as full:
        assert full.size == (299, 299)


def test_a_far_object_of_another_kind_keeps_its_colours(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    page.get_by_role("button", name="White church").click()
    opened(page)
    click(page, *HEDGE)
    settled(page)
    suggested = seen(page)
    page.get_by_label("Hex").fill("#7a3b1d")
    page.get_by_label("Hex").press("Enter")
    eventually(lambda: moved(suggested, seen(page), HEDGE) > 8, "the hedge did not take the colour")
    assert moved(suggested, seen(page), SKY) < 4


def moved(before: Floats, after: Floats, place: tuple[float, float]) -> float:
    """How far ab went beside a place, in Lab units."""
    return float(np.hypot(*(around(after, *place) - around(before, *place))[1:]))


def test_on_a_phone_by_touch(chromium: Browser, studio: Studio) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    page = context.new_page()
    page.goto(studio.address)
    page.get_by_role("button", name="White church").tap()
    opened(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = surface(page).bounding_box()
    assert box is not None
    surface(page).tap(position={"x": box["width"] / 2, "y": box["height"] / 2})
    settled(page)
    assert marks(page) == 1
    zoom = page.locator(".zoom-value")
    before = percent(zoom)
    pinch(page, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    eventually(lambda: percent(zoom) > 1.5 * before, "two fingers did not enlarge the picture")
    assert marks(page) == 1, "a finger of the two left a mark"
    small = page.locator("button:visible, input:visible, a:visible").evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect(), e]).filter(([r, e]) => !e.closest('label, p, small')"
        " && r.width > 0 && Math.min(r.width, r.height) < 24).map(([r, e]) => e.outerHTML.slice(0, 80))"
    )
    assert small == []
    context.close()


@pytest.mark.parametrize("size", [(844, 390), (667, 375)])
def test_on_a_phone_that_lies_down_everything_is_within_reach(
    chromium: Browser, studio: Studio, size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(studio.address)
    page.get_by_role("button", name="White church").tap()
    opened(page)
    assert page.evaluate("document.documentElement.scrollHeight") == size[1]
    expect(page.get_by_role("contentinfo")).to_be_in_viewport(ratio=1)
    last = page.get_by_role("region", name="Tools").get_by_role("button").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    context.close()


@pytest.mark.parametrize("size", [(320, 256), (427, 240)])
def test_enlarged_to_four_times_it_is_one_column_of_use(
    chromium: Browser, studio: Studio, size: tuple[int, int]
) -> None:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(studio.address)
    page.get_by_role("button", name="White church").click()
    opened(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    box = surface(page).bounding_box()
    assert box is not None
    assert box["width"] == size[0] and 120 < box["height"] < 0.7 * size[1], "no room to scroll by"
    click(page, box["width"] / 2, box["height"] / 2)
    settled(page)
    page.get_by_role("button", name="Delete mark 1").click()
    expect(entries(page)).to_have_count(0)
    context.close()


def percent(zoom: Locator) -> int:
    return int(zoom.inner_text().partition("%")[0])


def pinch(page: Page, x: float, y: float) -> None:
    """Two fingers that go apart from a place, to twice their distance."""
    hand = page.context.new_cdp_session(page)
    for kind, apart in [("touchStart", 40), *(("touchMove", 40 + 4 * step) for step in range(11)), ("touchEnd", None)]:
        fingers = [] if apart is None else [{"x": x - apart, "y": y, "id": 0}, {"x": x + apart, "y": y, "id": 1}]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})


def test_in_the_hex_field_only_the_keys_that_edit_text_are_its_own(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    page.get_by_role("button", name="White church").click()
    opened(page)
    click(page, 620, 640)
    settled(page)
    field = page.get_by_label("Hex")
    before = field.input_value()
    field.press("Control+a")
    field.press_sequentially("#1d3b7")
    field.press("Control+z")
    assert field.input_value() != "#1d3b7" and marks(page) == 1
    field.fill("#1d3b7a")
    field.press("Enter")
    field.press("Control+z")
    expect(field).to_have_value(before)
    field.press("Control+s")
    expect(page.get_by_role("dialog", name="Save")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_file_chooser():
        field.press("Control+o")


def test_by_keyboard_alone(page: Page, studio: Studio, tmp_path: Path) -> None:
    page.goto(studio.address)
    church = page.get_by_role("button", name="White church")
    expect(church).to_be_visible()
    tab_to(page, church)
    page.keyboard.press("Enter")
    opened(page)
    tab_to(page, surface(page))
    page.keyboard.press("Enter")  # shows the crosshair in the middle
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    settled(page)
    assert marks(page) == 1
    page.keyboard.press("Control+ArrowLeft")
    page.keyboard.press("]")
    page.keyboard.press("Delete")
    expect(entries(page)).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(entries(page)).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()

    page.keyboard.press(".")  # selects the mark
    second = page.get_by_role("region", name="Suggested here").get_by_role("button").nth(1)
    tab_to(page, second)
    page.keyboard.press("Enter")
    expect(second).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Control+s")
    save = page.get_by_role("dialog", name="Save").get_by_role("button", name="Save session")
    tab_to(page, save)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    (hint,) = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))["hints"]
    assert 0.45 < hint["x"] < 0.5 < hint["y"], "one step to the left of the middle, and below it"


def test_the_focus_is_never_lost_with_what_had_it(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    page.get_by_role("button", name="White church").press("Enter")
    opened(page)
    expect(surface(page)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    settled(page)
    page.get_by_role("button", name="Delete mark 1").press("Enter")
    expect(surface(page)).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="No marks.")).to_have_count(1)
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Undo", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    expect(surface(page)).to_be_focused()
    page.get_by_role("button", name="Close the photograph").press("Enter")
    expect(page.get_by_role("button", name="White church")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Choose a photograph…")).to_be_focused()


def test_a_new_mark_leaves_the_other_entries_of_the_list_untouched(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    page.get_by_role("button", name="White church").click()
    opened(page)
    for x, y in [(620, 640), (500, 560)]:
        click(page, x, y)
        settled(page)
    entries(page).first.evaluate("entry => { entry.isTheSame = true; }")
    click(page, 300, 120)
    settled(page)
    expect(entries(page)).to_have_count(3)
    assert entries(page).first.evaluate("entry => entry.isTheSame"), "with hundreds of marks each click would wait"
