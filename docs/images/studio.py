"""The pictures of docs/studio.md: the studio itself in Chromium, at work on an example photograph.

    make page
    python docs/images/studio.py

Writes studio_*.webp beside this file. Nothing is drawn by hand: the script clicks as a person would.
"""

import contextlib
import io
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).parent
PHOTOGRAPH = HERE.parents[1] / "examples" / "vintage_car.jpg"
PORT = 18_640
PATIENCE_MS = 120_000
# Where a person clicks, as fractions of the canvas, and what they say instead of the best suggestion.
BODY, WING = (0.52, 0.44), (0.50, 0.66)
RED = "#8a2f2a"


def main() -> None:
    expect.set_options(timeout=PATIENCE_MS)
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        work(browser, address)
        phone(browser, address)
        browser.close()


def work(browser: Browser, address: str) -> None:
    """At a desk: a point with its suggestions, the original beside the result, and variants."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    page = context.new_page()
    opened(page, address)
    mark(page, BODY, RED)
    mark(page, WING)
    keep(page, "point")
    page.emulate_media(color_scheme="dark")
    page.get_by_role("radio", name="Split").check()
    keep(page, "split")
    page.get_by_role("radio", name="Result").check()
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Variants").click()
    expect(page.get_by_text("Each goes on from your marks")).to_be_visible()
    keep(page, "variants")
    context.close()


def phone(browser: Browser, address: str) -> None:
    """The same in the hand."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=1.5
    )
    page = context.new_page()
    opened(page, address)
    mark(page, BODY)
    keep(page, "phone")
    context.close()


def opened(page: Page, address: str) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.get_by_label("Photograph or session file").set_input_files(PHOTOGRAPH)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    at_rest(page)


def mark(page: Page, place: tuple[float, float], color: str | None = None) -> None:
    """Clicks a place; gives it another colour than the best suggestion, if one is told."""
    canvas = page.get_by_role("application")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": place[0] * box["width"], "y": place[1] * box["height"]})
    at_rest(page)
    if color:
        page.get_by_label("Hex").fill(color)
        page.get_by_label("Hex").press("Enter")
        at_rest(page)


def at_rest(page: Page) -> None:
    page.wait_for_timeout(500)
    expect(page.get_by_role("application")).to_have_attribute("aria-busy", "false")


def keep(page: Page, name: str) -> None:
    at_rest(page)
    page.wait_for_timeout(7000)  # news goes by itself
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").save(HERE / f"studio_{name}.webp", quality=82, method=6)


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The studio's service, ready; gives its address."""
    command = [sys.executable, "-m", "photochrom", "studio", "--no-browser", "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}/"
    try:
        end = time.monotonic() + PATIENCE_MS / 1000
        while not _is_ready(address):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the studio does not start; is port {PORT} taken?")
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    main()
