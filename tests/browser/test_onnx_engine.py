"""The engine that runs the network in the page: in Chromium it gives what Python gives, for the same files."""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page
from static_site import FRONTEND, built, served

from photochrom import Colorizer, Hint, Reference
from photochrom.pipeline import Work, read_reference

EXAMPLES = FRONTEND.parent / "examples"
HINTS = (Hint(0.3, 0.4, "#b5651d", 0.02), Hint(0.7, 0.6, None, 0.1), Hint(1.0, 1.0, "#2f6f9f"))
# Lab units, as near as the page must come to Python.
NEAR = 1.0

Floats = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def tab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page with the engine alone, for all tests: to start the network takes a second."""
    folder = built(tmp_path_factory.mktemp("engine"), "tests/site/page")
    with served(folder, isolated=True) as site:
        page = chromium.new_page()
        page.goto(site.address)
        page.get_by_text("ready").wait_for()
        yield page
        page.close()


def example(name: str) -> Image.Image:
    with Image.open(EXAMPLES / f"{name}.jpg") as picture:
        return picture.convert("L")


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def tinted() -> Image.Image:
    """A picture with colour: its lightness alone must count."""
    gray = np.asarray(example("library_room"), np.float32)
    ramp = np.linspace(0.6, 1, gray.shape[1], dtype=np.float32)
    return Image.fromarray(np.stack([gray, gray * ramp, gray * (1.6 - ramp)], axis=-1).clip(0, 255).astype(np.uint8))


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    return encoded(example("barn_under_clouds").crop((0, 0, 299, 190)), "JPEG", quality=95, exif=exif)


def clear_in_part() -> Image.Image:
    picture = example("coffee_and_tart").convert("LA")
    picture.putalpha(
        Image.fromarray(np.tile(np.linspace(20, 255, picture.width), (picture.height, 1)).astype(np.uint8))
    )
    return picture


PICTURES: dict[str, Callable[[], bytes]] = {
    "gray JPEG": lambda: (EXAMPLES / "vintage_car.jpg").read_bytes(),
    "coloured PNG": lambda: encoded(tinted(), "PNG"),
    "coloured JPEG": lambda: encoded(tinted(), "JPEG", quality=92),
    "turned JPEG": turned,
    "large and wide WebP": lambda: encoded(example("canoe_on_a_lake").resize((2110, 731)), "WEBP", lossless=True),
    "smaller than the network's input": lambda: encoded(example("white_church").resize((70, 33)), "BMP"),
    "GIF": lambda: encoded(example("bird_on_a_wire"), "GIF"),
    "AVIF": lambda: encoded(example("couple_in_a_swing"), "AVIF", quality=90),
}


def open_in(tab: Page, file: bytes) -> dict[str, Any]:
    """Opens a file in the page as `opened`; its size and hash."""
    about: dict[str, Any] = tab.evaluate(
        """async file => {
            globalThis.opened?.close();
            globalThis.opened = await engine.open(await (await fetch("data:;base64," + file)).blob());
            return {...opened.size, sha256: opened.sha256};
        }""",
        base64.b64encode(file).decode(),
    )
    return about


def guidance(hints: tuple[Hint, ...], reference: Reference | None = None) -> dict[str, Any]:
    histogram = None if reference is None or reference.histogram is None else reference.histogram.tolist()
    return {
        "hints": [{"x": hint.x, "y": hint.y, "color": hint.color, "radius": hint.radius} for hint in hints],
        "reference": reference and {"histogram": histogram, "saturation": reference.saturation},
    }


def grids(tab: Page, asked: dict[str, Any]) -> Floats:
    """The page's answer (4, h, w): accurate a and b, vivid a and b."""
    answer = tab.evaluate(
        """async asked => {
            const {width, height, ...planes} = await opened.colors(asked);
            const {accurateA, accurateB, vividA, vividB} = planes;
            return {width, height, planes: [accurateA, accurateB, vividA, vividB].map(plane => Array.from(plane))};
        }""",
        asked,
    )
    return np.reshape(answer["planes"], (4, answer["height"], answer["width"]))


