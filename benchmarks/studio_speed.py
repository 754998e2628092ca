"""How long a person waits before the studio: the real service, the built page, Chromium, on two processors.

    make page
    python benchmarks/studio_speed.py [--edits 40] [--uploads 5] [--calls 15] [--json FILE]

- An edit is timed in the page, from the released button to the frame in which the new colours stand on the canvas: a
  click on the photograph, which takes the best suggestion for the place, and a click on another suggestion. On a sample
  and on 12 megapixels, each edit after the one before has come to rest.
- An upload is a JPEG of 12 megapixels, timed from its choice to its colours on the canvas: more than from its arrival.
- A hundred suggestions are chosen one after another, 30 ms apart. Then what the page's script, its process and the
  service hold is compared with what they hold after two hundred more; last all are undone, one by one.
- What an edit costs the network is compared with SIGGRAPH 2017's whole network, with random weights, as speed does not
  depend on them. Both take turns in this process.

Exit status 1: a bar is missed.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import processes
import published_networks
from playwright.sync_api import Browser, Page
from studio_tables import judged
from watched_page import chromium, paintings, settle, share_two_processors, spread, wait_for_painting, watched_page

from photochrom import Colorizer, Hint
from photochrom.models.engine import open_engine
from photochrom.models.registry import model_spec

HERE = Path(__file__).resolve().parent
SAMPLE = HERE.parent / "examples" / "white_church.jpg"
PORT = 18_630
MEGAPIXELS = 12
RAPID_EDITS, RAPID_PAUSE_MS = 100, 30
BARS = {
    "median_ms": 150,
    "p95_ms": 400,
    "decoder_share": 0.1,
    "upload_ms": 1000,
    "memory_share": 1.1,
    "longest_task_ms": 50,
}
Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edits", type=int, default=40, help="of each kind on each photograph")
    parser.add_argument("--uploads", type=int, default=5)
    parser.add_argument("--calls", type=int, default=15, help="of either network")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    share_two_processors()
    figures = {"bars": BARS, "decoder": decoder(arguments.calls), **page(arguments.edits, arguments.uploads)}
    show(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(not all(value <= bar for _, value, bar in judged(figures)))


def decoder(calls: int) -> Figures:
    """Milliseconds of one edit in the network, and of SIGGRAPH 2017's whole network, on the same photograph."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PHOTOCHROM_MODELS"] = folder
        published_networks.install("siggraph17", folder)
        ours, theirs = Colorizer().engine, open_engine(model_spec("siggraph17"))
        lightness = published_networks.lightness(ours.spec.network_side)
        ours_encoded, theirs_encoded = ours.encode(lightness), theirs.encode(lightness)
        times: dict[str, list[float]] = {"edit": [], "siggraph17": []}
        for turn in range(calls + 1):
            hints = [Hint(0.5, 0.4, f"#7a3b{turn:02x}")]
            for name, engine, encoded in (("edit", ours, ours_encoded), ("siggraph17", theirs, theirs_encoded)):
                began = time.perf_counter()
                engine.decode(encoded, hints, None)
                if turn:
                    times[name].append(1000 * (time.perf_counter() - began))
        del os.environ["PHOTOCHROM_MODELS"]
    rows = {name: spread(found) for name, found in times.items()}
    return {
        **rows,
        "side": ours.spec.network_side,
        "share": rows["edit"]["median_ms"] / rows["siggraph17"]["median_ms"],
    }


def page(edits: int, uploads: int) -> Figures:
    """What is timed in the browser."""
    with tempfile.TemporaryDirectory() as folder, serving() as address, chromium() as browser:
        large = Path(folder) / f"{MEGAPIXELS} megapixels.jpg"
        subprocess.run([sys.executable, HERE / "photographs.py", str(MEGAPIXELS), large], check=True)
        tab = watched_page(browser)
        tab.goto(address)
        tab.get_by_role("button", name="White church").wait_for()
        upload = spread([open_photograph(tab, large) for _ in range(uploads)])
        longest = []
        rows = []
        for file in (SAMPLE, large):
            open_photograph(tab, file)
            tab.evaluate("longTasks.length = 0")
            rows.append({"photograph": file.stem.replace("_", " "), **edit_times(tab, edits)})
            longest.append(max(tab.evaluate("longTasks"), default=0))
        return {
            "edits": edits,
            "rows": rows,
            "longest_task_ms": max(longest),
            "upload": {"megapixels": MEGAPIXELS, "file_bytes": large.stat().st_size, "uploads": uploads, **upload},
            "rapid": rapid(browser, tab, address),
        }


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The studio's service, ready; gives its address."""
    command = processes.photochrom("studio", "--no-browser", "--port", str(PORT))
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{PORT}"
    try:
        while True:
            if process.poll() is not None:
                raise RuntimeError(f"the studio does not start; is port {PORT} taken?")
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/readyz", timeout=60, trust_env=False).status_code == 200:
                    break
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def open_photograph(tab: Page, file: Path) -> float:
    """Milliseconds from the choice of a photograph to its colours."""
    seen = paintings(tab)
    tab.get_by_label("Photograph or session file").set_input_files(file)
    waited = wait_for_painting(tab, seen)
    settle(tab)
    return waited


