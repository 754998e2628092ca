"""Validation while training, after the siggraph17 protocol, and a sheet of sample pictures.

Photographs are squashed to 256 x 256; a hint is a 6 x 6 patch that shows the true mean colour, placed normally around
the middle with a fixed seed; PSNR over 8-bit R, G, B for each picture, then the mean. Colours come from the network's
grid by bilinear enlargement here, not by the edge-aware rendering of the finished product.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from photochrom.networks.compact import Hints

from .tensors import lab_to_rgb8, rgb_to_lab

if TYPE_CHECKING:
    from .recipes.recipe import Recipe

SIDE, PATCH = 256, 6
HINT_COUNTS = (0, 1, 10)
_BATCH = 10


def protocol_hints(ab: Tensor, count: int, seed: int = 0) -> Hints:
    """The siggraph17 protocol's hints for true colours ab (N, 2, S, S)."""
    n, _, side, _ = ab.shape
    corner = _protocol_corners(n, side, count, seed)
    colors = torch.zeros(n, max(count, 1), 2)
    for i in range(n):
        for k in range(count):
            top, left = corner[i, k]
            colors[i, k] = ab[i, :, top : top + PATCH, left : left + PATCH].mean(dim=(1, 2)).cpu()
    position = torch.from_numpy((corner + PATCH / 2) / side).float()
    mask = torch.full((n, max(count, 1)), float(count > 0))
    return Hints(position.to(ab), colors.to(ab), mask.to(ab))


def protocol_patches(ab: Tensor, count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """The same hints as pictures: ab (N, 2, S, S), 0 where there is none, and the mask (N, 1, S, S), 0 or 1."""
    shown, mask = torch.zeros_like(ab), torch.zeros_like(ab[:, :1])
    corners = _protocol_corners(len(ab), ab.shape[2], count, seed)
    for i in range(len(ab)):
        for top, left in corners[i, :count].tolist():
            place = (slice(None), slice(top, top + PATCH), slice(left, left + PATCH))
            shown[i][place] = ab[i][place].mean(dim=(1, 2), keepdim=True)
            mask[i][place] = 1
    return shown, mask


def _protocol_corners(n: int, side: int, count: int, seed: int) -> npt.NDArray[np.int_]:
    """Top and left of the patches, (n, max(count, 1), 2)."""
    middle = (side - PATCH + 1) / 2
    drawn = np.random.default_rng((seed, count)).normal(middle, middle / 2, (n, max(count, 1), 2))
    return np.clip(drawn, 0, side - PATCH).astype(int)


def psnr(picture: Tensor, truth: Tensor) -> Tensor:
    """PSNR in dB of each picture (N, 3, H, W), 0..255."""
    mse = ((picture - truth) ** 2).mean(dim=(1, 2, 3))
    return 10 * torch.log10(255.0**2 / mse.clamp(min=1e-6))


def colorfulness(rgb: Tensor) -> Tensor:
    """Hasler and Suesstrunk 2003, of each picture (N, 3, H, W), 0..255."""
    r, g, b = rgb.unbind(1)
    rg, yb = (r - g).flatten(1), (0.5 * (r + g) - b).flatten(1)
    spread = torch.sqrt(rg.var(dim=1, correction=0) + yb.var(dim=1, correction=0))
    return spread + 0.3 * torch.sqrt(rg.mean(dim=1) ** 2 + yb.mean(dim=1) ** 2)


@torch.no_grad()
def validate(
    recipe: Recipe, network: nn.Module, pictures: npt.NDArray[np.uint8], device: torch.device
) -> dict[str, float]:
    """Mean PSNR (dB) of gray and of each prediction, and the lively one's colourfulness over the truth's."""
    sums: dict[str, list[Tensor]] = {}
    for start in range(0, len(pictures), _BATCH):
        rgb = _to_tensor(pictures[start : start + _BATCH], device)
        lab = rgb_to_lab(rgb / 255)
        gray = {"gray": torch.zeros_like(lab[:, 1:])}
        for name, ab in (gray | dict(recipe.predictions(network, rgb / 255, lab))).items():
            picture = _picture(lab, ab)
            sums.setdefault(name, []).append(psnr(picture, rgb))
            if name == recipe.lively:
                sums.setdefault("colorfulness", []).append(colorfulness(picture))
                sums.setdefault("colorfulness_truth", []).append(colorfulness(rgb))
    means = {name: torch.cat(values).mean().item() for name, values in sums.items()}
    means["colorfulness"] /= means.pop("colorfulness_truth")
    return {name: round(value, 3) for name, value in means.items()}


@torch.no_grad()
def sample_sheet(
    recipe: Recipe, network: nn.Module, pictures: npt.NDArray[np.uint8], device: torch.device, path: Path
) -> None:
    """One row a picture: gray, the recipe's choice of predictions, truth."""
    rgb = _to_tensor(pictures, device)
    lab = rgb_to_lab(rgb / 255)
    found = recipe.predictions(network, rgb / 255, lab)
    fields = (torch.zeros_like(lab[:, 1:]), *(found[name] for name in recipe.sheet))
    columns = [*(_picture(lab, ab) for ab in fields), rgb]
    sheet = torch.cat([torch.cat(list(column), dim=1) for column in columns], dim=2)
    Image.fromarray(sheet.permute(1, 2, 0).byte().cpu().numpy()).save(path)


def at_network_size(L: Tensor, size: int) -> Tensor:
    """L (N, 1, H, W) as the network sees it, (N, 1, size, size)."""
    return functional.interpolate(L, (size, size), mode="bilinear", antialias=True, align_corners=False)


def _to_tensor(pictures: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    return torch.from_numpy(np.array(pictures)).to(device).permute(0, 3, 1, 2).float()


def _picture(lab: Tensor, ab: Tensor) -> Tensor:
    enlarged = functional.interpolate(ab.float(), lab.shape[2:], mode="bilinear", align_corners=False)
    return lab_to_rgb8(torch.cat([lab[:, :1], enlarged], dim=1))
