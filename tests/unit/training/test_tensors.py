"""Colour on tensors against photochrom.color and scikit-image."""

import numpy as np
import numpy.typing as npt
import pytest
import torch
from skimage.color import lab2rgb, rgb2hsv, rgb2lab

from photochrom import color
from photochrom.training.tensors import BinTable, cell_means, lab_to_rgb8, mean_saturation, rgb_to_lab

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def rgb() -> Floats:
    """All corners and faces of the cube among random colours, (2, 40, 50, 3)."""
    rng = np.random.default_rng(0)
    colors = rng.random((2, 40, 50, 3), np.float32)
    colors[0, :20] = np.rint(colors[0, :20])
    colors[1, :10] *= 0.03
    return colors


@pytest.fixture(scope="module")
def bins() -> BinTable:
    return BinTable(torch.device("cpu"))


def planes(picture: npt.NDArray[np.floating]) -> torch.Tensor:
    return torch.from_numpy(np.moveaxis(picture, -1, 1).astype(np.float32))


def pixels(tensor: torch.Tensor) -> Floats:
    return np.moveaxis(tensor.numpy(), 1, -1)


def test_lab_is_that_of_scikit_image_and_of_the_product(rgb: Floats) -> None:
    found = pixels(rgb_to_lab(planes(rgb)))
    np.testing.assert_allclose(found, rgb2lab(rgb), atol=2e-2)
    np.testing.assert_allclose(found, color.srgb_to_lab(rgb), atol=2e-3)


def test_lab_comes_back_as_the_bytes_it_was(rgb: Floats) -> None:
    levels = np.rint(rgb * 255)
    np.testing.assert_array_equal(pixels(lab_to_rgb8(rgb_to_lab(planes(levels / 255)))), levels)


def test_colours_outside_of_the_gamut_are_clipped_as_an_8_bit_file_would() -> None:
    lab = np.random.default_rng(1).uniform((0, -110, -110), (100, 110, 110), (1, 30, 30, 3)).astype(np.float32)
    with np.errstate(all="ignore"):
        clear = (lab[..., 0] + 16) / 116 - lab[..., 2] / 200 > 0  # scikit-image clips a negative Z before the matrix
        expected = np.rint(np.clip(lab2rgb(lab[clear][None]), 0, 1) * 255)[0]
    assert np.abs(pixels(lab_to_rgb8(planes(lab)))[clear] - expected).max() <= 1


def test_gradients_stay_finite_at_black(rgb: Floats) -> None:
    black = torch.zeros(1, 3, 2, 2, requires_grad=True)
    lab_to_rgb8(rgb_to_lab(black)).sum().backward()  # type: ignore[no-untyped-call]
    assert black.grad is not None and torch.isfinite(black.grad).all()


def test_mean_saturation_is_that_of_hsv(rgb: Floats) -> None:
    expected = rgb2hsv(rgb)[..., 1].mean(axis=(1, 2))
    np.testing.assert_allclose(mean_saturation(planes(rgb))[:, 0], expected, atol=1e-4)


def encoded(bins: BinTable, ab: Floats) -> Floats:
    index, weight = bins.encode(planes(ab))
    assert index.shape == weight.shape == (len(ab), 5, *ab.shape[1:3])
    return pixels(torch.zeros(len(ab), 313, *ab.shape[1:3]).scatter_(1, index, weight))


def test_table_holds_the_soft_encoding_of_the_middles_of_unit_squares(bins: BinTable) -> None:
    ab = np.random.default_rng(2).integers(-100, 100, (2, 6, 7, 2)).astype(np.float32) + np.float32(0.5)
    np.testing.assert_allclose(encoded(bins, ab), color.soft_encode(ab), atol=1e-6)


def test_weights_are_within_a_twentieth_of_the_exact_ones_for_nearly_all_colours(bins: BinTable) -> None:
    ab = np.random.default_rng(3).uniform(-60, 60, (1, 50, 50, 2)).astype(np.float32)
    # Where the fifth and the sixth bin are about equally far, rounding changes which of them counts: weights are small.
    assert np.quantile(np.abs(encoded(bins, ab) - color.soft_encode(ab)).max(axis=-1), 0.95) < 0.05


def test_first_bin_is_the_nearest_one_of_the_colour_itself(bins: BinTable) -> None:
    ab = np.random.default_rng(4).uniform(-40, 40, (1, 60, 60, 2)).astype(np.float32)
    index, _ = bins.encode(planes(ab))
    np.testing.assert_array_equal(index[:, 0], color.nearest_bin(ab))


def test_colours_far_outside_of_the_table_take_its_border(bins: BinTable) -> None:
    index, weight = bins.encode(torch.full((1, 2, 1, 1), 500.0))
    assert torch.isfinite(weight).all()
    assert index[0, 0, 0, 0] == color.nearest_bin(np.array([127.5, 127.5], np.float32))


def test_histogram_counts_nearest_bins_as_a_reference_does(bins: BinTable) -> None:
    ab = np.random.default_rng(4).uniform(-40, 40, (3, 8, 8, 2)).astype(np.float32)
    expected = np.stack([bins_counted(picture) for picture in ab])
    np.testing.assert_allclose(bins.histogram(planes(ab)), expected, atol=1e-6)


def bins_counted(ab: Floats) -> npt.NDArray[np.float64]:
    counts = np.bincount(color.nearest_bin(ab).ravel(), minlength=313)
    return np.asarray(counts / counts.sum())


def test_cell_means_are_means_of_blocks() -> None:
    x = torch.arange(2 * 2 * 8 * 12, dtype=torch.float32).reshape(2, 2, 8, 12)
    expected = x.reshape(2, 2, 2, 4, 3, 4).mean(dim=(3, 5))
    torch.testing.assert_close(cell_means(x, 4), expected)