def python_grids(work: Work, hints: tuple[Hint, ...], reference: Reference | None = None) -> Floats:
    prediction = work.predict(hints, reference)
    assert prediction.accurate is not None and prediction.vivid is not None
    return np.moveaxis(np.concatenate([prediction.accurate, prediction.vivid], axis=-1), -1, 0)


@pytest.mark.parametrize("kind", PICTURES)
def test_colours_with_and_without_hints_are_pythons(tab: Page, kind: str) -> None:
    file = PICTURES[kind]()
    work = Colorizer().open(file)
    about = open_in(tab, file)
    assert (about["width"], about["height"]) == (work.photograph.width, work.photograph.height)
    for hints in ((), HINTS):
        expected = python_grids(work, hints)
        assert np.abs(expected).max() > 5, "there must be colours to compare"
        assert np.abs(grids(tab, guidance(hints)) - expected).max() < NEAR


def test_colours_by_a_reference_are_pythons(tab: Page) -> None:
    sunset = np.zeros((180, 240, 3), np.uint8)
    sunset[...] = np.linspace((250, 140, 30), (70, 20, 60), 180)[:, None]
    file = encoded(Image.fromarray(sunset), "PNG")
    palette = tab.evaluate(
        'async file => engine.reference(await (await fetch("data:;base64," + file)).blob())',
        base64.b64encode(file).decode(),
    )
    expected = read_reference(file)
    assert expected.histogram is not None and expected.saturation is not None
    assert palette["saturation"] == pytest.approx(expected.saturation, abs=1e-3)
    assert np.abs(palette["histogram"] - expected.histogram).max() < 0.01

    car = PICTURES["gray JPEG"]()
    work = Colorizer().open(car)
    open_in(tab, car)
    mine = Reference(palette["histogram"], palette["saturation"])
    difference = grids(tab, guidance((), mine)) - python_grids(work, (), expected)
    assert np.abs(difference).max() < NEAR
    assert np.abs(python_grids(work, (), expected) - python_grids(work, ())).max() > NEAR, "it changed nothing"


def test_suggestions_uncertainty_the_next_place_and_variants_are_pythons(tab: Page) -> None:
    file = PICTURES["gray JPEG"]()
    work = Colorizer().open(file)
    open_in(tab, file)
    work.predict(HINTS)
    asked = guidance(HINTS)
    offers = tab.evaluate("asked => opened.suggestions(asked, {x: 0.25, y: 0.1}, 7)", asked)
    for offer, expected in zip(offers, work.suggest(0.25, 0.1, 7), strict=True):
        assert offer["color"] == expected.color
        assert offer["probability"] == pytest.approx(expected.probability, abs=1e-3)
    doubt = tab.evaluate("async asked => Array.from((await opened.uncertainty(asked)).values)", asked)
    assert np.abs(doubt - work.uncertainty().ravel()).max() < 1e-3
    place = tab.evaluate("asked => opened.nextHint(asked)", asked)
    assert (place["x"], place["y"]) == work.next_hint()
    variants = tab.evaluate("asked => opened.variants(asked, {count: 4, seed: 7, decode: 'vivid'})", asked)
    assert [guidance(result.hints)["hints"] for result in work.variants(4, 7)] == variants


def export(tab: Page, format: str, *, layer: bool = False) -> bytes:
    """The page's picture for HINTS, warmer and paler than usual."""
    answer = tab.evaluate(
        """async ([asked, format, layer]) => {
            const decisions = {...asked, decode: "accurate", saturation: 0.8, temperature: 6};
            const file = await opened.exportPicture(await opened.session(decisions, {}), {format, layer});
            const reader = new FileReader();
            return new Promise(done => { reader.onload = () => done(reader.result); reader.readAsDataURL(file); });
        }""",
        [guidance(HINTS), format, layer],
    )
    return base64.b64decode(answer.partition(",")[2])


