"""A person before the studio: what they do with hands, and what they see."""

import base64
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from skimage.color import rgb2lab

Floats = npt.NDArray[np.float64]
PATIENCE = 180.0


def surface(page: Page) -> Locator:
    """The canvas."""
    return page.get_by_role("application")


def open_file(page: Page, *paths: Path) -> None:
    """Chooses files with the page's file dialog."""
    page.get_by_label("Photograph or session file").set_input_files(list(paths))


def hand_over(page: Page, event: Literal["drop", "paste"], *paths: Path) -> None:
    """Drops files on the canvas, or pastes them; none: what is dropped or pasted is no file."""
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in paths]
    page.evaluate(
        """([event, files]) => {
            const data = new DataTransfer();
            for (const [name, content] of files) {
                data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0))], name));
            }
            if (files.length === 0) data.setData("text/uri-list", "https://photographs.example/");
            const told = {bubbles: true, cancelable: true};
            document.querySelector("main").dispatchEvent(event === "drop"
                ? new DragEvent("drop", {...told, dataTransfer: data})
                : new ClipboardEvent("paste", {...told, clipboardData: data}));
        }""",
        [event, files],
    )


def tab_to(page: Page, goal: Locator) -> None:
    """Moves the focus by the Tab key alone."""
    for _ in range(80):
        if goal.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not get to {goal}")


def opened(page: Page) -> None:
    """Waits until a photograph is on the canvas, in colour."""
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
    eventually(lambda: chroma(seen(page)).max() > 8, "no colours appeared")


def seen(page: Page) -> Floats:
    """What stands on the canvas, Lab (H, W, 3), as in a screenshot."""
    picture = Image.open(io.BytesIO(surface(page).screenshot())).convert("RGB")
    return np.asarray(rgb2lab(np.asarray(picture) / 255))


def around(lab: Floats, x: float, y: float, side: int = 10) -> Floats:
    """The mean colour beside a place (pixels of the canvas), clear of a marker's ring."""
    column, row = int(x), int(y)
    ring = lab[row - 3 * side : row + 3 * side, column - 3 * side : column + 3 * side].copy()
    middle = slice(2 * side - 2, 4 * side + 2)
    ring[middle, middle] = np.nan
    mean: Floats = np.nanmean(ring, axis=(0, 1))
    return mean


def chroma(lab: Floats) -> Floats:
    """Distance from gray."""
    return np.asarray(np.hypot(lab[..., 1], lab[..., 2]))


def click(page: Page, x: float, y: float) -> None:
    """Clicks the canvas, in its pixels."""
    surface(page).click(position={"x": x, "y": y})


def entries(page: Page) -> Locator:
    """The list of marks."""
    return page.get_by_role("list", name="Marks").get_by_role("listitem")


def marks(page: Page) -> int:
    """How many marks there are."""
    return entries(page).count()


def notices(page: Page) -> Locator:
    """What the page says."""
    return page.get_by_role("log", name="Notices")


def settled(page: Page) -> None:
    """Waits until every mark has its colour."""
    eventually(lambda: "…" not in page.locator(".marks").inner_text(), "a mark waits for its colour")


def saved(page: Page, button: str, folder: Path) -> Path:
    """Saves by the dialog; where the file is then."""
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def eventually(happens: Callable[[], bool], otherwise: str, patience: float = PATIENCE) -> None:
    """Waits until something is so; fails with words if it never is."""
    end = time.monotonic() + patience
    while not happens():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)
