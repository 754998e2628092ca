"""From a checkpoint to the two ONNX files that are shipped: 16-bit weights, any size, checked after export.

Weights are stored in 16 bits and computed with in 32: half the size, and no processor that lacks 16-bit arithmetic is
left behind. What is written was loaded into ONNX Runtime and compared with PyTorch first.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import Tensor, nn

from photochrom.errors import IncompatibleModel
from photochrom.networks.compact import Compact, GlobalHints, Hints

from .checkpoint import mean_weights, run_notes

OPSET = 18
TEMPERATURE = 0.38  # of the annealed mean, the 2016 paper's
FEATURES = ("features4", "features8", "features16", "features32")
DECODER_INPUTS = (
    "hint_position", "hint_ab", "hint_mask",
    "histogram", "histogram_given", "saturation", "saturation_given", "temperature",
)  # fmt: skip
OUTPUTS = ("accurate", "vivid", "logits", "reach")
# Largest distance in ab between PyTorch in 32 bits and the file with 16-bit weights.
_TOLERANCE = 1.0
_SMALLEST = 1024  # tensors with fewer values stay in 32 bits: they cost nothing and are biases and scales


@dataclass(frozen=True)
class Exported:
    """What an export wrote: the manifest, the files' bytes together, and the largest difference in ab in the check."""

    manifest: Path
    size: int
    difference: float


class _FlatDecoder(nn.Module):
    """The decoder with plain tensors at its doors, as ONNX has them."""

    def __init__(self, model: Compact) -> None:
        super().__init__()
        self.decoder = model.decoder

    def forward(
        self, features4: Tensor, features8: Tensor, features16: Tensor, features32: Tensor,
        hint_position: Tensor, hint_ab: Tensor, hint_mask: Tensor,
        histogram: Tensor, histogram_given: Tensor, saturation: Tensor, saturation_given: Tensor, temperature: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        features = (features4, features8, features16, features32)
        hints = Hints(hint_position, hint_ab, hint_mask)
        given = GlobalHints(histogram, histogram_given, saturation, saturation_given)
        return tuple(self.decoder(features, hints, given, temperature))


def export_compact(checkpoint: Path, folder: Path) -> Exported:
    """Writes ``compact-encoder.onnx``, ``compact-decoder.onnx`` and the manifest ``compact.json``.

    The weights are a checkpoint's running mean. The manifest holds both files' sha256, the temperature of the annealed
    mean, and how the network was trained.

    Raises:
        WeightsCorrupt: the checkpoint cannot be read.
        IncompatibleModel: it is of another network, or the exported files do not compute what PyTorch computes.
    """
    model = Compact().eval()
    try:
        model.load_state_dict(mean_weights(checkpoint))
    except RuntimeError as error:
        raise IncompatibleModel(f"{checkpoint}: not a checkpoint of the compact network: {error}") from error
    folder.mkdir(parents=True, exist_ok=True)
    encoder, decoder = folder / "compact-encoder.onnx", folder / "compact-decoder.onnx"
    partial = [path.with_suffix(".partial") for path in (encoder, decoder)]
    try:
        _export_encoder(model, partial[0])
        _export_decoder(model, partial[1])
        difference = max(_difference(model, partial, size) for size in ((256, 256), (96, 160), (160, 96)))
        if not difference <= _TOLERANCE:
            raise IncompatibleModel(f"the exported network is {difference:.2f} off in ab; {_TOLERANCE} is allowed")
        for written, final in zip(partial, (encoder, decoder), strict=True):
            os.replace(written, final)
    finally:
        for path in partial:
            path.unlink(missing_ok=True)
    manifest = {
        "temperature": TEMPERATURE,
        "files": {
            part: {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for part, path in (("encoder", encoder), ("decoder", decoder))
        },
        "training": run_notes(checkpoint),
    }
    (folder / "compact.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return Exported(folder / "compact.json", encoder.stat().st_size + decoder.stat().st_size, difference)


def _export_encoder(model: Compact, path: Path) -> None:
    # Sizes are multiples of 32, which the exporter is told so that every stride divides evenly.
    rows, columns = (32 * torch.export.Dim(name, min=1, max=256) for name in ("rows", "columns"))
    program = torch.onnx.export(
        model.encoder, (torch.rand(1, 1, 96, 160) * 100,), dynamo=True, opset_version=OPSET, verbose=False,
        input_names=["L"], output_names=list(FEATURES), dynamic_shapes=({2: rows, 3: columns},),
    )  # fmt: skip
    _save_half(program, path)


def _export_decoder(model: Compact, path: Path) -> None:
    inputs = _random_inputs(model, (96, 160), hints=3)
    rows, columns = (torch.export.Dim(name, min=1, max=256) for name in ("rows", "columns"))
    count = torch.export.Dim("hints", min=1, max=65536)
    shapes = [{2: rows * (32 // s), 3: columns * (32 // s)} for s in (4, 8, 16)] + [{2: rows, 3: columns}]
    program = torch.onnx.export(
        _FlatDecoder(model).eval(), inputs, dynamo=True, opset_version=OPSET, verbose=False,
        input_names=[*FEATURES, *DECODER_INPUTS], output_names=list(OUTPUTS),
        dynamic_shapes=(*shapes, {1: count}, {1: count}, {1: count}, *[None] * 5),
    )  # fmt: skip
    _save_half(program, path)


def _random_inputs(model: Compact, size: tuple[int, int], hints: int) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    L = 100 * nn.functional.interpolate(torch.rand(1, 1, 8, 8, generator=generator), size, mode="bicubic").clamp(0, 1)
    with torch.no_grad():
        features = model.encoder(L)
    position = torch.rand(1, hints, 2, generator=generator)
    ab = 40 * torch.randn(1, hints, 2, generator=generator)
    mask = torch.ones(1, hints)
    mask[:, -1] = 0
    histogram = torch.softmax(torch.randn(1, 313, generator=generator), dim=1)
    one = torch.ones(1, 1)
    return (*features, position, ab, mask, histogram, one, 0.3 * one, one, torch.tensor(0.38))


def _save_half(program: torch.onnx.ONNXProgram | None, path: Path) -> None:
    """Saves with large weights in 16 bits, each followed by a cast that runtimes fold when they load the file."""
    if program is None:
        raise IncompatibleModel("the exporter gave no model")
    graph = (proto := program.model_proto).graph
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.size >= _SMALLEST:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, path)


def _difference(model: Compact, files: list[Path], size: tuple[int, int]) -> float:
    """Largest difference in ab between PyTorch and the files, on a picture of the given size."""
    inputs = _random_inputs(model, size, hints=7)
    with torch.no_grad():
        expected = _FlatDecoder(model).eval()(*inputs)
    session = onnxruntime.InferenceSession(str(files[1]), providers=["CPUExecutionProvider"])
    encoder = onnxruntime.InferenceSession(str(files[0]), providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    L = 100 * nn.functional.interpolate(torch.rand(1, 1, 8, 8, generator=generator), size, mode="bicubic").clamp(0, 1)
    features = encoder.run(None, {"L": L.numpy()})
    feeds = dict(zip(FEATURES, features, strict=True))
    feeds |= {name: x.numpy() for name, x in zip(DECODER_INPUTS, inputs[4:], strict=True)}
    found = session.run(list(OUTPUTS), feeds)
    return max(float(np.abs(found[i] - expected[i].numpy()).max()) for i in (0, 1))
