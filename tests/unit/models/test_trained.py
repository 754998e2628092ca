"""Compact networks with a user's own weights: they come, go and colour as the package's does, which serves as one."""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import photochrom as pc
from photochrom.cli.main import main
from photochrom.color import ab_bins
from photochrom.hints import Hint, Reference
from photochrom.models.engine import open_engine
from photochrom.models.folder import read_manifest
from photochrom.models.manifest import Manifest
from photochrom.models.registry import COMPACT, model_spec

PARTS = ("encoder", "automatic", "hints")


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(folder))
    return folder


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """What `photochrom export` writes: the manifest, with the networks beside it."""
    folder = tmp_path / "exported"
    with as_file(files("photochrom.models") / "data") as data:
        shutil.copytree(data, folder, ignore=shutil.ignore_patterns("__*", "*.npz"))
    return folder / "compact.json"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)])


def change(manifest: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    table = json.loads(manifest.read_text("utf-8"))
    edit(table)
    manifest.write_text(json.dumps(table), "utf-8")


def test_it_colours_as_the_same_weights_in_the_package_do(exported: Path) -> None:
    assert run("import", exported, "--as", "mine").exit_code == 0
    shutil.rmtree(exported.parent)  # it may go afterwards
    spec = model_spec("mine")
    assert (spec.takes_hints, spec.takes_reference, spec.decodes) == (True, True, COMPACT.decodes)
    mine, embedded = open_engine(spec), open_engine(COMPACT)
    L = np.random.default_rng(0).uniform(0, 100, (64, 96)).astype(np.float32)
    for hints in ([], [Hint(0.3, 0.4, "#b5651d")]):
        for reference in (None, Reference(np.full(len(ab_bins()), 1 / len(ab_bins()), np.float32), 0.4)):
            found, expected = (engine.decode(engine.encode(L), hints, reference) for engine in (mine, embedded))
            for name in ("accurate", "vivid", "logits", "reach"):
                np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_photographs_and_sessions_name_it(exported: Path) -> None:
    run("import", exported, "--as", "mine")
    gray = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (40, 1))
    hints = [pc.Hint(0.5, 0.5, "#2a52be")]
    mine, embedded = (pc.Colorizer(name).colorize(gray, hints=hints) for name in ("mine", "compact"))
    assert mine.image.tobytes() == embedded.image.tobytes()
    assert (mine.model, embedded.model) == ("mine", "compact")


def test_listed_verified_and_damage_is_found(exported: Path, models: Path) -> None:
    run("import", exported, "--as", "mine")
    (line,) = [line for line in run("list").output.splitlines() if line.startswith("mine ")]
    assert line.split()[1:3] == ["installed", "unknown"] and "compact network" in line
    assert run("verify").exit_code == 0
    (network,) = models.glob("mine-*.zip")
    content = bytearray(network.read_bytes())
    content[len(content) // 2] ^= 1
    network.write_bytes(content)
    assert run("verify").exit_code != 0
    with pytest.raises(pc.WeightsCorrupt, match="damaged"):
        open_engine(model_spec("mine"))


def test_it_travels_to_another_computer(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", exported, "--as", "mine")
    assert run("export", "mine", "-o", tmp_path / "stick").exit_code == 0
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "there"))
    found = run("import", tmp_path / "stick" / "mine.zip", "--as", "mine")
    assert found.exit_code == 0, found.output
    there = open_engine(model_spec("mine")).sha256
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "models"))
    assert there == open_engine(model_spec("mine")).sha256
    wrong = run("import", tmp_path / "stick" / "mine.zip", "--as", "yours")
    assert wrong.exit_code != 0 and "--as mine" in wrong.output


def test_a_second_import_takes_the_first_one_s_place(exported: Path, models: Path) -> None:
    for temperature in (0.38, 0.5):
        change(exported, lambda table, t=temperature: table.update(temperature=t))  # type: ignore[misc]
        run("import", exported, "--as", "mine")
    assert len(list(models.glob("mine-*"))) == 1
    assert json.loads((models / "mine.json").read_text("utf-8"))["settings"]["temperature"] == 0.5


