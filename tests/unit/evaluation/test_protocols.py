"""Hints where the papers put them, showing the true colours."""

import numpy as np
import pytest
from scipy import stats

from photochrom import color
from photochrom.evaluation.protocols import (
    PROTOCOLS,
    Protocol,
    around,
    most_hints,
    patch_colors,
    patch_hints,
    place_patches,
    uniform_patches,
)

SIGGRAPH17, ICOLORIT, GUIDED = (PROTOCOLS[name] for name in ("siggraph17", "icolorit", "guided"))


def test_siggraph17_places_its_patches_normally_around_the_middle() -> None:
    corners = place_patches(SIGGRAPH17, 1000, (0, 0))
    assert corners.min() >= 0
    assert corners.max() <= 256 - 6
    inner = corners[(corners > 20) & (corners < 230)]
    expected = stats.truncnorm((21 - 125.5) / 62.75, (229 - 125.5) / 62.75, 125.5, 62.75)
    assert stats.kstest(inner + 0.5, expected.cdf).pvalue > 0.01


def test_icolorit_uses_each_cell_of_its_grid_once() -> None:
    assert most_hints(ICOLORIT) == 1000
    corners = place_patches(ICOLORIT, 1000, (0, 0))
    assert not (corners % 2).any()
    assert corners.max() <= 222
    assert len(np.unique(corners, axis=0)) == 1000
    assert stats.kstest(corners.ravel(), stats.uniform(0, 224).cdf).pvalue > 0.01


@pytest.mark.parametrize("protocol", [SIGGRAPH17, ICOLORIT])
def test_places_depend_on_the_seed_and_the_image(protocol: Protocol) -> None:
    first = place_patches(protocol, 10, (0, 3))
    np.testing.assert_array_equal(first, place_patches(protocol, 10, (0, 3)))
    for other in (place_patches(protocol, 10, (0, 4)), place_patches(protocol, 10, (1, 3))):
        assert (first != other).any()


def test_fewer_uniform_hints_are_the_first_of_more() -> None:
    np.testing.assert_array_equal(uniform_patches(GUIDED, 3, (0, 1)), uniform_patches(GUIDED, 9, (0, 1))[:3])


def test_a_hint_lies_on_its_patch_and_has_its_true_mean_colour() -> None:
    lab = np.full((256, 256, 3), (60, 0, 0), np.float32)
    lab[100:103, 40:46, 1:] = (30, -20)  # half of the patch
    corners = np.array([[100, 40]])
    (hint,) = patch_hints(lab, corners, 6)
    assert (hint.x * 256, hint.y * 256, hint.radius * 256) == pytest.approx((43, 103, 3))
    assert hint.ab == pytest.approx((15, -10), abs=0.5)
    assert patch_colors(lab, corners, 6)[0] == pytest.approx((60, 15, -10), abs=1e-4)


def test_hex_colours_keep_the_true_colour_within_half_a_unit_on_average() -> None:
    rgb = np.random.default_rng(0).random((256, 256, 3), np.float32)
    lab = color.srgb_to_lab(rgb)
    corners = uniform_patches(GUIDED, 300, (0, 0))
    told = np.array([hint.ab for hint in patch_hints(lab, corners, 6)])
    assert np.linalg.norm(told - patch_colors(lab, corners, 6)[:, 1:], axis=1).mean() < 0.5


@pytest.mark.parametrize(
    ("place", "corner"), [((0.5, 0.25), (61, 125)), ((0.0, 0.0), (0, 0)), ((1.0, 1.0), (250, 250))]
)
def test_a_patch_around_a_place_stays_in_the_picture(place: tuple[float, float], corner: tuple[int, int]) -> None:
    assert around(place, GUIDED).tolist() == [list(corner)]
