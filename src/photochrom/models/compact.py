"""The compact network on ONNX Runtime, in three parts: by photograph, by reference, and by edit."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from photochrom.color import FloatArray, ab_bins
from photochrom.errors import BackendError, IncompatibleModel, WeightsCorrupt, WeightsMissing
from photochrom.hints import Hint, Reference, hint_places
from photochrom.models.engine import Prediction, open_network, reference_feeds
from photochrom.models.manifest import is_file_name, positive_number
from photochrom.models.registry import ModelSpec

PARTS = ("encoder", "automatic", "hints")
# An edit with so many cells under hints keeps its memory for the next one, up to 100 MB: to get it anew takes longer
# than the computing.
_FEW_PLACES = 256
_FEATURES = ("features4", "features8", "features16", "features32")
_AUTOMATIC = ("automatic_features", "automatic_accurate", "automatic_vivid", "automatic_logits")


@dataclass(eq=False)
class Encoded:
    """What the network knows of a photograph.

    Attributes:
        features: by their names.
        reference: the one for which colours were made last.
        automatic: those colours before hints, and what hints need to know, by their names; None: none yet.
    """

    features: dict[str, FloatArray]
    reference: Reference | None = None
    automatic: dict[str, FloatArray] | None = None


@dataclass(frozen=True, eq=False)
class Weights:
    """What `photochrom export` makes of the network.

    Attributes:
        parts: ONNX files' contents by their names, in the order of `PARTS`.
        temperature: of the annealed mean.
        sha256: identifies them.
    """

    parts: Mapping[str, bytes]
    temperature: float
    sha256: str


class CompactEngine:
    """`Engine` of the compact network.

    Raises:
        BackendError: ONNX Runtime refuses the network.
    """

    def __init__(self, spec: ModelSpec, weights: Weights) -> None:
        self.spec, self.sha256 = spec, weights.sha256
        self.temperature = np.array(weights.temperature, np.float32)
        self._encoder, self._automatic, self._hints = (
            open_network(content, f"the {part} part of {spec.name}", keeps_memory=part == "hints")
            for part, content in weights.parts.items()
        )

    def encode(self, L: FloatArray) -> Encoded:
        """Features of L (h, w) in [0, 100], h and w multiples of 32."""
        found = self._encoder.run(_FEATURES, {"L": np.ascontiguousarray(L[None, None], np.float32)})
        return Encoded(dict(zip(_FEATURES, found, strict=True)))

    def decode(self, encoded: Encoded, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """Colours at a quarter of the network's size. With the reference of the call before, the hints' part is all."""
        if encoded.automatic is None or encoded.reference != reference:
            feeds = encoded.features | reference_feeds(reference or Reference()) | {"temperature": self.temperature}
            found = self._automatic.run(_AUTOMATIC, feeds)
            encoded.automatic, encoded.reference = dict(zip(_AUTOMATIC, found, strict=True)), reference
        automatic = encoded.automatic
        if hints:
            feeds = automatic | hint_feeds(hints, automatic["automatic_accurate"].shape[2:])
            few = feeds["hint_position"].shape[1] <= _FEW_PLACES
            outputs = ("accurate", "vivid", "logits", "reach")
            accurate, vivid, logits, reach = self._hints.run(outputs, feeds, keep_memory=few)
        else:
            accurate, vivid, logits = (automatic[name] for name in _AUTOMATIC[1:])
            reach = np.zeros_like(accurate[:, :1])
        accurate, vivid, logits = (np.moveaxis(x[0], 0, -1) for x in (accurate, vivid, logits))
        return Prediction(accurate, vivid, logits, reach[0, 0])


def hint_feeds(hints: Sequence[Hint], grid: tuple[int, ...]) -> dict[str, FloatArray]:
    """What the hints' part is told of at least one hint, by its inputs' names; `grid` is h, w in cells."""
    position, ab = hint_places(hints, *grid)
    return {"hint_position": position[None], "hint_ab": ab[None]}


def embedded_weights() -> Weights:
    """The weights in this package.

    Raises:
        WeightsMissing, WeightsCorrupt: the package is incomplete or damaged.
    """
    try:
        manifest = json.loads(_read("compact.json"))
        parts = {part: _verified(manifest["files"][part]) for part in PARTS}
        return Weights(parts, manifest["temperature"], _joint_sha256(parts))
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsCorrupt("the package's own file compact.json is damaged: install photochrom again") from error


def exported_weights(manifest: Path) -> tuple[Weights, dict[str, Any]]:
    """The weights that `photochrom export` wrote, and its notes on their training.

    Args:
        manifest: ``compact.json``; the networks lie beside it.

    Raises:
        WeightsMissing, WeightsCorrupt, IncompatibleModel: they cannot be used.
    """
    try:
        table = json.loads(manifest.read_text("utf-8-sig"))
        if isinstance(table, dict) and "photochrom-model" in table:
            raise IncompatibleModel(
                f"{manifest}: belongs to {table['onnx']['name']}, which photochrom models export wrote: import that"
            )
        entries = [(part, table["files"][part]["name"], table["files"][part]["sha256"]) for part in PARTS]
        temperature, notes = positive_number(table["temperature"], "temperature", manifest), dict(table["training"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise WeightsCorrupt(f"{manifest}: not the manifest of a network that photochrom export wrote") from error
    parts = {}
    for part, name, sha256 in entries:
        if not is_file_name(name):
            raise WeightsCorrupt(f"{manifest}: names no file beside it for the network's {part} part")
        file = manifest.with_name(name)
        try:
            parts[part] = file.read_bytes()
        except OSError as error:
            raise WeightsMissing(f"{file}: cannot be read ({error.strerror}); it belongs to {manifest.name}") from error
        if hashlib.sha256(parts[part]).hexdigest() != sha256:
            raise WeightsCorrupt(f"{file}: its sha256 is not the one in {manifest.name}; export the network again")
    return Weights(parts, temperature, _joint_sha256(parts)), notes


def write_parts(parts: Mapping[str, bytes], path: Path) -> None:
    """Writes the networks into one file, an archive whose bytes depend on them alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part, content in parts.items():
            archive.writestr(zipfile.ZipInfo(f"{part}.onnx"), content)


