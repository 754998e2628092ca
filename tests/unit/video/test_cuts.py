"""Cuts of films that were put together by hand: all of them, and nothing else."""

import numpy as np
import pytest
from video_films import EXAMPLES, MadeFilm, Shot, made_film, pan, shake, zoom

from photochrom.color import gray_to_lightness
from photochrom.resample import area_mean
from photochrom.video.cuts import CutFinder, Step, thumbnail

NAMES = [path.stem for path in sorted(EXAMPLES.glob("*.jpg"))]


def steps(film: MadeFilm) -> list[Step]:
    small = [thumbnail(area_mean(gray_to_lightness(frame), (96, 128))) for frame in film.frames]
    finder = CutFinder()
    return [finder.step(now, after) for now, after in zip(small, [*small[1:], None], strict=True)]


def shots_of(film: MadeFilm) -> list[int]:
    return [number for number, step in enumerate(steps(film)) if step is Step.NEW_SHOT]


@pytest.mark.parametrize("grain", [0, 4, 10])
def test_every_cut_is_found(grain: float) -> None:
    film = made_film([Shot(name, 5, pan(1.5), grain=grain, flicker=0.05) for name in NAMES])
    assert shots_of(film) == [0, *film.cuts]


@pytest.mark.parametrize(
    "shot",
    [
        Shot("vintage_car", 16, pan(12)),
        Shot("library_room", 16, pan(25)),
        Shot("white_church", 16, zoom(0.04)),
        Shot("couple_in_a_swing", 16, shake(3, 6)),
        Shot("barn_under_clouds", 16, thing="coffee_and_tart", speed=16),
        Shot("canoe_on_a_lake", 16, flicker=0.2),
        Shot("bird_on_a_wire", 16, pan(3), grain=12),
    ],
    ids=["pan", "whip pan", "zoom", "shake", "thing", "flicker", "grain"],
)
def test_nothing_within_a_shot_is_taken_for_a_cut(shot: Shot) -> None:
    assert shots_of(made_film([shot])) == [0]


def test_fades_hold_one_shot_each() -> None:
    film = made_film([Shot(name, 24, pan(1), fade=0.3) for name in NAMES[:3]])
    found = shots_of(film)
    # Each shot begins where it comes out of black far enough to be seen.
    assert len(found) == 3 and all(0 <= at - cut <= 3 for at, cut in zip(found, [0, *film.cuts], strict=True))


def test_a_fade_to_black_and_back_to_the_same_scene_is_one_shot() -> None:
    there, back = Shot("white_church", 14, fade=0.4), Shot("white_church", 14, fade=0.4)
    assert len(shots_of(made_film([there, back]))) == 1


def test_flashes_pass_aside() -> None:
    film = made_film([Shot("library_room", 16, flashes=(6, 10, 11))])
    assert [number for number, step in enumerate(steps(film)) if step is Step.ASIDE] == [6, 10, 11]
    assert shots_of(film) == [0]


def test_a_torn_frame_passes_aside_but_a_new_scene_does_not() -> None:
    film = made_film([Shot("vintage_car", 12)])
    film.frames[6] = made_film([Shot("white_church", 1)]).frames[0]
    assert steps(film)[6] is Step.ASIDE and shots_of(film) == [0]


def test_a_black_leader_begins_nothing() -> None:
    film = made_film([Shot("vintage_car", 6)])
    film.frames[:0] = [np.zeros((240, 320), np.uint8)] * 3
    assert shots_of(film) == [3]
