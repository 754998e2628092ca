from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from skimage.color import lab2rgb, rgb2lab

from photochrom import color

ORACLE_TOLERANCE = 1e-3


def rgb_grid(steps: int = 18) -> npt.NDArray[np.float64]:
    axis = np.linspace(0, 1, steps)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)


def test_srgb_to_lab_agrees_with_scikit_image_over_the_whole_cube() -> None:
    rgb = rgb_grid()
    np.testing.assert_allclose(color.srgb_to_lab(rgb), rgb2lab(rgb), rtol=0, atol=ORACLE_TOLERANCE)


def test_srgb_to_lab_agrees_with_scikit_image_near_black() -> None:
    rgb = rgb_grid(9) * 0.05
    np.testing.assert_allclose(color.srgb_to_lab(rgb), rgb2lab(rgb), rtol=0, atol=ORACLE_TOLERANCE)


def test_lab_to_srgb_agrees_with_scikit_image_inside_the_gamut() -> None:
    lab = rgb2lab(rgb_grid())
    np.testing.assert_allclose(color.lab_to_srgb(lab), lab2rgb(lab), rtol=0, atol=ORACLE_TOLERANCE)


def test_lab_to_srgb_does_not_clip() -> None:
    rgb = color.lab_to_srgb([50.0, 100.0, -100.0])
    assert rgb.min() < 0 and rgb.max() > 1


def test_results_are_float32_and_keep_leading_dimensions() -> None:
    rgb = np.full((2, 5, 3), 0.25)
    lab = color.srgb_to_lab(rgb)
    assert lab.dtype == np.float32 and lab.shape == (2, 5, 3)
    assert color.lab_to_srgb(lab).dtype == np.float32
    assert color.fit_gamut(lab[..., 0], lab[..., 1:]).dtype == np.float32


def test_integers_are_refused_where_the_range_is_zero_to_one() -> None:
    with pytest.raises(TypeError, match="divide by 255"):
        color.srgb_to_lab(np.zeros((1, 3), np.uint8))
    with pytest.raises(TypeError, match="divide by 65535"):
        color.lab_to_srgb(np.zeros((1, 3), np.uint16))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lightness_of_every_gray_value_agrees_with_scikit_image(dtype: type[np.integer]) -> None:
    levels = np.arange(np.iinfo(dtype).max + 1)
    truth = rgb2lab(np.repeat(levels[:, None] / levels[-1], 3, axis=1))[:, 0]
    np.testing.assert_allclose(color.gray_to_lightness(levels.astype(dtype)), truth, rtol=0, atol=ORACLE_TOLERANCE)
    np.testing.assert_allclose(color.gray_to_lightness(levels / levels[-1]), truth, rtol=0, atol=ORACLE_TOLERANCE)
    np.testing.assert_allclose(color.lightness_to_gray(truth), levels / levels[-1], rtol=0, atol=1e-5)


def test_lightness_runs_from_0_to_100() -> None:
    np.testing.assert_allclose(color.gray_to_lightness(np.array([0, 255], np.uint8)), [0, 100], atol=1e-4)


def test_primaries_lie_in_the_gamut_and_stay_as_they_are() -> None:
    corners = color.srgb_to_lab(rgb_grid(2))
    fitted = color.fit_gamut(corners[:, 0], corners[:, 1:])
    assert fitted.tobytes() == np.ascontiguousarray(corners[:, 1:]).tobytes()


def test_a_colour_beyond_the_gamut_lands_on_its_boundary() -> None:
    ab = color.fit_gamut(50.0, [100.0, -100.0])
    assert color.in_gamut(50.0, ab) and not color.in_gamut(50.0, ab * 1.005)


def test_black_and_white_lose_all_chroma() -> None:
    fitted = color.fit_gamut([0.0, 100.0], [[60.0, 40.0], [60.0, 40.0]])
    assert np.abs(fitted).max() < 0.1


def test_one_colour_is_broadcast_over_many_lightnesses() -> None:
    assert color.fit_gamut(np.linspace(0, 100, 7), np.array([70, 20], np.float32)).shape == (7, 2)


@pytest.mark.parametrize("lightness", [0.0, 32.0, 90.0])
def test_what_one_lightness_alone_holds_is_held_there(lightness: float) -> None:
    blue = rgb2lab([0.0, 0.0, 1.0])
    assert color.held_lightness(lightness, blue[1:]) == pytest.approx(blue[0], abs=0.5)
    assert color.held_lightness(lightness, [0.0, 0.0]) == lightness
    assert color.held_lightness(lightness, [150.0, -200.0]) == pytest.approx(blue[0], abs=5)  # no lightness holds that


