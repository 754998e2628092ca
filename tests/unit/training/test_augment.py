"""Ageing changes lightness only, keeps its shape and range, and is the same for the same seed."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from photochrom.training import augment
from photochrom.training.augment import age, crop_and_flip


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("size", [32, 64, 80])
@pytest.mark.parametrize("seed", range(4))
def test_crop_keeps_shape_and_range(size: int, seed: int) -> None:
    rgb = torch.rand(5, 3, 64, 64, generator=generator(seed))
    found = crop_and_flip(rgb, size, generator(seed))
    assert found.shape == (5, 3, size, size)
    assert found.min() >= 0 and found.max() <= 1


def test_crop_is_a_part_of_the_picture_mirrored_for_some() -> None:
    """Red grows to the right, and green downwards: both tell the place, red's direction tells the mirroring."""
    ramp = torch.linspace(0, 1, 64)
    rgb = torch.stack([ramp.expand(64, 64), ramp[:, None].expand(64, 64), torch.zeros(64, 64)]).expand(64, 3, 64, 64)
    found = crop_and_flip(rgb, 64, generator(0))
    rightwards = found[:, 0, :, -1].mean(dim=1) > found[:, 0, :, 0].mean(dim=1)
    assert 16 < rightwards.sum() < 48
    assert (found[:, 1, -1] > found[:, 1, 0]).all()
    span = (found[:, 0, 30, 63] - found[:, 0, 30, 0]).abs()
    assert span.min() > 0.55 and span.max() <= 1.0
    torch.testing.assert_close(found[:, 2], torch.zeros(64, 64, 64))


def test_every_kind_of_ageing_happens_and_lightness_stays_in_range() -> None:
    L = 100 * torch.rand(64, 1, 32, 32, generator=generator(1))
    for kind in (augment._tone, augment._fade, augment._uneven_light, augment._blur, augment._compress, augment._grain):
        found = kind(L.clone(), generator(2))
        changed = (found - L).abs().amax(dim=(1, 2, 3)) > 0.01
        assert found.shape == L.shape and torch.isfinite(found).all()
        assert 0 < changed.sum() < 64, kind.__name__
    aged = age(L.clone(), generator(3))
    assert aged.shape == L.shape and aged.min() >= 0 and aged.max() <= 100


@pytest.mark.parametrize("level", [0.0, 100.0])
def test_black_and_white_stay_finite_and_in_range(level: float) -> None:
    aged = age(torch.full((40, 1, 32, 32), level), generator(0))
    assert torch.isfinite(aged).all() and aged.min() >= 0 and aged.max() <= 100


def test_same_seed_ages_alike_and_another_does_not() -> None:
    L = 100 * torch.rand(8, 1, 32, 32, generator=generator(1))
    torch.testing.assert_close(age(L.clone(), generator(5)), age(L.clone(), generator(5)), rtol=0, atol=0)
    assert not torch.equal(age(L.clone(), generator(5)), age(L.clone(), generator(6)))


def test_ageing_leaves_what_it_was_given_as_it_was() -> None:
    L = 100 * torch.rand(16, 1, 32, 32, generator=generator(1))
    before = L.clone()
    for seed in range(10):
        age(L, generator(seed))
    torch.testing.assert_close(L, before, rtol=0, atol=0)


@pytest.mark.parametrize("quality", [30, 49, 50, 75, 89])
def test_jpeg_leaves_what_pillows_encoder_leaves(quality: int) -> None:
    smooth = torch.nn.functional.interpolate(
        torch.rand(1, 1, 9, 9, generator=generator(quality)), (64, 96), mode="bicubic", align_corners=True
    )
    L = (100 * smooth + torch.randn(1, 1, 64, 96, generator=generator(1))).clamp(0, 100)
    file = io.BytesIO()
    Image.fromarray((L[0, 0] * 2.55).round().byte().numpy()).save(file, "JPEG", quality=quality)
    expected = np.asarray(Image.open(file), np.float32)
    found = augment.jpeg(L, torch.tensor([float(quality)]))[0, 0].numpy() * 2.55
    # Encoders compute the transform in whole numbers: a coefficient at the edge of a step can fall to the other side.
    blocks = np.abs(found - expected).reshape(8, 8, 12, 8).max(axis=(1, 3))
    assert (blocks <= 1.01).mean() >= 0.8
    assert np.abs(found - expected).mean() < np.abs((L[0, 0] * 2.55).numpy() - expected).mean() / 4
