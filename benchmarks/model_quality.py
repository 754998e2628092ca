"""Measure a model's colours on a folder of colour photographs, through the finished product.

    python benchmarks/model_quality.py FOLDER [--model NAME] [--hints 0,1,10] [--limit N] [--json FILE]

The siggraph17 protocol: photographs squashed to 256 x 256; a hint is a 6 x 6 patch's true mean colour, placed per axis
at N(m, (m/2)^2), m = (256 - 6 + 1) / 2, clipped to the picture, from a fixed seed; PSNR over 8-bit R, G, B per
photograph, then the mean and its standard error. Colourfulness is Hasler and Suesstrunk's (2003).
"""

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import Colorizer, Hint, color, images
from photochrom.images import Photograph

SIDE, PATCH = 256, 6
Picture = npt.NDArray[np.uint8]


def main() -> None:
    """Print the table, and write it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--hints", default="0,1,10", type=lambda text: [int(n) for n in text.split(",")])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    files = sorted(p for p in options.folder.iterdir() if p.suffix.lower() in {".webp", ".jpg", ".jpeg", ".png"})
    report = measure(Colorizer(options.model), files[: options.limit], options.hints)
    for name, row in report["rows"].items():
        print(f"{name:22} {row['mean']:8.3f} +- {row['standard_error']:.3f}")
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def measure(colorizer: Colorizer, files: list[Path], counts: list[int]) -> dict[str, Any]:
    """All figures of one model on some photographs."""
    figures: dict[str, list[float]] = {}
    for number, path in enumerate(files):
        for name, value in _measure_one(colorizer, path, counts, number).items():
            figures.setdefault(name, []).append(value)
    truth = np.mean(figures["colourfulness truth"])
    for decode in colorizer.spec.decodes:
        figures[f"colourfulness ratio {decode}"] = list(np.array(figures[f"colourfulness {decode}"]) / truth)
    rows = {
        name: {"mean": float(np.mean(v)), "standard_error": float(np.std(v, ddof=1) / np.sqrt(len(v)))}
        for name, v in figures.items()
    }
    return {"model": colorizer.spec.name, "sha256": colorizer.engine.sha256, "images": len(files),
            "machine": platform.processor() or platform.machine(), "rows": rows}  # fmt: skip


def _measure_one(colorizer: Colorizer, path: Path, counts: list[int], number: int) -> dict[str, float]:
    with Image.open(path) as opened:
        truth = np.asarray(opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    photograph = images.read(truth)
    out = {"psnr gray": _psnr(_gray(photograph), truth), "colourfulness truth": _colourfulness(truth)}
    work = colorizer.open(photograph)
    for count in counts:
        hints = _hints(truth, count, number) if count else ()
        for decode in colorizer.spec.decodes:
            picture = np.asarray(work.render(hints, decode=decode).image)
            out[f"psnr {decode} {count}"] = _psnr(picture, truth)
            if count == 0:
                out[f"colourfulness {decode}"] = _colourfulness(picture)
    return out


def _hints(truth: Picture, count: int, number: int) -> list[Hint]:
    rng = np.random.default_rng((number, count))
    middle = (SIDE - PATCH + 1) / 2
    corners = np.clip(rng.normal(middle, middle / 2, (count, 2)), 0, SIDE - PATCH).astype(int)
    lab = color.srgb_to_lab(truth.astype(np.float32) / 255)
    hints = []
    for top, left in corners:
        mean = lab[top : top + PATCH, left : left + PATCH].mean(axis=(0, 1))
        rgb = np.rint(np.clip(color.lab_to_srgb(mean), 0, 1) * 255).astype(int)
        x, y = (left + PATCH / 2) / SIDE, (top + PATCH / 2) / SIDE
        hints.append(Hint(x, y, "#{:02x}{:02x}{:02x}".format(*rgb), radius=PATCH / 2 / SIDE))
    return hints


def _gray(photograph: Photograph) -> Picture:
    return np.rint(photograph.gray.astype(np.float64) / np.iinfo(photograph.gray.dtype).max * 255)[..., None].astype(
        np.uint8
    )


def _psnr(picture: Picture, truth: Picture) -> float:
    mse = float(((picture.astype(np.float64) - truth) ** 2).mean())
    return float(10 * np.log10(255.0**2 / max(mse, 1e-10)))


def _colourfulness(rgb: Picture) -> float:
    r, g, b = np.moveaxis(rgb.astype(np.float64), -1, 0)
    rg, yb = r - g, 0.5 * (r + g) - b
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


if __name__ == "__main__":
    main()
