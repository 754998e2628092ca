"""Photographs and sessions that are dropped, pasted and chosen: good ones, huge ones and wrong ones."""

import json
from pathlib import Path

import numpy as np
import pytest
from person import chroma, click, entries, hand_over, marks, notices, open_file, opened, saved, seen, settled
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect
from running_studio import Studio, running_studio

EXAMPLES = Path(__file__).parents[2] / "examples"
MEADOW, SKY = (620.0, 640.0), (300.0, 120.0)


def at_work(page: Page, studio: Studio) -> None:
    """A person with a sample open, and a mark in it."""
    page.goto(studio.address)
    page.get_by_role("button", name="White church").click()
    opened(page)
    click(page, *MEADOW)
    settled(page)


def test_a_photograph_is_dropped_and_another_one_pasted(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    hand_over(page, "drop", EXAMPLES / "vintage_car.jpg")
    opened(page)
    expect(page.locator(".file-name")).to_have_text("vintage_car.jpg")
    hand_over(page, "paste", EXAMPLES / "white_church.jpg")
    expect(page.locator(".file-name")).to_have_text("white_church.jpg")
    opened(page)


def test_a_saved_session_opens_again_with_what_others_wrote_into_it(page: Page, studio: Studio, tmp_path: Path) -> None:
    at_work(page, studio)
    session = json.loads(saved(page, "Save session", tmp_path).read_text())
    session["archive"] = {"shelf": 12}
    session["settings"]["saturation"] = 0.5
    (tmp_path / "changed.photochrom.json").write_text(json.dumps(session))
    click(page, *SKY)
    settled(page)
    open_file(page, tmp_path / "changed.photochrom.json")
    expect(entries(page)).to_have_count(1)
    again = json.loads(saved(page, "Save session", tmp_path).read_text())
    assert again["archive"] == {"shelf": 12} and again["settings"]["saturation"] == 0.5
    assert again["hints"] == session["hints"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.jpg", b"Dear aunt, here are the photographs."),
        ("empty.png", b""),
        ("cut.jpg", (EXAMPLES / "vintage_car.jpg").read_bytes()[:2000]),
        ("newer.photochrom.json", b'{"photochrom": 9}'),
        ("broken.photochrom.json", b'{"photochrom": 1, "hints": [{"x": 7, "y": 0}]}'),
        ("many.photochrom.json", json.dumps({"photochrom": 1, "hints": [{"x": 0, "y": 0}] * 1001}).encode()),
    ],
)
def test_a_wrong_file_is_told_calmly_and_the_work_stays(
    page: Page, studio: Studio, tmp_path: Path, name: str, content: bytes
) -> None:
    at_work(page, studio)
    (tmp_path / name).write_bytes(content)
    hand_over(page, "drop", tmp_path / name)
    expect(notices(page)).to_contain_text(name)
    assert marks(page) == 1 and chroma(seen(page)).max() > 8
    faults: list[str] = page.faults  # type: ignore[attr-defined]
    # Chromium logs refused requests as errors.
    faults[:] = [fault for fault in faults if not fault.startswith("Failed to load resource")]


def test_what_is_no_file_and_more_than_one_photograph_are_told(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    hand_over(page, "drop")
    expect(notices(page)).to_contain_text("no file")
    hand_over(page, "drop", EXAMPLES / "vintage_car.jpg", EXAMPLES / "white_church.jpg")
    expect(notices(page)).to_contain_text("One photograph at a time")
    opened(page)
    expect(page.locator(".file-name")).to_have_text("vintage_car.jpg")


@pytest.mark.slow
def test_a_photograph_of_60_megapixels_is_coloured_and_saved_at_its_size(
    page: Page, studio: Studio, tmp_path: Path
) -> None:
    size = (9000, 6667)
    with Image.open(EXAMPLES / "white_church.jpg") as small:
        small.convert("L").resize(size).save(tmp_path / "huge.jpg", quality=60)
    page.goto(studio.address)
    open_file(page, tmp_path / "huge.jpg")
    opened(page)
    click(page, *MEADOW)
    settled(page)
    page.get_by_role("button", name="100 %").click()
    opened(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("radio", name="JPEG").check()
    page.keyboard.press("Escape")
    picture = saved(page, "Save picture", tmp_path)
    with Image.open(picture) as coloured:
        assert coloured.size == size and coloured.mode == "RGB"
        part = np.asarray(coloured.crop((0, 0, 2000, 500)), int)
    assert np.ptp(part, axis=2).max() > 20, "the sky is gray"


def test_a_photograph_beyond_the_limit_is_refused_with_it(desk: BrowserContext, tmp_path: Path) -> None:
    Image.new("L", (10_000, 5_001)).save(tmp_path / "wall.png")
    with running_studio("serve") as service:
        page = desk.new_page()
        page.goto(service.address)
        hand_over(page, "drop", tmp_path / "wall.png")
        expect(notices(page)).to_contain_text("50,000,000")
        expect(page.get_by_role("button", name="White church")).to_be_visible()
