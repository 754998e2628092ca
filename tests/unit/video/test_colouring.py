"""Colours over time with the real network: steady, not smeared, and hints that go with what they lie on."""

from dataclasses import replace

import numpy as np
import pytest
from video_films import MadeFilm, Shot, made_film, pan, shake
from video_flicker import coloured_one_by_one, coloured_together, flicker, views

import photochrom as pc
from photochrom.color import FloatArray
from photochrom.errors import InputError, InvalidHint
from photochrom.video.colouring import FilmColours, KeyFrame, Wishes


@pytest.fixture(scope="module")
def colorizer() -> pc.Colorizer:
    return pc.Colorizer()


def colours(film: MadeFilm, colorizer: pc.Colorizer, wishes: Wishes) -> list[FloatArray]:
    return list(FilmColours(colorizer, wishes).colours(iter(views(film.frames))))


@pytest.mark.parametrize("shot", [Shot("library_room", 12), Shot("couple_in_a_swing", 12, shake(1, 1.5))])
def test_flicker_is_at_most_a_third_of_the_frame_by_frame_results(shot: Shot, colorizer: pc.Colorizer) -> None:
    film = made_film([shot], 160, 120)
    alone, together = coloured_one_by_one(film.frames, colorizer), coloured_together(film.frames, colorizer)
    assert flicker(film, together).along_motion <= flicker(film, alone).along_motion / 3


def test_colours_of_a_shot_do_not_depend_on_the_one_before(colorizer: pc.Colorizer) -> None:
    first, second = Shot("vintage_car", 3, grain=0, flicker=0), Shot("white_church", 3, grain=0, flicker=0)
    both, alone = made_film([first, second], 160, 120), made_film([second], 160, 120)
    assert np.array_equal(colours(both, colorizer, Wishes())[3:], colours(alone, colorizer, Wishes()))


def test_a_flash_leaves_the_colours_after_it_alone(colorizer: pc.Colorizer) -> None:
    calm = made_film([Shot("library_room", 9, grain=0, flicker=0)], 160, 120)
    flashed = made_film([Shot("library_room", 9, grain=0, flicker=0, flashes=(6,))], 160, 120)
    difference = colours(calm, colorizer, Wishes())[8] - colours(flashed, colorizer, Wishes())[8]
    assert np.abs(difference).mean() < 0.5


def hinted_at(seconds: float, *hints: pc.Hint) -> Wishes:
    return Wishes(key_frames=(KeyFrame(seconds, hints),))


def at(color: FloatArray, x: float, y: float) -> list[float]:
    _, height, width = color.shape
    picked: list[float] = color[:, int(y * height), int(x * width)].tolist()
    return picked


def test_a_hint_goes_with_what_it_lies_on_through_the_shot(colorizer: pc.Colorizer) -> None:
    speed, count = 4.0, 14
    film = made_film([Shot("vintage_car", count, pan(speed, 0), grain=2)], 160, 120)
    hint = pc.Hint(x=0.7, y=0.55, color="#b02020", radius=0.03)
    plain, hinted = colours(film, colorizer, Wishes()), colours(film, colorizer, hinted_at(0, hint))
    for number in (0, count - 1):
        x = hint.x - speed * number / 160
        assert at(hinted[number], x, hint.y)[0] > 30
        assert at(hinted[number], x, hint.y)[0] - at(plain[number], x, hint.y)[0] > 15


def test_a_hint_in_the_last_corner_stays_where_nothing_moves(colorizer: pc.Colorizer) -> None:
    film = made_film([Shot("vintage_car", 3, grain=0, flicker=0)], 160, 120)
    hint = pc.Hint(x=1, y=1, color="#b02020", radius=0.03)
    first, *_, last = colours(film, colorizer, hinted_at(0, hint))
    assert first[0, -1, -1] > 30 and last[0, -1, -1] > 30


def test_hints_are_for_their_shot_and_come_back_with_it(colorizer: pc.Colorizer) -> None:
    here, there = Shot("vintage_car", 3, grain=1), Shot("white_church", 3, grain=1)
    film = made_film([here, there, here], 160, 120)
    hint = pc.Hint(x=0.6, y=0.5, color="#b02020", radius=0.03)
    plain, hinted = colours(film, colorizer, Wishes()), colours(film, colorizer, hinted_at(0, hint))
    change = [float(np.abs(a - b).max()) for a, b in zip(plain, hinted, strict=True)]
    assert min(change[:3]) > 20 and max(change[3:6]) == 0 and min(change[6:]) > 20


