"""One photograph compared: its input, every method's result, its original, and figures for each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import images
from photochrom.color import FloatArray, lightness_to_gray
from photochrom.comparison.methods import Method
from photochrom.evaluation import metrics
from photochrom.evaluation.datasets import Picture
from photochrom.evaluation.scene import Scene, to_lab
from photochrom.render import available_threads
from photochrom.resample import network_lightness, resize_plane

# Longer side of the pictures on a sheet, in pixels: twice what the networks see. Figures are measured at this size.
LONGEST = 512
INPUT, ORIGINAL = "Input", "Original"


@dataclass(frozen=True)
class Figures:
    """What was measured of one picture, by `photochrom.evaluation.metrics`.

    Attributes:
        colorfulness: Hasler and Suesstrunk 2003.
        psnr: dB against the original; None without one, and for the original itself.
        ciede2000: mean colour difference from the original, likewise.
    """

    colorfulness: float
    psnr: float | None = None
    ciede2000: float | None = None


@dataclass(frozen=True)
class Label:
    """What stands under a picture."""

    title: str
    figures: Figures


@dataclass(frozen=True, eq=False)
class Row:
    """A photograph's line of a sheet.

    Attributes:
        name: what the sheet calls the photograph.
        labels: one for each picture.
        pictures: (n, H, W, 3) uint8 sRGB: the input, the results, and last the original if there is one.
    """

    name: str
    labels: tuple[Label, ...]
    pictures: npt.NDArray[np.uint8]


def compare_photograph(photograph: Path, name: str, methods: Sequence[Method]) -> Row:
    """Colours a photograph with every method, at `LONGEST` pixels at most, and measures the results.

    A photograph that shows real colours, more than one tint, is its own original.

    Raises:
        InputError: it is no photograph that can be used; see `photochrom.images.read`.
        ModelError, BackendError: see `photochrom.pipeline.Colorizer`.
    """
    picture, in_color = _read(photograph)
    scene = Scene(picture, seed=(0, 0))
    results = [(INPUT, scene.gray), *_results(scene, methods)]
    labels = [Label(title, _figures(result, scene if in_color else None)) for title, result in results]
    pictures = [result for _, result in results]
    if in_color:
        labels.append(Label(ORIGINAL, _figures(picture, None)))
        pictures.append(picture)
    return Row(name, tuple(labels), np.stack(pictures))


def shown_names(photographs: Sequence[Path]) -> list[str]:
    """What a sheet calls photographs: their paths below the deepest folder that holds all of them."""
    absolute = [os.path.abspath(path) for path in photographs]
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in absolute])
    except ValueError:  # on several drives
        return absolute
    return [Path(os.path.relpath(path, folder)).as_posix() for path in absolute]


def mean_labels(rows: Iterable[Sequence[Label]]) -> tuple[int, list[Label]]:
    """Means over the photographs with an original, or over all if none has one.

    Returns:
        how many photographs they are of, and a label for each column.
    """
    every = list(rows)
    chosen = [labels for labels in every if labels[-1].title == ORIGINAL] or every
    columns = zip(*chosen, strict=True)
    return len(chosen), [Label(column[0].title, _mean([label.figures for label in column])) for column in columns]


def _results(scene: Scene, methods: Sequence[Method]) -> list[tuple[str, Picture]]:
    works = {}
    results = []
    for method in methods:
        model = method.colorizer.spec.name
        if model not in works:
            works[model] = method.colorizer.open(scene.photograph)
        image = works[model].render(decode=method.decode).image
        results.append((method.title, np.asarray(image)))
    return results


def _figures(picture: Picture, truth: Scene | None) -> Figures:
    colorfulness = metrics.colorfulness(picture)
    if truth is None:
        return Figures(colorfulness)
    difference = float(metrics.ciede2000(to_lab(picture), truth.lab).mean())
    return Figures(colorfulness, metrics.psnr(picture, truth.truth), difference)


def _mean(figures: Sequence[Figures]) -> Figures:
    def over(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return float(np.mean(known)) if known else None

    return Figures(
        float(np.mean([one.colorfulness for one in figures])),
        over([one.psnr for one in figures]),
        over([one.ciede2000 for one in figures]),
    )


def _read(path: Path) -> tuple[Picture, bool]:
    """A picture for the sheet, in its colours if it has real ones, and whether it has."""
    photograph = images.read(path)
    size = _fitted(photograph.height, photograph.width)
    if photograph.had_color:
        return _resized(images.read_color(path), size), True
    lightness = network_lightness(photograph.gray, *size, threads=available_threads())
    return np.repeat(_levels(lightness_to_gray(lightness))[..., None], 3, axis=-1), False


def _fitted(height: int, width: int) -> tuple[int, int]:
    scale = min(1.0, LONGEST / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _resized(picture: Picture | FloatArray, size: tuple[int, int]) -> Picture:
    if picture.dtype != np.uint8:
        planes = [resize_plane(picture[..., channel], size, Image.Resampling.LANCZOS) for channel in range(3)]
        return _levels(np.stack(planes, axis=-1))
    if picture.shape[:2] == size:
        return np.asarray(picture, np.uint8)
    return np.asarray(Image.fromarray(picture).resize(size[::-1], Image.Resampling.LANCZOS, reducing_gap=3.0))


def _levels(values: FloatArray) -> Picture:
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
