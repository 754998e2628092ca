"""The studio's page in Chromium, watched: when a person asks for something, and when they see it."""

import math
import os
import shutil
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE_MS = 300_000
_QUIET_MS = 1500
# Notes when a button was let go or a file chosen, and when a view of the photograph was drawn in colour: in the frame
# after its painting. The slice of the gamut is painted too, but smaller. A pixel in many tells whether there is colour.
_WATCH = """
globalThis.painted = [];
globalThis.longTasks = [];
const ask = () => { globalThis.asked = performance.now(); };
addEventListener("pointerup", ask, true);
addEventListener("change", (event) => { if (event.target.type === "file") ask(); }, true);
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  put.apply(this, given);
  if (this.canvas.width <= 200) return;
  const { data } = given[0];
  for (let i = 0; i < data.length; i += 4 * 97) {
    if (data[i] !== data[i + 2]) {
      requestAnimationFrame(() => setTimeout(() => painted.push(performance.now())));
      return;
    }
  }
};
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask" });
"""
_NEXT_PAINTING = """seen => new Promise((done, failed) => {
  const look = () => painted.length > seen ? done(painted[seen] - asked) : setTimeout(look, 2);
  look();
  setTimeout(() => failed(new Error("nothing was painted")), 240_000);
})"""


def share_two_processors() -> None:
    """This process and those that it starts get two processors (Linux)."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


@contextmanager
def chromium() -> Iterator[Browser]:
    """Chromium without a window and without a graphics card."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def watched_page(browser: Browser) -> Page:
    """A tab of 1280 x 800, with nothing stored."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(_WATCH)
    return page


def paintings(page: Page) -> int:
    """How many there have been."""
    count: int = page.evaluate("painted.length")
    return count


def wait_for_painting(page: Page, seen: int) -> float:
    """Milliseconds from what was asked for last to the painting after `seen` others."""
    waited: float = page.evaluate(_NEXT_PAINTING, seen)
    return waited


def settle(page: Page) -> None:
    """Waits until nothing has been painted for a while."""
    known = -1
    while (found := paintings(page)) != known:
        known = found
        page.wait_for_timeout(_QUIET_MS)


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and least of milliseconds."""
    ordered = sorted(times)
    at_95 = ordered[math.ceil(0.95 * len(ordered)) - 1]
    return {"median_ms": statistics.median(ordered), "p95_ms": at_95, "least_ms": ordered[0]}
