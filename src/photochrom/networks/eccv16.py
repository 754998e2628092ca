"""Zhang, Isola, Efros, "Colorful Image Colorization", ECCV 2016: lightness to a distribution over 313 colour bins.

The modules are named so that the published PyTorch checkpoint loads key for key. Its logits go through a softmax and a
1x1 convolution whose weights are the bins' colours (in units of 110), which makes the mean of the distribution; the
paper's annealed mean divides the logits by T = 0.38 first. Published weights may have that division folded into the
last convolution (the Caffe model keeps it as a layer of its own, `conv8_313_rh`): T is an argument here, never a part
of the network.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom.color import ab_bins

from .blocks import AB_SCALE, L_CENTER, L_SCALE, conv_block, upsampling

BINS = 313
STRIDE = 4  # of the distribution


class Distribution(NamedTuple):
    """What the network says, at stride 4.

    Attributes:
        logits: (N, 313, h, w), before any temperature.
        ab: (N, 2, h, w), Lab units, the mean of softmax(logits / T).
    """

    logits: Tensor
    ab: Tensor


class Eccv16(nn.Module):
    """The automatic network; 32,236,011 parameters.

    Input: (N, 1, H, W), L in [0, 100], H and W multiples of 8.
    """

    def __init__(self) -> None:
        super().__init__()
        self.model1 = conv_block(1, 64, 64, last_stride=2)
        self.model2 = conv_block(64, 128, 128, last_stride=2)
        self.model3 = conv_block(128, 256, 256, 256, last_stride=2)
        self.model4 = conv_block(256, 512, 512, 512)
        self.model5 = conv_block(512, 512, 512, 512, dilation=2)
        self.model6 = conv_block(512, 512, 512, 512, dilation=2)
        self.model7 = conv_block(512, 512, 512, 512)
        self.model8 = nn.Sequential(
            upsampling(512, 256), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, BINS, 1),
        )  # fmt: skip
        self.model_out = nn.Conv2d(BINS, 2, 1, bias=False)
        with torch.no_grad():
            self.model_out.weight.copy_(torch.from_numpy(ab_bins().T.copy())[:, :, None, None] / AB_SCALE)

    def forward(self, L: Tensor, temperature: float | Tensor = 1.0) -> Distribution:
        logits = self.logits(L)
        return Distribution(logits, self.mean_ab(logits, temperature))

    def logits(self, L: Tensor) -> Tensor:
        """The distribution (N, 313, H / 4, W / 4) before any temperature."""
        x = (L - L_CENTER) / L_SCALE
        for block in (self.model1, self.model2, self.model3, self.model4, self.model5, self.model6, self.model7):
            x = block(x)
        logits: Tensor = self.model8(x)
        return logits

    def mean_ab(self, logits: Tensor, temperature: float | Tensor) -> Tensor:
        """The annealed mean (N, 2, h, w) in Lab units (section 2.3); T = 1 is the plain mean."""
        ab: Tensor = self.model_out(torch.softmax(logits / temperature, dim=1))
        return ab * AB_SCALE


def upsample_ab(ab: Tensor) -> Tensor:
    """The published enlargement of ab (N, 2, h, w) to the input's size: bilinear, x 4, corners not aligned."""
    return functional.interpolate(ab, scale_factor=STRIDE, mode="bilinear", align_corners=False)
