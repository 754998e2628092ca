"""A reload, a second tab, a service that dies, hurried hands: what was done stays done."""

import io

import pytest
from person import Floats, chroma, click, entries, eventually, marks, notices, opened, seen, settled, surface
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect
from running_studio import Studio, running_studio

PLACES = [(620.0, 640.0), (500.0, 560.0), (300.0, 120.0)]


def open_sample(tab: Page, name: str = "White church") -> None:
    tab.get_by_role("button", name=name).click()
    opened(tab)


def open_content(tab: Page, name: str, content: bytes) -> None:
    """Chooses a file of that content, and waits until it is open."""
    tab.get_by_label("Photograph or session file").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    expect(tab.locator(".file-name")).to_have_text(name)


def kept_works(tab: Page) -> Locator:
    """Those that the start screen lists."""
    return tab.get_by_role("list", name="Kept works").get_by_role("listitem")


def test_a_reload_in_the_middle_brings_back_picture_marks_and_undo(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    open_sample(page)
    for place in PLACES[:2]:
        click(page, *place)
        settled(page)
    before = entries(page).all_inner_texts()

    page.reload()
    opened(page)
    expect(entries(page)).to_have_count(2)
    settled(page)
    assert entries(page).all_inner_texts() == before
    page.get_by_role("button", name="Undo").click()
    expect(entries(page)).to_have_count(1)
    page.get_by_role("button", name="Redo").click()
    expect(entries(page)).to_have_count(2)


def test_an_edit_right_before_a_reload_is_kept(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    open_sample(page)
    click(page, *PLACES[0])
    settled(page)
    hex_field = page.get_by_label("Hex")
    for color in ("#7a3b1d", "#1d3b7a", "#3b7a1d"):
        # In one turn of the page: autosave, which waits for hands to rest, has no time.
        change = (
            "(field, color) => { field.value = color; field.dispatchEvent(new Event('change')); location.reload(); }"
        )
        with page.expect_navigation():
            hex_field.evaluate(change, color)
        opened(page)
        page.get_by_role("list", name="Marks").get_by_role("button").first.click()
        expect(hex_field).to_have_value(color)


def test_two_tabs_keep_their_works_apart(desk: BrowserContext, studio: Studio) -> None:
    church, car = desk.new_page(), desk.new_page()
    for tab, name in ((church, "White church"), (car, "Vintage car")):
        tab.goto(studio.address)
        open_sample(tab, name)
    click(church, *PLACES[0])
    settled(church)
    for place in PLACES[:2]:
        click(car, *place)
        settled(car)

    for tab, name, count in ((church, "white_church", 1), (car, "vintage_car", 2)):
        tab.reload()
        opened(tab)
        expect(entries(tab)).to_have_count(count)
        expect(tab.locator(".file-name")).to_contain_text(name)


def test_photographs_that_are_only_looked_at_leave_the_start_screen_its_works(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    open_sample(page)
    click(page, *PLACES[0])
    settled(page)
    for i in range(14):
        look = io.BytesIO()
        Image.new("L", (40, 30), 10 * i).save(look, "png")
        open_content(page, f"look{i}.png", look.getvalue())
    page.get_by_role("button", name="Close the photograph").click()
    expect(kept_works(page)).to_have_count(4)
    expect(kept_works(page).last).to_contain_text("white_church.jpg, 1 mark,")


def test_a_photograph_that_is_opened_again_goes_on_where_it_was_or_afresh(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    open_sample(page)
    click(page, *PLACES[0])
    settled(page)
    page.get_by_role("button", name="Close the photograph").click()
    open_sample(page)
    expect(entries(page)).to_have_count(1)
    expect(notices(page)).to_contain_text("you go on where you were")
    page.get_by_role("button", name="Start afresh").click()
    expect(entries(page)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(entries(page)).to_have_count(1)
    page.get_by_role("button", name="Close the photograph").click()
    expect(kept_works(page)).to_have_count(1)


def test_a_work_that_is_forgotten_can_be_had_back(page: Page, studio: Studio) -> None:
    page.goto(studio.address)
    open_sample(page)
    click(page, *PLACES[0])
    settled(page)
    page.get_by_role("button", name="Close the photograph").click()
    page.get_by_role("button", name="Forget white_church.jpg").click()
    expect(kept_works(page)).to_have_count(0)
    notices(page).get_by_role("button", name="Undo").click()
    kept_works(page).get_by_role("button", name="1 mark").click()
    opened(page)
    expect(entries(page)).to_have_count(1)


def test_what_another_tab_is_at_work_on_cannot_be_forgotten(desk: BrowserContext, studio: Studio) -> None:
    other, page = desk.new_page(), desk.new_page()
    page.goto(studio.address)
    other.goto(studio.address)
    open_sample(other)
    page.reload()
    expect(kept_works(page)).to_contain_text("open in another tab")
    expect(page.get_by_role("button", name="Forget white_church.jpg")).to_be_disabled()


def test_a_killed_service_that_comes_back_finds_the_work_as_it_was(desk: BrowserContext) -> None:
    page = desk.new_page()
    with running_studio() as first:
        page.goto(first.address)
        open_sample(page)
        click(page, *PLACES[0])
        settled(page)
        first.kill()
        click(page, *PLACES[1])
        expect(page.get_by_role("contentinfo").get_by_text("does not answer")).to_be_visible()
        with running_studio(port=first.port):
            expect(page.get_by_role("contentinfo").get_by_text("does not answer")).to_have_count(0)
            expect(entries(page)).to_have_count(2)
            settled(page)
            hex_field = page.get_by_label("Hex")
            hex_field.fill("#7a3b1d")
            hex_field.press("Enter")
            eventually(lambda: chroma(seen(page)).max() > 8, "the picture lost its colours")
            click(page, *PLACES[2])
            settled(page)
            assert marks(page) == 3


def heap_bytes(page: Page) -> int:
    """What the page's script holds, after all garbage is gone."""
    inside = page.context.new_cdp_session(page)
    for _ in range(3):
        inside.send("HeapProfiler.collectGarbage")
    return int(inside.send("Runtime.getHeapUsage")["usedSize"])


@pytest.mark.slow
def test_of_a_hundred_rapid_edits_the_last_wins_each_can_be_undone_and_memory_stays_flat(
    page: Page, studio: Studio
) -> None:
    page.goto(studio.address)
    open_sample(page)
    click(page, *PLACES[0])
    settled(page)
    hex_field = page.get_by_label("Hex")
    colors = [f"#{100 + i:02x}{40 + i:02x}{30:02x}" for i in range(100)]

    def edit_all() -> None:
        for color in colors:
            hex_field.fill(color)
            hex_field.press("Enter")
        expect(surface(page)).to_have_attribute("aria-busy", "false")

    def middle() -> Floats:
        """Of the picture, clear of notices, markers and the ring of the focus."""
        return seen(page)[100:500, 250:700]

    edit_all()
    last = middle()
    surface(page).focus()
    for _ in range(99):
        page.keyboard.press("Control+z")
    expect(hex_field).to_have_value(colors[0])
    expect(entries(page)).to_have_count(1)
    expect(surface(page)).to_have_attribute("aria-busy", "false")
    assert abs(middle() - last).mean() > 0.1, "the first colour looks like the last one"
    for _ in range(99):
        page.keyboard.press("Control+Shift+z")
    expect(hex_field).to_have_value(colors[-1])
    expect(surface(page)).to_have_attribute("aria-busy", "false")
    assert abs(middle() - last).mean() < 0.05, "of all the edits another one won"

    before = heap_bytes(page)
    edit_all()
    assert heap_bytes(page) < 1.1 * before
