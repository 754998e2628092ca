"""What the ImageNet network sees in colours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

torch = pytest.importorskip("torch", reason="needs the extra `train`")

from photochrom.evaluation.backbone import Backbone, perceptual_distance  # noqa: E402
from photochrom.evaluation.datasets import Picture  # noqa: E402
from photochrom.networks.lite0 import Lite0Pyramid, load_published_weights  # noqa: E402


@pytest.fixture(scope="module")
def backbone() -> Backbone:
    return Backbone()


@pytest.fixture(scope="module")
def photograph(examples_dir: Path) -> Picture:
    path = sorted(examples_dir.glob("*.jpg"))[0]
    return np.asarray(Image.open(path).convert("RGB").resize((256, 256)))


def tinted(picture: Picture, strength: float) -> Picture:
    return np.clip(picture * (1 + strength * np.array([1, 0, -1])), 0, 255).astype(np.uint8)


def test_distance_is_0_for_the_same_and_grows_with_a_tint(backbone: Backbone, photograph: Picture) -> None:
    seen = [backbone.look(tinted(photograph, strength)) for strength in (0, 0.1, 0.3, 0.6)]
    distances = [perceptual_distance(one, seen[0]) for one in seen]
    assert distances[0] == 0
    assert distances == sorted(distances)
    assert distances[1] > 0.01


def test_gray_pictures_are_seen_as_the_pyramid_of_lightness_sees_them(backbone: Backbone) -> None:
    pyramid = Lite0Pyramid().eval()
    pyramid.load_imagenet(load_published_weights())
    x = torch.rand(1, 1, 64, 64) * 2 - 1
    with torch.no_grad():
        for ours, theirs in zip(backbone.trunk(x.expand(-1, 3, -1, -1)), pyramid(x), strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)


def test_it_sees_a_cat_in_the_photograph_of_one(backbone: Backbone) -> None:
    cat = data.chelsea()  # type: ignore[no-untyped-call]
    assert backbone.look(cat).label in range(281, 286)  # ImageNet's cats: tabby to Egyptian
