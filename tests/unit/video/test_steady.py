"""The running mean along motion, on colours made up for it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, shift

from photochrom.video.motion import motion
from photochrom.video.steady import Carried, begun, carried_on

SHAPE = (64, 96)


@pytest.fixture
def lightness() -> np.ndarray:
    texture = gaussian_filter(np.random.default_rng(5).normal(size=SHAPE), 2)
    return np.asarray(50 + 15 * texture / texture.std(), np.float32)


def flat(a: float, b: float) -> np.ndarray:
    return np.broadcast_to(np.array([a, b], np.float32)[:, None, None], (2, *SHAPE)).copy()


def after(frames: list[tuple[np.ndarray, np.ndarray]]) -> list[Carried]:
    """What is known after each frame, given as (own colours, lightness)."""
    known = [begun(*frames[0])]
    for color, lightness in frames[1:]:
        known.append(carried_on(known[-1], color, lightness, motion(known[-1].lightness, lightness)))
    return known


def test_colours_that_agree_stay_what_they_are(lightness: np.ndarray) -> None:
    known = after([(flat(20, -7), lightness)] * 5)
    assert np.abs(known[-1].color - flat(20, -7)).max() < 1e-4


def test_colours_that_tremble_come_to_rest(lightness: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    own = [flat(20, 10) + rng.normal(0, 5, (2, 1, 1)).astype(np.float32) for _ in range(30)]
    known = after([(color, lightness) for color in own])
    trembling = np.abs(np.diff([color.mean() for color in own])).mean()
    resting = np.abs(np.diff([frame.color.mean() for frame in known[5:]])).mean()
    assert resting < trembling / 6
    assert known[-1].color == pytest.approx(np.mean(own, axis=0), abs=1.5)


def test_colours_go_with_what_moves(lightness: np.ndarray) -> None:
    spot = flat(0, 0)
    spot[0, 20:40, 20:40] = 40
    moved = [shift(lightness, (0, 3 * t), order=1, mode="nearest").astype(np.float32) for t in range(8)]
    # Only the first frame knows of the spot; the mean of eight frames remembers an eighth of it, in its new place.
    known = after([(spot, moved[0]), *((flat(0, 0), frame) for frame in moved[1:])])
    left = known[-1].color[0]
    assert left[25:35, 46:56].mean() == pytest.approx(40 / 8, rel=0.25)
    assert left[25:35, 24:34].mean() < 0.5


def test_what_comes_into_view_has_its_own_colours_at_once(lightness: np.ndarray) -> None:
    covered = lightness.copy()
    covered[:, 48:] = 90
    frames = [(flat(30, 0), covered)] * 6 + [(flat(-30, 0), lightness)]
    known = after(frames)[-1]
    assert np.median(known.color[0, :, 56:]) == pytest.approx(-30, abs=3)
    assert np.median(known.color[0, :, :40]) > 15


def test_flicker_of_exposure_is_no_reason_to_forget(lightness: np.ndarray) -> None:
    frames = [(flat(30, 0), lightness * gain) for gain in (1, 0.9, 1.08, 0.95)]
    known = after([*frames, (flat(-30, 0), lightness)])[-1]
    assert known.age.mean() > 4.5 and known.color[0].mean() > 10
