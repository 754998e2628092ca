"""How far a hint's colour goes: the hinted object takes it, far objects of another kind keep theirs.

    python benchmarks/hint_reach.py [--json FILE]

On the example photographs, with objects marked by hand: one hint of a strong colour in the middle of an object, and the
mean distance in ab (Lab units) by which that object and others moved, on the network's grid. The share is of the
distance between the hint and the automatic colour at its place.

Exit status 1: another object moved by more than the bar in the mean over all.
"""

import argparse
import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom import Colorizer, Hint
from photochrom.color import FloatArray

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
DECODES = ("vivid", "accurate")
BAR = 4.0  # Lab units; hardly seen on what is not looked at
Box = tuple[float, float, float, float]  # left, top, right, bottom, as fractions


@dataclass(frozen=True)
class Scene:
    """A photograph with an object to be hinted and another one.

    Attributes:
        hint: x, y as fractions. color: of the hint.
        object: lies within the hinted object. other: lies within one of another kind, which should not change.
    """

    photograph: str
    hinted: str
    hint: tuple[float, float]
    color: str
    object: Box
    kept: str
    other: Box


SCENES = (
    Scene("barn_under_clouds", "barn", (0.60, 0.62), "#8e2f25", (0.55, 0.56, 0.64, 0.7), "sky", (0.2, 0.05, 0.8, 0.25)),
    Scene("barn_under_clouds", "meadow", (0.5, 0.9), "#7a3b1d", (0.1, 0.85, 0.9, 0.97), "sky", (0.2, 0.05, 0.8, 0.25)),
    Scene("bird_on_a_wire", "bird", (0.40, 0.45), "#3b6ea8", (0.34, 0.40, 0.45, 0.52), "sky", (0.75, 0.55, 0.95, 0.9)),
    Scene("canoe_on_a_lake", "water", (0.3, 0.85), "#2f6f8f", (0.1, 0.75, 0.9, 0.95), "forest", (0.1, 0.05, 0.9, 0.25)),
    Scene("coffee_and_tart", "tart", (0.2, 0.3), "#c9772b", (0.13, 0.25, 0.3, 0.4), "saucer", (0.2, 0.88, 0.35, 0.98)),
    Scene("couple_in_a_swing", "shirt", (0.4, 0.5), "#9a2f2f", (0.15, 0.43, 0.6, 0.6), "lawn", (0.86, 0.05, 0.98, 0.2)),
    Scene("library_room", "ceiling", (0.5, 0.1), "#c8a86a", (0.3, 0.05, 0.7, 0.15), "books", (0.22, 0.85, 0.5, 0.97)),
    Scene("vintage_car", "car", (0.2, 0.58), "#6fb0d9", (0.07, 0.52, 0.35, 0.7), "trees", (0.3, 0.03, 0.65, 0.13)),
    Scene("white_church", "hedge", (0.85, 0.7), "#7a3b1d", (0.75, 0.66, 0.98, 0.8), "sky", (0.05, 0.05, 0.15, 0.35)),
    Scene("white_church", "hedge", (0.85, 0.7), "#7a3b1d", (0.75, 0.66, 0.98, 0.8), "wall", (0.62, 0.3, 0.72, 0.45)),
    Scene("white_church", "path", (0.5, 0.85), "#7a3b1d", (0.45, 0.75, 0.6, 0.95), "sky", (0.05, 0.05, 0.15, 0.35)),
    Scene("white_church", "sky", (0.1, 0.2), "#d98c3a", (0.05, 0.05, 0.15, 0.35), "hedge", (0.75, 0.66, 0.98, 0.8)),
)  # fmt: skip


def measure(colorizer: Colorizer, scene: Scene, decode: str) -> dict[str, Any]:
    """How far both objects moved, in Lab units, and what was asked for."""
    work = colorizer.open(EXAMPLES / f"{scene.photograph}.jpg")
    before = work.render(decode=decode).ab
    hint = Hint(*scene.hint, color=scene.color)
    result = work.render(hints=[hint], decode=decode)
    moved = np.hypot(*np.moveaxis(result.ab - before, -1, 0))
    row, column = (int(share * side) for share, side in zip(scene.hint[::-1], moved.shape, strict=True))
    asked, mine, other = float(moved[row, column]), _inside(moved, scene.object), _inside(moved, scene.other)
    return asdict(scene) | {"decode": decode, "asked": asked, "object_moved": mine, "other_moved": other}


def _inside(moved: FloatArray, box: Box) -> float:
    height, width = moved.shape
    left, top, right, bottom = box
    return float(moved[int(top * height) : int(bottom * height), int(left * width) : int(right * width)].mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    colorizer = Colorizer()
    rows = [measure(colorizer, scene, decode) for decode in DECODES for scene in SCENES]
    for row in rows:
        print(
            f"{row['photograph']:18} {row['decode']:9} asked {row['asked']:5.1f}"
            f"  {row['hinted']:8} moved {row['object_moved']:5.1f}  {row['kept']:7} moved {row['other_moved']:5.1f}"
        )
    means = {
        decode: {
            "object_share": statistics.fmean(r["object_moved"] / r["asked"] for r in rows if r["decode"] == decode),
            "other_moved": statistics.fmean(r["other_moved"] for r in rows if r["decode"] == decode),
        }
        for decode in DECODES
    }
    for decode, mean in means.items():
        print(f"{decode:9} object {mean['object_share']:.2f} of what was asked, others {mean['other_moved']:.1f} units")
    if arguments.json:
        figures = {"rows": rows, "means": means, "bar": BAR}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    sys.exit(any(mean["other_moved"] > BAR for mean in means.values()))


if __name__ == "__main__":
    main()
