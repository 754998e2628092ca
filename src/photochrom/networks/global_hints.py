"""Zhang et al., SIGGRAPH 2017, the network for global hints: colour histogram and saturation of a reference picture.

It was published for Caffe only. The modules carry the names of the Caffe layers, in their order; the layers without
learned values (the subsampling `*_ss`, of ones) have no module. Unlike in the PyTorch networks L is centred but not
divided, ab comes out in units of 100 (the layer `pred_ab`), and the batch norms have no scale and shift of their own.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .blocks import L_CENTER, upsampling
from .siggraph17 import every_second

HISTOGRAM_BINS = 313
_GLOBAL = 512
_LEAK = 0.2

# Convolutions of the trunk in the order of the published file: name, channels in, channels out, dilation. Each is
# followed by a ReLU, and a block's last one by a batch norm called after it.
_BLOCKS = (
    (("bw_conv1_1", 1, 64, 1), ("conv1_2", 64, 64, 1)),
    (("conv2_1", 64, 128, 1), ("conv2_2", 128, 128, 1)),
    (("conv3_1", 128, 256, 1), ("conv3_2", 256, 256, 1), ("conv3_3", 256, 256, 1)),
    (("conv4_1", 256, 512, 1), ("conv4_2", 512, 512, 1), ("conv4_3", 512, 512, 1)),
    (("conv5_1", 512, 512, 2), ("conv5_2", 512, 512, 2), ("conv5_3", 512, 512, 2)),
    (("conv6_1", 512, 512, 2), ("conv6_2", 512, 512, 2), ("conv6_3", 512, 512, 2)),
    (("conv7_1", 512, 512, 1), ("conv7_2", 512, 512, 1), ("conv7_3", 512, 512, 1)),
)


class Siggraph17Global(nn.Module):
    """The network for global hints."""

    def __init__(self) -> None:
        super().__init__()
        self.s_conv1 = nn.Conv2d(2, _GLOBAL, 1)
        self.glob_conv1 = nn.Conv2d(HISTOGRAM_BINS + 1, _GLOBAL, 1)
        self.s_glob_conv1norm = _norm(_GLOBAL)
        for number in (2, 3, 4):
            self.add_module(f"glob_conv{number}", nn.Conv2d(_GLOBAL, _GLOBAL, 1))
            self.add_module(f"glob_conv{number}norm", _norm(_GLOBAL))
        for block in _BLOCKS:
            for name, inputs, outputs, dilation in block:
                self.add_module(name, nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation))
            self.add_module(f"{block[-1][0]}norm", _norm(block[-1][2]))
        self.conv8_1, self.conv3_3_short = upsampling(512, 256), _conv3(256, 256)
        self.conv8_2, self.conv8_3, self.conv8_3norm = _conv3(256, 256), _conv3(256, 256), _norm(256)
        self.conv9_1, self.conv2_2_short = upsampling(256, 128), _conv3(128, 128)
        self.conv9_2, self.conv9_2norm = _conv3(128, 128), _norm(128)
        self.conv10_1, self.conv1_2_short = upsampling(128, 128), _conv3(64, 128)
        self.conv10_2, self.conv10_ab = _conv3(128, 128), nn.Conv2d(128, 2, 1)
        self.pred_ab: Tensor
        self.register_buffer("pred_ab", torch.tensor([100.0]))

    def forward(
        self, L: Tensor, histogram: Tensor, histogram_given: Tensor, saturation: Tensor, saturation_given: Tensor
    ) -> Tensor:
        """Colours a picture in the manner of a reference.

        Args:
            L: (N, 1, H, W) in [0, 100], H and W multiples of 8.
            histogram: (N, 313), sums to 1. histogram_given: (N, 1), 1, or 0 to withhold it.
            saturation: (N, 1), mean HSV saturation in [0, 1]. saturation_given: (N, 1), 1 or 0.

        Returns:
            ab (N, 2, H, W), Lab units.
        """
        mood = self._mood(
            torch.cat([histogram * histogram_given, histogram_given], dim=1),
            torch.cat([saturation * saturation_given, saturation_given], dim=1),
        )
        x1 = self._block(0, L - L_CENTER)
        x2 = self._block(1, every_second(x1))
        x3 = self._block(2, every_second(x2))
        x = self._block(3, every_second(x3)) + mood
        for number in (4, 5, 6):
            x = self._block(number, x)
        x = functional.relu(self.conv8_1(x) + self.conv3_3_short(x3))
        x = self.conv8_3norm(self._convolved(self._convolved(x, "conv8_2"), "conv8_3"))
        x = functional.relu(self.conv9_1(x) + self.conv2_2_short(x2))
        x = self.conv9_2norm(self._convolved(x, "conv9_2"))
        x = functional.relu(self.conv10_1(x) + self.conv1_2_short(x1))
        x = functional.leaky_relu(self.conv10_2(x), _LEAK)
        return torch.tanh(self.conv10_ab(x)) * self.pred_ab

    def _mood(self, histogram: Tensor, saturation: Tensor) -> Tensor:
        """What is added to block 4 at every position, (N, 512, 1, 1)."""
        first = self.s_conv1(saturation[:, :, None, None]) + self.glob_conv1(histogram[:, :, None, None])
        x: Tensor = self.s_glob_conv1norm(functional.relu(first))
        for number in (2, 3, 4):
            x = self.get_submodule(f"glob_conv{number}norm")(self._convolved(x, f"glob_conv{number}"))
        return x

    def _block(self, number: int, x: Tensor) -> Tensor:
        names = [name for name, *_ in _BLOCKS[number]]
        for name in names:
            x = self._convolved(x, name)
        y: Tensor = self.get_submodule(f"{names[-1]}norm")(x)
        return y

    def _convolved(self, x: Tensor, name: str) -> Tensor:
        return functional.relu(self.get_submodule(name)(x))


def _conv3(inputs: int, outputs: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, padding=1)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, affine=False)
