"""From a checkpoint of a published network to a weight file like its authors', for ``photochrom models import``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from photochrom.errors import IncompatibleModel
from photochrom.networks.weight_files import read_weights

from .checkpoint import mean_weights, run_notes, without_places


@dataclass(frozen=True)
class ExportedWeights:
    """A weight file, and how it is installed.

    Attributes:
        path: the .safetensors file, with the published names of the tensors.
        command: what imports it, with the settings that it was trained with.
    """

    path: Path
    command: str


def checkpoint_network(checkpoint: Path) -> str:
    """Which network a checkpoint is of. The first ones did not say: they are of the compact network.

    Raises:
        WeightsCorrupt: the file is no checkpoint.
    """
    return str(_config(run_notes(checkpoint)).get("network", "compact"))


def export_weights(checkpoint: Path, folder: Path) -> ExportedWeights:
    """Writes ``NETWORK.safetensors``: a checkpoint's running mean, under the published names.

    The file is read back the way an import reads it; what that refuses is not kept.

    Raises:
        WeightsCorrupt: the checkpoint cannot be read, or holds values that are not finite.
        IncompatibleModel: its tensors are not those of the network.
    """
    notes = run_notes(checkpoint)
    config = _config(notes)
    network = str(config.get("network"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{network}.safetensors"
    partial = path.with_name(f"{path.name}.partial")
    try:
        weights = {name: value.contiguous() for name, value in mean_weights(checkpoint).items()}
        save_file(weights, partial, {"training": json.dumps(without_places(notes))})
        read_weights(partial, network)
        partial.replace(path)
    except KeyError as error:
        raise IncompatibleModel(f"{checkpoint}: of an unknown network {network!r}") from error
    finally:
        partial.unlink(missing_ok=True)
    settings = f" --mask-cent {config['mask_cent']:g}" if "mask_cent" in config else ""
    return ExportedWeights(path, f"photochrom models import {path} --as {network}{settings}")


def _config(notes: Mapping[str, Any]) -> Mapping[str, Any]:
    config = notes.get("config")
    return config if isinstance(config, Mapping) else {}
