"""The studio without a server in Chromium: what a visit transfers, and how long a person waits, with two threads.

    make site
    python benchmarks/site_speed.py [--edits 25] [--json FILE]

An edit is a click on a sample photograph, timed in the page from the released button to the painted colours: the best
suggestion for the place, the network's answer to it, the upsampling, the painting. The browser gets two processors
(Linux), so the network two threads.
"""

import argparse
import http.server
import json
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page
from watched_page import chromium, paintings, settle, share_two_processors, spread, wait_for_painting, watched_page

SITE = Path(__file__).resolve().parents[1] / "build/site"
SAMPLE = "White church"
MOST_BYTES = 25_000_000
MOST_EDIT_MS = 500


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=25)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()
    if not (SITE / "index.html").is_file():
        parser.error("there is no site to measure: make site")

    figures = {
        "bytes": sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file()),
        **waits(arguments.edits),
    }
    for name, value in figures.items():
        print(f"{name}: {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(figures["bytes"] > MOST_BYTES or figures["edit_median_ms"] > MOST_EDIT_MS)


def waits(edits: int) -> dict[str, Any]:
    """Milliseconds that a person waits, and the bars."""
    share_two_processors()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with chromium() as browser:
        page = watched_page(browser)
        started = time.perf_counter()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        page.get_by_role("button", name=SAMPLE).wait_for()
        visit = time.perf_counter() - started
        page.get_by_role("button", name=SAMPLE).click()
        first = wait_for_painting(page, 0)
        settle(page)
        times = spread([edit(page, number) for number in range(edits)])
        threads = page.evaluate("crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 4) : 1")
    server.shutdown()
    return {
        "threads": threads,
        "first_visit_ms": round(visit * 1000),
        "first_colors_ms": round(first),
        "edits": edits,
        "edit_median_ms": round(times["median_ms"]),
        "edit_95th_ms": round(times["p95_ms"]),
        "edit_least_ms": round(times["least_ms"]),
        "bars": {"bytes": MOST_BYTES, "edit_ms": MOST_EDIT_MS},
    }


def edit(page: Page, number: int) -> float:
    """Milliseconds from a click, each at a place of its own, to the colours that come of it."""
    seen = paintings(page)
    x, y = 150 + 75 * (number % 9), 60 + 75 * (number // 9)  # within the photograph, clear of earlier marks
    page.get_by_role("application").click(position={"x": x, "y": y})
    waited = wait_for_painting(page, seen)
    settle(page)
    return waited


if __name__ == "__main__":
    main()
