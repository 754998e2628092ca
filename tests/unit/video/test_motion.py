"""Motion that is known, found again."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from photochrom.video.motion import BLOCK, followed, inside, motion, relit, warped


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """CIE L* of a cloudy texture with some detail, (96, 128)."""
    rng = np.random.default_rng(1)
    coarse, fine = (gaussian_filter(rng.normal(size=(96, 128)), s) for s in (6, 1.5))
    return np.asarray(50 + 18 * coarse / coarse.std() + 5 * fine / fine.std(), np.float32).clip(0, 100)


def moved_by(picture: np.ndarray, dy: float, dx: float) -> np.ndarray:
    """The picture whose pixel (y, x) was at (y + dy, x + dx)."""
    return np.asarray(shift(picture, (-dy, -dx), order=3, mode="nearest"), np.float32)


def middle(field: np.ndarray) -> np.ndarray:
    return field[:, 20:-20, 20:-20]


@pytest.mark.parametrize(("dy", "dx"), [(0, 0), (1, 0), (0, -3), (4, 5), (-7, 11), (0, 16)])
def test_whole_pixels_are_found_exactly(picture: np.ndarray, dy: int, dx: int) -> None:
    found = middle(motion(picture, moved_by(picture, dy, dx)))
    assert np.mean((np.round(found[0]) == dy) & (np.round(found[1]) == dx)) > 0.9


@pytest.mark.parametrize(("dy", "dx"), [(0.5, 0), (0, 1.4), (-2.6, 3.3)])
def test_parts_of_pixels_are_found_nearly(picture: np.ndarray, dy: float, dx: float) -> None:
    found = middle(motion(picture, moved_by(picture, dy, dx)))
    assert np.median(found[0]) == pytest.approx(dy, abs=0.35) and np.median(found[1]) == pytest.approx(dx, abs=0.35)


def test_what_stands_still_does_not_move_at_all_in_grain_and_flicker(picture: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    now = 0.9 * picture + 4 + rng.normal(0, 1.5, picture.shape)
    found = motion(picture, now.astype(np.float32))
    assert np.mean((found == 0).all(axis=0)) > 0.9


def test_a_flat_picture_does_not_move() -> None:
    flat = np.full((40, 50), 30, np.float32)
    assert (motion(flat, flat + 5) == 0).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (37, 53), (130, 9)])
def test_any_size_will_do(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    picture = rng.uniform(0, 100, shape).astype(np.float32)
    assert motion(picture, picture).shape == (2, *shape)


def test_two_things_that_move_apart_are_both_followed(picture: np.ndarray) -> None:
    now = moved_by(picture, 0, -3)
    now[:, 64:] = moved_by(picture, 2, 3)[:, 64:]
    found = motion(picture, now)
    left, right = found[:, 20:-20, 20:52], found[:, 20:-20, 76:108]
    assert np.median(left[1]) == -3 and np.median(right[0]) == 2 and np.median(right[1]) == 3


def test_warping_brings_the_picture_before_to_the_one_now(picture: np.ndarray) -> None:
    now = moved_by(picture, 3, -5)
    field = np.stack([np.full(picture.shape, 3), np.full(picture.shape, -5)]).astype(np.float32)
    again = warped(picture, field)
    assert np.abs(again - now)[10:-10, 10:-10].max() < 1e-3
    assert inside(field).sum() == (96 - 3) * (128 - 5)


def test_a_place_is_followed_and_lost_at_the_border(picture: np.ndarray) -> None:
    field = np.stack([np.full((96, 128), -6), np.full((96, 128), 12)]).astype(np.float32)
    place = followed((0.5, 0.5), field)
    assert place == pytest.approx((0.5 + 6 / 96, 0.5 - 12 / 128))
    assert followed((0.5, 0.05), field) is None


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.5, 1.0), (1.0, 0.5), (1.0, 1.0)])
def test_a_place_on_the_border_stays_where_nothing_moves(place: tuple[float, float]) -> None:
    assert followed(place, np.zeros((2, 96, 128), np.float32)) == place


def test_relighting_finds_gain_and_offset_though_something_moves(picture: np.ndarray) -> None:
    now = 0.7 * picture + 9
    now[:30, :40] = 95
    again = relit(picture, now.astype(np.float32))
    assert np.abs(again - now)[40:, 50:].mean() < 0.6


def test_motion_is_the_same_over_a_block(picture: np.ndarray) -> None:
    found = motion(picture, moved_by(picture, 2, 2))
    blocks = found[:, ::BLOCK, ::BLOCK].repeat(BLOCK, 1).repeat(BLOCK, 2)
    assert np.array_equal(found, blocks)
