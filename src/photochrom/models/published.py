"""Installed models on ONNX Runtime: the three published systems, as `photochrom.networks.convert` writes them, and
what the user imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np

from photochrom.color import FloatArray, ab_bins
from photochrom.errors import IncompatibleModel, WeightsCorrupt
from photochrom.hints import Hint, Reference, hint_raster
from photochrom.models.compact import CompactEngine, Weights, check_weights, read_parts
from photochrom.models.engine import Engine, Prediction, open_network, reference_feeds
from photochrom.models.folder import read_manifest, verified_network
from photochrom.models.foreign import ForeignEngine
from photochrom.models.manifest import FOREIGN, TRAINED, Manifest
from photochrom.models.registry import MODELS, ModelSpec, imported_spec

# The annealed mean of the 2016 paper; T = 1 is the mean.
_VIVID, _ACCURATE = 0.38, 1.0
# The class head of siggraph17: ab from -110 to 110 in steps of 10, b fastest, and how flat its softmax is to be.
_CLASS_SIDE, _CLASS_STEP, _CLASS_MOST = 23, 10, 110
_CLASS_SHARPNESS = 0.2


def open_installed(spec: ModelSpec) -> Engine:
    """Loads a model of the user's folder.

    Raises:
        WeightsMissing: it is not installed.
        WeightsCorrupt, IncompatibleModel: it is damaged.
        BackendError: ONNX Runtime refuses the network.
    """
    manifest = read_manifest(spec.name)
    try:
        network = verified_network(manifest)
    except WeightsCorrupt:
        newer = read_manifest(spec.name)
        if newer == manifest:
            raise
        manifest, network = newer, verified_network(newer)  # imported anew just now
    return _open(spec, manifest, network)


def check_exported(manifest: Manifest, network: Path) -> None:
    """Runs a network that came ready with its manifest on a small picture.

    Raises:
        IncompatibleModel: it cannot be run as its manifest says.
    """
    spec = imported_spec(manifest)
    try:
        if manifest.network == TRAINED:
            check_weights(spec, _weights(manifest, network))
            return
        open_network(network.read_bytes(), manifest.name)  # by content it may refer to no other file
        engine = _open(spec, manifest, network)
        side = spec.network_side // 4 // spec.multiple * spec.multiple or spec.multiple
        engine.decode(engine.encode(np.full((side, side), 50, np.float32)), (), None)
    except IncompatibleModel:
        raise
    except Exception as error:  # the runtime's exceptions share no base but Exception
        raise IncompatibleModel(f"{network.name}: cannot be run as its manifest says: {error}") from error


def _open(spec: ModelSpec, manifest: Manifest, network: Path) -> Engine:
    if manifest.network not in ((spec.name,) if spec.name in MODELS else (FOREIGN, TRAINED)):
        raise IncompatibleModel(f"{spec.name} is recorded as a network of the kind {manifest.network}: import it again")
    return _ENGINES[manifest.network](spec, manifest, network)


def _trained(spec: ModelSpec, manifest: Manifest, network: Path) -> CompactEngine:
    return CompactEngine(spec, _weights(manifest, network))


def _weights(manifest: Manifest, network: Path) -> Weights:
    return Weights(read_parts(network), manifest.settings["temperature"], manifest.identity)


class Eccv16Engine:
    """Zhang et al. 2016: `vivid` is the annealed mean, `accurate` the mean of the distribution."""

    def __init__(self, spec: ModelSpec, manifest: Manifest, network: Path) -> None:
        self.spec, self.sha256 = spec, manifest.identity
        # The logits in the file may be divided by a temperature already.
        self._folded = float(manifest.settings["temperature"])
        self._network = open_network(network, spec.name)

    def encode(self, L: FloatArray) -> Prediction:
        """All of the work: L (h, w), multiples of 8, to colours and distribution at stride 4."""
        temperature = np.array([_VIVID, _ACCURATE], np.float32) / np.float32(self._folded)
        logits, ab = self._network.run(("logits", "ab"), {"L": _plane(L), "temperature": temperature})
        vivid, accurate = np.moveaxis(ab, 1, -1)
        return Prediction(accurate, vivid, np.moveaxis(logits[0], 0, -1) * np.float32(self._folded))

    def decode(self, encoded: Prediction, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """The network takes neither hints nor references: what `encode` gave."""
        return encoded


class Siggraph17Engine:
    """Zhang et al. 2017 with local hints. Hints enter at the first layer, so the whole network runs for every edit."""

    def __init__(self, spec: ModelSpec, manifest: Manifest, network: Path) -> None:
        self.spec, self.sha256 = spec, manifest.identity
        self._network = open_network(network, spec.name)
        a, b = ((ab_bins() + _CLASS_MOST) / _CLASS_STEP).astype(int).T
        self._bins = a * _CLASS_SIDE + b

    def encode(self, L: FloatArray) -> FloatArray:
        """L (h, w), multiples of 8, as it is."""
        return L

    def decode(self, encoded: FloatArray, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """Colours at the network's size; the distribution, of those of the 529 colours that sRGB has, at stride 4."""
        ab, mask = hint_raster(hints, *encoded.shape)
        feeds = {"L": _plane(encoded), "hint_ab": np.moveaxis(ab, -1, 0)[None], "hint_mask": _plane(mask)}
        found, logits = self._network.run(("ab", "class_logits"), feeds)
        in_gamut = np.moveaxis(logits[0, self._bins], 0, -1) * np.float32(_CLASS_SHARPNESS)
        return Prediction(accurate=np.moveaxis(found[0], 0, -1), logits=in_gamut)


class Siggraph17GlobalEngine:
    """Zhang et al. 2017 with global hints: a reference's colour histogram and saturation."""

    def __init__(self, spec: ModelSpec, manifest: Manifest, network: Path) -> None:
        self.spec, self.sha256 = spec, manifest.identity
        self._network = open_network(network, spec.name)

    def encode(self, L: FloatArray) -> FloatArray:
        """L (h, w), multiples of 8, as it is."""
        return L

    def decode(self, encoded: FloatArray, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """Colours at the network's size."""
        feeds = {"L": _plane(encoded), **reference_feeds(reference or Reference())}
        (found,) = self._network.run(("ab",), feeds)
        return Prediction(accurate=np.moveaxis(found[0], 0, -1))


def _plane(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values[None, None], np.float32)


_ENGINES: Mapping[str, Callable[[ModelSpec, Manifest, Path], Engine]] = MappingProxyType(
    {
        "eccv16": Eccv16Engine,
        "siggraph17": Siggraph17Engine,
        "siggraph17-global": Siggraph17GlobalEngine,
        TRAINED: _trained,
        FOREIGN: ForeignEngine,
    }
)
