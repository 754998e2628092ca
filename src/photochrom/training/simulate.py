"""People's hints, simulated from the truth: points and strokes, and references given or withheld.

The recipe for points is the 2017 paper's: before each point stop with probability 1/8, so 7 on average (6.5 here, where
a series ends at 20) and none in 12.5 % of the cases; places normal around the middle; colours are small patches' means.
Half of the places are uniform here, and some hints are strokes, because people draw those too.

Few numbers are drawn, on the CPU; what there is to do for every pixel is done on the pictures' own device.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional

from photochrom.networks.compact import GlobalHints, Hints

from .tensors import BinTable, moved

STOP = 1 / 8
_STROKES = 0.15  # share of the hints that are strokes
_STROKE_POINTS = 5
_MANY, _MOST = 0.06, 64  # share of the batches with up to that many hints a picture, for the dense end
_USUAL = 20
_LARGEST_PATCH = 9
# Lab units: what counts as one thing, how much of a difference in L goes into that, and how far its colour is moved.
_THING, _LIGHTNESS_COUNTS, _RECOLORED = 8.0, 1.0, (20.0, 60.0)
_SAME = 15.0  # Lab units; a stroke ends where the colour differs by more from its start


class Recolored(NamedTuple):
    """Colours in which one thing is of another colour.

    Attributes:
        ab: (N, 2, H, W), Lab units.
        place: (N, 2), y and x as fractions, a place on that thing. changed: (N,), whether there is such a thing.
    """

    ab: Tensor
    place: Tensor
    changed: Tensor


def recolor(L: Tensor, ab: Tensor, share: float, generator: Generator) -> Recolored:
    """Another colour for one thing in a share of the pictures: for what is near to a random pixel's L and ab.

    A person's hint is often far from what a photograph suggests. Where only true colours are hinted, the network learns
    that one odd colour makes others likely, such as a warm light over all; then a hint on a meadow tints the sky.

    Args:
        L: (N, 1, H, W) and ab (N, 2, H, W), the true colours.
    """
    n, _, height, width = ab.shape
    changed, place = torch.rand(n, generator=generator) < share, torch.rand(n, 2, generator=generator)
    turn, far = 2 * math.pi * torch.rand(n, generator=generator), torch.rand(n, generator=generator)
    step = (_RECOLORED[0] + (_RECOLORED[1] - _RECOLORED[0]) * far) * changed
    shift = moved(torch.stack([turn.cos(), turn.sin()], dim=1) * step[:, None], ab)
    pixel = moved((place[:, 0] * height).long() * width + (place[:, 1] * width).long(), ab)
    seen = torch.cat([_LIGHTNESS_COUNTS * L, ab], dim=1)
    there = seen.flatten(2).gather(2, pixel[:, None, None].expand(-1, 3, -1))
    apart = ((seen - there[..., None]) ** 2).sum(dim=1, keepdim=True)
    return Recolored(ab + torch.exp(-apart / (2 * _THING**2)) * shift[:, :, None, None], place, changed)


class _Strokes(NamedTuple):
    """S strokes of up to P points in each of N pictures: places (N, S, P, 2) as fractions, mask (N, S, P)."""

    position: Tensor
    mask: Tensor


def simulate_hints(ab: Tensor, generator: Generator, recolored: Recolored | None = None) -> Hints:
    """Hints for true colours ab (N, 2, H, W) in Lab units; K is what the busiest picture needs, at least 1.

    What was recoloured is hinted at its place beside the random ones.
    """
    n, _, height, _ = ab.shape
    many = bool(torch.rand((), generator=generator) < _MANY)
    position, mask = _strokes(_counts(n, many, generator), generator)
    if recolored is not None:
        one = torch.arange(_STROKE_POINTS) == 0
        position = torch.cat([position, recolored.place[:, None, None].expand(-1, -1, _STROKE_POINTS, -1)], dim=1)
        mask = torch.cat([mask, (recolored.changed[:, None] & one)[:, None]], dim=1)
    # A point's colour is the mean of a patch of 1 to 9 pixels at 256 x 256.
    half = ((0.5 + 4.0 * torch.rand(mask.shape[:2], generator=generator)) * height / 256).clamp(min=0.5)
    half = half[..., None].expand(mask.shape)
    position, mask, half = (moved(x, ab) for x in (position, mask, half))
    colors = _patch_means(ab, position.flatten(1, 2), half.flatten(1)).reshape(position.shape)
    mask = mask & ((colors - colors[:, :, :1]).norm(dim=3) <= _SAME)
    of_stroke = (colors * mask[..., None]).sum(dim=2, keepdim=True) / mask.sum(dim=2).clamp(min=1)[..., None, None]
    return _packed(position.flatten(1, 2), of_stroke.expand_as(position).flatten(1, 2), mask.flatten(1))


def _packed(position: Tensor, ab: Tensor, mask: Tensor) -> Hints:
    """Hints without the gaps in their mask (N, M): those that count come first, and no more than are needed."""
    k = max(1, int(mask.sum(dim=1).max()))
    first = torch.argsort(~mask, dim=1, stable=True)[:, :k]
    shown = mask.gather(1, first).to(ab.dtype)
    position, ab = (x.gather(1, first[..., None].expand(-1, -1, 2)) * shown[..., None] for x in (position, ab))
    return Hints(position, ab, shown)


def _strokes(counts: Tensor, generator: Generator) -> _Strokes:
    """As many strokes in each picture as `counts` (N,) says, most of them of one point."""
    n, most = len(counts), max(1, int(counts.max()))
    start = _places((n, most), generator)
    drawn = torch.rand(n, most, generator=generator) < _STROKES
    angle = 2 * math.pi * torch.rand(n, most, generator=generator)
    step = 0.01 + 0.03 * torch.rand(n, most, generator=generator)
    points = torch.arange(_STROKE_POINTS)
    way = torch.stack([angle.sin(), angle.cos()], dim=2) * step[..., None]
    position = start[:, :, None] + points[:, None] * way[:, :, None]
    inside = ((position >= 0) & (position < 1)).all(dim=3)
    exists = (torch.arange(most) < counts[:, None])[..., None]
    return _Strokes(position, exists & inside & (drawn[..., None] | (points == 0)))


def _counts(n: int, many: bool, generator: Generator) -> Tensor:
    """Number of hints (n,) in each picture."""
    if many:
        return torch.randint(0, _MOST + 1, (n,), generator=generator)
    going_on = torch.rand(n, _USUAL, generator=generator) >= STOP
    return going_on.long().cumprod(dim=1).sum(dim=1)


def _places(shape: tuple[int, int], generator: Generator) -> Tensor:
    """Places (*shape, 2) in [0, 1), half of them uniform, half around the middle."""
    uniform = torch.rand(*shape, 2, generator=generator)
    central = (0.5 + 0.25 * torch.randn(*shape, 2, generator=generator)).clamp(0, 0.999)
    return torch.where(torch.rand(*shape, 1, generator=generator) < 0.5, uniform, central)


def _patch_means(ab: Tensor, position: Tensor, half: Tensor) -> Tensor:
    """Means (N, M, 2) of ab (N, 2, H, W) over squares around positions (N, M, 2), cut at the border.

    Half of a side, (N, M), is in pixels; a square holds at least one. From sums over all rectangles that begin in the
    corner (Crow 1984), in 64 bits, as differences of large sums are taken.
    """
    sums = functional.pad(ab.double().cumsum(2).cumsum(3), (1, 0, 1, 0)).flatten(2)
    (top, bottom), (left, right) = (
        _span(position[..., axis] * side, half, side) for axis, side in enumerate(ab.shape[2:])
    )

    def corner(y: Tensor, x: Tensor) -> Tensor:
        return sums.gather(2, (y * (ab.shape[3] + 1) + x)[:, None].expand(-1, 2, -1))

    total = corner(bottom, right) - corner(top, right) - corner(bottom, left) + corner(top, left)
    return (total / ((bottom - top) * (right - left))[:, None]).transpose(1, 2).to(ab.dtype)


def _span(middle: Tensor, half: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """First pixel, and the one after the last, of spans around a middle, inside [0, side) and never empty."""
    start = (middle - half).round().long().clamp(0, side - 1)
    return start, torch.maximum((middle + half).round().long().clamp(max=side), start + 1)


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


def _draw(generator: Generator) -> float:
    return torch.rand((), generator=generator).item()


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
    first, second = (moved((torch.rand(n, 1, generator=generator) < given).float(), ab_cells) for _ in range(2))
    return GlobalHints(bins.histogram(ab_cells) * first, first, saturation * second, second)


def no_global_hints(n: int, device: torch.device) -> GlobalHints:
    """Nothing given, for N pictures."""
    zeros = torch.zeros(n, 1, device=device)
    return GlobalHints(torch.zeros(n, 313, device=device), zeros, zeros, zeros)
