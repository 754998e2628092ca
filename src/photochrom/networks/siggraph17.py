"""Zhang et al., "Real-Time User-Guided Image Colorization with Learned Deep Priors", SIGGRAPH 2017: local hints.

The modules are named so that the published PyTorch checkpoint loads key for key. `mask_cent` is what is taken off the
hints' mask at the input: 0 for weights converted from Caffe, 0.5 for those that the authors retrained in PyTorch.
Weights used with the other value hardly react to hints, so it has no default.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .blocks import AB_SCALE, L_CENTER, L_SCALE, conv_block, upsampling

MASK_CENTERS = (0.0, 0.5)
CLASSES = 529  # a grid of 23 x 23 colours, from -110 to 110; b runs fastest
CLASS_STEP = 10.0
CLASS_SHARPNESS = 0.2  # suggestions are drawn from softmax(0.2 x logits)


class Trunk(NamedTuple):
    """Features from which both heads work: x1 (N, 64, H, W), x2 (N, 128, H / 2, W / 2), x8 (N, 256, H / 4, W / 4)."""

    x1: Tensor
    x2: Tensor
    x8: Tensor

    def detached(self) -> Trunk:
        """The same without the way back for gradients."""
        return Trunk(*(x.detach() for x in self))


class Guided(NamedTuple):
    """What the network says.

    Attributes:
        ab: (N, 2, H, W), Lab units.
        class_logits: (N, 529, H / 4, W / 4), the distribution for suggestions.
    """

    ab: Tensor
    class_logits: Tensor


class Siggraph17(nn.Module):
    """The network for local hints; 34,187,027 parameters.

    Args:
        mask_cent: 0 or 0.5, see the module.

    Raises:
        ValueError: `mask_cent` is neither.
    """

    def __init__(self, mask_cent: float) -> None:
        super().__init__()
        if mask_cent not in MASK_CENTERS:
            raise ValueError(f"mask_cent must be 0 or 0.5, got {mask_cent!r}")
        self.mask_cent = mask_cent
        self.model1 = conv_block(4, 64, 64)
        self.model2 = conv_block(64, 128, 128)
        self.model3 = conv_block(128, 256, 256, 256)
        self.model4 = conv_block(256, 512, 512, 512)
        self.model5 = conv_block(512, 512, 512, 512, dilation=2)
        self.model6 = conv_block(512, 512, 512, 512, dilation=2)
        self.model7 = conv_block(512, 512, 512, 512)
        self.model8up = nn.Sequential(upsampling(512, 256))
        self.model8 = nn.Sequential(nn.ReLU(), *conv_block(256, 256, 256))
        self.model9up = nn.Sequential(upsampling(256, 128))
        self.model9 = nn.Sequential(nn.ReLU(), *conv_block(128, 128))
        self.model10up = nn.Sequential(upsampling(128, 128))
        self.model10 = nn.Sequential(nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.LeakyReLU(0.2))
        self.model3short8 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1))
        self.model2short9 = nn.Sequential(nn.Conv2d(128, 128, 3, padding=1))
        self.model1short10 = nn.Sequential(nn.Conv2d(64, 128, 3, padding=1))
        self.model_class = nn.Sequential(nn.Conv2d(256, CLASSES, 1))
        self.model_out = nn.Sequential(nn.Conv2d(128, 2, 1), nn.Tanh())

    def forward(self, L: Tensor, hint_ab: Tensor, hint_mask: Tensor) -> Guided:
        """Colours a picture with hints.

        Args:
            L: (N, 1, H, W) in [0, 100], H and W multiples of 8.
            hint_ab: (N, 2, H, W), Lab units, 0 where there is no hint.
            hint_mask: (N, 1, H, W), 1 where there is a hint, otherwise 0.
        """
        trunk = self.trunk(L, hint_ab, hint_mask)
        return Guided(self.colors(trunk), self.class_logits(trunk))

    def trunk(self, L: Tensor, hint_ab: Tensor, hint_mask: Tensor) -> Trunk:
        """What both heads start from; the arguments are those of `forward`."""
        x = torch.cat([(L - L_CENTER) / L_SCALE, hint_ab / AB_SCALE, hint_mask - self.mask_cent], dim=1)
        x1 = self.model1(x)
        x2 = self.model2(every_second(x1))
        x3 = self.model3(every_second(x2))
        x7 = self.model7(self.model6(self.model5(self.model4(every_second(x3)))))
        return Trunk(x1, x2, self.model8(self.model8up(x7) + self.model3short8(x3)))

    def class_logits(self, trunk: Trunk) -> Tensor:
        """The distribution (N, 529, H / 4, W / 4)."""
        logits: Tensor = self.model_class(trunk.x8)
        return logits

    def colors(self, trunk: Trunk) -> Tensor:
        """The regression's ab (N, 2, H, W), Lab units."""
        x9 = self.model9(self.model9up(trunk.x8) + self.model2short9(trunk.x2))
        x10 = self.model10(self.model10up(x9) + self.model1short10(trunk.x1))
        ab: Tensor = self.model_out(x10)
        return ab * AB_SCALE


def every_second(x: Tensor) -> Tensor:
    """Half the size by leaving out every second row and column."""
    return x[:, :, ::2, ::2]
