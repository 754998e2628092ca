"""The weights behind the golden outputs, made from names alone as the reference's README says."""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32 | np.int64]


def noise(name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    values: npt.NDArray[np.float64] = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode()))).standard_normal(
        shape
    )
    return values


def pytorch_keys(reference: Path, network: str) -> list[tuple[str, tuple[int, ...], str]]:
    listed = json.loads((reference / f"{network}_state_dict.json").read_text("utf-8"))
    return [(key, tuple(shape), dtype) for key, shape, dtype in listed]


def pytorch_state(reference: Path, network: str) -> dict[str, Array]:
    return {key: _tensor(key, shape).astype(dtype) for key, shape, dtype in pytorch_keys(reference, network)}


def _tensor(key: str, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    n = noise(key, shape)
    if key.endswith("num_batches_tracked"):
        return np.array(1.0)
    if key.endswith("running_var"):
        return 1 + 0.1 * np.abs(n)
    if key.endswith("running_mean"):
        return 0.1 * n
    if len(shape) == 4:
        return n * math.sqrt(2 / math.prod(shape[1:]))
    return 1 + 0.1 * n if key.endswith(".weight") else 0.1 * n


def caffe_layers(reference: Path) -> list[tuple[str, str, list[npt.NDArray[np.float32]]]]:
    """Name, type and blobs of every layer of the global-hints model."""
    listed = json.loads((reference / "siggraph17_global_caffe_layers.json").read_text("utf-8"))
    return [
        (layer, kind, [_blob(layer, kind, i, tuple(shape)).astype(np.float32) for i, shape in enumerate(shapes)])
        for layer, kind, shapes in listed
    ]


def _blob(layer: str, kind: str, index: int, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    n = noise(f"{layer}/{index}", shape)
    if kind == "BatchNorm":
        return (0.1 * n, 1 + 0.1 * np.abs(n), np.ones(shape))[index]
    if kind == "Scale":
        return np.full(shape, 100.0)
    if layer.endswith("_ss"):
        return np.ones(shape)
    if index == 1:
        return 0.1 * n
    if layer == "bw_conv1_1":
        return n * math.sqrt(2 / 9) / 100
    if kind == "Deconvolution":
        return n * math.sqrt(2 / (shape[0] * shape[2] * shape[3]))
    return n * math.sqrt(2 / math.prod(shape[1:]))


def write_caffemodel(path: Path, layers: list[tuple[str, str, list[npt.NDArray[np.float32]]]]) -> None:
    """A `.caffemodel` as Caffe writes it today."""
    from photochrom.networks.caffemodel import net_parameter

    net: Any = net_parameter()(name="written by a test")
    for name, kind, blobs in layers:
        layer = net.layer.add(name=name, type=kind)
        for values in blobs:
            blob = layer.blobs.add()
            blob.shape.dim.extend(values.shape)
            blob.data.extend(values.ravel().tolist())
    path.write_bytes(net.SerializeToString())
