"""How steady a film's colours are, and what that costs where things move.

Films are made from the example photographs (`video_films`): a camera that stands, shakes, pans and zooms, grain and
flickering exposure, a thing that moves through. Each is coloured frame by frame and as `photochrom colorize` does, and
the following is printed:

- flicker: the mean change of ab from frame to frame where the lightness does not change (by less than 1 L), followed
  along the true motion; and the same at the same pixel, where in a pan other things come to lie;
- error: the mean distance of ab to that of the same frame without grain and flicker, coloured by itself: on the moving
  thing, where it has just left, and elsewhere. Smeared colours would show as a large error on the first two;
- lightness: how far CIE L* of the coloured frame, as FFmpeg shows it, is from the gray one's, though luma is the same;
- the cuts of a film of all examples, with fades, flashes and pans: found, missed, and taken for one wrongly.

    python benchmarks/video_flicker.py [--frames 20] [--json FILE]

Exit status 1: a steady film flickers by more than a third of the frame-by-frame result.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from skimage.color import rgb2lab
from video_films import EXAMPLES, MadeFilm, Shot, made_film, pan, shake, zoom

from photochrom.color import FloatArray, lightness_table
from photochrom.pipeline import Colorizer
from photochrom.video.coding import FULL_RANGE, Coding, chroma, reduced_gray
from photochrom.video.colouring import FilmColours, View, Wishes
from photochrom.video.cuts import CutFinder, Step, thumbnail

BAR_SHARE = 1 / 3
_SAME_LIGHTNESS = 1.0
_FULL = Coding(8, True, 1, 1, 1)
_BLOCK = (2, 2)
# Frames for which the uncovered ground counts as just uncovered.
_JUST = 2

Frames = Sequence[npt.NDArray[np.uint8]]


@dataclass(frozen=True)
class Flicker:
    """Mean change of ab from frame to frame, in Lab units, where lightness does not change."""

    along_motion: float
    at_pixel: float


@dataclass(frozen=True)
class Error:
    """Mean distance of ab to a clean frame's, in Lab units; None where there is no moving thing."""

    thing: float | None
    uncovered: float | None
    elsewhere: float | None


def films(count: int) -> dict[str, list[Shot]]:
    """The films, of so many frames each."""
    return {
        "camera stands": [Shot("library_room", count)],
        "shaking": [Shot("couple_in_a_swing", count, shake(1))],
        "slow pan": [Shot("white_church", count, pan(0.7))],
        "pan": [Shot("vintage_car", count, pan(4.3))],
        "zoom": [Shot("canoe_on_a_lake", count, zoom(0.01))],
        "thing moves": [Shot("barn_under_clouds", count, thing="coffee_and_tart", speed=7.0)],
        "thing moves in a pan": [Shot("library_room", count, pan(1.5), thing="vintage_car", speed=6.0)],
    }


def film_of_cuts() -> list[Shot]:
    """Shots of all examples, among them what is easily taken for a cut."""
    names = [path.stem for path in sorted(EXAMPLES.glob("*.jpg"))]
    ways: list[dict[str, Any]] = [
        {"camera": pan(2)}, {"camera": pan(20)}, {"flashes": (5, 6)}, {"camera": zoom(0.04)}, {"camera": shake(3, 6)},
        {"flicker": 0.2}, {"grain": 12.0}, {"thing": names[0], "speed": 16.0},
    ]  # fmt: skip
    return [Shot(name, 14, **way) for name, way in zip(names, ways, strict=True)]


def views(frames: Frames) -> list[View]:
    """Frames as the colouring takes them."""
    return [View(frame, reduced_gray(frame, _FULL, _BLOCK)) for frame in frames]


def coloured_together(frames: Frames, colorizer: Colorizer) -> list[FloatArray]:
    """ab (2, h, w) of every frame, as in a film."""
    return list(FilmColours(colorizer, Wishes()).colours(iter(views(frames))))


def coloured_one_by_one(frames: Frames, colorizer: Colorizer) -> list[FloatArray]:
    """ab (2, h, w) of every frame, each as if it were a film of its own."""
    return [color for frame in frames for color in coloured_together([frame], colorizer)]


def flicker(film: MadeFilm, colors: Sequence[FloatArray]) -> Flicker:
    """How much colours change though lightness does not."""
    lightness = [np.take(lightness_table(16), view.small) for view in views(film.frames)]
    along, at_pixel = [], []
    for number, origin in enumerate(film.origins):
        if origin is None:
            continue
        now, before = (np.stack([*colors[i], lightness[i]]) for i in (number, number - 1))
        at_pixel.append(_change(now, before))
        there, within = _sampled(before, origin[:, ::2, ::2] / 2)
        along.append(_change(now[:, within], there[:, within]))
    return Flicker(float(np.mean(along)), float(np.mean(at_pixel)))


def error(film: MadeFilm, colors: Sequence[FloatArray], clean: Sequence[FloatArray]) -> Error:
    """How far colours are from those of clean frames."""
    parts: dict[str, list[float]] = {"thing": [], "uncovered": [], "elsewhere": []}
    for number in range(_JUST, len(colors)):
        away = np.hypot(*(colors[number] - clean[number]))
        thing, *earlier = (film.things[number - ago][::2, ::2] for ago in range(_JUST + 1))
        uncovered = np.logical_or.reduce(earlier) & ~thing
        masks = {"thing": thing, "uncovered": uncovered, "elsewhere": ~thing & ~uncovered}
        for name, mask in masks.items():
            if mask.any():
                parts[name].append(float(away[mask].mean()))
    means = {name: float(np.mean(part)) if part else None for name, part in parts.items()}
    return Error(means["thing"], means["uncovered"], means["elsewhere"])


