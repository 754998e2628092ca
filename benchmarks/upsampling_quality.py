"""How well colour returns from a coarse grid to the photograph's size.

The true ab of colour photographs is reduced to a grid and upsampled again by the photograph's lightness, with this
project's upsampling and with bilinear, bicubic and fast guided filtering (He and Sun 2015). Printed per method:

- PSNR of the sRGB picture against the true one, in dB, mean over the photographs;
- the mean ab distance at lightness edges (a tenth of the pixels, where the gradient is largest);
- how much colour noise film grain of 4 L makes: the RMS change of ab, mean over photographs;
- bleed: the share of a drawing's pixels, in flat colours with clear lightness edges, that are 15 or more off in ab.

The grid is taken exact and blurred by 0.7 of a cell: a network's colours are not sharper than that.

    python benchmarks/upsampling_quality.py PHOTOGRAPHS [--limit 40] [--cells 19] [--sweep] [--json FILE]

With --sweep it tries other values of the constants of photochrom.upsample instead of other methods.
"""

import argparse
import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import gaussian_filter, uniform_filter
from skimage.color import lab2rgb, rgb2lab

from photochrom import upsample
from photochrom.color import FloatArray
from photochrom.resample import resize_plane

Upsampler = Callable[[FloatArray, FloatArray], FloatArray]
Photograph = tuple[npt.NDArray[np.float64], FloatArray]

SWEEP: dict[str, Sequence[float]] = {
    "RANGE": (5.0, 20.0),
    "FILTER_RANGE": (1.5, 5.0, 8.0),
    "FILTER_SPACING": (1, 3),
    "FILTER_SIGMA": (2.0, 6.0),
    "FILTER_REACH": (2, 4),
    "EDGE_SPREAD": (2.0, 4.0, 16.0, 1000.0),
}


def photochrom(ab: FloatArray, lightness: FloatArray) -> FloatArray:
    field = upsample.color_field(ab, lightness, (float(lightness.shape[0]), float(lightness.shape[1])))
    return np.moveaxis(upsample.fill_level(field, lightness), 0, -1)


def plain(filtering: Image.Resampling) -> Upsampler:
    def upsampled(ab: FloatArray, lightness: FloatArray) -> FloatArray:
        size = lightness.shape[0], lightness.shape[1]
        return np.stack([resize_plane(ab[..., channel], size, filtering) for channel in (0, 1)], axis=-1)

    return upsampled


def guided(ab: FloatArray, lightness: FloatArray) -> FloatArray:
    """Fast guided filter: ab = slope L + offset in 3 x 3 windows of the grid, both upsampled bilinearly."""
    coarse = reduced(lightness[..., None], ab.shape[0])

    def mean(plane: FloatArray) -> FloatArray:
        return np.asarray(uniform_filter(plane, (3, 3, 1), mode="nearest"))

    slope = (mean(ab * coarse) - mean(ab) * mean(coarse)) / (mean(coarse**2) - mean(coarse) ** 2 + 25)
    offset = mean(ab) - slope * mean(coarse)
    bilinear = plain(Image.Resampling.BILINEAR)
    return bilinear(mean(slope), lightness) * lightness[..., None] + bilinear(mean(offset), lightness)


def reduced(planes: FloatArray, cells: int) -> FloatArray:
    size = (cells, cells)
    return np.stack([resize_plane(plane, size, Image.Resampling.BOX) for plane in np.moveaxis(planes, -1, 0)], axis=-1)


def drawing(side: int) -> Photograph:
    """Flat colours with clear lightness edges: a slanted one, a disc, and a line three pixels wide."""
    y, x = np.mgrid[:side, :side] / side
    lab = np.where((x + 0.3 * y < 0.6)[..., None], [35.0, 45.0, 30.0], [70.0, -15.0, -35.0])
    lab[(x - 0.8) ** 2 + (y - 0.5) ** 2 < 0.03**2] = (90, 0, 70)
    lab[np.abs(x - 0.2) < 1.5 / side] = (80, 0, 0)
    return lab2rgb(lab), lab.astype(np.float32)


