"""The embedded network as a start for training: from the package's files back to a network of PyTorch.

Export folds norms into the convolutions before them, and other small tensors into constants. It writes those beside the
networks, so that everything comes back, the weights as good as 8 bits hold them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import run_notes

REMAINDER = "compact-training.npz"
_LEVELS, _FOLDED = ".levels", ".weight_bias"  # a weight in 8 bits; the bias that a folded norm leaves behind


def load_embedded(network: nn.Module) -> None:
    """Takes the weights in this package.

    Raises:
        RuntimeError: they are of another shape of network.
    """
    data = files("photochrom.models") / "data"
    networks = [file.read_bytes() for file in data.iterdir() if file.name.endswith(".onnx")]
    load_exported(network, networks, (data / REMAINDER).read_bytes())


def notes_before(start: str, root: Path) -> dict[str, Any]:
    """How a compact network was trained before a run that starts so (see `CompactConfig.start`): empty, if it was not.

    Raises:
        WeightsCorrupt: the start is no checkpoint.
    """
    if start == "imagenet":
        return {}
    if start == "embedded":
        manifest = files("photochrom.models") / "data" / "compact.json"
        notes: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["training"]
        return notes
    return run_notes(root / start)


def load_exported(network: nn.Module, networks: Iterable[bytes], remainder: bytes) -> None:
    """Takes the weights of exported ONNX files, and of what `remainder_of` wrote beside them."""
    found = exported_tensors(networks)
    with np.load(io.BytesIO(remainder), allow_pickle=False) as rest:
        found |= {name: torch.from_numpy(rest[name]) for name in rest.files}
    for convolution, norm, eps in _folded_norms(network, found):
        spread = torch.sqrt(found[f"{norm}.running_var"] + eps)
        found[f"{convolution}.weight"] *= (spread / found[f"{norm}.weight"])[:, None, None, None]
    network.load_state_dict({name: found[name].reshape(value.shape) for name, value in network.state_dict().items()})


def remainder_of(network: nn.Module, networks: Iterable[bytes]) -> bytes:
    """The tensors of a network, as a NumPy archive, that its exported ONNX files do not hold under their names."""
    found = exported_tensors(networks)
    rest = {name: value.cpu().numpy() for name, value in network.state_dict().items() if name not in found}
    archive = io.BytesIO()
    np.savez_compressed(archive, allow_pickle=False, **rest)
    return archive.getvalue()


def exported_tensors(networks: Iterable[bytes]) -> dict[str, Tensor]:
    """Tensors of exported ONNX files by their names in the network, unfolded from 8 bits."""
    import onnx  # here, since runs that start from nothing do without it
    from onnx import numpy_helper

    found = {}
    for content in networks:
        values = {t.name: numpy_helper.to_array(t) for t in onnx.load_from_string(content).graph.initializer}
        for name, value in values.items():
            whole = name.removesuffix(_LEVELS)
            full = value.astype(np.float32) * values[f"{whole}.scale"] if name.endswith(_LEVELS) else value
            # The encoder is exported as a module of its own.
            found[f"encoder.{whole}" if whole.startswith("pyramid.") else whole] = torch.from_numpy(full.copy())
    return found


def _folded_norms(network: nn.Module, found: dict[str, Tensor]) -> Iterator[tuple[str, str, float]]:
    """Names of convolutions and of the norms, next in their row, that were folded into them; the norms' epsilon."""
    for name, part in network.named_modules():
        row, _, place = name.rpartition(".")
        convolution = f"{row}.{int(place) - 1}" if place.isdecimal() else ""
        if isinstance(part, nn.BatchNorm2d) and convolution + _FOLDED in found:
            yield convolution, name, part.eps
