"""What the published networks share: blocks of 3x3 convolutions with ReLU, closed by a batch norm after the last."""

from __future__ import annotations

from itertools import pairwise

from torch import nn

L_CENTER = 50.0  # both PyTorch networks see (L - 50) / 100
L_SCALE = 100.0
AB_SCALE = 110.0  # and think of ab in units of 110


def conv_block(*channels: int, last_stride: int = 1, dilation: int = 1) -> nn.Sequential:
    """Convolutions along `channels`, each with a ReLU, then a batch norm.

    The positions in the sequence (0, 2, 4 for convolutions, the last for the norm) are those of the published keys.
    """
    layers: list[nn.Module] = []
    for index, (inputs, outputs) in enumerate(pairwise(channels)):
        stride = last_stride if index == len(channels) - 2 else 1
        layers += [nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation), nn.ReLU()]
    return nn.Sequential(*layers, nn.BatchNorm2d(channels[-1]))


def upsampling(inputs: int, outputs: int) -> nn.ConvTranspose2d:
    """Twice the size: 4x4, stride 2."""
    return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)