@pytest.mark.parametrize(("format", "tolerance"), [("png", 2), ("jpeg", 12)])
def test_the_picture_at_full_size_is_pythons(tab: Page, format: str, tolerance: int) -> None:
    file = PICTURES["large and wide WebP"]()
    work = Colorizer().open(file)
    open_in(tab, file)
    expected = np.asarray(work.render(HINTS, None, "accurate", 0.8, 6).image, int)
    with Image.open(io.BytesIO(export(tab, format))) as picture:
        assert picture.format == format.upper()
        difference = np.abs(np.asarray(picture.convert("RGB"), int) - expected)
    # Beside hints at edges, corrections magnify what float32 there and float64 here round away.
    assert np.percentile(difference, 99.9) <= tolerance
    assert np.mean(difference) < tolerance / 4


def test_transparency_stays(tab: Page) -> None:
    picture = clear_in_part()
    open_in(tab, encoded(picture, "PNG"))
    for layer in (False, True):
        with Image.open(io.BytesIO(export(tab, "png", layer=layer))) as found:
            opacity = np.asarray(found.getchannel("A"), int)
        assert np.array_equal(opacity, np.asarray(picture.getchannel("A")))


def test_a_part_of_the_photograph_is_reduced_by_area(tab: Page) -> None:
    car = PICTURES["gray JPEG"]()
    open_in(tab, car)
    view = tab.evaluate(
        """async () => {
            const part = {left: 20, top: 30, right: 220, bottom: 180};
            const gray = await opened.gray(part, {width: 100, height: 50});
            return {...gray, pixels: Array.from(gray.pixels)};
        }"""
    )
    with Image.open(io.BytesIO(car)) as picture:
        expected = picture.convert("L").resize((100, 50), Image.Resampling.BOX, box=(20, 30, 220, 180))
    assert (view["width"], view["height"]) == (100, 50)
    assert np.abs(np.reshape(view["pixels"], (50, 100)) - np.asarray(expected, int)).max() <= 1


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "no picture of a known kind"),
        (b"Dear aunt, here are the photographs.", "no picture of a known kind"),
        (encoded(Image.new("L", (8, 8)), "TIFF"), "TIFF"),
        (b"\xff\xd8\xff\xe0 and no more", "damaged JPEG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
    ],
)
def test_what_a_browser_does_not_read_is_refused_with_the_remedy(tab: Page, file: bytes, words: str) -> None:
    said = tab.evaluate(
        """file => fetch("data:;base64," + file).then(answer => answer.blob()).then(file => engine.open(file))
            .then(() => "opened", error => `${error.name}: ${error.message}`)""",
        base64.b64encode(file).decode(),
    )
    assert said.startswith("Refusal: it is")
    assert words in said


def test_what_a_browser_does_not_write_is_refused_with_the_remedy(tab: Page) -> None:
    open_in(tab, PICTURES["gray JPEG"]())
    with pytest.raises(Exception, match="browsers write no TIFF: choose PNG, JPEG or WebP"):
        export(tab, "tiff")


def test_edits_that_were_overtaken_are_not_computed(tab: Page) -> None:
    open_in(tab, PICTURES["gray JPEG"]())
    outcomes = tab.evaluate(
        """async () => {
            const ask = (x, signal) => opened.colors({hints: [{x, y: 0.5, color: "#b5651d", radius: 0.01}],
                reference: null}, signal).then(() => "answered", error => error.name);
            const stop = new AbortController();
            const asked = [ask(0.1), ask(0.2, stop.signal), ask(0.3, stop.signal), ask(0.4)];
            stop.abort();
            return Promise.all(asked);
        }"""
    )
    assert outcomes == ["answered", "AbortError", "AbortError", "answered"]
