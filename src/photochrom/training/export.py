"""From a checkpoint to the two ONNX files that are shipped: any picture size, weights in 8 bits, checked twice.

First the exported network must compute what PyTorch computes; then the file with small weights must give nearly the
same colours as with full ones. Nothing is left behind where a check fails.
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
import onnxruntime
import torch
from torch import Tensor, nn

from photochrom.color import FloatArray
from photochrom.errors import IncompatibleModel
from photochrom.networks.compact import Compact, GlobalHints, Hints

from .checkpoint import mean_weights, run_notes
from .small_weights import shrink

OPSET = 18
TEMPERATURE = 0.38  # of the annealed mean, the 2016 paper's
FEATURES = ("features4", "features8", "features16", "features32")
DECODER_INPUTS = (
    "hint_position", "hint_ab", "hint_mask",
    "histogram", "histogram_given", "saturation", "saturation_given", "temperature",
)  # fmt: skip
OUTPUTS = ("accurate", "vivid", "logits", "reach")
# Allowed difference in ab (Lab units): the largest between PyTorch and ONNX Runtime, the mean by small weights.
_EXPORT_TOLERANCE, _ROUNDING_TOLERANCE = 0.05, 2.0
# Pictures and guidance on which this is checked: height and width; whether a histogram and a saturation are given.
_CHECKED = (((256, 256), (1, 1)), ((96, 160), (1, 0)), ((160, 96), (0, 1)))


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        manifest: path of ``compact.json``.
        size: bytes of both networks.
        difference: largest difference in ab between PyTorch and ONNX Runtime, with full weights.
        rounding: mean difference in ab that 8-bit weights make.
    """

    manifest: Path
    size: int
    difference: float
    rounding: float


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
    full = (_export_encoder(model), _export_decoder(model))
    small = tuple(shrink(network).SerializeToString() for network in full)
    difference, rounding = _check(model, tuple(network.SerializeToString() for network in full), small)

    folder.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {"temperature": TEMPERATURE, "files": {}, "training": run_notes(checkpoint)}
    for part, content in zip(("encoder", "decoder"), small, strict=True):
        name = f"compact-{part}.onnx"
        _write_whole(folder / name, content)
        manifest["files"][part] = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
    _write_whole(folder / "compact.json", (json.dumps(manifest, indent=1) + "\n").encode())
    return Exported(folder / "compact.json", sum(map(len, small)), difference, rounding)


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    os.replace(partial, path)


def _export_encoder(model: Compact) -> onnx.ModelProto:
    # Sizes are multiples of 32, which the exporter is told so that every stride divides evenly.
    rows, columns = (32 * torch.export.Dim(name, min=1, max=256) for name in ("rows", "columns"))
    return _exported(
        torch.onnx.export(
            model.encoder,
            (_random_lightness((96, 160)),),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=["L"],
            output_names=list(FEATURES),
            dynamic_shapes=({2: rows, 3: columns},),
        )
    )


def _export_decoder(model: Compact) -> onnx.ModelProto:
    rows, columns = (torch.export.Dim(name, min=1, max=256) for name in ("rows", "columns"))
    count = torch.export.Dim("hints", min=1, max=65536)
    shapes = [{2: rows * (32 // s), 3: columns * (32 // s)} for s in (4, 8, 16)] + [{2: rows, 3: columns}]
    with torch.no_grad():
        features = model.encoder(_random_lightness((96, 160)))
    return _exported(
        torch.onnx.export(
            _FlatDecoder(model).eval(),
            (*features, *_random_guidance(hints=3, given=(1, 1))),
            dynamo=True,
            opset_version=OPSET,
            verbose=False,
            input_names=[*FEATURES, *DECODER_INPUTS],
            output_names=list(OUTPUTS),
            dynamic_shapes=(*shapes, {1: count}, {1: count}, {1: count}, *[None] * 5),
        )
    )


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


def _random_guidance(hints: int, given: tuple[int, int]) -> tuple[Tensor, ...]:
    """Hints, the last one masked, a histogram and a saturation, each given or not, in the order of `DECODER_INPUTS`.

    No tensor occurs twice: the exporter would take two inputs for one.
    """
    generator = torch.Generator().manual_seed(1)
    position = torch.rand(1, hints, 2, generator=generator)
    ab = 40 * torch.randn(1, hints, 2, generator=generator)
    mask = torch.ones(1, hints)
    mask[:, -1] = 0
    histogram = torch.softmax(torch.randn(1, 313, generator=generator), dim=1)
    histogram_given, saturation_given = (torch.full((1, 1), float(flag)) for flag in given)
    saturation = torch.full((1, 1), 0.3)
    return position, ab, mask, histogram, histogram_given, saturation, saturation_given, torch.tensor(TEMPERATURE)


def _check(model: Compact, full: tuple[bytes, ...], small: tuple[bytes, ...]) -> tuple[float, float]:
    """Largest difference in ab of the export, mean difference of small weights, over pictures of several shapes."""
    full_sessions, small_sessions = (
        [onnxruntime.InferenceSession(n, providers=["CPUExecutionProvider"]) for n in networks]
        for networks in (full, small)
    )
    differences, roundings = [], []
    for size, given in _CHECKED:
        L, guidance = _random_lightness(size), _random_guidance(hints=7, given=given)
        with torch.no_grad():
            expected = _FlatDecoder(model).eval()(*model.encoder(L), *guidance)
        found, rounded = (_run(sessions, L, guidance) for sessions in (full_sessions, small_sessions))
        differences += [float(np.abs(found[i] - expected[i].numpy()).max()) for i in (0, 1)]
        roundings += [float(np.abs(rounded[i] - found[i]).mean()) for i in (0, 1)]
    difference, rounding = max(differences), max(roundings)
    if not difference <= _EXPORT_TOLERANCE:
        raise IncompatibleModel(f"the exported network is {difference:.2f} off in ab; {_EXPORT_TOLERANCE} is allowed")
    if not rounding <= _ROUNDING_TOLERANCE:
        raise IncompatibleModel(f"8-bit weights move ab by {rounding:.2f}; {_ROUNDING_TOLERANCE} is allowed")
    return difference, rounding


def _run(sessions: list[onnxruntime.InferenceSession], L: Tensor, guidance: tuple[Tensor, ...]) -> list[FloatArray]:
    encoder, decoder = sessions
    feeds = dict(zip(FEATURES, encoder.run(list(FEATURES), {"L": L.numpy()}), strict=True))
    feeds |= {name: x.numpy() for name, x in zip(DECODER_INPUTS, guidance, strict=True)}
    found: list[FloatArray] = decoder.run(list(OUTPUTS), feeds)
    return found
