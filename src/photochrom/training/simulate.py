"""People's hints, simulated from the truth: points and strokes, and references given or withheld.

The recipe for points is the 2017 paper's: before each point stop with probability 1/8, so 7 on average (6.5 here, where
a series ends at 20) and none in 12.5 % of the cases; places normal around the middle; colours are small patches' means.
Half of the places are uniform here, and some hints are strokes, because people draw those too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from photochrom.networks.compact import GlobalHints, Hints

from .tensors import BinTable

Place = tuple[float, float]  # y and x, as fractions

STOP = 1 / 8
_STROKES = 0.15  # share of the hints that are strokes
_STROKE_POINTS = 5
_MANY, _MOST = 0.06, 64  # share of the batches with up to that many hints a picture, for the dense end
_USUAL = 20
_LARGEST_PATCH = 9
# Lab units: what counts as one thing, how much of a difference in L goes into that, and how far its colour is moved.
_THING, _LIGHTNESS_COUNTS, _RECOLORED = 8.0, 1.0, (20.0, 60.0)
_SAME = 15.0  # Lab units; a stroke ends where the colour differs by more from its start


def recolor(L: Tensor, ab: Tensor, share: float, generator: Generator) -> tuple[Tensor, list[Place | None]]:
    """Colours (N, 2, H, W) in which one thing is of another colour, for a share of the pictures.

    A person's hint is often far from what a photograph suggests. Where only true colours are hinted, the network learns
    that one odd colour makes others likely, such as a warm light over all; then a hint on a meadow tints the sky.

    Args:
        L: (N, 1, H, W) and ab (N, 2, H, W), the true colours: what is near to a random pixel's is recoloured.

    Returns:
        the colours, and for each picture that pixel's place (y, x) as fractions, None where nothing was changed.
    """
    changed, places = ab.clone(), list[Place | None]()
    height, width = ab.shape[2:]
    for i in range(len(ab)):
        if _draw(generator) >= share:
            places.append(None)
            continue
        y, x, turn, far = (_draw(generator) for _ in range(4))
        row, column = int(y * height), int(x * width)
        seen = torch.cat([_LIGHTNESS_COUNTS * L[i], ab[i]])
        apart = ((seen - seen[:, row, column, None, None]) ** 2).sum(dim=0)
        alike = torch.exp(-apart / (2 * _THING**2))
        step = _RECOLORED[0] + (_RECOLORED[1] - _RECOLORED[0]) * far
        shift = torch.tensor([math.cos(2 * math.pi * turn), math.sin(2 * math.pi * turn)]).to(ab) * step
        changed[i] += alike * shift[:, None, None]
        places.append((y, x))
    return changed, places


def simulate_hints(ab: Tensor, generator: Generator, told: Sequence[Place | None] = ()) -> Hints:
    """Hints for true colours ab (N, 2, H, W) in Lab units; K is what the busiest picture needs, at least 1.

    A picture with a place (y, x) in `told` has a hint there beside the random ones.
    """
    many = _draw(generator) < _MANY
    places = [_places(generator, many) for _ in range(len(ab))]
    for picture, place in zip(places, told, strict=False):
        if place is not None:
            picture.append((_MOST + 1, *place))
    k = max(1, *(len(p) for p in places))
    position = torch.zeros(len(ab), k, 2)
    colors = torch.zeros(len(ab), k, 2)
    mask = torch.zeros(len(ab), k)
    truth = ab.cpu()
    for i, strokes in enumerate(_grouped(places)):
        filled = 0
        for stroke in strokes:
            points, color = _sample(truth[i], stroke, generator)
            m = len(points)
            position[i, filled : filled + m], colors[i, filled : filled + m] = points, color
            mask[i, filled : filled + m] = 1
            filled += m
    return Hints(position.to(ab.device), colors.to(ab.device), mask.to(ab.device))


def _grouped(places: list[list[tuple[int, float, float]]]) -> list[list[Tensor]]:
    """Each picture's places as strokes: tensors (M, 2) of positions that share a stroke's number."""
    out = []
    for picture in places:
        strokes: dict[int, list[tuple[float, float]]] = {}
        for number, y, x in picture:
            strokes.setdefault(number, []).append((y, x))
        out.append([torch.tensor(points) for points in strokes.values()])
    return out


def _places(generator: Generator, many: bool) -> list[tuple[int, float, float]]:
    """Stroke number, y, x of every hinted place in one picture."""
    places: list[tuple[int, float, float]] = []
    for number in range(_count(generator, many)):
        y, x = _place(generator)
        places.append((number, y, x))
        if _draw(generator) < _STROKES:
            angle, step = 2 * math.pi * _draw(generator), 0.01 + 0.03 * _draw(generator)
            for j in range(1, _STROKE_POINTS):
                y2, x2 = y + j * step * math.sin(angle), x + j * step * math.cos(angle)
                if 0 <= y2 < 1 and 0 <= x2 < 1:
                    places.append((number, y2, x2))
    return places


def _count(generator: Generator, many: bool) -> int:
    if many:
        return int(_draw(generator) * (_MOST + 1))
    count = 0
    while _draw(generator) >= STOP and count < _USUAL:
        count += 1
    return count


def _place(generator: Generator) -> tuple[float, float]:
    if _draw(generator) < 0.5:
        return _draw(generator), _draw(generator)
    y, x = (0.5 + 0.25 * torch.randn(2, generator=generator)).clamp(0, 0.999).tolist()
    return y, x


def _draw(generator: Generator) -> float:
    return torch.rand((), generator=generator).item()


def _sample(ab: Tensor, points: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """The points of a stroke that lie on its start's colour, and their mean colour (2,).

    A point's colour is the mean of a patch of 1 to 9 pixels at 256 x 256.
    """
    _, height, width = ab.shape
    half = max(0.5, (0.5 + 4.0 * _draw(generator)) * height / 256)
    means = []
    for y, x in points.tolist():
        top, left = max(0, round(y * height - half)), max(0, round(x * width - half))
        patch = ab[:, top : max(top + 1, round(y * height + half)), left : max(left + 1, round(x * width + half))]
        means.append(patch.mean(dim=(1, 2)) if patch.numel() else ab[:, min(top, height - 1), min(left, width - 1)])
    colors = torch.stack(means)
    same = (colors - colors[0]).norm(dim=1) <= _SAME
    return points[same], colors[same].mean(dim=0)


def simulate_patches(ab: Tensor, all_shown: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """The 2017 paper's hints as pictures, for true colours ab (N, 2, H, W) in Lab units.

    Before each patch stop with probability 1/8; its side is 1 to 9 pixels, its place normal around the middle, its
    colour the mean there. Of a share `all_shown` of the pictures every pixel is shown.

    Returns:
        ab (N, 2, H, W), 0 where nothing is shown, and the mask (N, 1, H, W), 0 or 1.
    """
    truth = ab.cpu()
    shown, mask = torch.zeros_like(truth), torch.zeros_like(truth[:, :1])
    for i, picture in enumerate(truth):
        if _draw(generator) < all_shown:
            shown[i], mask[i] = picture, 1
            continue
        while _draw(generator) >= STOP:
            side = int(torch.randint(1, _LARGEST_PATCH + 1, (), generator=generator))
            top, left = (_patch_start(length, side, generator) for length in picture.shape[1:])
            place = (slice(None), slice(top, top + side), slice(left, left + side))
            shown[i][place] = picture[place].mean(dim=(1, 2), keepdim=True)
            mask[i][place] = 1
    return shown.to(ab.device), mask.to(ab.device)


def _patch_start(length: int, side: int, generator: Generator) -> int:
    """Where a patch begins on an axis: N((S - P + 1) / 2, ((S - P + 1) / 4)^2), kept inside."""
    room = length - side + 1
    start = room / 2 + room / 4 * torch.randn((), generator=generator).item()
    return int(min(max(start, 0), max(length - side, 0)))


def simulate_global_hints(
    ab_cells: Tensor, saturation: Tensor, bins: BinTable, given: float, generator: Generator
) -> GlobalHints:
    """Histogram of the stride-4 cells (N, 2, h, w) and mean saturation (N, 1), each given with probability `given`."""
    n = len(ab_cells)
    first, second = ((torch.rand(n, 1, generator=generator) < given).float().to(ab_cells) for _ in range(2))
    return GlobalHints(bins.histogram(ab_cells) * first, first, saturation * second, second)


def no_global_hints(n: int, device: torch.device) -> GlobalHints:
    """Nothing given, for N pictures."""
    zeros = torch.zeros(n, 1, device=device)
    return GlobalHints(torch.zeros(n, 313, device=device), zeros, zeros, zeros)
