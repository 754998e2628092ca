"""From a checkpoint to the ONNX files that are shipped: any picture size, weights in 8 bits, checked twice.

There are three, by how often they run: the encoder once per photograph, the automatic colours once per photograph and
reference, the hints once per edit.

First the exported network must compute what PyTorch computes, or nothing is written. Then the file with small weights
must give nearly the same colours as with full ones; where it does not, fewer weights are made small.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from photochrom.color import FloatArray
from photochrom.errors import IncompatibleModel
from photochrom.models.runtime import onnxruntime
from photochrom.networks.compact import Automatic, Colors, Compact, CompactDecoder, GlobalHints, Hints

from .checkpoint import mean_weights, run_notes, without_places
from .embedded import REMAINDER, remainder_of
from .small_weights import SMALLEST, shrink

OPSET = 18
TEMPERATURE = 0.38  # of the annealed mean, the 2016 paper's
PARTS = ("encoder", "automatic", "hints")
FEATURES = ("features4", "features8", "features16", "features32")
AUTOMATIC_INPUTS = ("histogram", "histogram_given", "saturation", "saturation_given", "temperature")
AUTOMATIC = tuple(f"automatic_{name}" for name in Automatic._fields)
HINTS_INPUTS = ("hint_position", "hint_ab")
OUTPUTS = Colors._fields
# Allowed difference in ab (Lab units): the largest between PyTorch and ONNX Runtime, the mean by small weights.
_EXPORT_TOLERANCE, _ROUNDING_TOLERANCE = 0.05, 2.0
# How many values a tensor must have to be kept in 8 bits: more, where these would move colours too far.
_SMALLEST = (SMALLEST, 1 << 15, 1 << 17, 1 << 62)
# Pictures and guidance on which this is checked: height and width; whether a histogram and a saturation are given.
_CHECKED = (((256, 256), (1, 1)), ((96, 160), (1, 0)), ((160, 96), (0, 1)))


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        manifest: path of ``compact.json``.
        size: bytes of all networks.
        difference: largest difference in ab between PyTorch and ONNX Runtime, with full weights.
        rounding: mean difference in ab that 8-bit weights make.
    """

    manifest: Path
    size: int
    difference: float
    rounding: float


class _Automatic(nn.Module):
    """The decoder's first half with plain tensors at its doors, as ONNX has them."""

    def __init__(self, decoder: CompactDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self, features4: Tensor, features8: Tensor, features16: Tensor, features32: Tensor,
        histogram: Tensor, histogram_given: Tensor, saturation: Tensor, saturation_given: Tensor, temperature: Tensor,
    ) -> tuple[Tensor, ...]:  # fmt: skip
        features = (features4, features8, features16, features32)
        reference = GlobalHints(histogram, histogram_given, saturation, saturation_given)
        return tuple(self.decoder.automatic(features, reference, temperature))


