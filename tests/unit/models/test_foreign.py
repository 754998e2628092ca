"""Other people's ONNX colorizers by their manifests: networks made here whose colours are known in closed form."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

onnx = pytest.importorskip("onnx")

import photochrom as pc  # noqa: E402
from photochrom import color  # noqa: E402
from photochrom.cli.main import main  # noqa: E402
from photochrom.models.engine import open_engine  # noqa: E402
from photochrom.models.foreign import parse_doors  # noqa: E402
from photochrom.models.registry import model_spec  # noqa: E402

FROM_GRAY = {"kind": "gray-rgb", "range": [0, 1], "side": 64, "square": True}
TO_AB = {"kind": "ab"}


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(folder))
    return folder


def network(path: Path, weights: list[list[float]], size: list[int | str], dtype: int = onnx.TensorProto.FLOAT) -> Path:
    """A 1x1 convolution from len(weights[0]) to len(weights) channels, saved; `size` is that of its input."""
    outputs, inputs = np.shape(weights)
    values = np.array(weights, np.float32)[:, :, None, None]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Conv", ["input", "w"], ["output"])],
        "colorizer",
        [onnx.helper.make_tensor_value_info("input", dtype, [1, inputs, *size])],
        [onnx.helper.make_tensor_value_info("output", dtype, [1, outputs, *size])],
        [onnx.numpy_helper.from_array(values, "w")],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, path)
    return path


def describe(path: Path, input: dict[str, Any], output: dict[str, Any], **more: Any) -> Path:
    manifest = path.with_suffix(".json")
    manifest.write_text(json.dumps({"photochrom-model": 1, "input": input, "output": output, **more}), "utf-8")
    return manifest


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)])


def ddcolor_like(folder: Path) -> Path:
    """Fixed square size, gray RGB in, ab out: a = 60 R - 30 B, b = 20 G."""
    path = network(folder / "ddcolor.onnx", [[60, 0, -30], [0, 20, 0]], [64, 64])
    describe(path, FROM_GRAY, TO_AB, licence="Apache-2.0", origin="https://example.org/ddcolor")
    return path


def encoded(name: str, L: np.ndarray[Any, Any]) -> Any:
    return open_engine(model_spec(name)).encode(L).accurate


def test_network_of_fixed_size_colours_a_photograph_of_any_shape_without_stretching(tmp_path: Path) -> None:
    assert run("import", ddcolor_like(tmp_path), "--as", "ddcolor").exit_code == 0
    photograph = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (140, 1))
    result = pc.Colorizer("ddcolor").colorize(photograph)
    assert result.ab.shape == (32, 64, 2)  # 64 x 30 to multiples of 32; the padding to 64 x 64 is cut off
    gray = color.lightness_to_gray(color.gray_to_lightness(photograph))[:32, :]
    expected = np.array([30, 20]) * gray[0, 150]
    np.testing.assert_allclose(result.ab[5, 32], expected, atol=0.3)
    assert result.image.size == (300, 140)


def test_colours_are_those_of_the_lightness_in_the_networks_own_range(tmp_path: Path) -> None:
    L = np.random.default_rng(0).uniform(0, 100, (32, 64)).astype(np.float32)
    path = network(tmp_path / "net.onnx", [[1], [-0.5]], ["h", "w"])
    describe(path, {"kind": "L", "range": [-1, 1], "side": 64}, {"kind": "ab", "unit": 110})
    assert run("import", path, "--as", "mine").exit_code == 0
    value = L / 50 - 1
    np.testing.assert_allclose(encoded("mine", L), np.stack([110 * value, -55 * value], axis=-1), atol=1e-3)


def test_of_an_rgb_output_the_colours_are_taken(tmp_path: Path) -> None:
    L = np.random.default_rng(1).uniform(20, 80, (32, 32)).astype(np.float32)
    path = network(tmp_path / "net.onnx", np.diag([255.0, 230.0, 200.0]).tolist(), ["h", "w"])
    describe(path, {"kind": "gray-rgb", "side": 32}, {"kind": "rgb", "range": [0, 255]})
    assert run("import", path, "--as", "mine").exit_code == 0
    rgb = color.lightness_to_gray(L)[..., None] * np.array([255, 230, 200], np.float32) / 255
    np.testing.assert_allclose(encoded("mine", L), color.srgb_to_lab(rgb)[..., 1:], atol=1e-2)


def test_installed_network_is_listed_verified_exported_and_comes_back(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "sha256 is" in run("import", ddcolor_like(tmp_path), "--as", "ddcolor").stdout
    assert "installed" in next(line for line in run("list").stdout.splitlines() if line.startswith("ddcolor"))
    assert run("path").stdout.strip() == str(models)
    assert run("verify").stdout.split() == ["compact", "as", "recorded", "ddcolor", "as", "recorded"]
    out = tmp_path / "out"
    assert run("export", "ddcolor", "-o", out).exit_code == 0
    again = run("export", "ddcolor", "-o", out)
    assert again.exit_code == 1 and "exists already: remove it, or name another folder" in again.stderr
    recorded = json.loads((models / "ddcolor.json").read_text("utf-8"))
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "elsewhere"))
    assert run("import", out / "ddcolor.onnx", "--as", "ddcolor").exit_code == 0
    assert json.loads((tmp_path / "elsewhere" / "ddcolor.json").read_text("utf-8")) == recorded
    assert recorded["licence"] == "Apache-2.0" and recorded["source"]["name"] == "ddcolor.onnx"


def test_new_import_replaces_the_old_network_and_leaves_one_file(tmp_path: Path, models: Path) -> None:
    path = ddcolor_like(tmp_path)
    run("import", path, "--as", "ddcolor")
    network(path, [[1, 0, 0], [0, 0, 0]], [64, 64])
    run("import", path, "--as", "ddcolor")
    assert len(list(models.glob("*.onnx"))) == 1
    assert encoded("ddcolor", np.full((64, 64), 100, np.float32)).max() == pytest.approx(1)


def test_damaged_network_is_found_before_it_is_used(tmp_path: Path, models: Path) -> None:
    run("import", ddcolor_like(tmp_path), "--as", "ddcolor")
    (file,) = models.glob("*.onnx")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert run("verify").exit_code == 4
    with pytest.raises(pc.WeightsCorrupt, match="damaged"):
        open_engine(model_spec("ddcolor"))
    file.unlink()
    with pytest.raises(pc.WeightsCorrupt, match="import ddcolor again"):
        open_engine(model_spec("ddcolor"))


def test_manifest_that_leads_out_of_the_folder_is_refused(tmp_path: Path, models: Path) -> None:
    run("import", ddcolor_like(tmp_path), "--as", "ddcolor")
    manifest = models / "ddcolor.json"
    content = json.loads(manifest.read_text("utf-8"))
    content["onnx"]["name"] = "../ddcolor.onnx"
    manifest.write_text(json.dumps(content), "utf-8")
    with pytest.raises(pc.WeightsCorrupt, match="not the manifest of an installed model"):
        model_spec("ddcolor")


def test_published_network_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(pc.WeightsMissing, match="photochrom models pull eccv16, or photochrom models import FILE"):
        open_engine(model_spec("eccv16"))


BAD_MANIFESTS: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("not a manifest", lambda m: m.pop("photochrom-model")),
    ("newer photochrom", lambda m: m.update({"photochrom-model": 2})),
    ('input must have a "kind": L or gray-rgb', lambda m: m.pop("input")),
    ('output must have a "kind": ab or rgb', lambda m: m["output"].update(kind="yuv")),
    ("input has no 'mean'", lambda m: m["input"].update(mean=0.5)),
    ("a range must be two different numbers", lambda m: m["input"].update(range=[1, 1])),
    ("input.side must be a whole number", lambda m: m["input"].update(side=1e9)),
    ("input.side must be a multiple of", lambda m: m["input"].update(multiple=48)),
    ("input.square must be true or false", lambda m: m["input"].update(square="yes")),
    ("output.unit must be a number above 0", lambda m: m["output"].update(unit="110")),
    ("cannot be run as its manifest says", lambda m: m["input"].update(kind="L")),
    ("cannot be run as its manifest says", lambda m: m["input"].update(side=128)),
    ("should give (1, 3, h, w), gives (1, 2, 64, 64)", lambda m: m["output"].update(kind="rgb")),
]


@pytest.mark.parametrize(("words", "spoil"), BAD_MANIFESTS)
def test_manifest_that_cannot_be_right_is_one_line_and_leaves_nothing(
    tmp_path: Path, models: Path, words: str, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    path = ddcolor_like(tmp_path)
    content = json.loads(path.with_suffix(".json").read_text("utf-8"))
    spoil(content)
    path.with_suffix(".json").write_text(json.dumps(content), "utf-8")
    result = run("import", path, "--as", "ddcolor")
    assert result.exit_code == 4 and result.stderr.count("\n") == 1
    assert words in result.stderr
    assert not models.exists() or {p.name for p in models.iterdir()} <= {".ddcolor.lock"}


def test_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"not a network")
    assert run("import", path, "--as", "mine").exit_code == 4  # no manifest
    describe(path, FROM_GRAY, TO_AB)
    result = run("import", path, "--as", "mine")
    assert result.exit_code == 4 and "not a network that ONNX Runtime can run" in result.stderr
    assert run("import", path, "--as", "siggraph17").exit_code == 4


def test_export_changed_on_its_way_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", ddcolor_like(tmp_path), "--as", "ddcolor")
    run("export", "ddcolor", "-o", tmp_path / "out")
    file = tmp_path / "out" / "ddcolor.onnx"
    network(file, [[0, 0, 0], [0, 0, 0]], [64, 64])
    result = run("import", file, "--as", "ddcolor")
    assert result.exit_code == 4 and "is not the one in its manifest" in result.stderr
    assert "import it --as ddcolor" in run("import", file, "--as", "other").stderr


def test_export_that_claims_to_be_published_is_run_before_it_is_believed(tmp_path: Path, models: Path) -> None:
    path = ddcolor_like(tmp_path)
    run("import", path, "--as", "ddcolor")
    recorded = json.loads((models / "ddcolor.json").read_text("utf-8"))
    for name, settings in (("siggraph17", {"mask_cent": 0}), ("eccv16", {"temperature": 1.0})):
        claim = {**recorded, "name": name, "network": name, "settings": settings}
        path.with_suffix(".json").write_text(json.dumps(claim), "utf-8")
        result = run("import", path, "--as", name)
        assert result.exit_code == 4 and "cannot be run as its manifest says" in result.stderr
        assert result.stderr.count("\n") == 1
    claim = {**recorded, "name": "eccv16"}
    path.with_suffix(".json").write_text(json.dumps(claim), "utf-8")
    assert "of the kind onnx" in run("import", path, "--as", "eccv16").stderr
    assert sorted(p.name for p in models.glob("*.json")) == ["ddcolor.json"]


def test_manifest_in_the_documentation_works(tmp_path: Path, repository: Path) -> None:
    text = (repository / "docs" / "models.md").read_text("utf-8")
    table = json.loads(text.partition("```json\n")[2].partition("```")[0])
    doors = parse_doors(table, tmp_path)
    assert (doors.takes, doors.side, doors.square, doors.gives) == ("gray-rgb", 512, True, "ab")
