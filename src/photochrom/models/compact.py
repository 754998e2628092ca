"""The compact network on ONNX Runtime: the encoder once per photograph, the decoder once per edit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from photochrom.color import FloatArray
from photochrom.errors import WeightsCorrupt, WeightsMissing
from photochrom.hints import Hint, Reference, hint_places
from photochrom.models.engine import Prediction, open_session, reference_feeds
from photochrom.models.registry import ModelSpec

_FEATURES = ("features4", "features8", "features16", "features32")


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
            encoder, decoder = (_verified(manifest["files"][part]) for part in ("encoder", "decoder"))
            self.temperature = np.array(manifest["temperature"], np.float32)
        except (ValueError, KeyError, TypeError) as error:
            raise WeightsCorrupt("the package's own file compact.json is damaged: install photochrom again") from error
        self.sha256 = hashlib.sha256(encoder + decoder).hexdigest()
        self._encoder = open_session(encoder, "the compact network's encoder")
        self._decoder = open_session(decoder, "the compact network's decoder")

    def encode(self, L: FloatArray) -> dict[str, FloatArray]:
        """Features of L (h, w) in [0, 100], h and w multiples of 32."""
        found = self._encoder.run(_FEATURES, {"L": np.ascontiguousarray(L[None, None], np.float32)})
        return dict(zip(_FEATURES, found, strict=True))

    def decode(self, encoded: dict[str, FloatArray], hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """Colours at a quarter of the network's size."""
        height, width = encoded["features4"].shape[2:]
        feeds = encoded | decoder_feeds(hints, reference, (height, width)) | {"temperature": self.temperature}
        accurate, vivid, logits, reach = self._decoder.run(("accurate", "vivid", "logits", "reach"), feeds)
        accurate, vivid, logits = (np.moveaxis(x[0], 0, -1) for x in (accurate, vivid, logits))
        return Prediction(accurate, vivid, logits, reach[0, 0])


def decoder_feeds(hints: Sequence[Hint], reference: Reference | None, grid: tuple[int, int]) -> dict[str, FloatArray]:
    """What the decoder is told besides features and temperature, by its inputs' names; `grid` is h, w in cells."""
    return _hint_feeds(hints, *grid) | reference_feeds(reference or Reference())


def _hint_feeds(hints: Sequence[Hint], height: int, width: int) -> dict[str, FloatArray]:
    position, ab = hint_places(hints, height, width)
    mask = np.ones((1, max(len(ab), 1)), np.float32)
    if not len(ab):  # the list has at least one entry; a masked one is none
        position, ab, mask = np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32), np.zeros((1, 1), np.float32)
    return {"hint_position": position[None], "hint_ab": ab[None], "hint_mask": mask}


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
