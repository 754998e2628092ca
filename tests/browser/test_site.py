"""The studio without a server, as `make site` builds it: a plain web server, Chromium, and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from person import eventually, marks, opened, saved, settled, surface
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from running_studio import PATIENCE_MS
from static_site import Site, built, served

from photochrom import Colorizer
from photochrom.session import Session

SAMPLE = Path(__file__).parents[2] / "examples/white_church.jpg"
# Not at the top of the server: the site's addresses are relative.
PLACE = "some/where/studio/"
MOST_BYTES = 25_000_000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a web server."""
    root = tmp_path_factory.mktemp("site")
    built(root / PLACE, "--config", "vite.site.config.ts")
    return root


@pytest.fixture
def site(files: Path) -> Iterator[Site]:
    with served(files, PLACE) as found:
        yield found


def visit(tab: Page, site: Site) -> None:
    tab.goto(site.address)
    expect(tab.get_by_role("button", name="White church")).to_be_visible()


def open_sample(tab: Page) -> None:
    tab.get_by_role("button", name="White church").click()
    opened(tab)


def test_a_sample_is_coloured_and_guided_by_keyboard_as_python_does(page: Page, site: Site, tmp_path: Path) -> None:
    visit(page, site)
    assert page.evaluate("crossOriginIsolated"), "threads cannot share memory"
    open_sample(page)
    automatic = pixels(saved(page, "Save picture", tmp_path))
    work = Colorizer().open(SAMPLE)
    assert np.abs(automatic - np.asarray(work.render().image, int)).max() <= 2

    surface(page).focus()
    page.keyboard.press("Enter")  # shows the crosshair in the middle
    for _ in range(4):
        page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    settled(page)
    assert marks(page) == 1

    session = Session.from_dict(json.loads(saved(page, "Save session", tmp_path).read_text("utf-8")))
    assert session.model["sha256"] == work.session().model["sha256"]
    assert session.image["sha256"] == work.image_sha256
    (hint,) = session.hints
    assert hint.color == work.suggest(hint.x, hint.y, 9)[0].color
    guided = pixels(saved(page, "Save picture", tmp_path))
    assert np.abs(guided - automatic).max() > 8, "the hint changed nothing"
    assert np.abs(guided - np.asarray(work.replay(session).image, int)).max() <= 2


def test_after_the_first_visit_it_works_without_a_network(page: Page, site: Site) -> None:
    visit(page, site)
    site.stop()
    page.reload()
    open_sample(page)
    # The next visit goes on where this one ended.
    page.goto("about:blank")
    page.goto(site.address)
    opened(page)


def test_nothing_is_asked_of_anyone_else_and_no_more_comes_than_is_said(
    desk: BrowserContext, page: Page, site: Site
) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    visit(page, site)
    assert sum(site.sent) > 5_000_000, "the network at least must have come"
    open_sample(page)
    assert sum(site.sent) <= MOST_BYTES
    elsewhere = [request for request in asked if not request.startswith((f"GET {site.address}", "GET blob:"))]
    assert elsewhere == []


def test_the_page_may_not_reach_other_addresses_even_if_it_wanted(page: Page, site: Site) -> None:
    visit(page, site)
    reached = "fetch('http://127.0.0.2:9/').then(() => 'reached', error => error.message)"
    assert page.evaluate(reached) == "Failed to fetch"
    faults: list[str] = page.faults  # type: ignore[attr-defined]
    assert any("Content Security Policy" in fault for fault in faults), faults
    faults.clear()


def test_without_a_service_worker_it_works_with_one_thread(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(service_workers="block")
    context.set_default_timeout(PATIENCE_MS)
    tab = context.new_page()
    visit(tab, site)
    assert not tab.evaluate("crossOriginIsolated")
    open_sample(tab)
    context.close()


def test_a_new_version_replaces_the_old_one_once_its_pages_are_closed(
    desk: BrowserContext, site: Site, files: Path
) -> None:
    tab = desk.new_page()
    visit(tab, site)
    script = files / PLACE / "service-worker.js"
    known = script.read_text("utf-8")
    version = known.split('"')[1]
    script.write_text(known.replace(version, "f" * 64), encoding="utf-8")
    try:
        tab.reload()
        tab.evaluate("navigator.serviceWorker.ready.then(one => one.update())")
        tab.wait_for_function("navigator.serviceWorker.getRegistration().then(one => one.waiting !== null)")
        assert versions(tab) == sorted([version, "f" * 64])
        tab.goto(site.address.removesuffix(PLACE))  # the same server, but no page of the site
        eventually(lambda: versions(tab) == ["f" * 64], "the old version is still there")
        visit(tab, site)
        assert tab.evaluate("crossOriginIsolated")
        assert versions(tab) == ["f" * 64]
    finally:
        script.write_text(known, encoding="utf-8")


def test_over_plain_http_from_another_computer_it_says_what_it_needs(page: Page, site: Site) -> None:
    page.add_init_script("Object.defineProperty(globalThis, 'isSecureContext', {value: false})")
    page.goto(site.address)
    expect(page.get_by_role("status")).to_contain_text("https")


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), int)


def versions(tab: Page) -> list[str]:
    names: list[str] = tab.evaluate("caches.keys()")
    return sorted(name.split()[-1] for name in names)