def measure(upsampler: Upsampler, photographs: Sequence[Photograph], cells: int, blur: float) -> dict[str, float]:
    psnr, edges, grain = [], [], []
    for number, (rgb, lab) in enumerate(photographs):
        lightness, ab = np.ascontiguousarray(lab[..., 0]), lab[..., 1:]
        grid = gaussian_filter(reduced(ab, cells), (blur, blur, 0))
        result = upsampler(grid, lightness)
        picture = np.clip(lab2rgb(np.dstack([lightness, result])), 0, 1)
        psnr.append(-10 * np.log10(np.mean((picture - rgb) ** 2)))
        steepness = np.hypot(*np.gradient(gaussian_filter(lightness, 1)))
        edges.append(distance(result, ab)[steepness > np.quantile(steepness, 0.9)].mean())
        if number < 10:
            noise = gaussian_filter(np.random.default_rng(number).standard_normal(lightness.shape), 0.7)
            noisy = upsampler(grid, (lightness + noise * (4 / noise.std())).astype(np.float32))
            grain.append(np.sqrt((distance(noisy, result) ** 2).mean()))
    _, lab = drawing(cells * 16)
    grid = gaussian_filter(reduced(lab[..., 1:], cells), (blur, blur, 0))
    off = distance(upsampler(grid, np.ascontiguousarray(lab[..., 0])), lab[..., 1:]) >= 15
    return {
        "psnr_db": float(np.mean(psnr)),
        "edge_distance": float(np.mean(edges)),
        "grain_noise": float(np.mean(grain)),
        "bleed_percent": 100 * float(off.mean()),
    }


def distance(first: FloatArray, second: FloatArray) -> npt.NDArray[np.float64]:
    return np.asarray(np.hypot(*np.moveaxis(first - second, -1, 0)), np.float64)


def read(folder: Path, limit: int) -> list[Photograph]:
    photographs = []
    for path in sorted(folder.glob("*.webp"))[:limit]:
        with Image.open(path) as image:
            rgb = np.asarray(image.convert("RGB")) / 255
        photographs.append((rgb, rgb2lab(rgb).astype(np.float32)))
    return photographs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="a folder of square WebP pictures")
    parser.add_argument("--limit", type=int, default=40)
    parser.add_argument("--cells", type=int, default=19, help="cells of the grid along a side")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    # scikit-image reports colours out of gamut, which the methods compared do make.
    warnings.filterwarnings("ignore", message="Conversion from CIE-LAB")
    photographs = read(arguments.photographs, arguments.limit)
    rows = []

    def report(name: str, upsampler: Upsampler) -> None:
        for blur in (0.0, 0.7):
            figures = measure(upsampler, photographs, arguments.cells, blur)
            rows.append({"method": name, "grid_blur": blur, **figures})
            values = " ".join(f"{value:13.3f}" for value in figures.values())
            print(f"{name:24} {blur:9.1f} {values}", flush=True)

    names = ("psnr_db", "edge_distance", "grain_noise", "bleed_percent")
    print(f"{'method':24} {'grid_blur':>9} " + " ".join(f"{name:>13}" for name in names))
    report("photochrom", photochrom)
    if arguments.sweep:
        for constant, values in SWEEP.items():
            for value in values:
                with patch.object(upsample, constant, value):
                    report(f"{constant} = {value:g}", photochrom)
    else:
        report("bilinear", plain(Image.Resampling.BILINEAR))
        report("bicubic", plain(Image.Resampling.BICUBIC))
        report("fast guided filter", guided)
    if arguments.json:
        settings = {"photographs": len(photographs), "cells": arguments.cells}
        arguments.json.write_text(json.dumps({**settings, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
