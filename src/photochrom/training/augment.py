"""What old photographs look like, learned by doing it to new ones. Only lightness is aged; ab stays true.

All functions take and give L (N, 1, H, W) in [0, 100] and draw a strength for every picture of the batch.
"""

from __future__ import annotations

import math

import torch
from torch import Generator, Tensor
from torch.nn import functional

from .tensors import moved

_SOME = 0.3  # share of the pictures that each kind of ageing touches


def crop_and_flip(rgb: Tensor, size: int, generator: Generator) -> Tensor:
    """A random square of 60 to 100 % of the side, mirrored half of the time, brought to (size, size).

    One scale for the batch (a batch is small, a run is long), a place of its own for every picture.
    """
    side = int(min(rgb.shape[2:]) * (0.6 + 0.4 * _uniform(1, generator).item()))
    batch = crop_at_scale(rgb, side, generator)
    if side == size:
        return batch
    return functional.interpolate(batch, (size, size), mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)


def crop_at_scale(rgb: Tensor, side: int, generator: Generator) -> Tensor:
    """Squares (N, 3, side, side) of pictures (N, 3, H, W), each from a place of its own, mirrored half of the time."""
    n, _, height, width = rgb.shape
    tops = torch.randint(0, height - side + 1, (n, 1), generator=generator)
    lefts = torch.randint(0, width - side + 1, (n, 1), generator=generator)
    flips = torch.rand(n, 1, generator=generator) < 0.5
    along = torch.arange(side)
    rows = moved(tops + along, rgb)
    columns = moved(lefts + torch.where(flips, side - 1 - along, along), rgb)
    rows = rows[:, None, :, None].expand(-1, 3, -1, width)
    columns = columns[:, None, None].expand(-1, 3, side, -1)
    return rgb.gather(2, rows).gather(3, columns)


def age(L: Tensor, generator: Generator) -> Tensor:
    """Film's tone curve, fading, uneven light, blur, compression and grain, each for some of the pictures."""
    L = _tone(L, generator)
    L = _fade(L, generator)
    L = _uneven_light(L, generator)
    L = _blur(L, generator)
    L = _compress(L, generator)
    return _grain(L, generator).clamp(0, 100)


def _uniform(n: int, generator: Generator) -> Tensor:
    return torch.rand(n, generator=generator)


def _some(n: int, generator: Generator, like: Tensor, share: float = _SOME) -> Tensor:
    """A column (n, 1, 1, 1) of ones for the touched pictures and zeros for the others."""
    return _column((_uniform(n, generator) < share).float(), like)


def _column(values: Tensor, like: Tensor) -> Tensor:
    return moved(values, like)[:, None, None, None]


def _noise(shape: tuple[int, ...], like: Tensor, generator: Generator) -> Tensor:
    """Normal noise, drawn where the picture is: grain takes a million numbers where all else takes a few."""
    seed = int(torch.randint(2**31, (), generator=generator))
    return torch.randn(shape, generator=torch.Generator(like.device).manual_seed(seed), device=like.device)


def _tone(L: Tensor, generator: Generator) -> Tensor:
    """Gamma between 1/1.6 and 1.6: films and papers differ in contrast and exposure."""
    gamma = 1.6 ** (2 * _uniform(len(L), generator) - 1)
    gamma = torch.where(_uniform(len(L), generator) < 0.5, gamma, torch.ones_like(gamma))
    return 100 * (L / 100).clamp(min=1e-4) ** _column(gamma, L)


def _fade(L: Tensor, generator: Generator) -> Tensor:
    """Blacks lifted by up to 25, whites lowered by up to 15: silver lost, paper yellowed."""
    n = len(L)
    touched = _some(n, generator, L)
    black = _column(25 * _uniform(n, generator), L) * touched
    white = 100 - _column(15 * _uniform(n, generator), L) * touched
    return black + L * (white - black) / 100


def _uneven_light(L: Tensor, generator: Generator) -> Tensor:
    """A smooth field of up to 20 % over the picture: vignetting, stains, uneven development."""
    n, _, height, width = L.shape
    field = moved(torch.randn((n, 1, 3, 3), generator=generator), L) * 0.1
    smooth = functional.interpolate(field, (height, width), mode="bicubic", align_corners=True).clamp(-0.2, 0.2)
    return L * (1 + smooth * _some(n, generator, L))


def _blur(L: Tensor, generator: Generator) -> Tensor:
    """Gaussian blur of up to 1.5 pixels, one strength for the batch."""
    sigma = 0.3 + 1.2 * _uniform(1, generator).item()
    x = torch.arange(-3.0, 4.0)
    kernel = torch.exp(-(x**2) / (2 * sigma**2))
    kernel = moved(kernel / kernel.sum(), L)
    padded = functional.pad(L, (3, 3, 3, 3), mode="reflect")
    blurred = functional.conv2d(functional.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None, :])
    return torch.lerp(L, blurred, _some(len(L), generator, L, 0.2))


def _compress(L: Tensor, generator: Generator) -> Tensor:
    """JPEG at quality 30 to 90, for few pictures."""
    touched = (_uniform(len(L), generator) < 0.05).nonzero().flatten()
    quality = (30 + 60 * _uniform(len(touched), generator)).floor()
    return L.index_copy(0, moved(touched, L), jpeg(L[moved(touched, L)], quality))


# The quantisation of luma at quality 50 (ITU-T T.81, table K.1).
_LUMA = torch.tensor([
    [16, 11, 10, 16, 24, 40, 51, 61],
    [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56],
    [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77],
    [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101],
    [72, 92, 95, 98, 112, 100, 103, 99],
], dtype=torch.float32)  # fmt: skip


def jpeg(L: Tensor, quality: Tensor) -> Tensor:
    """What JPEG leaves of L (N, 1, H, W) in [0, 100], H and W multiples of 8, at a quality (N,) of 1 to 100.

    Only the quantisation of the blocks' cosine transforms loses anything, so nothing needs to be encoded. The table is
    scaled with the quality as the Independent JPEG Group's library does.
    """
    n, _, height, width = L.shape
    scale = torch.where(quality < 50, (5000 / quality).floor(), 200 - 2 * quality)
    table = moved(((_LUMA * scale[:, None, None] + 50) / 100).floor().clamp(1, 255), L)[:, None, None]
    k = torch.arange(8.0)
    cosines = torch.cos((2 * k + 1) * k[:, None] * (math.pi / 16)) / 2
    cosines[0] /= math.sqrt(2)
    cosines = moved(cosines, L)
    blocks = (L * 2.55).round().reshape(n, height // 8, 8, width // 8, 8).transpose(2, 3) - 128
    levels = (cosines @ blocks @ cosines.T / table).round()
    kept = (cosines.T @ (levels * table) @ cosines + 128).round().clamp(0, 255)
    return kept.transpose(2, 3).reshape(L.shape) / 2.55


def _grain(L: Tensor, generator: Generator) -> Tensor:
    """Noise of up to 6 units, half of it coarser than a pixel, as grain is."""
    n, _, height, width = L.shape
    strength = _column(6 * _uniform(n, generator), L) * _some(n, generator, L)
    fine = _noise((n, 1, height, width), L, generator)
    coarse = _noise((n, 1, height // 2, width // 2), L, generator)
    coarse = functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    return L + strength * (0.7 * fine + coarse)
