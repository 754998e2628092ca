"""Checkpoints: everything comes back, and a damaged file is refused as such."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from photochrom.errors import WeightsCorrupt
from photochrom.training.checkpoint import (
    Progress,
    load_checkpoint,
    mean_weights,
    read_tensors,
    run_notes,
    save_checkpoint,
    without_places,
)


def trained(seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    """A small network after three steps; one of its parameters never learns and so has no optimiser state."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    model[0].bias.requires_grad_(False)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.randn(5, 3)).square().sum().backward()
        optimizer.step()
    return model, optimizer


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    model, optimizer = trained(0)
    mean = {name: value * 2 for name, value in model.state_dict().items()}
    path = tmp_path / "checkpoint.safetensors"
    save_checkpoint(path, model, mean, optimizer, Progress(3, 1.5), {"config": {"seed": 9}})
    return path


def restored(path: Path) -> tuple[nn.Module, dict[str, torch.Tensor], torch.optim.Optimizer, Progress]:
    model, optimizer = trained(1)
    mean = {name: torch.zeros_like(value) for name, value in model.state_dict().items()}
    progress = load_checkpoint(path, model, mean, optimizer)
    return model, mean, optimizer, progress


def test_everything_comes_back_to_the_bit(saved: Path) -> None:
    expected, expected_optimizer = trained(0)
    model, mean, optimizer, progress = restored(saved)
    assert progress == Progress(3, 1.5)
    for name, value in expected.state_dict().items():
        assert torch.equal(model.state_dict()[name], value) and torch.equal(mean[name], value * 2)
    states = expected_optimizer.state_dict()["state"], optimizer.state_dict()["state"]
    for index, state in states[0].items():
        assert all(torch.equal(value, states[1][index][name]) for name, value in state.items())


def test_mean_weights_are_what_is_exported(saved: Path) -> None:
    expected = trained(0)[0].state_dict()
    found = mean_weights(saved)
    assert found.keys() == expected.keys() and all(torch.equal(found[name], expected[name] * 2) for name in found)


def test_notes_tell_configuration_and_progress(saved: Path) -> None:
    assert run_notes(saved) == {"config": {"seed": 9}, "step": 3, "seconds": 1.5}


def test_file_replaces_the_last_one_and_leaves_no_other(saved: Path) -> None:
    model, optimizer = trained(2)
    mean = {name: value.clone() for name, value in model.state_dict().items()}
    save_checkpoint(saved, model, mean, optimizer, Progress(4, 2.0), {})
    assert run_notes(saved)["step"] == 4 and list(saved.parent.iterdir()) == [saved]


@pytest.mark.parametrize("length", [0, 7, 100, 600, -1])
def test_file_cut_short_is_corrupt(saved: Path, length: int) -> None:
    saved.write_bytes(saved.read_bytes()[:length])
    for read in (read_tensors, mean_weights, run_notes, restored):
        with pytest.raises(WeightsCorrupt, match=r"checkpoint\.safetensors"):
            read(saved)


def test_missing_file_is_corrupt_too(tmp_path: Path) -> None:
    with pytest.raises(WeightsCorrupt, match="cannot be read"):
        read_tensors(tmp_path / "none.safetensors")


def test_other_safetensors_file_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    for read in (mean_weights, run_notes, restored):
        with pytest.raises(WeightsCorrupt, match="not a checkpoint"):
            read(path)


def test_checkpoint_of_another_network_is_refused_with_a_way_out(saved: Path) -> None:
    other = nn.Linear(7, 1)
    mean = {name: value.clone() for name, value in other.state_dict().items()}
    with pytest.raises(WeightsCorrupt, match=r"not a checkpoint of this network.*start in another folder") as caught:
        load_checkpoint(saved, other, mean, torch.optim.AdamW(other.parameters()))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def test_damaged_metadata_is_corrupt(saved: Path) -> None:
    tensors, metadata = read_tensors(saved)
    for broken in ({}, {**metadata, "progress": "{"}, {**metadata, "progress": json.dumps({"stop": 1})}):
        save_file(tensors, saved, broken)
        with pytest.raises(WeightsCorrupt):
            restored(saved)


def test_notes_that_go_with_a_network_tell_nobody_where_files_lay() -> None:
    config = {
        "output": "/home/alice/runs/new",
        "data": {"train": ["/home/alice/photographs"], "cache": "cache", "size": 128},
        "start": "C:\\Users\\alice\\checkpoint.safetensors",
        "prior": "/home/alice/prior.json",
        "teachers": [
            "embedded",
            "../runs/compact-11/checkpoint.safetensors",
            "/home/alice.safetensors",
            "C:\\alice\\checkpoint.safetensors",
        ],
    }
    assert without_places({"config": config, "before": {"config": {"start": "/x/alice/first"}}}) == {
        "config": {
            "data": {"size": 128},
            "start": "checkpoint.safetensors",
            "prior": "prior.json",
            "teachers": [
                "embedded",
                "compact-11/checkpoint.safetensors",
                "alice.safetensors",
                "checkpoint.safetensors",
            ],
        },
        "before": {"config": {"start": "first"}},
    }
