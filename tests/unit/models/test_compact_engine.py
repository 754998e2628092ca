"""The embedded network: what the package ships, and what it says when its files are missing or damaged."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photochrom.errors import BackendError, IncompatibleModel, WeightsCorrupt, WeightsMissing
from photochrom.hints import MAX_HINTS, Hint, Reference
from photochrom.models import compact, weights
from photochrom.models.compact import CompactEngine, embedded_weights
from photochrom.models.engine import Prediction, open_network
from photochrom.models.registry import COMPACT

DATA = Path(compact.__file__).parent / "data"
PARTS = ("encoder", "automatic", "hints")


@pytest.fixture(scope="module")
def engine() -> CompactEngine:
    return CompactEngine(COMPACT, embedded_weights())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package's data that may be damaged."""
    shutil.copytree(DATA, tmp_path / "models" / "data")
    monkeypatch.setattr(compact, "files", lambda name: tmp_path)
    return tmp_path / "models" / "data"


def test_embedded_files_are_what_their_manifest_says_and_at_most_16_megabytes() -> None:
    manifest = json.loads((DATA / "compact.json").read_text(encoding="utf-8"))
    contents = [(DATA / manifest["files"][part]["name"]).read_bytes() for part in PARTS]
    digests = [hashlib.sha256(content).hexdigest() for content in contents]
    assert digests == [manifest["files"][part]["sha256"] for part in PARTS]
    assert sum(map(len, contents)) <= 16e6


def test_weights_are_identified_by_the_sha256_of_all_files(engine: CompactEngine) -> None:
    content = b"".join((DATA / f"compact-{part}.onnx").read_bytes() for part in PARTS)
    assert engine.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (96, 64), (32, 256), (256, 256)])
def test_answer_covers_a_quarter_of_any_size(engine: CompactEngine, size: tuple[int, int]) -> None:
    L = np.random.default_rng(0).uniform(0, 100, size).astype(np.float32)
    reference = Reference(np.ones(313, np.float32), 0.4)
    found: Prediction = engine.decode(engine.encode(L), [Hint(0.3, 0.4, "#ff0000")], reference)
    grid = (size[0] // 4, size[1] // 4)
    assert found.accurate is not None and found.vivid is not None
    assert found.logits is not None and found.reach is not None
    assert found.accurate.shape == found.vivid.shape == (*grid, 2)
    assert found.logits.shape == (*grid, 313) and found.reach.shape == grid
    assert all(np.isfinite(part).all() for part in (found.accurate, found.vivid, found.logits))
    assert found.reach.min() >= 0 and found.reach.max() <= 1 + 1e-5


def test_further_edits_give_what_a_first_one_gives(engine: CompactEngine) -> None:
    L = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)
    references = [None, Reference(np.arange(1, 314, dtype=np.float32)), Reference(None, 0.9)]
    edits = [(hints, reference) for reference in references for hints in ([], [Hint(0.3, 0.4, "#ff0000")])]
    encoded = engine.encode(L)
    answers = []
    for hints, reference in [*edits, *edits[::-1]]:
        found, fresh = engine.decode(encoded, hints, reference), engine.decode(engine.encode(L), hints, reference)
        for name in ("accurate", "vivid", "logits", "reach"):
            np.testing.assert_array_equal(getattr(found, name), getattr(fresh, name))
        answers.append(found.vivid)
    assert len({answer.tobytes() for answer in answers if answer is not None}) == len(edits)


def test_without_hints_nothing_reaches(engine: CompactEngine) -> None:
    encoded = engine.encode(np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32))
    bare, hinted = (engine.decode(encoded, hints, None).reach for hints in ([], [Hint(0.1, 0.1, "#ff0000")]))
    assert bare is not None and hinted is not None
    assert bare.shape == hinted.shape and not bare.any() and hinted.any()


def test_black_and_white_pictures_give_finite_colours(engine: CompactEngine) -> None:
    for level in (0.0, 100.0):
        found = engine.decode(engine.encode(np.full((64, 64), level, np.float32)), [], None)
        assert found.vivid is not None and np.isfinite(found.vivid).all()


def test_as_many_wide_hints_as_are_allowed_are_decoded(engine: CompactEngine) -> None:
    rng = np.random.default_rng(0)
    hints = [Hint(x, y, "#8060a0", 0.3) for x, y in rng.random((MAX_HINTS, 2)).tolist()]
    found = engine.decode(engine.encode(np.full((128, 128), 50, np.float32)), hints, None)
    assert found.accurate is not None
    np.testing.assert_allclose(found.accurate.reshape(-1, 2).mean(axis=0), hints[0].ab, atol=3)


@pytest.mark.parametrize("name", ["compact.json", *(f"compact-{part}.onnx" for part in PARTS)])
def test_missing_file_is_named(package: Path, name: str) -> None:
    (package / name).unlink()
    with pytest.raises(WeightsMissing, match=f"{name} is missing: install photochrom again"):
        CompactEngine(COMPACT, embedded_weights())


@pytest.mark.parametrize("name", [f"compact-{part}.onnx" for part in PARTS])
@pytest.mark.parametrize("damage", [lambda c: c[:1000], lambda c: c[:5000] + b"\0" + c[5001:], lambda c: b""])
def test_damaged_network_is_named_before_it_is_run(package: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    (package / name).write_bytes(damage((package / name).read_bytes()))
    with pytest.raises(WeightsCorrupt, match=f"{name} is damaged: install photochrom again"):
        CompactEngine(COMPACT, embedded_weights())


def test_verify_finds_the_embedded_networks_damage(package: Path) -> None:
    assert weights.verify()["compact"] is None
    (package / "compact-hints.onnx").write_bytes(b"?")
    assert "compact-hints.onnx is damaged" in str(weights.verify()["compact"])
    (package / "compact-encoder.onnx").unlink()
    assert "compact-encoder.onnx is missing" in str(weights.verify()["compact"])


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": {}}', '{"files": {"encoder": 1, "decoder": 2}}'])
def test_damaged_manifest_is_named(package: Path, text: str) -> None:
    (package / "compact.json").write_text(text, encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=r"compact\.json is damaged: install photochrom again"):
        CompactEngine(COMPACT, embedded_weights())


def test_the_embedded_network_is_not_exported_and_says_that_it_is_there(tmp_path: Path) -> None:
    with pytest.raises(IncompatibleModel, match="inside the package"):
        weights.export_model("compact", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_shipped_networks_carry_nothing_of_the_computer_that_wrote_them() -> None:
    for path in DATA.glob("*.onnx"):
        content = path.read_bytes()
        assert b"stack_trace" not in content and b"/photochrom/" not in content


def test_failure_while_running_names_the_network() -> None:
    content = (DATA / "compact-encoder.onnx").read_bytes()
    network = open_network(content, "the test's network")
    with pytest.raises(BackendError, match="cannot run the test's network"):
        network.run(None, {"L": np.zeros((1, 2, 32, 32), np.float32)})
