"""From a published network's weights to an ONNX file that computes the same.

Weights stay in 32 bits: the published systems are here to be reproduced. What is written was run in ONNX Runtime on
pictures of two sizes and compared with PyTorch first.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from photochrom.errors import IncompatibleModel
from photochrom.models.runtime import onnxruntime

from .eccv16 import Eccv16
from .global_hints import HISTOGRAM_BINS, Siggraph17Global
from .siggraph17 import Siggraph17

OPSET = 18
_MULTIPLE = 8  # of both sides of a picture
_EXAMPLE, _OTHER_SIZE = (64, 96), (136, 72)
_TOLERANCE = 1e-4  # relative L2 between ONNX Runtime and PyTorch, both in 32 bits


class _Eccv16Doors(nn.Module):
    """Logits once, and their annealed means at several temperatures (K,): ab (K, 2, h, w)."""

    def __init__(self, network: Eccv16) -> None:
        super().__init__()
        self.network = network

    def forward(self, L: Tensor, temperature: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network.logits(L)
        return logits, self.network.mean_ab(logits, temperature[:, None, None, None])


@dataclass(frozen=True, eq=False)
class _Export:
    """A network and the doors of its ONNX file; the sizes of pictures and the number of temperatures are open."""

    network: nn.Module
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def convert(state: Mapping[str, Tensor], network: str, destination: Path, *, mask_cent: float = 0.0) -> None:
    """Writes the ONNX file of a published network.

    Args:
        state: its weights, as `read_weights` gives them.
        network: "eccv16" (L, temperature -> logits, ab at stride 4), "siggraph17" (L, hint_ab, hint_mask -> ab,
            class_logits) or "siggraph17-global" (L, histogram, histogram_given, saturation, saturation_given -> ab).
        destination: the file; its folder exists.
        mask_cent: of siggraph17, made part of the file.

    Raises:
        IncompatibleModel: ONNX Runtime does not compute what PyTorch computes.
    """
    export = _export(network, mask_cent)
    # Assigned, not copied: twice the weights would be 260 MB more.
    inner = export.network.network if isinstance(export.network, _Eccv16Doors) else export.network
    inner.load_state_dict({key: value.to(_kind(value)) for key, value in state.items()}, assign=True)
    export.network.eval()
    with torch.no_grad():
        expected = [export.network(*_inputs(export, size)) for size in (_EXAMPLE, _OTHER_SIZE)]
    _write(export, destination)
    session = onnxruntime.InferenceSession(str(destination), providers=["CPUExecutionProvider"])
    for size, tensors in zip((_EXAMPLE, _OTHER_SIZE), expected, strict=True):
        feeds = {name: x.numpy() for name, x in zip(export.inputs, _inputs(export, size), strict=True)}
        found = session.run(list(export.outputs), feeds)
        wanted = [tensors] if isinstance(tensors, Tensor) else tensors
        for name, a, b in zip(export.outputs, found, wanted, strict=True):
            difference, length = float(np.linalg.norm(a - b.numpy())), float(np.linalg.norm(b.numpy()))
            if not difference <= _TOLERANCE * length:
                raise IncompatibleModel(f"the converted {network} is off by {difference:.2g} in {name}: not kept")


def _export(network: str, mask_cent: float) -> _Export:
    if network == "eccv16":
        return _Export(_Eccv16Doors(Eccv16()), ("L", "temperature"), ("logits", "ab"))
    if network == "siggraph17":
        return _Export(Siggraph17(mask_cent), ("L", "hint_ab", "hint_mask"), ("ab", "class_logits"))
    names = ("L", "histogram", "histogram_given", "saturation", "saturation_given")
    return _Export(Siggraph17Global(), names, ("ab",))


def _kind(value: Tensor) -> torch.dtype:
    return torch.float32 if value.is_floating_point() else value.dtype


def _inputs(export: _Export, size: tuple[int, int]) -> tuple[Tensor, ...]:
    """Some values for each input, the same in every run; no two share a tensor, which would make them one input."""
    generator = torch.Generator().manual_seed(0)
    values = {
        "L": 100 * torch.rand(1, 1, *size, generator=generator),
        "temperature": torch.tensor([0.38, 1.0]),
        "hint_ab": 40 * torch.randn(1, 2, *size, generator=generator),
        "hint_mask": (torch.rand(1, 1, *size, generator=generator) < 0.05).float(),
        "histogram": torch.softmax(torch.randn(1, HISTOGRAM_BINS, generator=generator), dim=1),
        "histogram_given": torch.ones(1, 1),
        "saturation": torch.full((1, 1), 0.4),
        "saturation_given": torch.zeros(1, 1),
    }
    values["hint_ab"] *= values["hint_mask"]
    return tuple(values[name] for name in export.inputs)


def _write(export: _Export, destination: Path) -> None:
    rows, columns = (_MULTIPLE * torch.export.Dim(name, min=1, max=1024) for name in ("rows", "columns"))
    picture = {2: rows, 3: columns}
    shapes = {"L": picture, "hint_ab": picture, "hint_mask": picture, "temperature": {0: torch.export.Dim("decodes")}}
    with _quiet():
        program = torch.onnx.export(
            export.network, _inputs(export, _EXAMPLE), dynamo=True, opset_version=OPSET, verbose=False,
            input_names=list(export.inputs), output_names=list(export.outputs),
            dynamic_shapes=tuple(shapes.get(name) for name in export.inputs),
        )  # fmt: skip
        if program is None:
            raise IncompatibleModel("the exporter gave no network")
        program.save(destination)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keeps the exporter's notes on its own insides from the person who imports a model."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
