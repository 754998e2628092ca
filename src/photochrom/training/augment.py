"""What old photographs look like, learned by doing it to new ones. Only lightness is aged; ab stays true.

All functions take and give L (N, 1, H, W) in [0, 100] and draw a strength for every picture of the batch.
"""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor
from torch.nn import functional

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
    tops = torch.randint(0, height - side + 1, (n,), generator=generator).tolist()
    lefts = torch.randint(0, width - side + 1, (n,), generator=generator).tolist()
    flips = (torch.rand(n, generator=generator) < 0.5).tolist()
    squares = []
    for picture, top, left, flip in zip(rgb, tops, lefts, flips, strict=True):
        square = picture[:, top : top + side, left : left + side]
        squares.append(square.flip(2) if flip else square)
    return torch.stack(squares)


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
    return (_uniform(n, generator) < share).float().to(like)[:, None, None, None]


def _column(values: Tensor, like: Tensor) -> Tensor:
    return values.to(like)[:, None, None, None]


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
    field = torch.randn((n, 1, 3, 3), generator=generator).to(L) * 0.1
    smooth = functional.interpolate(field, (height, width), mode="bicubic", align_corners=True).clamp(-0.2, 0.2)
    return L * (1 + smooth * _some(n, generator, L))


def _blur(L: Tensor, generator: Generator) -> Tensor:
    """Gaussian blur of up to 1.5 pixels, one strength for the batch."""
    sigma = 0.3 + 1.2 * _uniform(1, generator).item()
    x = torch.arange(-3, 4, dtype=L.dtype, device=L.device)
    kernel = torch.exp(-(x**2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    padded = functional.pad(L, (3, 3, 3, 3), mode="reflect")
    blurred = functional.conv2d(functional.conv2d(padded, kernel[None, None, :, None]), kernel[None, None, None, :])
    return torch.lerp(L, blurred, _some(len(L), generator, L, 0.2))


def _compress(L: Tensor, generator: Generator) -> Tensor:
    """JPEG at quality 30 to 90, for few pictures, since it runs on the CPU."""
    L = L.clamp(0, 100)
    for i in (_uniform(len(L), generator) < 0.05).nonzero().flatten().tolist():
        quality = int(30 + 60 * _uniform(1, generator).item())
        buffer = io.BytesIO()
        Image.fromarray((L[i, 0] * 2.55).round().byte().cpu().numpy()).save(buffer, "JPEG", quality=quality)
        L[i, 0] = torch.from_numpy(np.asarray(Image.open(buffer), dtype=np.float32) / 2.55).to(L)
    return L


def _grain(L: Tensor, generator: Generator) -> Tensor:
    """Noise of up to 6 units, half of it coarser than a pixel, as grain is."""
    n, _, height, width = L.shape
    strength = _column(6 * _uniform(n, generator), L) * _some(n, generator, L)
    fine = torch.randn(L.shape, generator=generator).to(L)
    coarse = torch.randn((n, 1, height // 2, width // 2), generator=generator).to(L)
    coarse = functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False)
    return L + strength * (0.7 * fine + coarse)