def edit_times(tab: Page, edits: int) -> Figures:
    """Milliseconds of edits, each at a place of its own, within the photograph and clear of earlier marks."""
    times: dict[str, list[float]] = {"click": [], "suggestion": []}
    for number in range(edits):
        seen = paintings(tab)
        x, y = 150 + 75 * (number % 9), 60 + 75 * (number // 9 % 8) + 9 * (number // 72)
        tab.get_by_role("application").click(position={"x": x, "y": y})
        times["click"].append(wait_for_painting(tab, seen))
        settle(tab)
        seen = paintings(tab)
        tab.get_by_role("region", name="Suggested here").get_by_role("button").nth(1 + number % 4).click()
        times["suggestion"].append(wait_for_painting(tab, seen))
        settle(tab)
    return {kind: spread(found) for kind, found in times.items()}


def rapid(browser: Browser, tab: Page, address: str) -> Figures:
    """Edits that do not wait for each other: when the last one is seen, what stays in memory, and how many are kept."""
    open_photograph(tab, SAMPLE)
    tab.get_by_role("application").click(position={"x": 500, "y": 300})
    settle(tab)
    last = hurry(tab)
    early = held_bytes(browser, tab, address)
    for _ in range(2):
        hurry(tab)
    late = held_bytes(browser, tab, address)
    undone, undo = 0, tab.get_by_role("button", name="Undo")
    while undo.is_enabled():
        undo.click()
        undone += 1
    memory = {what: late[what] / early[what] for what in early}
    edits = {"edits": RAPID_EDITS, "pause_ms": RAPID_PAUSE_MS, "last_ms": last}
    return {**edits, "made": 1 + 3 * RAPID_EDITS, "undone": undone, "bytes": late, "memory_shares": memory}


def hurry(tab: Page) -> float:
    """Chooses one suggestion after the other; milliseconds from the last choice to the last painting."""
    last: float = tab.get_by_role("region", name="Suggested here").evaluate(
        """async (region, [count, pause]) => {
            for (let i = 1; i <= count; i++) {
                const buttons = region.querySelectorAll("button");
                await new Promise(done => setTimeout(done, pause));
                buttons[i % buttons.length].click();
            }
            return performance.now();
        }""",
        [RAPID_EDITS, RAPID_PAUSE_MS],
    )
    settle(tab)
    waited: float = tab.evaluate("painted.at(-1)") - last
    return waited


def held_bytes(browser: Browser, tab: Page, address: str) -> dict[str, int]:
    """What the page's script, its process (Linux) and the service hold in memory."""
    inside, outside = tab.context.new_cdp_session(tab), browser.new_browser_cdp_session()
    for _ in range(3):
        inside.send("HeapProfiler.collectGarbage")
    held = {"script": int(inside.send("Runtime.getHeapUsage")["usedSize"])}
    all_of_it = outside.send("SystemInfo.getProcessInfo")["processInfo"]
    tables = [Path(f"/proc/{process['id']}/statm") for process in all_of_it if process["type"] == "renderer"]
    if all(file.exists() for file in tables):
        pages = sum(int(file.read_text(encoding="ascii").split()[1]) for file in tables)
        held["page"] = pages * os.sysconf("SC_PAGE_SIZE")
    metrics = httpx.get(f"{address}/metrics", timeout=60, trust_env=False).text.splitlines()
    service = next(line.split()[1] for line in metrics if line.startswith("photochrom_resident_bytes "))
    return {**held, "service": int(float(service))}


def show(figures: Figures) -> None:
    decoder_times = figures["decoder"]
    print(f"an edit in the network {decoder_times['edit']['median_ms']:.1f} ms, "
          f"SIGGRAPH 2017's network {decoder_times['siggraph17']['median_ms']:.1f} ms (medians)")  # fmt: skip
    print(f"the last of {RAPID_EDITS} rapid edits seen after {figures['rapid']['last_ms']:.0f} ms\n")
    print(f"{'':<66} {'here':>9} {'bar':>9}")
    for what, value, bar in judged(figures):
        print(f"{what:<66} {value:9.3g} {bar:9.3g}{'' if value <= bar else '  missed'}")


if __name__ == "__main__":
    main()