def test_bins_tell_a_from_b() -> None:
    # (30, -50) is purple-blue, inside of the gamut; (-50, 30), a green, is another bin.
    ab = np.array([30, -50], np.float32)
    decoded = color.annealed_mean(np.log(color.soft_encode(ab) + 1e-30), temperature=1.0)
    np.testing.assert_allclose(decoded, ab, atol=1e-3)
    np.testing.assert_array_equal(color.ab_bins()[color.nearest_bin(ab)], ab)


def test_soft_encoding_is_the_gaussian_of_the_distance_over_the_five_nearest_bins() -> None:
    ab = np.array([12.0, -7.5], np.float32)
    squared = ((color.ab_bins().astype(np.float64) - ab) ** 2).sum(axis=1)
    expected = np.zeros(313)
    near = np.argsort(squared)[:5]
    expected[near] = np.exp(-squared[near] / (2 * 5.0**2))
    np.testing.assert_allclose(color.soft_encode(ab), expected / expected.sum(), atol=1e-6)


def test_soft_encoding_of_more_colours_than_a_chunk_equals_one_by_one() -> None:
    ab = np.random.default_rng(0).uniform(-80, 80, (8192 + 7, 2)).astype(np.float32)
    many = color.soft_encode(ab)
    for index in (0, 8191, 8192, 8198):
        np.testing.assert_array_equal(many[index], color.soft_encode(ab[index]))


def test_soft_encoding_of_no_colours_is_empty() -> None:
    assert color.soft_encode(np.zeros((0, 2), np.float32)).shape == (0, 313)
    assert color.nearest_bin(np.zeros((0, 2), np.float32)).shape == (0,)


def test_soft_encoding_far_outside_of_the_bins_still_sums_to_one() -> None:
    np.testing.assert_allclose(color.soft_encode([1e4, -1e4]).sum(), 1, atol=1e-6)


def test_nearest_bin_of_each_centre_is_itself() -> None:
    np.testing.assert_array_equal(color.nearest_bin(color.ab_bins()), np.arange(313))


def test_annealed_mean_runs_from_the_mean_to_the_mode() -> None:
    probabilities = np.random.default_rng(1).dirichlet(np.full(313, 0.1)) + 1e-12
    logits = np.log(probabilities) + 17.0
    mean = probabilities @ color.ab_bins() / probabilities.sum()
    np.testing.assert_allclose(color.annealed_mean(logits, 1.0), mean, atol=1e-2)
    mode = color.ab_bins()[probabilities.argmax()]
    np.testing.assert_allclose(color.annealed_mean(logits, 1e-6), mode, atol=1e-3)


def test_annealed_mean_accepts_impossible_bins() -> None:
    logits = np.full(313, -np.inf)
    logits[7] = 0
    np.testing.assert_array_equal(color.annealed_mean(logits), color.ab_bins()[7])


def test_rebalancing_weights_average_to_one_and_favour_rare_colours() -> None:
    prior = color.smooth_prior(color.ab_prior())
    weights = color.rebalancing_weights(prior)
    np.testing.assert_allclose((prior * weights).sum(), 1)
    np.testing.assert_array_equal(np.argsort(weights), np.argsort(-prior))
    np.testing.assert_allclose(weights[0] / weights[100], (0.5 * prior[100] + 0.5 / 313) / (0.5 * prior[0] + 0.5 / 313))
    np.testing.assert_allclose(color.rebalancing_weights(prior, 1.0), 1)


def test_smoothing_keeps_the_total_and_spreads_to_neighbours() -> None:
    single = np.zeros(313)
    centre = int(color.nearest_bin([0.0, 0.0]))
    single[centre] = 1
    smooth = color.smooth_prior(single)
    np.testing.assert_allclose(smooth.sum(), 1)
    neighbour = int(color.nearest_bin([10.0, 0.0]))
    np.testing.assert_allclose(smooth[neighbour] / smooth[centre], np.exp(-2), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: color.annealed_mean(np.zeros(313), 0), "temperature must be positive, got 0"),
        (lambda: color.soft_encode([0.0, 0.0], neighbours=0), "neighbours must lie in 1..313, got 0"),
        (lambda: color.soft_encode([0.0, 0.0], sigma=0), "sigma must be positive, got 0"),
        (lambda: color.smooth_prior(np.ones(313), sigma=-1), "sigma must be positive, got -1"),
        (lambda: color.rebalancing_weights(np.ones(313), 1.5), r"uniform_share must lie in \[0, 1\], got 1.5"),
    ],
)
def test_senseless_settings_are_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_tables_cannot_be_changed_by_a_caller() -> None:
    for table in (color.ab_bins(), color.ab_prior(), color.lightness_table(8)):
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 0
