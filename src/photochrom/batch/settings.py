"""What decides about a batch's colours, the same for every photograph of the series."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from photochrom.hints import Hint, Reference
from photochrom.pipeline import Colorizer, Result, Work


@dataclass(frozen=True)
class Settings:
    """How each photograph is coloured and written.

    Attributes:
        model: the network's name.
        decode: vivid or accurate; None: the model's default.
        saturation, temperature: as of `Work.render`.
        hints, reference: the same for all, such as of one session or one reference picture.
        format: of the results; None: each photograph's own.
    """

    model: str = "compact"
    decode: str | None = None
    saturation: float = 1.0
    temperature: float = 0.0
    hints: tuple[Hint, ...] = ()
    reference: Reference | None = None
    format: str | None = None

    def render(self, work: Work) -> Result:
        """Colours an opened photograph."""
        return work.render(self.hints, self.reference, self.decode, self.saturation, self.temperature)

    def weights(self) -> str:
        """sha256 of the model's weights, after colouring a small gray square: what cannot work fails here, once.

        Raises:
            ModelError, BackendError: the model cannot be used.
            InputError: it takes no hints or references, or lacks the decoding.
        """
        colorizer = Colorizer(self.model)
        self.render(colorizer.open(np.full((8, 8), 128, np.uint8)))
        return colorizer.engine.sha256

    def to_dict(self, weights: str) -> dict[str, Any]:
        """All of it for JSON, with the weights' sha256."""
        reference = self.reference
        statistics = reference and {
            "histogram": None if reference.histogram is None else [float(share) for share in reference.histogram],
            "saturation": reference.saturation,
        }
        return {
            "model": {"name": self.model, "sha256": weights},
            "decode": self.decode or Colorizer(self.model).spec.decodes[0],
            "saturation": float(self.saturation),
            "temperature": float(self.temperature),
            "hints": [asdict(hint) for hint in self.hints],
            "reference": statistics,
            "format": self.format,
        }

    def digest(self, weights: str) -> str:
        """sha256 of `to_dict`: equal where every photograph would become the same."""
        return hashlib.sha256(json.dumps(self.to_dict(weights), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """What every process of a batch is told once.

    Attributes:
        settings: how to colour.
        weights: sha256 of the model's weights.
        digest: the settings' hash, with the weights.
        output: OUT: a folder, or an address.
        label: begins the names of this batch's temporary files.
        overwrite: whether files in OUT that the batch did not make may be replaced.
        verify: whether earlier results are compared by content, not by size and time.
    """

    settings: Settings
    weights: str
    digest: str
    output: str
    label: str = ""
    overwrite: bool = False
    verify: bool = False