def read_parts(path: Path) -> dict[str, bytes]:
    """What `write_parts` wrote: networks by their parts' names.

    Raises:
        WeightsCorrupt: it is something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {part: archive.getinfo(f"{part}.onnx") for part in PARTS}
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):  # none grows in memory
                raise WeightsCorrupt(f"{path}: not an archive that photochrom wrote")
            return {part: archive.read(entry) for part, entry in entries.items()}
    # Damaged and odd archives fail in many ways.
    except (OSError, KeyError, ValueError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise WeightsCorrupt(f"{path}: not a network of three parts ({error})") from error


def check_weights(spec: ModelSpec, weights: Weights) -> None:
    """Colours a small picture with and without guidance.

    Raises:
        IncompatibleModel: the network cannot be run, or gives something else than colours and distributions.
    """
    side = spec.network_side
    shape, grid, bins = (side // 4, side // 2), (side // 16, side // 8), len(ab_bins())
    expected = {"accurate": (*grid, 2), "vivid": (*grid, 2), "logits": (*grid, bins), "reach": grid}
    references = Reference(), Reference(np.full(bins, 1 / bins, np.float32), 0.3)
    try:
        engine = CompactEngine(spec, weights)
        encoded = engine.encode(np.linspace(0, 100, shape[0] * shape[1], dtype=np.float32).reshape(shape))
        for hints, reference in product([(), (Hint(0.5, 0.5, "#b5651d"),)], references):
            found = engine.decode(encoded, hints, reference)
            for name, size in expected.items():
                values = getattr(found, name)
                if values.shape != size or not np.isfinite(values).all():
                    raise IncompatibleModel(f"{spec.name}: gives other {name} than a compact network does")
    except (BackendError, ValueError, IndexError) as error:
        raise IncompatibleModel(f"{spec.name}: not a compact network ({error})") from error


def _joint_sha256(parts: Mapping[str, bytes]) -> str:
    return hashlib.sha256(b"".join(parts.values())).hexdigest()


def _read(name: str) -> bytes:
    try:
        return files("photochrom").joinpath("models", "data", name).read_bytes()
    except OSError as error:
        raise WeightsMissing(f"the package's own file {name} is missing: install photochrom again ({error})") from error


def _verified(entry: dict[str, Any]) -> bytes:
    content = _read(entry["name"])
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise WeightsCorrupt(f"the package's own file {entry['name']} is damaged: install photochrom again")
    return content
