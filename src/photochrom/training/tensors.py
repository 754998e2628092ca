"""Colour on tensors: the few conversions of `photochrom.color` that training needs on the device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from photochrom import color


def rgb_to_lab(rgb: Tensor) -> Tensor:
    """sRGB (N, 3, H, W) in [0, 1] to CIELAB (N, 3, H, W). See `photochrom.color.srgb_to_lab`."""
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = torch.as_tensor(color.XYZ_FROM_RGB / color.WHITE_XYZ[:, None], dtype=rgb.dtype, device=rgb.device)
    xyz = torch.einsum("nchw,dc->ndhw", linear, matrix)
    f = torch.where(xyz > color.DELTA**3, xyz.clamp(min=1e-6) ** (1 / 3), xyz / (3 * color.DELTA**2) + 4 / 29)
    x, y, z = f.unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


def lab_to_rgb8(lab: Tensor) -> Tensor:
    """CIELAB (N, 3, H, W) to sRGB (N, 3, H, W) in whole steps of 0..255, clipped: what an 8-bit file would hold."""
    y = (lab[:, 0] + 16) / 116
    f = torch.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], dim=1)
    xyz = torch.where(f > color.DELTA, f**3, 3 * color.DELTA**2 * (f - 4 / 29))
    matrix = torch.as_tensor(color.RGB_FROM_XYZ * color.WHITE_XYZ, dtype=lab.dtype, device=lab.device)
    linear = torch.einsum("nchw,dc->ndhw", xyz, matrix).clamp(0, 1)
    srgb = torch.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - 0.055)
    return (srgb * 255).round()


def mean_saturation(rgb: Tensor) -> Tensor:
    """Mean HSV saturation (N, 1) of sRGB pictures (N, 3, H, W) in [0, 1]."""
    top, bottom = rgb.amax(dim=1), rgb.amin(dim=1)
    return ((top - bottom) / top.clamp(min=1e-6)).mean(dim=(1, 2))[:, None]


class BinTable:
    """Soft encoding in the 313 bins by table lookup: ab is taken for the middle of its unit square of Lab units.

    Few weights move by over 5 %, and the nearest bin stays the nearest, since bins meet at whole units. Searching the
    nearest bins anew for every cell would take longer on a CPU than the network itself.
    """

    _REACH = 128

    def __init__(self, device: torch.device) -> None:
        self.device = device
        axis = np.arange(-self._REACH, self._REACH, dtype=np.float32) + 0.5
        ab = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
        index, weight = color.soft_bins(ab)
        self._index = torch.as_tensor(index, dtype=torch.int64, device=device)
        self._weight = torch.as_tensor(weight, dtype=torch.float32, device=device)

    def encode(self, ab: Tensor) -> tuple[Tensor, Tensor]:
        """Colours (N, 2, h, w) to the indices and weights (N, 5, h, w) of their nearest bins, the nearest first."""
        square = ab.floor().long().clamp(-self._REACH, self._REACH - 1) + self._REACH
        flat = square[:, 0] * (2 * self._REACH) + square[:, 1]
        return self._index[flat].permute(0, 3, 1, 2), self._weight[flat].permute(0, 3, 1, 2)

    def histogram(self, ab: Tensor) -> Tensor:
        """Share of each bin (N, 313) among the cells of (N, 2, h, w), every cell in its nearest bin."""
        nearest = self.encode(ab)[0][:, 0].flatten(1)
        counts = torch.zeros(len(ab), 313, device=ab.device)
        return counts.scatter_add_(1, nearest, torch.ones_like(nearest, dtype=counts.dtype)) / nearest.shape[1]


def cell_means(x: Tensor, cell: int) -> Tensor:
    """Means (N, C, H / cell, W / cell) over square cells."""
    return functional.avg_pool2d(x, cell)


def moved(x: Tensor, like: Tensor) -> Tensor:
    """A small tensor from the CPU on the other one's device, without waiting for what the device has still to do."""
    return x.to(like.device, non_blocking=True)
