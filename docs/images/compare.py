"""The sheets of docs/compare.md: the example photographs, with their originals, as `photochrom compare` shows them.

    python docs/images/compare.py

Writes compare_*.webp beside this file, with the embedded network alone, whatever else is installed.
"""

import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from photochrom.comparison.methods import Method, open_methods
from photochrom.comparison.row import compare_photograph
from photochrom.comparison.sheet import write_sheet
from photochrom.comparison.store import RowStore

HERE = Path(__file__).parent
ORIGINALS = HERE / "originals"
MODEL = "compact"
SHEETS = {
    "people": ("couple_in_a_swing",),
    "animals": ("bird_on_a_wire",),
    "landscapes": ("barn_under_clouds", "canoe_on_a_lake"),
    "indoor": ("library_room", "coffee_and_tart"),
    "streets": ("vintage_car", "white_church"),
}
QUALITY = 82


def main() -> None:
    methods = open_methods([MODEL])
    for name, photographs in SHEETS.items():
        write(name, [ORIGINALS / f"{photograph}.webp" for photograph in photographs], methods)
    with tempfile.TemporaryDirectory() as folder:
        prints = [aged(ORIGINALS / f"{name}.webp", Path(folder)) for name in ("vintage_car", "couple_in_a_swing")]
        write("old", prints, methods)


def write(name: str, photographs: Sequence[Path], methods: Sequence[Method]) -> None:
    """Writes one sheet, as WebP: the PNG is five times as large."""
    stream = BytesIO()
    with RowStore() as rows:
        for photograph in photographs:
            rows.add(compare_photograph(photograph, photograph.stem.replace("_", " "), methods))
        write_sheet(rows, [MODEL], stream)
    with Image.open(stream) as sheet:
        sheet.save(HERE / f"compare_{name}.webp", quality=QUALITY, method=6, xmp=sheet.info["XML:com.adobe.xmp"])


def aged(photograph: Path, folder: Path) -> Path:
    """A print as a hundred years might leave it: soft, faded in the middle, grainy and yellowed."""
    with Image.open(photograph) as image:
        gray = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(1)), np.float64)
    height, width = gray.shape
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    grain = np.random.default_rng(0).normal(0, 7, gray.shape)
    faded = 70 + (gray + grain) * (0.55 + 0.1 * np.hypot(x, y))
    toned = np.clip(faded[..., None] * [1, 0.92, 0.78], 0, 255)
    path = folder / f"{photograph.stem}_as_an_old_print.png"
    Image.fromarray(toned.astype(np.uint8)).save(path)
    return path


if __name__ == "__main__":
    main()