def lightness_change(frames: Frames, colors: Sequence[FloatArray]) -> dict[str, float]:
    """Distance of L between frames with and without their colours, over all pixels: mean and 99th percentile."""
    away = []
    for luma, color in zip(frames, colors, strict=True):
        cb, cr = chroma(reduced_gray(luma, _FULL, _BLOCK), color, luma, _FULL, _BLOCK)
        colored, gray = (_shown(luma, *planes) for planes in ((cb, cr), (np.full_like(cb, 128), np.full_like(cr, 128))))
        away.append(np.abs(rgb2lab(colored)[..., 0] - rgb2lab(gray)[..., 0]))
    return {"mean": float(np.mean(away)), "p99": float(np.percentile(away, 99))}


def _shown(*planes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Red, green and blue (H, W, 3) of Y', Cb and Cr, by FFmpeg."""
    frame = av.VideoFrame(planes[0].shape[1], planes[0].shape[0], "yuv420p")
    for plane, numbers in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[: numbers.shape[0], : numbers.shape[1]] = numbers
    return frame.reformat(format="rgb24", src_colorspace=_FULL.matrix, src_color_range=FULL_RANGE).to_ndarray()


def cuts_found(film: MadeFilm) -> list[int]:
    """The frames, but the first, at which a shot is found to begin."""
    table = lightness_table(16)
    small = [thumbnail(np.take(table, view.small)) for view in views(film.frames)]
    finder = CutFinder()
    steps = [finder.step(now, after) for now, after in zip(small, [*small[1:], None], strict=True)]
    return [number for number, step in enumerate(steps) if number and step is Step.NEW_SHOT]


def measure(count: int, colorizer: Colorizer) -> dict[str, Any]:
    """All figures."""
    rows = []
    for name, shots in films(count).items():
        film = made_film(shots)
        clean = coloured_one_by_one(film.clean, colorizer)
        ways = {
            "frame by frame": coloured_one_by_one(film.frames, colorizer),
            "steady": coloured_together(film.frames, colorizer),
        }
        row: dict[str, Any] = {"film": name}
        for way, colors in ways.items():
            row[way] = {"flicker": asdict(flicker(film, colors)), "error": asdict(error(film, colors, clean))}
        row["lightness"] = lightness_change(film.frames, ways["steady"])
        row["share"] = row["steady"]["flicker"]["along_motion"] / row["frame by frame"]["flicker"]["along_motion"]
        rows.append(row)
    film = made_film(film_of_cuts())
    true, found = set(film.cuts), set(cuts_found(film))
    cuts = {"there": len(true), "missed": sorted(true - found), "wrong": sorted(found - true)}
    return {"frames": count, "bar_share": BAR_SHARE, "rows": rows, "cuts": cuts}


def _change(now: FloatArray, before: FloatArray) -> float:
    """Mean change of ab of (3, ...) a, b and L, where L is the same."""
    same = np.abs(now[2] - before[2]) < _SAME_LIGHTNESS
    return float(np.hypot(*(now[:2] - before[:2]))[same].mean())


def _sampled(planes: FloatArray, places: npt.NDArray[Any]) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Planes (n, h, w) at places (2, h, w), bilinear, and which of those lie within."""
    height, width = planes.shape[1:]
    within = (places[0] >= 0) & (places[0] <= height - 1) & (places[1] >= 0) & (places[1] <= width - 1)
    y, x = np.clip(places[0], 0, height - 1), np.clip(places[1], 0, width - 1)
    top, left = np.minimum(y.astype(int), height - 2), np.minimum(x.astype(int), width - 2)
    down, across = y - top, x - left
    rows = [planes[:, top + i, left] * (1 - across) + planes[:, top + i, left + 1] * across for i in (0, 1)]
    return np.asarray(rows[0] * (1 - down) + rows[1] * down, np.float32), within


def _text(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.2f}':>10}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.frames, Colorizer())

    print(f"{'':38}{'flicker':>20}{'error':>30}")
    heads = ("on motion", "at pixel", "thing", "uncovered", "elsewhere")
    print(f"{'film':21} {'way':15} " + "".join(f"{head:>10}" for head in heads))
    for row in figures["rows"]:
        for way in ("frame by frame", "steady"):
            values = [*row[way]["flicker"].values(), *row[way]["error"].values()]
            away = row["lightness"]
            share = f"  share {row['share']:.2f}  dL {away['mean']:.2f}, 99 % below {away['p99']:.2f}"
            print(f"{row['film']:21} {way:15} " + "".join(map(_text, values)) + (share if way == "steady" else ""))
    worst = max(row["share"] for row in figures["rows"])
    print(f"largest share {worst:.2f}, bar {BAR_SHARE:.2f}: {'met' if worst <= BAR_SHARE else 'missed'}")
    cuts = figures["cuts"]
    print(f"cuts: {cuts['there']} there, missed {cuts['missed'] or 'none'}, wrong {cuts['wrong'] or 'none'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(worst > BAR_SHARE)


if __name__ == "__main__":
    main()
