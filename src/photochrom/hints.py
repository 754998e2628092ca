"""What a person tells the network: colours at places (`Hint`) and the palette of another picture (`Reference`).

Places are fractions of the picture's width and height, so that they fit any scan of the same photograph.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import color
from photochrom.color import FloatArray
from photochrom.errors import InvalidHint

MAX_HINTS = 1000
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# A wide hint is told to the network as this many places at most, and all hints together as about so many: the memory of
# an edit grows with their number.
_MOST_PLACES, _MOST_IN_ALL = 24, 2400
# The 2017 paper's global hints: the reference at 256 x 256, ab averaged over 4 x 4 blocks.
_REFERENCE_SIDE, _REFERENCE_BLOCK = 256, 4
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Hint:
    """A colour at a place.

    Attributes:
        x, y: the place as fractions of width and height, in [0, 1], from the left and the top.
        color: "#rrggbb" (only its hue and chroma count; lightness is the photograph's), or None: "neutral here".
        radius: of the disc that has this colour, as a fraction of the longer side, in (0, 1].

    Raises:
        InvalidHint: a value is out of range or not finite.
    """

    x: float
    y: float
    color: str | None = None
    radius: float = 0.01

    def __post_init__(self) -> None:
        for name in ("x", "y", "radius"):
            object.__setattr__(self, name, _number(f"Hint.{name}", getattr(self, name), 0.0, 1.0))
        if self.radius == 0:
            raise InvalidHint("Hint.radius must be above 0")
        _check_color(self.color)

    @cached_property
    def ab(self) -> tuple[float, float]:
        """The colour's a and b in Lab units."""
        if self.color is None:
            return 0.0, 0.0
        rgb = np.array([int(self.color[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
        _, a, b = color.srgb_to_lab(rgb).tolist()
        return a, b


@dataclass(frozen=True, eq=False)
class Reference:
    """The palette of another picture, as the 2017 paper's global hints.

    Attributes:
        histogram: (313,), share of each colour bin, sums to 1; or None: not given.
        saturation: mean HSV saturation in [0, 1]; or None: not given.

    Raises:
        InvalidHint: a wrong shape, a negative or no share, a value out of range.
    """

    histogram: FloatArray | None = None
    saturation: float | None = None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reference):
            return NotImplemented
        return self.saturation == other.saturation and np.array_equal(self.histogram, other.histogram)  # type: ignore[arg-type]  # None too

    __hash__ = None  # type: ignore[assignment]  # as of anything that holds an array

    def __post_init__(self) -> None:
        if self.saturation is not None:
            object.__setattr__(self, "saturation", _number("Reference.saturation", self.saturation, 0.0, 1.0))
        if self.histogram is None:
            return
        try:
            shares = np.asarray(self.histogram, np.float64)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidHint(f"Reference.histogram must be 313 numbers: {error}") from error
        if shares.shape != (313,):
            raise InvalidHint(f"Reference.histogram must be 313 numbers, got the shape {shares.shape}")
        with np.errstate(over="ignore"):
            total = shares.sum()
        if not np.isfinite(shares).all() or shares.min() < 0 or not 0 < total < np.inf:
            raise InvalidHint("Reference.histogram must be finite, not negative and not all 0")
        # Shares that sum to 1 in 32 bits stay as they are, so that a saved session brings back the very same ones.
        if abs(total - 1) > _ROUNDING:
            shares = shares / total
        object.__setattr__(self, "histogram", shares.astype(np.float32))

    @classmethod
    def from_picture(cls, rgb: npt.NDArray[np.uint8] | FloatArray) -> Reference:
        """The statistics of a colour picture (H, W, 3), sRGB, uint8 or float in [0, 1]."""
        if rgb.dtype != np.uint8:
            rgb = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
        side, block = _REFERENCE_SIDE, _REFERENCE_BLOCK
        small = np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BOX), np.float32) / 255
        ab = color.srgb_to_lab(small)[..., 1:].reshape(side // block, block, side // block, block, 2).mean(axis=(1, 3))
        counts = np.bincount(color.nearest_bin(ab).ravel(), minlength=313)
        top = small.max(axis=-1)
        saturation = np.where(top > 0, (top - small.min(axis=-1)) / np.maximum(top, 1e-6), 0).mean()
        return cls((counts / counts.sum()).astype(np.float32), float(saturation))


def check_hints(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """The hints as a tuple.

    Raises:
        InvalidHint: it is no list, something in it is no `Hint`, or there are more than `MAX_HINTS`.
    """
    try:
        checked = tuple(hints)
    except TypeError as error:
        raise InvalidHint(f"hints must be a list of photochrom.Hint, got {type(hints).__name__}") from error
    if len(checked) > MAX_HINTS:
        raise InvalidHint(f"{len(checked)} hints are too many; at most {MAX_HINTS} are allowed")
    for hint in checked:
        if not isinstance(hint, Hint):
            raise InvalidHint(f"hints must be photochrom.Hint, got {type(hint).__name__}")
    return checked


def hint_places(hints: Sequence[Hint], height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """Hints as a list of places on a grid of `height` x `width` cells: the cells that a disc covers, and its middle.

    Returns:
        positions (K, 2) as y, x fractions, and colours (K, 2) in Lab units; K may be 0.
    """
    positions: list[tuple[float, float]] = []
    colors: list[tuple[float, float]] = []
    most = max(1, min(_MOST_PLACES, _MOST_IN_ALL // max(1, len(hints))))
    for hint in hints:
        covered = _covered_cells(hint, height, width)
        step = max(1, -(-len(covered) // most))
        places = [((row + 0.5) / height, (column + 0.5) / width) for row, column in covered[::step].tolist()]
        positions += [*places, (hint.y, hint.x)]
        colors += [hint.ab] * (len(places) + 1)
    return np.array(positions, np.float32).reshape(-1, 2), np.array(colors, np.float32).reshape(-1, 2)


def hint_raster(hints: Sequence[Hint], height: int, width: int) -> tuple[FloatArray, FloatArray]:
    """Hints as pictures: ab (height, width, 2) in Lab units, 0 without a hint, and mask (height, width), 0 or 1.

    Later hints lie over earlier ones. Every hint covers the pixel in which its middle lies.
    """
    ab = np.zeros((height, width, 2), np.float32)
    mask = np.zeros((height, width), np.float32)
    for hint in hints:
        cells = _covered_cells(hint, height, width)
        rows = np.append(cells[:, 0], min(int(hint.y * height), height - 1))
        columns = np.append(cells[:, 1], min(int(hint.x * width), width - 1))
        ab[rows, columns] = hint.ab
        mask[rows, columns] = 1
    return ab, mask


def _covered_cells(hint: Hint, height: int, width: int) -> npt.NDArray[np.intp]:
    """Rows and columns (M, 2) of the cells whose middle lies in the hint's disc."""
    radius = hint.radius * max(height, width)
    top, left = (max(0, math.floor(c - radius)) for c in (hint.y * height, hint.x * width))
    rows = np.arange(top, min(height, math.ceil(hint.y * height + radius)))
    columns = np.arange(left, min(width, math.ceil(hint.x * width + radius)))
    inside = np.hypot(rows[:, None] + 0.5 - hint.y * height, columns + 0.5 - hint.x * width) <= radius
    cells: npt.NDArray[np.intp] = np.argwhere(inside) + np.array([top, left])
    return cells


def _check_color(value: object) -> None:
    if value is not None and not (isinstance(value, str) and _HEX.fullmatch(value)):
        raise InvalidHint(f'Hint.color must be "#rrggbb" or None, got {value!r:.40}')


def _number(name: str, value: object, low: float, high: float) -> float:
    """A number of Python's as it is, one of NumPy's as Python's."""
    number = value.item() if isinstance(value, np.number) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise InvalidHint(f"{name} must be a number, got {value!r:.40}")
    if not low <= number <= high:
        raise InvalidHint(f"{name} must lie in [{low:g}, {high:g}], got {value!r:.40}")
    return number
