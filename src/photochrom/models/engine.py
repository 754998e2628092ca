"""How networks run: the interface that the pipeline knows, and ONNX Runtime sessions set up alike everywhere."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from photochrom.color import FloatArray, ab_bins
from photochrom.errors import BackendError
from photochrom.hints import Hint, Reference
from photochrom.models.registry import COMPACT, ModelSpec

if TYPE_CHECKING:
    import onnxruntime


@dataclass(frozen=True, eq=False)
class Prediction:
    """A network's answer on its grid of h x w cells, which cover the picture.

    Attributes:
        accurate: (h, w, 2) ab in Lab units, the regression (2017's way), or None.
        vivid: (h, w, 2) ab, the annealed mean of the distribution (2016's way), or None.
        logits: (h, w, 313), the distribution over the colour bins, or None.
        reach: (h, w) in [0, 1], how far hints decide, or None.
    """

    accurate: FloatArray | None = None
    vivid: FloatArray | None = None
    logits: FloatArray | None = None
    reach: FloatArray | None = None


class Engine(Protocol):
    """A loaded model."""

    @property
    def spec(self) -> ModelSpec:
        """What the model is and takes."""
        ...

    @property
    def sha256(self) -> str:
        """Identifies the weights."""
        ...

    def encode(self, L: FloatArray) -> Any:
        """What of the work depends on the photograph alone; once per photograph. L is (h, w) in [0, 100]."""
        ...

    def decode(self, encoded: Any, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """Colours for an encoded photograph; once per edit."""
        ...


def open_engine(spec: ModelSpec) -> Engine:
    """Loads a model.

    Raises:
        ModelError: the weights are missing or corrupt.
        BackendError: ONNX Runtime cannot run the network.
    """
    if spec.name == COMPACT.name:
        from photochrom.models.compact import CompactEngine

        return CompactEngine(spec)
    from photochrom.models.published import open_installed

    return open_installed(spec)


def open_session(network: bytes | Path, what: str) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the CPU.

    The memory arena is off: over photographs of mixed sizes it only grows.

    Args:
        network: the ONNX file's content, or the file: that saves a copy in memory.
        what: its name, for messages.

    Raises:
        BackendError: the runtime refuses the network.
    """
    import onnxruntime

    source = str(network) if isinstance(network, Path) else network
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = False
    options.intra_op_num_threads = processors()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions share no base but Exception
        raise BackendError(f"ONNX Runtime cannot run {what}: {error}") from error


def reference_feeds(reference: Reference) -> dict[str, FloatArray]:
    """A reference's statistics as the networks take them, each with an indicator of whether it is given."""

    def column(value: float) -> FloatArray:
        return np.full((1, 1), value, np.float32)

    histogram, saturation = reference.histogram, reference.saturation
    return {
        "histogram": np.zeros((1, len(ab_bins())), np.float32) if histogram is None else histogram[None],
        "histogram_given": column(histogram is not None),
        "saturation": column(saturation or 0.0),
        "saturation_given": column(saturation is not None),
    }


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