def test_how_it_was_trained_stays_with_it(exported: Path, models: Path) -> None:
    run("import", exported, "--as", "mine")
    settings = json.loads((models / "mine.json").read_text("utf-8"))["settings"]
    assert settings["training"] == json.loads(exported.read_text("utf-8"))["training"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "export the network again"),
    ],
)
def test_parts_that_are_missing_or_damaged_are_named(
    exported: Path, models: Path, part: str, damage: Callable[[Path], object], said: str
) -> None:
    damage(exported.with_name(f"compact-{part}.onnx"))
    found = run("import", exported, "--as", "mine")
    assert found.exit_code != 0
    assert f"compact-{part}.onnx" in found.output and said in found.output
    assert not list(models.glob("mine*"))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"temperature": 0.38, "files": {}, "training": {}}', "[" * 100_000]
)
def test_other_json_files_are_refused(exported: Path, models: Path, text: str) -> None:
    exported.write_text(text, "utf-8")
    found = run("import", exported, "--as", "mine")
    assert found.exit_code != 0 and "compact.json" in found.output and "Traceback" not in found.output
    assert not list(models.glob("mine*"))


def test_another_temperature_is_another_model(exported: Path) -> None:
    """Batches, sessions and evaluations know by the sha256 whether a model is still the same."""
    found = []
    for temperature in (0.38, 1.0, 0.38):
        change(exported, lambda table, t=temperature: table.update(temperature=t))  # type: ignore[misc]
        run("import", exported, "--as", "mine")
        found.append(open_engine(model_spec("mine")).sha256)
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", None, 7, "/etc/passwd"])
def test_a_part_s_name_that_is_none_is_refused(exported: Path, models: Path, name: object) -> None:
    change(exported, lambda table: table["files"]["hints"].update(name=name))
    found = run("import", exported, "--as", "mine")
    assert found.exit_code == 4 and "hints part" in found.output
    assert not list(models.glob("mine*"))


@pytest.mark.parametrize("depth", [0, 300, 900])
def test_notes_that_cannot_be_recorded_leave_nothing_behind(exported: Path, models: Path, depth: int) -> None:
    notes: object = "\ud800" if depth == 0 else "deep"
    for _ in range(depth):
        notes = [notes]
    change(exported, lambda table: table["training"].update(notes=notes))
    found = run("import", exported, "--as", "mine")
    installed = list(models.glob("mine*"))
    assert found.exit_code in (0, 4) and not isinstance(found.exception, (RecursionError, UnicodeError))
    assert len(installed) == (2 if found.exit_code == 0 else 0)


def test_a_name_that_is_no_text_is_recorded_all_the_same(exported: Path, models: Path) -> None:
    try:
        odd = exported.rename(exported.with_name("c\udcff.json"))
    except OSError:
        pytest.skip("this file system takes no such names")
    assert run("import", odd, "--as", "mine").exit_code == 0
    assert json.loads((models / "mine.json").read_text("utf-8"))["source"]["name"] == "c\\udcff.json"


def test_settings_of_other_networks_are_refused(exported: Path) -> None:
    for option in (["--temperature", "2"], ["--mask-cent", "0"], ["--manifest", str(exported)]):
        found = run("import", exported, "--as", "mine", *option)
        assert found.exit_code != 0 and option[0] in found.output


def test_whoever_takes_the_wrong_file_is_told_the_right_one(exported: Path, tmp_path: Path) -> None:
    run("import", exported, "--as", "mine")
    run("export", "mine", "-o", tmp_path)
    found = run("import", tmp_path / "mine.json", "--as", "mine")
    assert found.exit_code != 0 and "belongs to mine.zip" in found.output
    checkpoint = tmp_path / "checkpoint.safetensors"
    checkpoint.write_bytes(b"weights")
    found = run("import", checkpoint, "--as", "other")
    assert found.exit_code != 0 and "compact.json that photochrom export writes" in found.output


def test_verify_finds_networks_of_another_kind(exported: Path, models: Path) -> None:
    run("import", exported, "--as", "mine")
    manifest = models / "mine.json"
    change(manifest, lambda table: table.update(network="onnx"))
    found = run("verify")
    assert found.exit_code == 4 and "mine" in found.output


def test_what_is_no_manifest_is_passed_over(exported: Path, models: Path) -> None:
    run("import", exported, "--as", "mine")
    (models / "Foo Bar.json").write_text("{}")
    (models / "folder.json").mkdir()
    os.mkfifo(models / "pipe.json")
    assert run("verify").exit_code == 0
    assert not {"Foo", "folder", "pipe"} & set(run("list").output.split())


