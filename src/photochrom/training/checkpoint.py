"""Checkpoints as safetensors: weights, their running mean, the optimiser and the counters in one file, no pickle.

A checkpoint replaces the last one whole, so a run that is killed at any moment goes on from a complete one.
"""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PureWindowsPath
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from photochrom.errors import WeightsCorrupt


@dataclass(frozen=True)
class Progress:
    """Where a run stands: steps done, seconds spent."""

    step: int = 0
    seconds: float = 0.0


def save_checkpoint(
    path: Path,
    model: nn.Module,
    mean: Mapping[str, Tensor],
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    notes: Mapping[str, Any],
) -> None:
    """Writes everything that a run needs to go on; `notes` (JSON) say which run it is."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"mean.{k}": v for k, v in mean.items()}
    for index, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{k}": v for k, v in state.items()}
    flat = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
    temporary = path.with_suffix(".partial")
    save_file(flat, temporary, {"progress": json.dumps(asdict(progress)), "notes": json.dumps(dict(notes))})
    os.replace(temporary, path)


def load_checkpoint(
    path: Path, model: nn.Module, mean: Mapping[str, Tensor], optimizer: torch.optim.Optimizer
) -> Progress:
    """Puts a run back where the checkpoint left it.

    Raises:
        WeightsCorrupt: the file is no checkpoint of this network.
    """
    tensors, metadata = read_tensors(path)
    try:
        model.load_state_dict(_under("model.", tensors))
        for name, value in _under("mean.", tensors).items():
            mean[name].copy_(value)
        state: dict[int, dict[str, Tensor]] = {}
        for name, value in _under("optimizer.", tensors).items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
        return Progress(**json.loads(metadata["progress"]))
    except (KeyError, RuntimeError, ValueError, TypeError) as error:
        reason = textwrap.shorten(str(error), 200)
        raise WeightsCorrupt(f"{path}: not a checkpoint of this network ({reason}); start in another folder") from error


def read_tensors(path: Path, prefix: str = "") -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file; of the tensors those whose names begin with `prefix`.

    Raises:
        WeightsCorrupt: the file is missing, cut short or no safetensors.
    """
    try:
        with safe_open(path, "pt") as file:
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118
            return {name: file.get_tensor(name) for name in names}, dict(file.metadata() or {})
    except (OSError, SafetensorError) as error:
        raise WeightsCorrupt(f"{path}: cannot be read as safetensors ({error})") from error


def mean_weights(path: Path) -> dict[str, Tensor]:
    """The running mean of the weights in a checkpoint: what is exported.

    Raises:
        WeightsCorrupt: the file is no checkpoint.
    """
    weights = _under("mean.", read_tensors(path, "mean.")[0])
    if not weights:
        raise WeightsCorrupt(f"{path}: not a checkpoint of a training run")
    return weights


def run_notes(path: Path) -> dict[str, Any]:
    """What a checkpoint says of its run: configuration, steps, seconds.

    Raises:
        WeightsCorrupt: the file is no checkpoint.
    """
    metadata = read_tensors(path, "progress.")[1]  # no tensor's name begins so
    try:
        return {**json.loads(metadata["notes"]), **json.loads(metadata["progress"])}
    except (KeyError, ValueError) as error:
        raise WeightsCorrupt(f"{path}: not a checkpoint of a training run") from error


def without_places(notes: dict[str, Any]) -> dict[str, Any]:
    """A run's notes, but for where its files lay: that is nobody's business but the trainer's."""
    kept = {name: value for name, value in notes.items() if name not in ("output", "cache", "train", "validation")}
    for name, value in kept.items():
        if isinstance(value, dict):
            kept[name] = without_places(value)
        elif name in ("start", "prior") and isinstance(value, str):
            kept[name] = PureWindowsPath(value).name  # parts Unix's paths, too
        elif name == "teachers":
            kept[name] = [_run_and_file(teacher) for teacher in value]
    return kept


def _run_and_file(path: str) -> str:
    """A checkpoint's name and that of its folder, since all have the same; no folder of an absolute path."""
    parts = PureWindowsPath(path)
    return parts.name if parts.root or parts.drive else "/".join(parts.parts[-2:])


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
