"""Reads published weights from `.pth`, `.safetensors` and `.caffemodel` files; nothing in a file is ever executed.

What kind of file it is, its content says, not its name. A PyTorch file is a pickle, which can hold code: it is read by
`torch.load(weights_only=True)`, which builds tensors and refuses everything else.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from photochrom.errors import IncompatibleModel, WeightsCorrupt

from .caffemodel import Blobs, State, eccv16_state, global_hints_state, read_blobs
from .eccv16 import Eccv16
from .global_hints import Siggraph17Global
from .siggraph17 import Siggraph17

_GET_AGAIN = "get the file again"

# For the shapes alone; the centre of the mask is no part of a state.
_NETWORKS: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {"eccv16": Eccv16, "siggraph17": lambda: Siggraph17(mask_cent=0), "siggraph17-global": Siggraph17Global}
)
_FROM_CAFFE: Mapping[str, Callable[[Blobs], State]] = MappingProxyType(
    {"eccv16": eccv16_state, "siggraph17-global": global_hints_state}
)


def read_weights(path: Path, network: str) -> dict[str, Tensor]:
    """The state of a published network.

    Args:
        path: the file as its authors published it, or the same tensors as safetensors.
        network: "eccv16", "siggraph17" or "siggraph17-global".

    Raises:
        WeightsCorrupt: the file is missing, cut short, of no known kind, holds something other than tensors, or values
            that are not finite.
        IncompatibleModel: its tensors are not those of the network.
    """
    try:
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise WeightsCorrupt(f"{path}: cannot be read ({error.strerror})") from error
    if start.startswith((b"PK\x03\x04", b"\x80")):
        state = _read_pytorch(path)
    elif start[8:] == b"{":
        state = _read_safetensors(path)
    else:
        blobs = read_blobs(path)
        if network not in _FROM_CAFFE:
            raise IncompatibleModel(f"{path}: {network} is imported from its PyTorch file, not from a .caffemodel")
        state = {key: torch.from_numpy(value) for key, value in _FROM_CAFFE[network](blobs).items()}
    _check(state, network, path)
    return state


def _read_pytorch(path: Path) -> dict[str, Tensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on the old format of the published files
            content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise WeightsCorrupt(
            f"{path}: cut short, or holds more than weights (nothing of it was executed); {_GET_AGAIN}"
        ) from error
    except Exception as error:  # a broken archive ends in errors of many kinds
        raise WeightsCorrupt(f"{path}: not a PyTorch file, or cut short; {_GET_AGAIN}") from error
    if not isinstance(content, Mapping) or not all(isinstance(x, Tensor) for x in content.values()):
        raise IncompatibleModel(f"{path}: holds no plain table of weights")
    return {str(key): value for key, value in content.items()}


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise WeightsCorrupt(f"{path}: not a safetensors file, or cut short; {_GET_AGAIN}") from error


def _check(state: Mapping[str, Tensor], network: str, path: Path) -> None:
    difference = _difference(state, network)
    if difference:
        others = [name for name in _NETWORKS if name != network and not _difference(state, name)]
        remedy = f"; these are the weights of {others[0]}: import it --as {others[0]}" if others else ""
        raise IncompatibleModel(f"{path}: not the weights of {network}: {difference}{remedy}")
    broken = [key for key, value in state.items() if not torch.isfinite(value).all()]
    if broken:
        raise WeightsCorrupt(f"{path}: {broken[0]} holds values that are not finite; {_GET_AGAIN}")


def _difference(state: Mapping[str, Tensor], network: str) -> str | None:
    """The first difference from what the network needs, in words."""
    with torch.device("meta"):
        expected = _NETWORKS[network]().state_dict()
    for key, value in expected.items():
        if key not in state:
            return f"it has no {key}"
        if state[key].shape != value.shape:
            return f"{key} has the shape {tuple(state[key].shape)} instead of {tuple(value.shape)}"
        if state[key].layout != torch.strided or state[key].is_floating_point() != value.is_floating_point():
            return f"{key} has the type {state[key].dtype}, {state[key].layout}"
    foreign = [key for key in state if key not in expected]
    return f"it has a foreign {foreign[0]}" if foreign else None
