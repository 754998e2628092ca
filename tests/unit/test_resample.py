import numpy as np
import pytest
from PIL import Image
from skimage.measure import block_reduce

from photochrom.color import gray_to_lightness
from photochrom.resample import area_mean, block_lightness, interpolate, network_lightness


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("block", [(1, 1), (2, 3), (7, 5), (64, 64), (1000, 1)])
def test_block_means_agree_with_scikit_image(block: tuple[int, int], dtype: type[np.unsignedinteger]) -> None:
    gray = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (315, 420), dtype)
    lightness = gray_to_lightness(gray).astype(np.float64)
    rows, columns = (length // side * side for length, side in zip(gray.shape, block, strict=True))
    means = block_lightness(gray, block)
    expected = block_reduce(lightness[:rows, :columns], block, np.mean)  # type: ignore[no-untyped-call]
    np.testing.assert_allclose(means[: len(expected), : expected.shape[1]], expected, rtol=1e-5)


def test_cut_blocks_are_means_of_what_is_there() -> None:
    gray = np.array([[0, 0, 255], [0, 0, 255], [255, 255, 0]], np.uint8)
    np.testing.assert_allclose(block_lightness(gray, (2, 2)), [[0, 100], [100, 0]], atol=1e-4)


def test_tiles_and_threads_leave_no_trace_in_block_means() -> None:
    gray = np.random.default_rng(1).integers(0, 255, (1500, 3001), np.uint8)
    means = block_lightness(gray, (4, 4))
    assert block_lightness(gray, (4, 4), threads=3).tobytes() == means.tobytes()
    assert block_lightness(gray[:512], (4, 4)).tobytes() == means[:128].tobytes()


def test_reduction_agrees_with_lanczos_over_the_whole_picture() -> None:
    rng = np.random.default_rng(2)
    coarse = Image.fromarray(rng.integers(40, 220, (30, 40), np.uint8))
    gray = np.asarray(coarse.resize((2403, 1801), Image.Resampling.BICUBIC))
    whole = Image.fromarray(gray_to_lightness(gray)).resize((256, 192), Image.Resampling.LANCZOS)
    assert np.abs(network_lightness(gray, 192, 256) - np.asarray(whole)).max() < 1


def test_fine_texture_is_averaged_not_sampled() -> None:
    gray = np.indices((960, 1280)).sum(axis=0) % 2 * np.uint8(255)
    np.testing.assert_allclose(network_lightness(gray.astype(np.uint8), 192, 256), 50, atol=0.5)


def test_no_shift_between_picture_and_network() -> None:
    ramp = np.broadcast_to(np.arange(3000) * 20, (300, 3000)).astype(np.uint16)
    np.testing.assert_allclose(
        network_lightness(ramp, 30, 300)[15], network_lightness(ramp[:, ::-1], 30, 300)[15, ::-1], atol=1e-3
    )
    expected = gray_to_lightness(ramp)[0].reshape(300, 10).mean(axis=1)
    np.testing.assert_allclose(network_lightness(ramp, 30, 300)[15, 5:-5], expected[5:-5], atol=0.05)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 2), (191, 255), (193, 257)])
def test_any_picture_fills_the_network(shape: tuple[int, int]) -> None:
    lightness = network_lightness(np.full(shape, 119, np.uint8), 192, 256)
    assert lightness.shape == (192, 256) and lightness.dtype == np.float32
    np.testing.assert_allclose(lightness, gray_to_lightness(np.uint8(119)), atol=1e-3)


def test_lightness_stays_in_its_range_where_lanczos_overshoots() -> None:
    gray = np.where(np.arange(700) < 350, 0, 255).astype(np.uint8) * np.ones((700, 1), np.uint8)
    lightness = network_lightness(gray, 64, 64)
    assert lightness.min() >= 0 and lightness.max() <= 100


def test_area_means_count_cut_pixels_by_their_part() -> None:
    plane = np.random.default_rng(4).random((7, 10)).astype(np.float32)
    repeated = np.repeat(np.repeat(plane, 3, axis=0), 4, axis=1)  # 21 x 40: whole pixels for 3 rows and 8 columns
    expected = repeated.reshape(3, 7, 8, 5).mean(axis=(1, 3))
    np.testing.assert_allclose(area_mean(plane, (3, 8)), expected, rtol=1e-5)
    np.testing.assert_allclose(area_mean(np.stack([plane, plane]), (3, 8))[1], expected, rtol=1e-5)


def test_area_means_leave_out_what_lies_beyond_the_extent() -> None:
    plane = np.array([[1, 2, 3, 100]], np.float32)
    np.testing.assert_allclose(area_mean(plane, (1, 2), (1, 3)), [[(1 + 2 / 2) / 1.5, (2 / 2 + 3) / 1.5]])


@pytest.mark.parametrize("size", [(7, 5), (28, 20), (11, 5), (23, 64)])
def test_interpolation_agrees_with_pillow(size: tuple[int, int]) -> None:
    planes = np.random.default_rng(0).normal(0, 20, (2, 7, 5)).astype(np.float32)
    for plane, found in zip(planes, interpolate(planes, size), strict=True):
        bilinear = Image.fromarray(plane).resize(size[::-1], Image.Resampling.BILINEAR)
        np.testing.assert_allclose(found, np.asarray(bilinear), atol=1e-4)
