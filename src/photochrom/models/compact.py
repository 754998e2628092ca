"""The compact network on ONNX Runtime, in three parts: by photograph, by reference, and by edit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from photochrom.color import FloatArray
from photochrom.errors import WeightsCorrupt, WeightsMissing
from photochrom.hints import Hint, Reference, hint_places
from photochrom.models.engine import Prediction, open_network, reference_feeds
from photochrom.models.registry import ModelSpec

_PARTS = ("encoder", "automatic", "hints")
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


class CompactEngine:
    """`Engine` of the embedded network.

    Raises:
        WeightsMissing, WeightsCorrupt: the package is incomplete or damaged.
        BackendError: ONNX Runtime refuses the network.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        try:
            manifest = json.loads(_read("compact.json"))
            contents = [_verified(manifest["files"][part]) for part in _PARTS]
            self.temperature = np.array(manifest["temperature"], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsCorrupt("the package's own file compact.json is damaged: install photochrom again") from error
        self.sha256 = hashlib.sha256(b"".join(contents)).hexdigest()
        self._encoder, self._automatic, self._hints = (
            open_network(content, f"the compact network's {part} part", keeps_memory=part == "hints")
            for part, content in zip(_PARTS, contents, strict=True)
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
