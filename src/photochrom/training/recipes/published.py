"""What the recipes of the three published networks share: crops, mirroring, the start of weights, the gray rule."""

from __future__ import annotations

import math
from typing import Generic, TypeVar

import torch
from torch import Generator, Tensor, nn

from photochrom.networks.blocks import AB_SCALE
from photochrom.training import augment
from photochrom.training.config import TrainConfig
from photochrom.training.tensors import cell_means, mean_saturation, rgb_to_lab

from .recipe import CELL, Moment, Truth

# Outputs start near 0: neutral colours, all bins alike.
_HEAD_SPREAD = 0.001
# The released program's weight of the regression, whose ab is in units of 110.
_REGRESSION = 10.0
_NEAR_GRAY = 5.0


_Config = TypeVar("_Config", bound=TrainConfig)


class PublishedRecipe(Generic[_Config]):
    """The parts of a `Recipe` that they have in common: one learning rate for all weights, Adam, crops.

    Attributes:
        betas: of Adam.
    """

    betas = (0.9, 0.999)

    def __init__(self, config: _Config) -> None:
        self.config = config

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """Adam with decay as part of the gradient, as Caffe's solver has it."""
        learning = [p for p in network.parameters() if p.requires_grad]
        return torch.optim.Adam(learning, betas=self.betas, weight_decay=self.config.schedule.weight_decay)

    def rate_shares(self, moment: Moment) -> tuple[float]:
        return (1.0,)

    def truth(self, rgb: Tensor, generator: Generator) -> Truth:
        return cropped_truth(rgb, self.config.data.size, generator)


def initialize(network: nn.Module, *heads: nn.Module) -> None:
    """Starts the convolutions so that a ReLU's output keeps its spread (He et al. 2015), and the heads near 0.

    The 2016 paper's start is data-dependent (Kraehenbuehl et al. 2016), with the same aim.
    """
    for module in network.modules():
        if not isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            continue
        # Of a transposed convolution, stride x stride outputs share the kernel's places.
        share = math.prod(module.stride) if isinstance(module, nn.ConvTranspose2d) else 1
        inputs = module.in_channels * math.prod(module.kernel_size) / share
        nn.init.normal_(module.weight, std=_HEAD_SPREAD if module in heads else math.sqrt(2 / inputs))
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def cropped_truth(rgb: Tensor, size: int, generator: Generator) -> Truth:
    """Crops of the pictures (N, 3, S, S), mirrored half of the time; L is left as it is."""
    rgb = augment.crop_at_scale(rgb, size, generator)
    lab = rgb_to_lab(rgb)
    L = lab[:, :1].contiguous(memory_format=torch.channels_last)
    return Truth(L, lab[:, 1:], cell_means(lab[:, 1:], CELL), mean_saturation(rgb))


def has_spread(ab: Tensor) -> Tensor:
    """1 for pictures (N, 2, H, W) whose a and b together span at least 5 units, else 0: (N, 1, 1, 1).

    The released PyTorch program leaves the others out of its batches.
    """
    span = ab.amax(dim=(2, 3)) - ab.amin(dim=(2, 3))
    return (span.sum(dim=1) >= _NEAR_GRAY).float()[:, None, None, None]


def regression_loss(ab: Tensor, truth: Tensor, colored: Tensor) -> Tensor:
    """The 2017 paper's Huber loss, delta 1 Lab unit, with the released program's weight for its 10 x L1.

    Args:
        ab, truth: (N, 2, H, W), Lab units.
        colored: (N, 1, 1, 1), 0 for pictures that do not count.
    """
    each = nn.functional.huber_loss(ab.float(), truth, delta=1.0, reduction="none").sum(dim=1, keepdim=True)
    mean = (each * colored).sum() / colored.expand_as(each).sum().clamp(min=1.0)
    return mean * (_REGRESSION / AB_SCALE)