def test_a_model_that_is_replaced_while_it_is_opened_is_opened(
    exported: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", exported, "--as", "mine")
    read, used = read_manifest, "photochrom.models.published.read_manifest"

    def read_then_replace(name: str) -> Manifest:
        found = read(name)
        monkeypatch.setattr(used, read)
        change(exported, lambda table: table["files"].update(encoder=replaced))
        assert run("import", exported, "--as", "mine").exit_code == 0
        return found

    # The same network in other bytes: protobuf fields that are not known are passed over.
    network = exported.with_name("compact-encoder.onnx")
    content = network.read_bytes() + b"\xfa\x7f\x01x"
    replaced = {"name": network.name, "sha256": hashlib.sha256(content).hexdigest()}
    network.write_bytes(content)
    monkeypatch.setattr(used, read_then_replace)
    assert open_engine(model_spec("mine")).sha256 == read("mine").identity


def test_a_network_does_not_read_files_where_the_program_runs(
    exported: Path, tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    onnx = pytest.importorskip("onnx")
    network = exported.with_name("compact-encoder.onnx")
    model = onnx.load(network)
    tensor = max(model.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    (tmp_path / "private.bin").write_bytes(tensor.raw_data)
    onnx.external_data_helper.set_external_data(tensor, "private.bin")
    tensor.ClearField("raw_data")
    network.write_bytes(model.SerializeToString())
    sha256 = hashlib.sha256(network.read_bytes()).hexdigest()
    change(exported, lambda table: table["files"]["encoder"].update(sha256=sha256))
    monkeypatch.chdir(tmp_path)
    found = run("import", exported, "--as", "mine")
    assert found.exit_code == 4 and "not a compact network" in found.output
    assert not list(models.glob("mine*"))


@pytest.mark.parametrize("value", [0, -1, "warm", True, None, float("nan"), 10**400, 1e308, 1e-30])
def test_a_temperature_that_is_none_is_refused(exported: Path, value: object) -> None:
    change(exported, lambda table: table.update(temperature=value))
    found = run("import", exported, "--as", "mine")
    assert found.exit_code != 0 and "temperature" in found.output


def test_parts_that_took_each_other_s_place_are_no_compact_network(exported: Path, models: Path) -> None:
    def swap(table: dict[str, Any]) -> None:
        parts = table["files"]
        parts["encoder"], parts["hints"] = parts["hints"], parts["encoder"]

    change(exported, swap)
    found = run("import", exported, "--as", "mine")
    assert found.exit_code != 0 and "not a compact network" in found.output
    assert not list(models.glob("mine*"))


def test_a_manifest_does_not_lead_out_of_its_folder(exported: Path, tmp_path: Path) -> None:
    network = exported.with_name("compact-hints.onnx")
    network.rename(tmp_path / "compact-hints.onnx")
    change(exported, lambda table: table["files"]["hints"].update(name="../compact-hints.onnx"))
    found = run("import", exported, "--as", "mine")
    assert found.exit_code != 0 and "hints part" in found.output


def test_an_archive_whose_parts_would_grow_is_refused(exported: Path, tmp_path: Path) -> None:
    run("import", exported, "--as", "mine")
    run("export", "mine", "-o", tmp_path)
    network, manifest = tmp_path / "mine.zip", tmp_path / "mine.json"
    with zipfile.ZipFile(network, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in PARTS:
            archive.writestr(f"{part}.onnx", bytes(1 << 20))
    from photochrom.models.folder import file_record

    change(manifest, lambda table: table["onnx"].update(sha256=file_record(network).sha256))
    found = run("import", network, "--as", "mine")
    assert found.exit_code != 0 and "not an archive that photochrom wrote" in found.output


@pytest.mark.parametrize(("name", "said"), [("compact", "another name"), ("eccv16", "another one")])
def test_names_that_are_taken_are_refused(exported: Path, name: str, said: str) -> None:
    found = run("import", exported, "--as", name)
    assert found.exit_code != 0 and said in found.output


def test_whoever_names_the_folder_is_told_the_file(exported: Path) -> None:
    found = run("import", exported.parent, "--as", "mine")
    assert found.exit_code != 0 and f"import {exported}" in found.output
