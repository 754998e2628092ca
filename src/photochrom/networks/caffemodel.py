"""Reads the learned values out of a `.caffemodel`, and names them as the PyTorch modules do.

A `.caffemodel` is a protocol buffer of the message `caffe.NetParameter`. The few messages of it that hold weights are
described here (numbers and types as in Caffe's `caffe.proto`) and handed to Google's protobuf library, which does the
reading; all other fields it skips. Both the present form (`layer`) and that of Caffe before 2015 (`layers`) are read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory

from photochrom.color import ab_bins
from photochrom.errors import IncompatibleModel, WeightsCorrupt

from .blocks import AB_SCALE, L_SCALE

Blobs = Mapping[str, list[npt.NDArray[np.float32]]]
State = dict[str, npt.NDArray[Any]]

_Field = descriptor_pb2.FieldDescriptorProto
_FLOAT, _DOUBLE = _Field.TYPE_FLOAT, _Field.TYPE_DOUBLE
_INT32, _INT64 = _Field.TYPE_INT32, _Field.TYPE_INT64
_STRING, _MESSAGE = _Field.TYPE_STRING, _Field.TYPE_MESSAGE
# Message: field, number, repeated, type, message of the field.
_MESSAGES: dict[str, tuple[tuple[str, int, bool, int, str], ...]] = {
    "BlobShape": (("dim", 1, True, _INT64, ""),),
    "BlobProto": (
        ("num", 1, False, _INT32, ""),
        ("channels", 2, False, _INT32, ""),
        ("height", 3, False, _INT32, ""),
        ("width", 4, False, _INT32, ""),
        ("data", 5, True, _FLOAT, ""),
        ("shape", 7, False, _MESSAGE, "BlobShape"),
        ("double_data", 8, True, _DOUBLE, ""),
    ),
    "V1LayerParameter": (("name", 4, False, _STRING, ""), ("blobs", 6, True, _MESSAGE, "BlobProto")),
    "LayerParameter": (
        ("name", 1, False, _STRING, ""),
        ("type", 2, False, _STRING, ""),
        ("blobs", 7, True, _MESSAGE, "BlobProto"),
    ),
    "NetParameter": (
        ("name", 1, False, _STRING, ""),
        ("layers", 2, True, _MESSAGE, "V1LayerParameter"),
        ("layer", 100, True, _MESSAGE, "LayerParameter"),
    ),
}


@lru_cache(maxsize=1)
def net_parameter() -> Any:
    """The class of the message `caffe.NetParameter`, as far as it holds weights."""
    file = descriptor_pb2.FileDescriptorProto(name="photochrom/caffe.proto", package="caffe", syntax="proto2")
    for name, fields in _MESSAGES.items():
        described = file.message_type.add(name=name)
        for field, number, repeated, kind, of in fields:
            label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            entry = described.field.add(name=field, number=number, label=label, type=kind)
            if of:
                entry.type_name = f".caffe.{of}"
            if repeated and kind in (_FLOAT, _DOUBLE, _INT64):
                entry.options.packed = True
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("caffe.NetParameter"))


def read_blobs(path: Path) -> dict[str, list[npt.NDArray[np.float32]]]:
    """The learned values of every layer that has any, by the layer's name, in the file's order.

    Raises:
        WeightsCorrupt: the file is no `.caffemodel`, or cut short.
        IncompatibleModel: it holds no weights.
    """
    net: Any = net_parameter()()
    try:
        net.ParseFromString(path.read_bytes())
    except message.DecodeError as error:
        raise WeightsCorrupt(f"{path}: no .pth, .safetensors or .caffemodel, or cut short; get it again") from error
    blobs: dict[str, list[npt.NDArray[np.float32]]] = {}
    for layer in (*net.layers, *net.layer):
        if layer.blobs:
            blobs[layer.name] = [_array(blob, f"{path}: layer {layer.name}") for blob in layer.blobs]
    if not blobs:
        raise IncompatibleModel(f"{path}: holds no weights of a Caffe network")
    return blobs


def _array(blob: Any, what: str) -> npt.NDArray[np.float32]:
    values = np.asarray(blob.data or blob.double_data, np.float32)
    shape = tuple(blob.shape.dim) or (blob.num, blob.channels, blob.height, blob.width)
    if min(shape) < 0 or math.prod(shape) != values.size:
        raise WeightsCorrupt(f"{what}: {values.size} values do not fill the shape {shape}; get the file again")
    return values.reshape(shape)


def global_hints_state(blobs: Blobs) -> State:
    """The state of `Siggraph17Global` from the published `global_model.caffemodel`.

    Raises:
        IncompatibleModel: a subsampling layer does more than to leave out every second value.
    """
    state: State = {}
    for layer, values in blobs.items():
        if layer.endswith("_ss"):
            if not all((blob == 1).all() for blob in values):
                raise IncompatibleModel(f"layer {layer} does not subsample plainly: not the published network")
        elif layer == "pred_ab":
            state[layer] = values[0]
        else:
            state |= _norm(layer, values) if layer.endswith("norm") else _convolution(layer, values)
    return state


# The PyTorch module of each Caffe layer of the 2016 network.
_ECCV16_CONVOLUTIONS = {
    "bw_conv1_1": "model1.0", "conv1_2": "model1.2", "conv2_1": "model2.0", "conv2_2": "model2.2",
    **{f"conv{block}_{i + 1}": f"model{block}.{2 * i}" for block in (3, 4, 5, 6, 7) for i in range(3)},
    "conv8_1": "model8.0", "conv8_2": "model8.2", "conv8_3": "model8.4", "conv8_313": "model8.6",
}  # fmt: skip
_ECCV16_NORMS = {
    "conv1_2norm": "model1.4", "conv2_2norm": "model2.4",
    **{f"conv{block}_3norm": f"model{block}.6" for block in (3, 4, 5, 6, 7)},
}  # fmt: skip


def eccv16_state(blobs: Blobs) -> State:
    """The state of `Eccv16` from `colorization_release_v2.caffemodel`.

    Its logits are before any temperature (Caffe keeps that in the layer `conv8_313_rh`), and the bins' colours, which
    the Caffe programs fill in at run time, are this package's.
    """
    state: State = {}
    for layer, values in blobs.items():
        if layer in _ECCV16_CONVOLUTIONS:
            state |= _convolution(_ECCV16_CONVOLUTIONS[layer], values)
        elif layer in _ECCV16_NORMS:
            module, channels = _ECCV16_NORMS[layer], values[0].size
            state |= {
                f"{module}.weight": np.ones(channels, np.float32),
                f"{module}.bias": np.zeros(channels, np.float32),
            }
            state |= _norm(module, values)
    if "model1.0.weight" in state:  # Caffe was given L - 50, undivided
        state["model1.0.weight"] = state["model1.0.weight"] * np.float32(L_SCALE)
    state["model_out.weight"] = np.ascontiguousarray(ab_bins().T)[:, :, None, None] / np.float32(AB_SCALE)
    return state


def _convolution(name: str, values: list[npt.NDArray[np.float32]]) -> State:
    return dict(zip((f"{name}.weight", f"{name}.bias"), values, strict=False))


def _norm(name: str, values: list[npt.NDArray[np.float32]]) -> State:
    """Caffe keeps running sums of mean and variance, and by what they are to be divided."""
    if len(values) != 3 or values[2].size != 1:
        raise IncompatibleModel(f"layer {name}: not a batch norm as Caffe writes it")
    count = float(values[2].reshape(-1)[0])
    scale = np.float32(1 / count if count else 0)
    return {
        f"{name}.running_mean": values[0].reshape(-1) * scale,
        f"{name}.running_var": values[1].reshape(-1) * scale,
        f"{name}.num_batches_tracked": np.array(1, np.int64),
    }
