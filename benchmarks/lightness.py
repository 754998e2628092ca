"""How far the output's lightness is from the photograph's, over every pixel, with scikit-image as the judge.

    python benchmarks/lightness.py FOLDER... [--limit N] [--json FILE]

Every photograph is coloured by the finished product, written, read again and compared: CIE L* by scikit-image's rgb2lab
in float64, of the file as it came and of the file as written. Two ways, neither through JPEG, whose losses are its own:

- 8 bits: the file as it is -> PNG.
- 16 bits: the file's pixels with random lower eight bits, as a TIFF of 16 bits -> TIFF.

Pillow and tifffile read the files here, not photochrom.images. Colour profiles are left out of account: those of the
project's data are all sRGB under several names. Exit status 1: a bar is missed.
"""

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tifffile
from PIL import Image
from skimage.color import rgb2lab

from photochrom import Colorizer

BARS = {8: 0.5, 16: 0.02}
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff"}
Lightness = npt.NDArray[np.float64]


def lightness(pixels: npt.NDArray[Any]) -> Lightness:
    """CIE L* (H, W) of RGB integers (H, W, 3)."""
    found: Lightness = rgb2lab(pixels / np.float64(np.iinfo(pixels.dtype).max))[..., 0]
    return found


def difference_8(colorizer: Colorizer, path: Path) -> Lightness:
    """|dL| of every pixel, from the file to a PNG of 8 bits."""
    with Image.open(path) as opened:
        before = np.asarray(opened.convert("RGB"))
    stream = io.BytesIO()
    colorizer.colorize(path).save(stream, format="png")
    with Image.open(stream) as written:
        after = np.asarray(written)
    return _difference(before, after, np.uint8)


def difference_16(colorizer: Colorizer, path: Path, seed: int) -> Lightness:
    """|dL| of every pixel, from a TIFF of 16 bits to a TIFF of 16 bits."""
    with Image.open(path) as opened:
        coarse = np.asarray(opened.convert("RGB")).astype(np.uint16)
    fine = np.random.default_rng(seed).integers(0, 256, coarse.shape, np.uint16)
    before = coarse * np.uint16(256) + fine
    source, stream = io.BytesIO(), io.BytesIO()
    tifffile.imwrite(source, before, photometric="rgb")
    colorizer.colorize(source.getvalue()).save(stream, format="tiff")
    stream.seek(0)
    return _difference(before, tifffile.imread(stream), np.uint16)


def _difference(before: npt.NDArray[Any], after: npt.NDArray[Any], depth: type[np.unsignedinteger[Any]]) -> Lightness:
    if after.shape != before.shape or after.dtype != depth:
        raise RuntimeError(f"{before.shape} {depth} went in, {after.shape} {after.dtype} came out")
    return np.abs(lightness(after) - lightness(before))


def measure(colorizer: Colorizer, files: list[Path]) -> dict[str, Any]:
    """The largest and the mean difference over all pixels of all files, and where the largest is."""
    report: dict[str, Any] = {}
    for bits, bar in BARS.items():
        worst, where, total, pixels = 0.0, "", 0.0, 0
        for number, path in enumerate(files):
            found = difference_8(colorizer, path) if bits == 8 else difference_16(colorizer, path, number)
            if found.max() > worst:
                worst, where = float(found.max()), path.name
            total, pixels = total + float(found.sum()), pixels + found.size
        report[f"{bits} bits"] = {"max": worst, "where": where, "mean": total / pixels, "pixels": pixels, "bar": bar}
    return report


def _photographs(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--limit", type=int, help="only so many photographs of each folder")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    folders = {folder.name: _photographs(folder)[: arguments.limit] for folder in arguments.folders}
    files = [path for paths in folders.values() for path in paths]
    report = measure(Colorizer(), files)
    for name, row in report.items():
        print(f"{name:>7}: at most {row['max']:.4f} ({row['where']}), {row['mean']:.4f} in the mean", end="")
        print(f", over {row['pixels']} pixels of {len(files)} photographs (bar: {row['bar']})")
    if arguments.json:
        figures = {"photographs": {name: len(paths) for name, paths in folders.items()}, "rows": report}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(any(row["max"] > row["bar"] for row in report.values()))


if __name__ == "__main__":
    main()
