"""Whatever a session file holds, reading it gives a session or a PhotochromError, never another exception."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from photochrom.errors import PhotochromError
from photochrom.session import Session

NUMBERS = st.one_of(st.integers(), st.floats(), st.just(10**400), st.just(-(10**400)))
ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=12,
)
NEAR_NUMBERS = st.one_of(st.floats(0, 1), NUMBERS, ANYTHING)
HINTS = st.fixed_dictionaries(
    {"x": NEAR_NUMBERS, "y": NEAR_NUMBERS},
    optional={"color": st.one_of(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True), ANYTHING), "radius": NEAR_NUMBERS},
)
HISTOGRAMS = st.one_of(ANYTHING, NEAR_NUMBERS.map(lambda value: [value] * 313))
NEAR_SESSIONS = st.fixed_dictionaries(
    {"photochrom": st.one_of(st.just(1), ANYTHING)},
    optional={
        "image": ANYTHING,
        "model": ANYTHING,
        "hints": st.one_of(ANYTHING, st.lists(st.one_of(HINTS, ANYTHING), max_size=3)),
        "reference": st.one_of(ANYTHING, st.fixed_dictionaries({"histogram": HISTOGRAMS, "saturation": NEAR_NUMBERS})),
        "settings": st.one_of(ANYTHING, st.fixed_dictionaries({}, optional={"saturation": NEAR_NUMBERS})),
        "other": ANYTHING,
    },
)


def load(text: bytes) -> Session | None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "s.json")
        path.write_bytes(text)
        try:
            return Session.load(path)
        except PhotochromError as error:
            assert "\n" not in str(error).replace(str(path), "")
            return None


@settings(max_examples=200)
@given(NEAR_SESSIONS)
def test_json_like_a_session_is_read_or_refused_and_what_is_read_can_be_written(value: Any) -> None:
    session = load(json.dumps(value).encode())
    if session is None:
        return
    with TemporaryDirectory() as folder:
        session.save(Path(folder, "again.json"))
        again = Session.load(Path(folder, "again.json"))
    assert again.to_dict() == session.to_dict()


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    load(text)


@settings(max_examples=100)
@given(NEAR_SESSIONS, st.data())
def test_session_cut_or_flipped_anywhere_is_read_or_refused(value: Any, data: st.DataObject) -> None:
    text = bytearray(json.dumps(value).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        text = text[:place]
    else:
        text[place] ^= 1 << data.draw(st.integers(0, 7))
    load(bytes(text))