class _Guided(nn.Module):
    """The decoder's second half with plain tensors at its doors, and without padding among the hints."""

    def __init__(self, decoder: CompactDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(
        self, features: Tensor, accurate: Tensor, vivid: Tensor, logits: Tensor, hint_position: Tensor, hint_ab: Tensor
    ) -> tuple[Tensor, ...]:
        hints = Hints(hint_position, hint_ab, torch.ones_like(hint_ab[..., 0]))
        return tuple(self.decoder.guided(Automatic(features, accurate, vivid, logits), hints))


def export_compact(checkpoint: Path, folder: Path) -> Exported:
    """Writes ``compact-encoder.onnx``, ``compact-automatic.onnx``, ``compact-hints.onnx`` and ``compact.json``.

    The weights are a checkpoint's running mean. ``compact.json``, the manifest, holds the networks' sha256, the
    temperature of the annealed mean, and how they were trained. ``compact-training.npz`` holds what else it takes to go
    on training from them (see `photochrom.training.embedded`).

    Raises:
        WeightsCorrupt: the checkpoint cannot be read.
        IncompatibleModel: it is of another network, or the exported files do not compute what PyTorch computes.
    """
    model = Compact().eval()
    try:
        model.load_state_dict(mean_weights(checkpoint))
    except RuntimeError as error:
        raise IncompatibleModel(f"{checkpoint}: not a checkpoint of the compact network: {error}") from error
    full = (_export_encoder(model), _export_automatic(model), _export_hints(model))
    difference, small, rounding = _checked_small(model, full)

    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {
        "temperature": TEMPERATURE,
        "files": {},
        "training": without_places(run_notes(checkpoint)),
    }
    for part, content in zip(PARTS, small, strict=True):
        name = f"compact-{part}.onnx"
        _write_whole(folder / name, content)
        manifest["files"][part] = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
    _write_whole(folder / REMAINDER, remainder_of(model, small))
    _write_whole(folder / "compact.json", (json.dumps(manifest, indent=1) + "\n").encode())
    return Exported(folder / "compact.json", sum(map(len, small)), difference, rounding)


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def _export_encoder(model: Compact) -> onnx.ModelProto:
    # Sizes are multiples of 32, which the exporter is told so that every stride divides evenly.
    rows, columns = _dims()
    return _exported(
        torch.onnx.export(
            model.encoder,
            (_random_lightness((96, 160)),),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=["L"],
            output_names=list(FEATURES),
            dynamic_shapes=({2: 32 * rows, 3: 32 * columns},),
        )
    )


def _export_automatic(model: Compact) -> onnx.ModelProto:
    rows, columns = _dims()
    shapes = [{2: rows * (32 // s), 3: columns * (32 // s)} for s in (4, 8, 16)] + [{2: rows, 3: columns}]
    with torch.no_grad():
        features = model.encoder(_random_lightness((96, 160)))
    return _exported(
        torch.onnx.export(
            _Automatic(model.decoder).eval(),
            (*features, *_random_reference((1, 1))),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=[*FEATURES, *AUTOMATIC_INPUTS],
            output_names=list(AUTOMATIC),
            dynamic_shapes=(*shapes, *[None] * len(AUTOMATIC_INPUTS)),
        )
    )


def _export_hints(model: Compact) -> onnx.ModelProto:
    rows, columns = _dims()
    count = torch.export.Dim("hints", min=1, max=65536)
    with torch.no_grad():
        automatic = _Automatic(model.decoder)(*model.encoder(_random_lightness((96, 160))), *_random_reference((1, 1)))
    return _exported(
        torch.onnx.export(
            _Guided(model.decoder).eval(),
            (*automatic, *_random_hints(3)),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=[*AUTOMATIC, *HINTS_INPUTS],
            output_names=list(OUTPUTS),
            dynamic_shapes=(*[{2: 8 * rows, 3: 8 * columns}] * len(AUTOMATIC), {1: count}, {1: count}),
        )
    )


def _dims() -> Any:
    """Rows and columns at stride 32."""
    return (torch.export.Dim(name, min=1, max=256) for name in ("rows", "columns"))


def _exported(program: torch.onnx.ONNXProgram | None) -> onnx.ModelProto:
    if program is None:
        raise IncompatibleModel("the exporter gave no model")
    proto: onnx.ModelProto = program.model_proto
    del proto.graph.value_info[:]  # shapes of inner values, which runtimes work out by themselves
    for part in (*proto.graph.node, *proto.graph.initializer, *proto.graph.input, *proto.graph.output, proto.graph):
        # The exporter notes there where in which file each step was written, with this computer's paths.
        del part.metadata_props[:]
        part.doc_string = ""
    return proto


def _random_lightness(size: tuple[int, int]) -> Tensor:
    """A smooth random picture (1, 1, H, W), L in [0, 100]."""
    cells = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return 100 * nn.functional.interpolate(cells, size, mode="bicubic").clamp(0, 1)


def _random_hints(count: int) -> tuple[Tensor, Tensor]:
    """Places and colours, in the order of `HINTS_INPUTS`."""
    generator = torch.Generator().manual_seed(1)
    return torch.rand(1, count, 2, generator=generator), 40 * torch.randn(1, count, 2, generator=generator)


def _random_reference(given: tuple[int, int]) -> tuple[Tensor, ...]:
    """A histogram and a saturation, each given or not, and the temperature, in the order of `AUTOMATIC_INPUTS`.

    No tensor occurs twice: the exporter would take two inputs for one.
    """
    histogram = torch.softmax(torch.randn(1, 313, generator=torch.Generator().manual_seed(1)), dim=1)
    histogram_given, saturation_given = (torch.full((1, 1), float(flag)) for flag in given)
    return histogram, histogram_given, torch.full((1, 1), 0.3), saturation_given, torch.tensor(TEMPERATURE)


def _checked_small(model: Compact, full: tuple[onnx.ModelProto, ...]) -> tuple[float, tuple[bytes, ...], float]:
    """Largest difference in ab of the export; the networks with small weights; the mean difference that these make."""
    exported = tuple(network.SerializeToString() for network in full)
    found = _colors_of(exported)
    difference = max(float(np.abs(a - b).max()) for a, b in zip(found, _expected(model), strict=True))
    if not difference <= _EXPORT_TOLERANCE:
        raise IncompatibleModel(f"the exported network is {difference:.2f} off in ab; {_EXPORT_TOLERANCE} is allowed")
    for smallest in _SMALLEST:
        small = tuple(shrink(network, smallest).SerializeToString() for network in full)
        rounding = max(float(np.abs(a - b).mean()) for a, b in zip(found, _colors_of(small), strict=True))
        if rounding <= _ROUNDING_TOLERANCE:
            break
    return difference, small, rounding


def _expected(model: Compact) -> list[FloatArray]:
    """What PyTorch computes for the checked pictures: `accurate` and `vivid` of each."""
    found = []
    for size, given in _CHECKED:
        with torch.no_grad():
            automatic = _Automatic(model.decoder)(*model.encoder(_random_lightness(size)), *_random_reference(given))
            found += [ab.numpy() for ab in _Guided(model.decoder)(*automatic, *_random_hints(7))[:2]]
    return found


def _colors_of(networks: tuple[bytes, ...]) -> list[FloatArray]:
    """The same by ONNX Runtime."""
    sessions = [onnxruntime.InferenceSession(n, providers=["CPUExecutionProvider"]) for n in networks]
    return [
        ab
        for size, given in _CHECKED
        for ab in _run(sessions, _random_lightness(size), _random_reference(given), _random_hints(7))[:2]
    ]


def _run(sessions: list[Any], L: Tensor, reference: tuple[Tensor, ...], hints: tuple[Tensor, ...]) -> list[FloatArray]:
    encoder, automatic, guided = sessions
    feeds = dict(zip(FEATURES, encoder.run(list(FEATURES), {"L": L.numpy()}), strict=True))
    feeds |= {name: x.numpy() for name, x in zip(AUTOMATIC_INPUTS, reference, strict=True)}
    found = dict(zip(AUTOMATIC, automatic.run(list(AUTOMATIC), feeds), strict=True))
    found |= {name: x.numpy() for name, x in zip(HINTS_INPUTS, hints, strict=True)}
    colors: list[FloatArray] = guided.run(list(OUTPUTS), found)
    return colors
