"""ONNX files with weights in 8 bits: a quarter of the size, computed with in 32 bits everywhere."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import helper, numpy_helper

from photochrom.color import FloatArray

SMALLEST = 4096  # tensors with fewer values cost 1 % of the size, where rounding them does half of the harm
_WEIGHT = ".weight"  # ends the name of a module's weight


def shrink(network: onnx.ModelProto, smallest: int = SMALLEST) -> onnx.ModelProto:
    """The same network with each weight of `smallest` or more values in 8 bits: whole numbers of -127..127, and a scale
    for each output channel.

    A plain cast and product unfolds them: every runtime does that once, on loading, where quantisation nodes would stay
    in the way of each run. Rounding moves a weight by at most 1/254 of its channel's largest. Constants that the module
    does not call a weight, such as the colours of the bins, are not rounded.
    """
    small = onnx.ModelProto()
    small.CopyFrom(network)
    graph = small.graph
    scales, unfolding = [], []
    for tensor in graph.initializer:
        weights, name = numpy_helper.to_array(tensor), tensor.name
        large = weights.dtype == np.float32 and weights.ndim >= 2 and weights.size >= smallest
        if not (large and name.endswith(_WEIGHT)):
            continue
        scale = channel_scale(weights)
        tensor.CopyFrom(numpy_helper.from_array(np.rint(weights / scale).astype(np.int8), f"{name}.levels"))
        scales.append(numpy_helper.from_array(scale, f"{name}.scale"))
        unfolding.append(helper.make_node("Cast", [f"{name}.levels"], [f"{name}.cast"], to=onnx.TensorProto.FLOAT))
        unfolding.append(helper.make_node("Mul", [f"{name}.cast", f"{name}.scale"], [name]))
    graph.initializer.extend(scales)
    nodes = [*unfolding, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(small, full_check=True)
    return small


def channel_scale(weights: FloatArray) -> FloatArray:
    """What one level is worth, for each output channel (the first axis), shaped to multiply the weights."""
    largest = np.abs(weights).max(axis=tuple(range(1, weights.ndim)), keepdims=True)
    scale: FloatArray = np.maximum(largest, np.float32(1e-12)) / np.float32(127)
    return scale
