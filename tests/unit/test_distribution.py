"""What is read from a distribution over the colour bins: suggestions, uncertainty, the next hint's place."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.vq import kmeans2
from scipy.ndimage import uniform_filter
from scipy.special import softmax
from scipy.stats import entropy
from skimage.color import rgb2lab

from photochrom.color import ab_bins, in_gamut, nearest_bin
from photochrom.distribution import _window_means, open_place, probabilities, suggestions, telling_place, uncertainty

Floats = npt.NDArray[np.float32]


def shares_at(*colors: tuple[float, float, float]) -> Floats:
    """A distribution of single bins: (a, b, share)."""
    shares = np.zeros(313, np.float32)
    for a, b, share in colors:
        shares[nearest_bin(np.array([a, b], np.float32))] += share
    return shares


def clouds(seed: int) -> Floats:
    """A distribution of three clouds of bins and a little of everything."""
    rng = np.random.default_rng(seed)
    odds = np.full(313, 1e-4)
    for middle, weight in zip(ab_bins()[rng.choice(313, 3, replace=False)], (0.5, 0.3, 0.2), strict=True):
        odds += weight * np.exp(-((ab_bins() - middle) ** 2).sum(axis=1) / (2 * 12**2))
    return np.asarray(odds / odds.sum(), np.float32)


def test_single_bins_come_back_as_they_are_the_likeliest_first() -> None:
    found = suggestions(shares_at((20, 60, 0.2), (-40, 40, 0.5), (0, -40, 0.3)), 60.0, 3)
    assert [s.ab for s in found] == [(-40, 40), (0, -40), (20, 60)]
    assert [s.probability for s in found] == pytest.approx([0.5, 0.3, 0.2])


def test_neighbouring_bins_become_their_mean() -> None:
    found = suggestions(shares_at((10, 20, 0.3), (20, 20, 0.1), (-60, 50, 0.6)), 60.0, 2)
    assert found[0].ab == pytest.approx((-60, 50))
    assert found[1].ab == pytest.approx((12.5, 20)) and found[1].probability == pytest.approx(0.4)


def test_fewer_colours_than_asked_for_are_not_made_up() -> None:
    assert len(suggestions(shares_at((0, 0, 1.0)), 50.0, 5)) == 1
    assert len(suggestions(shares_at((0, 0, 0.5), (30, 30, 0.5)), 50.0, 9)) == 2


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 5, 9, 313])
def test_shares_sum_to_1_and_fall(seed: int, count: int) -> None:
    found = [s.probability for s in suggestions(clouds(seed), 55.0, count)]
    assert len(found) <= count
    assert sum(found) == pytest.approx(1, abs=1e-5)
    assert found == sorted(found, reverse=True)


def test_same_distribution_gives_the_same_answer() -> None:
    assert suggestions(clouds(3), 40.0, 5) == suggestions(clouds(3), 40.0, 5)


def within(points: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]) -> float:
    squared: npt.NDArray[np.float64] = ((points[:, None] - centres) ** 2).sum(axis=-1).min(axis=1)
    return float(squared.mean())


@pytest.mark.parametrize("seed", range(5))
def test_clusters_are_as_tight_as_those_of_25000_draws_clustered_by_scipy(seed: int) -> None:
    shares = clouds(seed)
    rng = np.random.default_rng(seed)
    draws = ab_bins()[rng.choice(313, 25_000, p=shares / shares.astype(float).sum())].astype(float)
    theirs = min(within(draws, kmeans2(draws, 5, minit="++", rng=rng)[0]) for _ in range(5))
    ours = within(draws, np.array([s.ab for s in suggestions(shares, 55.0, 5)]))
    assert ours <= 1.15 * theirs


@pytest.mark.parametrize("lightness", [0.0, 20.0, 50.0, 80.0, 100.0])
def test_suggested_colour_has_its_a_and_b_at_the_lightness_nearest_to_the_places(lightness: float) -> None:
    found = suggestions(clouds(1), lightness, 5)
    assert len({suggestion.color for suggestion in found}) == 5
    for suggestion in found:
        L, *ab = rgb2lab(np.frombuffer(bytes.fromhex(suggestion.color[1:]), np.uint8) / 255)
        np.testing.assert_allclose(ab, suggestion.ab, atol=2)
        nearer = lightness + max(abs(L - lightness) - 1, 0) * np.sign(L - lightness)
        if in_gamut(lightness, suggestion.ab):
            assert pytest.approx(lightness, abs=0.5) == L
        else:
            assert not in_gamut(nearer, suggestion.ab)


def test_probabilities_are_the_softmax_of_scipy() -> None:
    logits = np.random.default_rng(0).normal(0, 30, (4, 5, 313)).astype(np.float32)
    np.testing.assert_allclose(probabilities(logits), softmax(logits, axis=-1), rtol=1e-4, atol=1e-12)
    np.testing.assert_allclose(probabilities(logits, 0.5), softmax(logits / 0.5, axis=-1), rtol=1e-4, atol=1e-12)


def test_uncertainty_is_1_for_anything_goes_and_0_for_one_colour_only() -> None:
    logits = np.zeros((2, 1, 313), np.float32)
    logits[1, 0, 17] = 200
    np.testing.assert_allclose(uncertainty(logits), [[1], [0]], atol=1e-6)


def test_uncertainty_is_the_relative_entropy_of_scipy() -> None:
    logits = np.random.default_rng(0).normal(0, 3, (6, 7, 313)).astype(np.float32)
    expected = entropy(softmax(logits.astype(float), axis=-1), base=313, axis=-1)
    np.testing.assert_allclose(uncertainty(logits), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (12, 16), (17, 5)])
@pytest.mark.parametrize("side", [1, 2, 3, 4, 5])
def test_window_means_are_those_of_scipy(shape: tuple[int, int], side: int) -> None:
    plane = np.random.default_rng(0).random(shape, np.float32)
    expected = uniform_filter(plane.astype(float), side, mode="constant")
    np.testing.assert_allclose(_window_means(plane, side), expected, atol=1e-5)


def test_open_place_is_inside_the_largest_doubtful_region_and_not_at_an_odd_cell() -> None:
    doubt = np.zeros((48, 64), np.float32)
    doubt[5, 60] = 1.0
    doubt[20:32, 10:24] = 0.6
    x, y = open_place(doubt, None)
    assert 10 / 64 < x < 24 / 64 and 20 / 48 < y < 32 / 48


def test_open_place_leaves_out_what_a_hint_decides() -> None:
    doubt = np.full((32, 32), 0.5, np.float32)
    doubt[:, :16] = 0.9
    reach = np.zeros((32, 32), np.float32)
    reach[:, :16] = 1.0
    assert open_place(doubt, None)[0] < 0.5 < open_place(doubt, reach)[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 64), (64, 1), (8, 64)])
def test_open_place_lies_in_the_picture_of_any_shape(shape: tuple[int, int]) -> None:
    x, y = open_place(np.ones(shape, np.float32), np.zeros(shape, np.float32))
    assert 0 < x < 1 and 0 < y < 1


def logits_of(shares: Floats) -> Floats:
    """Logits of one distribution."""
    logits: Floats = np.log(shares + np.float32(1e-6))
    return logits


SURE_BLUE = logits_of(shares_at((0, -40, 1)))
RED_OR_GREEN = logits_of(shares_at((60, 40, 0.5), (-60, 50, 0.5)))
YELLOW_OR_BLUE = logits_of(shares_at((0, 80, 0.5), (0, -40, 0.5)))


def test_a_hint_is_asked_for_in_the_largest_thing_that_may_have_several_colours() -> None:
    logits = np.broadcast_to(SURE_BLUE, (64, 48, 313)).copy()
    logits[2:6, 40:44] = RED_OR_GREEN
    logits[20:44, 8:28] = RED_OR_GREEN
    x, y = telling_place(logits, None)
    assert 8 / 48 < x < 28 / 48 and 20 / 64 < y < 44 / 64


def test_a_hint_counts_for_what_looks_alike_rather_than_for_what_merely_lies_near() -> None:
    logits = np.broadcast_to(SURE_BLUE, (64, 64, 313)).copy()
    # On the left one thing of 24 x 24 cells, on the right two of unlike doubt with more cells together.
    logits[20:44, 0:24] = RED_OR_GREEN
    logits[16:32, 40:64] = RED_OR_GREEN
    logits[32:48, 40:64] = YELLOW_OR_BLUE
    assert telling_place(logits, None)[0] < 24 / 64


def test_a_hint_is_asked_for_where_no_other_decides() -> None:
    logits = np.broadcast_to(SURE_BLUE, (32, 32, 313)).copy()
    logits[8:24, :14] = RED_OR_GREEN
    logits[12:20, 20:28] = YELLOW_OR_BLUE
    reach = np.zeros((32, 32), np.float32)
    reach[:, :16] = 1.0
    assert telling_place(logits, None)[0] < 0.5 < telling_place(logits, reach)[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 64), (64, 1), (6, 62), (8, 64)])
def test_a_hint_is_asked_for_in_a_picture_of_any_shape(shape: tuple[int, int]) -> None:
    logits = np.random.default_rng(0).normal(0, 2, (*shape, 313)).astype(np.float32)
    x, y = telling_place(logits, np.zeros(shape, np.float32))
    assert 0 < x < 1 and 0 < y < 1
