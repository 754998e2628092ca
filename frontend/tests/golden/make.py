"""What Python makes of small photographs and of colours, for the page's TypeScript to agree with.

    python frontend/tests/golden/make.py [FOLDER]

writes into FOLDER, this script's own by default, `colors.json`, `pictures.json`, and for each picture of the latter a
file NAME.npy of bytes: its gray (H, W), the network's a and b (h, w) as little-endian float32, the coloured picture
(H, W, 3). No network and no random numbers: the same bytes wherever NumPy computes alike.
"""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import Hint
from photochrom.color import fit_gamut, gray_to_lightness, in_gamut, srgb_to_lab
from photochrom.hints import hint_places
from photochrom.pins import Pins
from photochrom.render import render
from photochrom.resample import area_mean

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[2] / "examples"

Gray = npt.NDArray[np.uint8]
FEW_HINTS = (
    Hint(0.31, 0.42, "#b5651d", 0.05),
    Hint(0.34, 0.45, "#2f6f9f", 0.01),
    Hint(0.72, 0.66, None, 0.03),
    Hint(1.0, 1.0, "#ffe000", 0.01),
    Hint(0.9, 0.1, "#7fae54", 0.2),
)


@dataclass(frozen=True)
class Case:
    """One picture: its gray, the size of the network's grid, and what a person asked for."""

    name: str
    gray: Gray
    grid: tuple[int, int]
    hints: tuple[Hint, ...] = ()
    saturation: float = 1.0
    temperature: float = 0.0


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    described = [write(case, folder) for case in cases()]
    write_json(folder / "pictures.json", described)
    write_json(folder / "colors.json", colors())


def cases() -> list[Case]:
    car, room = example("vintage_car", 150, 150), example("library_room", 160, 120)
    church = example("white_church", 96, 128)
    dots = np.arange(7, dtype=np.uint8) * 36 + 10
    return [
        Case("car", car, (16, 16)),
        Case("car_with_hints", car, (38, 38), FEW_HINTS),
        Case("room_vivid_and_warm", room, (15, 20), FEW_HINTS, saturation=2, temperature=14),
        Case("church_gray", church, (16, 12), FEW_HINTS, saturation=0),
        Case("church_cold", church, (32, 24), FEW_HINTS[:1], saturation=0.6, temperature=-25),
        Case("smaller_than_its_grid", church[:9, :14], (16, 24), FEW_HINTS[:2]),
        Case("one_row", dots[None], (1, 4), FEW_HINTS[:1]),
        Case("one_column", dots[:, None], (4, 1)),
        Case("one_pixel", dots[3:4, None], (8, 8), FEW_HINTS[:1]),
        Case("wide", wide(), (1, 64), FEW_HINTS),
        # Its last block means are cut by the border, both ways.
        Case("wide_and_odd", wide()[5:14, :1603], (2, 48), FEW_HINTS),
    ]


def example(name: str, width: int, height: int) -> Gray:
    with Image.open(EXAMPLES / f"{name}.jpg") as image:
        plane = np.asarray(image.convert("L"), np.float32)
    return np.rint(area_mean(plane, (height, width))).astype(np.uint8)


def wide() -> Gray:
    """A strip through seven photographs, so long that colours come by way of block means, 2002 pixels."""
    names = sorted(path.stem for path in EXAMPLES.glob("*.jpg"))[:7]
    return np.concatenate([example(name, 299, 299)[130:154] for name in names], axis=1)[:, :2002]


def network_colors(case: Case) -> npt.NDArray[np.float32]:
    """Colours (h, w, 2) that vary as a network's do: smoothly, and with the lightness of what they lie on."""
    height, width = case.grid
    y, x = (np.mgrid[:height, :width] + 0.5) / np.array([height, width])[:, None, None]
    sides = zip((y, x), case.gray.shape, strict=True)
    rows, columns = (np.minimum(place * side, side - 1).astype(int) for place, side in sides)
    lightness = gray_to_lightness(case.gray)[rows, columns]
    a = 22 * np.sin(5 * x + 3 * y) + (lightness - 50) * 0.35
    b = 25 * np.cos(4 * y - 6 * x) - (lightness - 60) * 0.25
    return np.stack([a, b], axis=-1).astype(np.float32)


def write(case: Case, folder: Path) -> dict[str, object]:
    """Write a picture's file and return what `pictures.json` tells about it."""
    ab = network_colors(case)
    pins = Pins(*hint_places(case.hints, *case.grid)) if case.hints else None
    result = render(case.gray, ab, saturation=case.saturation, temperature=case.temperature, pins=pins)
    planes = np.moveaxis(ab, -1, 0).astype("<f4")
    content = case.gray.tobytes() + planes.tobytes() + np.asarray(result).tobytes()
    np.save(folder / f"{case.name}.npy", np.frombuffer(content, np.uint8))
    height, width = case.gray.shape
    return {
        "name": case.name,
        "width": width,
        "height": height,
        "grid": {"width": case.grid[1], "height": case.grid[0]},
        "hints": [asdict(hint) for hint in case.hints],
        "saturation": case.saturation,
        "temperature": case.temperature,
    }


def colors() -> dict[str, object]:
    """sRGB colours as Lab, and Lab colours in and out of the gamut, fitted into it."""
    steps = np.array([0, 51, 128, 255])
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    hues = np.arange(12) * np.pi / 6
    ab = np.array([(c * np.cos(h), c * np.sin(h)) for c in (0, 15, 60, 130) for h in hues], np.float32)
    lightness = np.tile(np.array([3, 30, 55, 80, 97], np.float32), len(ab))
    ab = np.repeat(ab, 5, axis=0)
    lab = np.column_stack([lightness, ab])
    return {
        "srgb": [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in rgb.tolist()],
        "lab_of_srgb": rounded(srgb_to_lab(rgb / 255)),
        "lab": rounded(lab),
        "in_gamut": in_gamut(lightness, ab).tolist(),
        "fitted": rounded(np.column_stack([lightness, fit_gamut(lightness, ab)])),
    }


def rounded(values: npt.NDArray[np.float32]) -> list[list[float]]:
    rows: list[list[float]] = np.round(values.astype(np.float64), 4).tolist()
    return rows


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
