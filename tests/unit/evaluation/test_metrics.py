"""Metrics of pictures against scikit-image, closed forms, and CIE's own test data."""

import numpy as np
import pytest
from skimage import color as skimage_color
from skimage import metrics as skimage_metrics

from photochrom import color
from photochrom.evaluation import metrics
from photochrom.evaluation.datasets import Picture


def pictures(seed: int) -> tuple[Picture, Picture]:
    """Two pictures that share their structure, and differ by noise."""
    rng = np.random.default_rng(seed)
    smooth = np.kron(rng.integers(0, 256, (6, 8, 3)), np.ones((8, 8, 1)))
    noisy = smooth + rng.normal(0, 20, smooth.shape)
    return smooth.astype(np.uint8), np.clip(noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(3))
def test_psnr_is_scikit_images(seed: int) -> None:
    truth, picture = pictures(seed)
    expected = skimage_metrics.peak_signal_noise_ratio(truth, picture)  # type: ignore[no-untyped-call]
    assert metrics.psnr(picture, truth) == pytest.approx(expected)


def test_psnr_of_equal_pictures_is_that_of_rounding() -> None:
    truth, _ = pictures(0)
    assert metrics.psnr(truth, truth) == pytest.approx(10 * np.log10(255**2 * 12))


@pytest.mark.parametrize("seed", range(3))
def test_ssim_is_scikit_images_with_the_papers_window(seed: int) -> None:
    truth, picture = pictures(seed)
    expected = skimage_metrics.structural_similarity(  # type: ignore[no-untyped-call]
        truth, picture, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255
    )
    assert metrics.ssim(picture, truth) == pytest.approx(expected, abs=1e-4)
    assert metrics.ssim(truth, truth) == pytest.approx(1)


def test_colorfulness_of_gray_is_0_and_of_two_halves_the_closed_form() -> None:
    gray = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    assert metrics.colorfulness(gray) == 0
    halves = np.zeros((2, 2, 3), np.uint8)
    halves[0] = (200, 0, 0)  # rg is 200 or 0, yb is 100 or 0
    spread, mean = np.hypot(100, 50), np.hypot(100, 50)
    assert metrics.colorfulness(halves) == pytest.approx(spread + 0.3 * mean)


def test_ciede2000_is_scikit_images() -> None:
    rng = np.random.default_rng(0)
    scale, offset = np.array([100, 200, 200]), np.array([0, 100, 100])
    first, second = (rng.random((2000, 3)) * scale - offset for _ in range(2))
    second[:1000] = first[:1000] + rng.normal(0, 2, (1000, 3))
    expected = skimage_color.deltaE_ciede2000(first, second)  # type: ignore[no-untyped-call]
    np.testing.assert_allclose(metrics.ciede2000(first, second), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # Sharma, Wu, Dalal, "The CIEDE2000 Color-Difference Formula" (2005), table 1: 1, 7, 9, 13, 17, 25, 34
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.4900, -0.0010), (50, -2.4900, 0.0009), 7.1792),
        ((50, -0.0010, 2.4900), (50, 0.0009, -2.4900), 4.8045),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_ciede2000_gives_the_published_test_data(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    assert metrics.ciede2000(first, second) == pytest.approx(expected, abs=5e-5)
    assert metrics.ciede2000(second, first) == pytest.approx(expected, abs=5e-5)


def test_accuracy_area_is_the_area_under_the_papers_curve() -> None:
    rng = np.random.default_rng(0)
    ab, truth = (rng.uniform(-100, 100, (5000, 2)).astype(np.float32) for _ in range(2))
    error = np.linalg.norm(ab - truth, axis=1)
    thresholds = np.linspace(0, 150, 3001)
    curve = [(error <= t).mean() for t in thresholds]
    assert metrics.accuracy_area(ab, truth).mean() == pytest.approx(np.trapezoid(curve, thresholds) / 150, abs=1e-4)
    assert metrics.accuracy_area(truth, truth).min() == 1
    assert metrics.accuracy_area(np.array([200, 0], np.float32), np.zeros(2, np.float32)) == 0


def test_class_balance_weighs_bins_by_their_rarity() -> None:
    counts = np.zeros(313)
    common, rare = color.nearest_bin(np.array([[-40, 40], [50, -50]], np.float32))
    counts[common], counts[rare] = 900, 100
    weights = metrics.class_balance(counts)
    # Far from each other, so that smoothing moves no share from one to the other.
    assert weights[rare] / weights[common] == pytest.approx(9, rel=0.05)