def timed_colours(film: MadeFilm, colorizer: pc.Colorizer, wishes: Wishes) -> list[FloatArray]:
    """As `colours`, of a film of one frame a second."""
    seen = (replace(view, seconds=float(number)) for number, view in enumerate(views(film.frames)))
    return list(FilmColours(colorizer, wishes).colours(seen))


def test_hints_of_a_key_frame_hold_from_it_on_and_go_with_what_they_lie_on(colorizer: pc.Colorizer) -> None:
    speed, key, count = 4.0, 3, 9
    film = made_film([Shot("vintage_car", count, pan(speed, 0), grain=2)], 160, 120)
    hint = pc.Hint(x=0.7, y=0.55, color="#b02020", radius=0.03)
    plain = timed_colours(film, colorizer, Wishes())
    hinted = timed_colours(film, colorizer, hinted_at(key - 0.5, hint))
    assert np.array_equal(hinted[:key], plain[:key])
    for number in (key, count - 1):
        assert at(hinted[number], hint.x - speed * (number - key) / 160, hint.y)[0] > 30


def test_each_shot_has_the_hints_of_its_key_frame_and_when_it_is_seen_again(colorizer: pc.Colorizer) -> None:
    here, there = Shot("vintage_car", 2, grain=1), Shot("white_church", 2, grain=1)
    film = made_film([here, there, here, there], 160, 120)
    hint = pc.Hint(x=0.6, y=0.5, color="#b02020", radius=0.03)
    plain, hinted = (timed_colours(film, colorizer, wishes) for wishes in (Wishes(), hinted_at(2, hint)))
    change = [float(np.abs(a - b).max()) for a, b in zip(plain, hinted, strict=True)]
    assert max(change[0:2] + change[4:6]) == 0 and min(change[2:4] + change[6:8]) > 20


def test_a_key_frame_that_shows_nothing_gives_way_to_the_next(colorizer: pc.Colorizer) -> None:
    film = made_film([Shot("vintage_car", 5, grain=1)], 160, 120)
    film.frames[2] = np.zeros((120, 160), np.uint8)
    hint = pc.Hint(x=0.6, y=0.5, color="#b02020", radius=0.03)
    plain, hinted = (timed_colours(film, colorizer, wishes) for wishes in (Wishes(), hinted_at(2, hint)))
    assert np.array_equal(plain[2], hinted[2]) and at(hinted[3], 0.6, 0.5)[0] > 30


def test_a_key_frame_behind_the_end_is_told(colorizer: pc.Colorizer, caplog: pytest.LogCaptureFixture) -> None:
    film = made_film([Shot("vintage_car", 2, grain=1)], 160, 120)
    timed_colours(film, colorizer, hinted_at(1.5, pc.Hint(x=0.6, y=0.5, color="#b02020")))
    assert caplog.messages == ["no frame is shown at 1.5 s or later: its hints are not used"]


def test_hints_wait_for_the_end_of_a_black_leader(colorizer: pc.Colorizer) -> None:
    film = made_film([Shot("vintage_car", 3, grain=1)], 160, 120)
    film.frames[:0] = [np.zeros((120, 160), np.uint8)] * 2
    hint = pc.Hint(x=0.6, y=0.5, color="#b02020", radius=0.03)
    assert at(colours(film, colorizer, hinted_at(0, hint))[3], 0.6, 0.5)[0] > 30


def test_a_reference_reaches_every_shot(colorizer: pc.Colorizer) -> None:
    film = made_film([Shot("vintage_car", 2), Shot("white_church", 2)], 160, 120)
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    wishes = Wishes(reference=pc.Reference.from_picture(red))
    plain, guided = colours(film, colorizer, Wishes()), colours(film, colorizer, wishes)
    assert all(np.abs(a - b).mean() > 1 for a, b in zip(plain, guided, strict=True))


def test_saturation_and_temperature_are_applied_last(colorizer: pc.Colorizer) -> None:
    film = made_film([Shot("vintage_car", 2)], 160, 120)
    plain = colours(film, colorizer, Wishes())
    adjusted = colours(film, colorizer, Wishes(saturation=0.5, temperature=6))
    for before, after in zip(plain, adjusted, strict=True):
        assert after == pytest.approx(before * 0.5 + np.array([0, 6])[:, None, None], abs=1e-3)


def test_what_cannot_be_done_is_refused(colorizer: pc.Colorizer) -> None:
    with pytest.raises(InvalidHint, match="decode must be"):
        FilmColours(colorizer, Wishes(decode="bright"))
    with pytest.raises(InvalidHint, match="saturation"):
        FilmColours(colorizer, Wishes(saturation=-1))
    eccv16 = pc.Colorizer("eccv16")
    with pytest.raises(InputError, match="takes no hints"):
        FilmColours(eccv16, hinted_at(0, pc.Hint(0.5, 0.5)))
