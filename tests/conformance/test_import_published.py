"""The reference weights through `import_file` and ONNX Runtime: the golden outputs again, by the engines users get."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from reference_weights import caffe_layers, pytorch_state, write_caffemodel

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")
pytest.importorskip("onnxscript")

from photochrom import color  # noqa: E402
from photochrom.hints import Hint, Reference, hint_raster  # noqa: E402
from photochrom.models.engine import open_engine, open_network  # noqa: E402
from photochrom.models.folder import read_manifest, verified_network  # noqa: E402
from photochrom.models.registry import model_spec  # noqa: E402
from photochrom.models.weights import import_file, verify  # noqa: E402

pytestmark = pytest.mark.slow

Array = npt.NDArray[Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        patch.setenv("PHOTOCHROM_MODELS", str(folder))
        yield folder


@pytest.fixture(scope="module")
def eccv16(shared_dir: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "colorization.pth"
    torch.save({key: torch.from_numpy(x) for key, x in pytorch_state(shared_dir / "reference", "eccv16").items()}, path)
    import_file(path, "eccv16")
    return path


@pytest.fixture(scope="module")
def siggraph17(shared_dir: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "siggraph17.safetensors"
    state = pytorch_state(shared_dir / "reference", "siggraph17")
    safetensors_torch.save_file({key: torch.from_numpy(x) for key, x in state.items()}, path)
    import_file(path, "siggraph17", mask_cent=0.5)
    return path


@pytest.fixture(scope="module")
def global_hints(shared_dir: Path, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "global_model.caffemodel"
    write_caffemodel(path, caffe_layers(shared_dir / "reference"))
    import_file(path, "siggraph17-global")
    return path


def golden(shared_dir: Path, network: str) -> dict[str, Array]:
    with np.load(shared_dir / "reference" / f"{network}_golden.npz") as file:
        return {name: file[name] for name in file.files}


def relative_l2(found: Array, expected: Array) -> float:
    assert found.shape == expected.shape
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def enlarged(ab: Array) -> Array:
    """ab (h, w, 2) four times as large, as the published network does it."""
    planes = torch.from_numpy(np.moveaxis(ab, -1, 0)[None].copy())
    large = torch.nn.functional.interpolate(planes, scale_factor=4, mode="bilinear", align_corners=False)
    result: Array = large.numpy()
    return result


def test_eccv16_gives_the_golden_distribution_and_mean(shared_dir: Path, eccv16: Path) -> None:
    expected = golden(shared_dir, "eccv16")
    found = open_engine(model_spec("eccv16")).encode(expected["l"][0, 0])
    assert relative_l2(np.moveaxis(found.logits, -1, 0)[None], expected["logits"]) < 1e-5
    assert relative_l2(enlarged(found.accurate), expected["ab"]) < 1e-5


def test_eccv16_vivid_is_the_annealed_mean_at_038(shared_dir: Path, eccv16: Path) -> None:
    expected = golden(shared_dir, "eccv16")
    out = pytorch_state(shared_dir / "reference", "eccv16")["model_out.weight"][:, :, 0, 0] * 110
    odds = np.exp(np.moveaxis(expected["logits"][0], 0, -1).astype(np.float64) / 0.38)
    annealed = (odds / odds.sum(axis=-1, keepdims=True)) @ out.T
    found = open_engine(model_spec("eccv16")).encode(expected["l"][0, 0])
    assert relative_l2(found.vivid, annealed) < 1e-5


def test_temperature_folded_into_the_weights_is_undone(shared_dir: Path, eccv16: Path) -> None:
    """The same weights with 1 / 0.38 folded into the last convolution, as in the published file, give the same."""
    L = golden(shared_dir, "eccv16")["l"][0, 0]
    plain = open_engine(model_spec("eccv16")).encode(L)
    state = torch.load(eccv16, weights_only=True)
    for key in ("model8.6.weight", "model8.6.bias"):
        state[key] = state[key] / 0.38
    folded_file = eccv16.with_name("folded.pth")
    torch.save(state, folded_file)
    try:
        assert import_file(folded_file, "eccv16", temperature=0.38).settings == {"temperature": 0.38}
        folded = open_engine(model_spec("eccv16")).encode(L)
    finally:
        import_file(eccv16, "eccv16")
    for name in ("accurate", "vivid", "logits"):
        assert relative_l2(getattr(folded, name), getattr(plain, name)) < 1e-4


def test_siggraph17_gives_the_golden_colours_for_its_mask_center(shared_dir: Path, siggraph17: Path) -> None:
    expected = golden(shared_dir, "siggraph17")
    manifest = read_manifest("siggraph17")
    assert manifest.settings == {"mask_cent": 0.5}
    session = open_network(verified_network(manifest), "siggraph17")
    feeds = {"L": expected["l"], "hint_ab": expected["hint_ab"], "hint_mask": expected["hint_mask"]}
    assert relative_l2(session.run(("ab",), feeds)[0], expected["ab_maskcent05"]) < 1e-5


def test_siggraph17_engine_rasters_hints_and_maps_its_classes_to_the_bins(shared_dir: Path, siggraph17: Path) -> None:
    from photochrom.networks.siggraph17 import Siggraph17

    L = golden(shared_dir, "siggraph17")["l"][0, 0]
    hints = [Hint(0.3, 0.6, "#b5651d", 0.05), Hint(0.8, 0.2, None, 0.02)]
    network = Siggraph17(0.5).eval()
    state = pytorch_state(shared_dir / "reference", "siggraph17")
    network.load_state_dict({key: torch.from_numpy(x) for key, x in state.items()})
    ab, mask = hint_raster(hints, *L.shape)
    with torch.no_grad():
        expected = network(
            *(torch.from_numpy(x.copy()) for x in (L[None, None], ab.transpose(2, 0, 1)[None], mask[None, None]))
        )
    engine = open_engine(model_spec("siggraph17"))
    found = engine.decode(engine.encode(L), hints, None)
    assert found.accurate is not None and found.logits is not None
    assert relative_l2(np.moveaxis(found.accurate, -1, 0)[None], expected.ab.numpy()) < 1e-5
    # Colours as the authors' training program encodes them: round((ab + 110) / 10), a x 23 + b.
    a, b = np.rint((color.ab_bins() + 110) / 10).astype(int).T
    assert relative_l2(found.logits, 0.2 * np.moveaxis(expected.class_logits.numpy()[0, a * 23 + b], 0, -1)) < 1e-5


def test_global_hints_engine_gives_caffes_golden_colours(shared_dir: Path, global_hints: Path) -> None:
    expected = golden(shared_dir, "siggraph17_global")
    engine = open_engine(model_spec("siggraph17-global"))
    encoded = engine.encode(expected["l"][0, 0])
    histogram, saturation = expected["hist"], float(expected["saturation"])
    for name, reference in {
        "none": None,
        "hist": Reference(histogram, None),
        "sat": Reference(None, saturation),
        "both": Reference(histogram, saturation),
    }.items():
        found = engine.decode(encoded, (), reference).accurate
        assert found is not None
        assert relative_l2(np.moveaxis(found, -1, 0)[None], expected[f"ab_{name}"]) < 1e-4


def test_imports_are_recorded_and_verified_and_damage_is_found(
    eccv16: Path, siggraph17: Path, global_hints: Path, models: Path
) -> None:
    assert verify() == {"compact": None, "eccv16": None, "siggraph17": None, "siggraph17-global": None}
    manifest = read_manifest("siggraph17-global")
    assert manifest.source.name == "global_model.caffemodel" and manifest.origin.endswith("/global_model.caffemodel")
    file = models / manifest.onnx.name
    content = file.read_bytes()
    file.write_bytes(content[:-1] + b"x")
    assert "sha256" in str(verify()["siggraph17-global"])
    file.write_bytes(content)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_importing_stays_within_a_minute_and_1500_megabytes(siggraph17: Path, tmp_path: Path) -> None:
    # Seconds of the processor: other programs may be using this computer. The peak is that of the process alone, which
    # getrusage would mix with that of the one that started it.
    script = f"""
import re, time
from pathlib import Path
from photochrom.models.weights import import_file
import_file(Path({str(siggraph17)!r}), "siggraph17", mask_cent=0.5)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(time.process_time(), int(peak) / 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PHOTOCHROM_MODELS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds < 60 and megabytes < 1500
    assert done.stderr == ""
