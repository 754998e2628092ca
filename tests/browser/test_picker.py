"""The panel on which a hint's colour is chosen, alone on a page, in Chromium."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

FRONTEND = Path(__file__).parents[2] / "frontend"
ADDRESS = "http://picker.test/"
Pick = list[str | bool | None]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    vite = FRONTEND / "node_modules/.bin/vite"
    if not vite.exists():
        pytest.skip("the page's packages are not installed: npm ci --prefix frontend")
    folder = tmp_path_factory.mktemp("picker")
    source = FRONTEND / "tests/panels/picker/page"
    subprocess.run([vite, "build", source, "--base", "./", "--outDir", folder, "--logLevel", "error"], check=True)
    return folder


@pytest.fixture
def panel(built: Path, chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 320, "height": 900})

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS).partition("?")[0] or "index.html"
        path = built / name
        route.fulfill(path=path) if path.is_file() else route.fulfill(status=404)

    page.route(ADDRESS + "**", answer)
    page.goto(ADDRESS)
    page.locator(".picker-plane").wait_for()
    yield page
    page.close()


def picks(panel: Page) -> list[Pick]:
    made: list[Pick] = panel.evaluate("picks.splice(0)")
    return made


def test_a_suggestion_is_a_button_with_its_name_and_share_and_keeps_the_focus(panel: Page) -> None:
    first = panel.get_by_role("button", name="Light brown, 41 %")
    panel.evaluate("picker.focus()")
    expect(first).to_be_focused()
    panel.keyboard.press("Enter")
    assert picks(panel) == [["#b89078", True]]
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(panel.get_by_role("button", name="<1 %")).to_be_visible()


def test_while_suggestions_are_awaited_there_are_none_to_pick_and_nothing_moves(panel: Page) -> None:
    plane, offers = panel.locator(".picker-plane"), panel.get_by_role("region", name="Suggested here")
    expect(offers.get_by_role("button")).to_have_count(3)
    before = plane.bounding_box()
    panel.evaluate('picker.show({L: 62, color: "#b5651d", suggestions: []})')
    expect(offers.get_by_role("button")).to_have_count(0)
    assert plane.bounding_box() == before
    panel.evaluate("picker.focus()")
    expect(panel.get_by_label("Green to red")).to_be_focused()
    panel.evaluate('picker.show({L: 62, color: "#b5651d", suggestions})')
    expect(offers.get_by_role("button")).to_have_count(3)
    assert plane.bounding_box() == before


def test_a_drag_over_the_plane_picks_live_and_ends_with_one_final_colour(panel: Page) -> None:
    box = panel.locator(".picker-plane").bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    panel.mouse.move(*middle)
    panel.mouse.down()
    panel.mouse.move(middle[0] + 20, middle[1] - 30, steps=4)
    panel.mouse.up()
    made = picks(panel)
    assert [final for _, final in made] == [False] * 5 + [True]
    assert made[-1][0] == made[-2][0]
    assert len({color for color, _ in made}) == 5


def test_a_wish_that_the_lightness_cannot_hold_is_kept_and_said(panel: Page) -> None:
    expect(panel.get_by_text("Less than wished")).to_be_hidden()
    panel.evaluate('picker.show({L: 95, color: "#0000ff", suggestions})')
    expect(panel.get_by_text("Less than wished")).to_be_visible()
    panel.get_by_label("Green to red").press("ArrowRight")
    color, final = picks(panel)[-1]
    assert final
    assert isinstance(color, str)
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    assert blue > 200 and red < 60 and green < 60, "the wish is still a pure blue, not the pale one that is shown"


def test_the_sliders_move_one_axis_each_by_keyboard_and_say_where_they_stand(panel: Page) -> None:
    panel.evaluate('picker.show({L: 62, color: "#969696", suggestions})')
    slider = panel.get_by_label("Blue to yellow")
    slider.focus()
    for _ in range(3):
        panel.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "3 towards yellow: gray")
    expect(panel.get_by_label("Green to red")).to_have_attribute("aria-valuetext", "neither green nor red: gray")
    assert len(picks(panel)) == 6, "each step is told as it moves and as it stays"


def test_a_wrong_hex_colour_is_refused_with_the_reason_and_a_short_one_is_taken(panel: Page) -> None:
    field = panel.get_by_label("Hex")
    field.fill("brown")
    field.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("“r” is not a hex digit")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert picks(panel) == []
    field.fill("0af")
    field.press("Enter")
    assert picks(panel) == [["#00aaff", True]]
    expect(field).to_have_value("#00aaff")
    expect(field).to_have_attribute("aria-invalid", "false")


def test_what_is_being_typed_stays_when_another_colour_is_shown(panel: Page) -> None:
    field = panel.get_by_label("Hex")
    field.press("Control+a")
    field.press_sequentially("1d3")
    panel.evaluate('picker.show({L: 62, color: "#aa5500", suggestions})')
    expect(field).to_have_value("1d3")
    field.press_sequentially("b7a")
    field.press("Enter")
    assert picks(panel) == [["#1d3b7a", True]]
    panel.evaluate('picker.show({L: 62, color: "#aa5500", suggestions})')
    expect(field).to_have_value("#aa5500")


def test_what_was_typed_and_taken_back_makes_way_for_what_was_shown_meanwhile(panel: Page) -> None:
    field = panel.get_by_label("Hex")
    field.press("End")
    field.press("0")
    panel.evaluate('picker.show({L: 62, color: "#aa5500", suggestions})')
    field.press("Backspace")
    field.press("Tab")
    expect(field).to_have_value("#aa5500")


def test_neutral_and_recent_colours_are_picked_with_one_press(panel: Page) -> None:
    panel.get_by_role("button", name="Neutral here").click()
    expect(panel.get_by_role("button", name="Neutral here")).to_have_attribute("aria-pressed", "true")
    panel.get_by_role("region", name="Recent").get_by_role("button").click()
    assert picks(panel) == [[None, True], ["#7fae54", True]]


def test_everything_to_press_is_at_least_24_pixels_wide_and_high(panel: Page) -> None:
    for target in panel.locator(".picker :is(button, input)").all():
        box = target.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= 24
