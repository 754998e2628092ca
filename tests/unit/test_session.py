"""Session files: what is written comes back, and what cannot be used is refused in one line."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photochrom.errors import InputError, InvalidHint, OutputExists
from photochrom.hints import Hint, Reference
from photochrom.session import Session


def full_session() -> Session:
    return Session(
        image={"sha256": "ab" * 32, "width": 640, "height": 480},
        model={"name": "compact", "sha256": "cd" * 32},
        hints=(Hint(0.41, 0.22, "#b5651d", 0.02), Hint(1 / 3, 0.1, None), Hint(0, 1, "#00FF00")),
        reference=Reference(np.random.default_rng(1).random(313, np.float32), 0.3125),
        decode="accurate",
        saturation=1.25,
        temperature=-4.5,
    )


def content(**changes: Any) -> dict[str, Any]:
    return {"photochrom": 1, "image": {}, "model": {"name": "compact"}, "hints": [], **changes}


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_saved_session_comes_back_as_it_was(tmp_path: Path) -> None:
    session = full_session()
    session.save(tmp_path / "s.photochrom.json")
    found = Session.load(tmp_path / "s.photochrom.json")
    assert (found.image, found.model) == (session.image, session.model)
    assert found.hints == session.hints
    assert (found.decode, found.saturation, found.temperature) == ("accurate", 1.25, -4.5)
    assert found.reference is not None and session.reference is not None
    assert found.reference.saturation == session.reference.saturation
    np.testing.assert_array_equal(found.reference.histogram, session.reference.histogram)


def test_file_has_the_documented_keys(tmp_path: Path) -> None:
    full_session().save(tmp_path / "s.json")
    found = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert list(found) == ["photochrom", "image", "model", "hints", "reference", "settings"]
    assert found["photochrom"] == 1
    assert found["hints"][0] == {"x": 0.41, "y": 0.22, "color": "#b5651d", "radius": 0.02}
    assert len(found["reference"]["histogram"]) == 313 and found["reference"]["saturation"] == 0.3125
    assert found["settings"] == {"decode": "accurate", "saturation": 1.25, "temperature": -4.5}


def test_saving_what_was_loaded_gives_the_same_bytes(tmp_path: Path) -> None:
    full_session().save(tmp_path / "a.json")
    Session.load(tmp_path / "a.json").save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_session_without_reference_comes_back_without(tmp_path: Path) -> None:
    Session({}, {"name": "compact"}).save(tmp_path / "s.json")
    assert Session.load(tmp_path / "s.json").reference is None


def test_keys_of_a_later_minor_version_are_kept(tmp_path: Path) -> None:
    later = content(
        notes={"who": "Großmutter \ud83d"},
        settings={"decode": "vivid", "film": "ortho"},
        image={"page": 3},
        reference={"saturation": 0.4, "name": "ref.jpg"},
    )
    Session.load(written(tmp_path / "a.json", later)).save(tmp_path / "b.json")
    found = json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert found["notes"] == later["notes"]
    assert found["settings"]["film"] == "ortho" and found["image"] == {"page": 3}
    assert found["reference"] == {"histogram": None, "saturation": 0.4, "name": "ref.jpg"}


def test_missing_parts_have_their_defaults(tmp_path: Path) -> None:
    found = Session.load(written(tmp_path / "s.json", {"photochrom": 1, "hints": [{"x": 0.5, "y": 0.25}]}))
    assert found.hints == (Hint(0.5, 0.25, None, 0.01),)
    assert (found.decode, found.saturation, found.reference) == ("vivid", 1.0, None)


def test_misspelt_key_of_a_hint_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hints = [{"x": 0.5, "y": 0.25, "color": "#ff0000"}, {"x": 0.5, "y": 0.25, "colour": "#ff0000"}]
    hints += hints
    Session.load(written(tmp_path / "s.json", content(hints=hints)))
    assert caplog.messages == ["hint 1: 'colour' is none of x, y, color, radius, and is left out"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (content(photochrom=2), "newer photochrom .session version 2.; update photochrom"),
        (content(photochrom="1"), "must be a version number"),
        (content(photochrom=0), "must be a version number"),
        (content(photochrom=True), "must be a version number"),
        ({"hints": []}, 'no "photochrom" key'),
        ([1], 'no "photochrom" key'),
        (content(hints={"x": 1}), "hints must be a list, got dict"),
        (content(hints=0), "hints must be a list, got int"),
        (content(hints=[{"x": 0.5}]), "hint 0 must be an object with x and y"),
        (content(hints=[{"x": 0, "y": 0}, 7]), "hint 1 must be an object"),
        (content(hints=[{"x": 0, "y": 0}, {"x": 0, "y": 2}]), r"hint 1: Hint\.y must lie in \[0, 1\], got 2"),
        (content(settings={"decode": "lively"}), "decode must be vivid or accurate, got 'lively'"),
        (content(settings={"saturation": -1}), "saturation must be a number in "),
        (content(settings={"saturation": 10**400}), "saturation must be a number in "),
        (content(settings={"temperature": 51}), r"temperature must be a number in \[-50, 50\], got 51"),
        (content(settings={"temperature": "warm"}), "temperature must be a number in "),
        (content(settings=[]), "settings must be an object, got list"),
        (content(model={"name": ["compact"]}), "model.name must be a string"),
        (content(reference={"histogram": [1, 2]}), "313 numbers"),
        (content(reference={"saturation": 3}), r"Reference\.saturation must lie in"),
    ],
)
def test_what_cannot_be_used_is_refused_with_file_and_reason(tmp_path: Path, value: Any, message: str) -> None:
    path = written(tmp_path / "s.json", value)
    with pytest.raises(InvalidHint, match=message) as caught:
        Session.load(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "it is not JSON"),
        (b"nonsense", "it is not JSON"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "it is not text"),
        (b'{\n"photochrom": 1,\n', "its JSON breaks off or is wrong in line 3"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"photochrom": 1, "a": NaN}', "NaN is no finite number"),
        (b'{"photochrom": 1, "a": 1e999}', "1e999 is no finite number"),
    ],
)
def test_file_that_is_no_json_is_refused_in_plain_words(tmp_path: Path, content: bytes, fault: str) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    with pytest.raises(InvalidHint) as caught:
        Session.load(path)
    assert str(caught.value) == f"{path} is no session file ({fault}); give one that photochrom saved"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs an endless file")
def test_endless_file_is_refused() -> None:
    with pytest.raises(InvalidHint, match="more than 4,194,304 letters"):
        Session.load("/dev/zero")


def test_byte_order_mark_of_a_windows_editor_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"photochrom": 1, "hints": [{"x": 0.5, "y": 0.5}]}', encoding="utf-8-sig")
    assert Session.load(tmp_path / "s.json").hints == (Hint(0.5, 0.5),)


@pytest.mark.parametrize("part", [{"photochrom": 10**3000}, {"settings": {"decode": "v" * 3000}}])
def test_refusal_is_short_whatever_the_file_holds(tmp_path: Path, part: dict[str, Any]) -> None:
    path = written(tmp_path / "s.json", content(**part))
    with pytest.raises(InvalidHint) as caught:
        Session.load(path)
    assert len(str(caught.value)) < len(str(path)) + 120


def test_saturation_of_numpy_is_saved_as_a_number(tmp_path: Path) -> None:
    Session({}, {}, saturation=np.float32(1.5)).save(tmp_path / "s.json")  # type: ignore[arg-type]
    assert Session.load(tmp_path / "s.json").saturation == 1.5


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidHint, match=r"none\.json: cannot be read: No such file or directory$"):
        Session.load(tmp_path / "none.json")


def test_deeply_nested_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(InvalidHint):
        Session.load(tmp_path / "s.json")


@pytest.mark.parametrize("saturation", [-0.5, math.nan, math.inf, 101, True, "1"])
def test_bad_saturation_is_refused_when_a_session_is_built(saturation: Any) -> None:
    with pytest.raises(InvalidHint, match="saturation"):
        Session({}, {}, saturation=saturation)


def test_existing_file_is_kept_unless_overwriting_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists):
        full_session().save(path)
    assert path.read_text(encoding="utf-8") == "mine"
    full_session().save(path, overwrite=True)
    assert Session.load(path).hints == full_session().hints


def test_interrupted_saving_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.json"
    path.write_text("mine", encoding="utf-8")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("photochrom.images.atomic.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        full_session().save(path, overwrite=True)
    assert path.read_text(encoding="utf-8") == "mine" and list(tmp_path.iterdir()) == [path]


def test_missing_folder_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        full_session().save(tmp_path / "none" / "s.json")
