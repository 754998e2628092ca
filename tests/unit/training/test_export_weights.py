"""What was trained is installed like the authors' files, by the same command."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import save_file
from torch import nn

pytest.importorskip("onnxscript")

from photochrom import color
from photochrom.cli.main import main
from photochrom.errors import IncompatibleModel, WeightsCorrupt
from photochrom.models.published import open_installed
from photochrom.models.registry import MODELS
from photochrom.networks.eccv16 import Eccv16
from photochrom.networks.global_hints import Siggraph17Global
from photochrom.networks.siggraph17 import Siggraph17
from photochrom.networks.weight_files import read_weights
from photochrom.training.checkpoint import Progress, save_checkpoint
from photochrom.training.export_weights import checkpoint_network, export_weights


def checkpoint(path: Path, network: nn.Module, config: dict[str, object]) -> Path:
    """A checkpoint whose running mean is the network; its weights are not."""
    mean = {name: value.clone() for name, value in network.state_dict().items()}
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    optimizer = torch.optim.Adam(network.parameters())
    save_checkpoint(path, network, mean, optimizer, Progress(7, 2.5), {"config": config})
    return path


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "models"))


@pytest.mark.slow
def test_trained_eccv16_is_exported_imported_and_colours_alike(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = Eccv16()
    L = 100 * torch.rand(1, 1, 64, 96)
    with torch.no_grad():
        expected = network.eval().logits(L)[0].permute(1, 2, 0).numpy()
    path = checkpoint(tmp_path / "checkpoint.safetensors", network, {"network": "eccv16"})
    exported = CliRunner().invoke(main, ["export", str(path), "-o", str(tmp_path / "made")])
    assert exported.exit_code == 0, exported.output
    assert [p.name for p in (tmp_path / "made").iterdir()] == ["eccv16.safetensors"]
    command = exported.stdout.splitlines()[-1].split()
    assert command == [
        "photochrom",
        "models",
        "import",
        str(tmp_path / "made" / "eccv16.safetensors"),
        "--as",
        "eccv16",
    ]
    imported = CliRunner().invoke(main, command[1:])
    assert imported.exit_code == 0, imported.output

    engine = open_installed(MODELS["eccv16"])
    found = engine.decode(engine.encode(L[0, 0].numpy()), [], None)
    assert found.logits is not None and found.vivid is not None
    np.testing.assert_allclose(found.logits, expected, atol=1e-3 * np.abs(expected).max())
    np.testing.assert_allclose(found.vivid, color.annealed_mean(expected, 0.38), atol=0.05)


@pytest.mark.parametrize(
    ("network", "make", "settings"),
    [
        ("siggraph17", lambda: Siggraph17(0.5), " --mask-cent 0.5"),
        ("siggraph17", lambda: Siggraph17(0.0), " --mask-cent 0"),
        ("siggraph17-global", Siggraph17Global, ""),
    ],
)
def test_exported_weights_are_those_of_the_running_mean_and_tell_how_to_import_them(
    tmp_path: Path, network: str, make: Callable[[], nn.Module], settings: str
) -> None:
    trained = make()
    expected = {name: value.clone() for name, value in trained.state_dict().items()}
    config: dict[str, object] = {"network": network}
    if isinstance(trained, Siggraph17):
        config["mask_cent"] = trained.mask_cent
    found = export_weights(checkpoint(tmp_path / "checkpoint.safetensors", trained, config), tmp_path / "made")
    assert found.command == f"photochrom models import {found.path} --as {network}{settings}"
    state = read_weights(found.path, network)
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], value) for name, value in expected.items())


def test_checkpoint_of_other_tensors_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "checkpoint.safetensors", nn.Linear(2, 2), {"network": "eccv16"})
    with pytest.raises(IncompatibleModel, match="not the weights of eccv16"):
        export_weights(path, tmp_path / "made")
    assert not list((tmp_path / "made").iterdir())


def test_checkpoint_of_an_unknown_network_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path / "checkpoint.safetensors", nn.Linear(2, 2), {"network": "vgg"})
    with pytest.raises(IncompatibleModel, match="unknown network 'vgg'"):
        export_weights(path, tmp_path / "made")


def test_values_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    network = Siggraph17Global()
    with torch.no_grad():
        network.conv10_ab.bias.fill_(torch.inf)  # type: ignore[union-attr]
    path = checkpoint(tmp_path / "checkpoint.safetensors", network, {"network": "siggraph17-global"})
    with pytest.raises(WeightsCorrupt, match="not finite"):
        export_weights(path, tmp_path / "made")


@pytest.mark.parametrize("notes", ['{"config": {"seed": 1}}', "{}"])
def test_checkpoint_that_names_no_network_is_of_the_compact_one(tmp_path: Path, notes: str) -> None:
    path = tmp_path / "checkpoint.safetensors"
    save_file({"mean.weight": torch.zeros(1)}, path, {"notes": notes, "progress": '{"step": 1, "seconds": 2.0}'})
    assert checkpoint_network(path) == "compact"
