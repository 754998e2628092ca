"""Short black-and-white films to measure with, made from the example photographs, whose motion is known exactly.

A camera moves over a photograph (still, pan, zoom, shake), grain and a flickering exposure lie over it, a thing cut
out of another photograph moves through it, and shots follow each other. The same arguments give the same pixels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
# The photographs are small; the camera sees about two thirds of them.
_CANVAS = 480
_THING_ROWS, _THING_COLUMNS = 0.36, 0.24

Plane = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shot:
    """What the camera and the projector do.

    Attributes:
        photograph: name of an example.
        frames: how many.
        camera: for frame t the place (x, y) that it looks at, in pixels from the photograph's middle, and its zoom.
        grain: standard deviation, of 255.
        flicker: standard deviation of the exposure, as a share.
        fade: share of the frames at either end in which the picture fades from and to black.
        thing: name of the example of which a part moves through the picture, or None.
        speed: of that thing, pixels a frame.
        flashes: frames that are nearly white.
    """

    photograph: str
    frames: int
    camera: Callable[[int], tuple[float, float, float]] = lambda t: (0.0, 0.0, 1.0)
    grain: float = 4.0
    flicker: float = 0.03
    fade: float = 0.0
    thing: str | None = None
    speed: float = 5.0
    flashes: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class MadeFilm:
    """A film and what is true of it.

    Attributes:
        frames: (H, W) uint8, gray of sRGB.
        clean: the same without grain and flicker.
        origins: for each frame where each pixel was in the one before, (2, H, W) as rows and columns; None after a cut.
        things: for each frame, where the moving thing is.
        cuts: the numbers of the frames that begin a shot, but the first.
    """

    frames: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    clean: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    origins: list[Plane | None] = field(default_factory=list)
    things: list[Mask] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)


def made_film(shots: Sequence[Shot], width: int = 320, height: int = 240, seed: int = 0) -> MadeFilm:
    """The shots one after the other."""
    rng = np.random.default_rng(seed)
    film = MadeFilm()
    for number, shot in enumerate(shots):
        if number:
            film.cuts.append(len(film.frames))
        _add_shot(film, shot, width, height, rng)
    return film


def pan(speed: float, slope: float = 0.3) -> Callable[[int], tuple[float, float, float]]:
    """A camera that goes sideways, so many pixels a frame, and a little down."""
    return lambda t: (speed * (t - 12), slope * speed * (t - 12), 1.0)


def zoom(rate: float) -> Callable[[int], tuple[float, float, float]]:
    """A camera that comes nearer, by that share a frame."""
    return lambda t: (0.0, 0.0, (1 + rate) ** t)


def shake(seed: int, reach: float = 2.0) -> Callable[[int], tuple[float, float, float]]:
    """A camera in the hand, or a film that sits loosely in its gate."""
    places = np.random.default_rng(seed).normal(0, reach, (1000, 2))
    return lambda t: (float(places[t, 0]), float(places[t, 1]), 1.0)


def _add_shot(film: MadeFilm, shot: Shot, width: int, height: int, rng: np.random.Generator) -> None:
    canvas = _canvas(shot.photograph)
    thing = None if shot.thing is None else _canvas(shot.thing)
    grid = np.indices((height, width), np.float32)
    for t in range(shot.frames):
        x, y, scale = shot.camera(t)
        picture = _seen(canvas, x, y, scale, width, height)
        origin = None
        if t:
            x_before, y_before, scale_before = shot.camera(t - 1)
            middle = np.array([(height - 1) / 2, (width - 1) / 2], np.float32)[:, None, None]
            shift = np.array([y - y_before, x - x_before], np.float32)[:, None, None]
            origin = ((grid - middle) / scale + shift) * scale_before + middle
        place = np.zeros((height, width), bool)
        if thing is not None:
            left = -0.1 * width + shot.speed * t
            place = _ellipse(grid, height, width, left)
            own = _seen(thing, -left, 0, 1, width, height)
            picture = np.where(place, own, picture)
            if origin is not None:
                origin = np.where(place, grid - np.array([0, shot.speed], np.float32)[:, None, None], origin)
        film.frames.append(_projected(picture, shot, t, rng))
        film.clean.append(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
        film.origins.append(origin)
        film.things.append(place)


def _projected(picture: Plane, shot: Shot, t: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """What the projector makes of a picture: grain, exposure, fades and flashes."""
    light = 1 + shot.flicker * rng.normal()
    if shot.fade:
        length = shot.fade * shot.frames
        light *= min(1, (t + 0.5) / length, (shot.frames - t - 0.5) / length)
    shown = picture * light + rng.normal(0, shot.grain, picture.shape)
    if t in shot.flashes:
        shown = 230 + 0.1 * shown
    return np.clip(np.rint(shown), 0, 255).astype(np.uint8)


def _canvas(name: str) -> Image.Image:
    with Image.open(EXAMPLES / f"{name}.jpg") as opened:
        return opened.convert("L").resize((_CANVAS, _CANVAS), Image.Resampling.LANCZOS).convert("F")


def _seen(canvas: Image.Image, x: float, y: float, scale: float, width: int, height: int) -> Plane:
    """What a camera of `width` x `height` pixels sees of a canvas; beyond its border, its mirror image."""
    margin = _CANVAS // 2
    mirrored = Image.fromarray(np.pad(np.asarray(canvas), margin, mode="reflect"))
    left = (_CANVAS - 1) / 2 + margin + x - (width - 1) / 2 / scale
    top = (_CANVAS - 1) / 2 + margin + y - (height - 1) / 2 / scale
    # Pillow takes places at the middle of pixels: half a pixel in both.
    data = (1 / scale, 0, left + 0.5 - 0.5 / scale, 0, 1 / scale, top + 0.5 - 0.5 / scale)
    seen = mirrored.transform((width, height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
    return np.asarray(seen, np.float32)


def _ellipse(grid: Plane, height: int, width: int, left: float) -> Mask:
    rows, columns = height * _THING_ROWS, width * _THING_COLUMNS
    inside: Mask = ((grid[0] - 0.6 * height) / rows) ** 2 + ((grid[1] - left) / (columns / 2)) ** 2 * 1.0 < 1
    return inside
