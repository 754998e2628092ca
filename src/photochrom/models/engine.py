"""How networks run: the interface that the pipeline knows, and ONNX Runtime sessions set up alike everywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from photochrom.color import FloatArray, ab_bins
from photochrom.errors import BackendError
from photochrom.hints import Hint, Reference
from photochrom.models.registry import COMPACT, ModelSpec
from photochrom.processors import processors

if TYPE_CHECKING:
    import onnxruntime

# In this order. cuDNN's usual choice of algorithms is by a race, and TF32 rounds: neither gives the same bytes again.
_PROVIDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CUDAExecutionProvider", {"cudnn_conv_algo_search": "DEFAULT", "use_tf32": "0"}),
    ("CPUExecutionProvider", {}),
)


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
        from photochrom.models.compact import CompactEngine, embedded_weights

        return CompactEngine(spec, embedded_weights())
    from photochrom.models.published import open_installed

    return open_installed(spec)


class Network:
    """An ONNX Runtime session whose failures say which network it was."""

    def __init__(self, session: onnxruntime.InferenceSession, what: str) -> None:
        self._session, self._what = session, what

    @property
    def inputs(self) -> list[str]:
        """Names of what it takes."""
        return [given.name for given in self._session.get_inputs()]

    def run(
        self, outputs: Sequence[str] | None, feeds: Mapping[str, FloatArray], *, keep_memory: bool = True
    ) -> list[Any]:
        """The outputs of these names, or all, for inputs by their names.

        Args:
            outputs: names, or None for all.
            feeds: values of the inputs, by their names.
            keep_memory: of a network that keeps its memory: whether to keep that of this run, too.

        Raises:
            BackendError: the runtime fails, most often for want of memory.
        """
        from photochrom.models.runtime import onnxruntime

        run = onnxruntime.RunOptions()
        if not keep_memory:
            run.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        try:
            return list(self._session.run(outputs, feeds, run))
        except Exception as error:  # the runtime's exceptions share no base but Exception
            raise BackendError(f"ONNX Runtime cannot run {self._what}: {error}") from error


def open_network(network: bytes | Path, what: str, *, keeps_memory: bool = False) -> Network:
    """Opens a network: on a GPU where onnxruntime-gpu is installed and finds one, else on the CPU.

    Its threads sleep when they have nothing to do: where others are at work, waiting in a loop costs as much again as
    the computing.

    Args:
        network: the ONNX file's content, or the file: that saves a copy in memory.
        what: its name, for messages.
        keeps_memory: between runs (ONNX Runtime's arena). That saves the time to get it anew; but over photographs of
            mixed sizes the arena only grows.

    Raises:
        BackendError: the runtime refuses the network.
    """
    from photochrom.models.runtime import onnxruntime

    source = str(network) if isinstance(network, Path) else network
    options = onnxruntime.SessionOptions()
    options.enable_cpu_mem_arena = keeps_memory
    options.intra_op_num_threads = processors()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    if isinstance(network, bytes):
        # A network by content may name files with its weights; the runtime would look for them where the program runs.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    try:
        available = onnxruntime.get_available_providers()
        providers = [provider for provider in _PROVIDERS if provider[0] in available]
        return Network(onnxruntime.InferenceSession(source, options, providers=providers), what)
    except Exception as error:  # see Network.run
        raise BackendError(f"ONNX Runtime cannot open {what}: {error}") from error


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
