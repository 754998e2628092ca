"""The studio as people have it: the real service in a process of its own, its built page, and Chromium."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from running_studio import PATIENCE_MS, Studio, running_studio

from photochrom.web.routes import page as page_routes

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]  # fmt: skip
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def _built() -> None:
    static = Path(page_routes.__file__).parents[1] / "static" / "index.html"
    if not static.is_file():
        pytest.skip("the studio's page is not built: make page")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with running_studio() as found:
        yield found


@pytest.fixture
def desk(chromium: Browser) -> Iterator[BrowserContext]:
    """A person's browser of 1280 x 800, with nothing stored."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    """A tab in which nothing may go wrong unseen: no error in the console, no request that leaves the computer."""
    tab = desk.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(f"error: {error}"))
    tab.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    tab.on("request", lambda request: None if _is_local(request.url) else faults.append(f"request: {request.url}"))
    tab.faults = faults  # type: ignore[attr-defined]
    yield tab
    assert not faults, faults


def _is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1:", "blob:", "data:"))
