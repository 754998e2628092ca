"""Any automatic colorizer in an ONNX file, by a small manifest that says what it takes and gives.

{"photochrom-model": 1, "licence": "Apache-2.0", "origin": "https://...",
 "input": {"kind": "gray-rgb", "range": [0, 1], "side": 512, "square": true},
 "output": {"kind": "ab"}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photochrom import color
from photochrom.color import FloatArray
from photochrom.errors import BackendError, IncompatibleModel
from photochrom.hints import Hint, Reference
from photochrom.models.engine import Network, Prediction, open_network
from photochrom.models.manifest import Manifest, positive_number
from photochrom.models.registry import ModelSpec

_KINDS = {"input": ("L", "gray-rgb"), "output": ("ab", "rgb")}
_FIELDS = {"input": {"kind", "range", "side", "multiple", "square"}, "output": {"kind", "range", "unit"}}
_LARGEST_SIDE = 2048


@dataclass(frozen=True)
class Doors:
    """What a network takes and gives.

    Attributes:
        takes: "L" (N, 1, H, W), or "gray-rgb" (N, 3, H, W): the sRGB gray of that L, three times.
        black, white: the input's values of these.
        side: the longer side that the network sees, in pixels.
        multiple: both sides are multiples of this.
        square: the network takes side x side only; pictures are padded, never stretched.
        gives: "ab" (N, 2, h, w), or "rgb" (N, 3, h, w), sRGB, of which the colours are taken.
        unit: of ab, in Lab units.
        output_black, output_white: the values of these in an "rgb" output.
    """

    takes: str
    black: float
    white: float
    side: int
    multiple: int
    square: bool
    gives: str
    unit: float
    output_black: float
    output_white: float


def parse_doors(table: Mapping[str, Any], path: Path) -> Doors:
    """Reads `input` and `output` of a manifest; `path` is for messages.

    Raises:
        IncompatibleModel: something is missing, unknown or out of range.
    """
    given, out = (_section(table, name, path) for name in ("input", "output"))
    black, white = _range(given.get("range", [0, 100] if given["kind"] == "L" else [0, 1]), path)
    output_black, output_white = _range(out.get("range", [0, 1]), path)
    side, multiple = (given.get(key, default) for key, default in (("side", 256), ("multiple", 32)))
    for name, value in (("side", side), ("multiple", multiple)):
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _LARGEST_SIDE:
            raise IncompatibleModel(f"{path}: input.{name} must be a whole number in 1..{_LARGEST_SIDE}, got {value!r}")
    if side % multiple:
        raise IncompatibleModel(f"{path}: input.side must be a multiple of input.multiple ({multiple}), got {side}")
    if not isinstance(square := given.get("square", False), bool):
        raise IncompatibleModel(f"{path}: input.square must be true or false, got {square!r}")
    unit = positive_number(out.get("unit", 1), "output.unit", path)
    return Doors(
        given["kind"], black, white, side, multiple, square, out["kind"], unit, output_black, output_white
    )  # fmt: skip


def foreign_spec(manifest: Manifest) -> ModelSpec:
    """What there is to know of an installed network before it is loaded.

    Raises:
        IncompatibleModel: its manifest says something that cannot be.
    """
    doors = parse_doors(manifest.settings, Path(f"{manifest.name}.json"))
    return ModelSpec(
        name=manifest.name,
        summary=f"{manifest.source.name}, imported by the user",
        origin=manifest.origin,
        licence=manifest.licence,
        network_side=doors.side,
        multiple=doors.multiple,
        takes_hints=False,
        takes_reference=False,
        decodes=("accurate",),
    )


class ForeignEngine:
    """An automatic colorizer that somebody else made."""

    def __init__(self, spec: ModelSpec, manifest: Manifest, network: Path) -> None:
        self.spec, self.sha256 = spec, manifest.identity
        self._doors = parse_doors(manifest.settings, Path(f"{manifest.name}.json"))
        # By content, not by name: a network by name may have the runtime read other files of this computer as weights.
        self._network = open_network(network.read_bytes(), spec.name)

    def encode(self, L: FloatArray) -> Prediction:
        """All of the work: the colours of L (h, w)."""
        return Prediction(accurate=_run(self._network, self._doors, L, self.spec.name))

    def decode(self, encoded: Prediction, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        """The network takes neither hints nor references: what `encode` gave."""
        return encoded


def check_network(network: bytes, doors: Doors, what: str) -> None:
    """Runs a network once on a picture of another shape than its own.

    Raises:
        IncompatibleModel: it cannot be run, or takes or gives something else than its manifest says.
    """
    try:
        opened = open_network(network, what)
    except BackendError as error:
        raise IncompatibleModel(f"{what}: not a network that ONNX Runtime can run ({error})") from error
    shape = doors.side, max(doors.multiple, doors.side // 2 // doors.multiple * doors.multiple)
    try:
        _run(opened, doors, np.linspace(0, 100, shape[0] * shape[1], dtype=np.float32).reshape(shape), what)
    except BackendError as error:
        raise IncompatibleModel(f"{what}: cannot be run as its manifest says ({error})") from error


def _run(network: Network, doors: Doors, L: FloatArray, what: str) -> FloatArray:
    """The network's colours (h', w', 2) of L (h, w).

    Raises:
        IncompatibleModel: it takes or gives something else than its manifest says.
        BackendError: the runtime fails.
    """
    if len(network.inputs) != 1:
        raise IncompatibleModel(f"{what}: has {len(network.inputs)} inputs; an automatic colorizer has one")
    picture = _pad_square(L, doors.side) if doors.square else L
    found = network.run(None, {network.inputs[0]: _values(doors, picture)})[0]
    channels = 2 if doors.gives == "ab" else 3
    if not isinstance(found, np.ndarray) or found.ndim != 4 or found.shape[:2] != (1, channels):
        raise IncompatibleModel(f"{what}: should give (1, {channels}, h, w), gives {getattr(found, 'shape', None)}")
    if not np.isfinite(found).all():
        raise IncompatibleModel(f"{what}: gives values that are not finite")
    return _crop(_colors(doors, np.moveaxis(found[0].astype(np.float32), 0, -1)), picture.shape, L.shape, what)


def _values(doors: Doors, L: FloatArray) -> FloatArray:
    share = L / np.float32(100) if doors.takes == "L" else color.lightness_to_gray(L)
    plane = np.clip(share, 0, 1) * np.float32(doors.white - doors.black) + np.float32(doors.black)
    return np.repeat(plane[None, None], 1 if doors.takes == "L" else 3, axis=1).astype(np.float32)


def _colors(doors: Doors, found: FloatArray) -> FloatArray:
    if doors.gives == "ab":
        return found * np.float32(doors.unit)
    share = (found - np.float32(doors.output_black)) / np.float32(doors.output_white - doors.output_black)
    return color.srgb_to_lab(np.clip(share, 0, 1))[..., 1:]


def _pad_square(L: FloatArray, side: int) -> FloatArray:
    height, width = L.shape
    return np.pad(L, ((0, side - height), (0, side - width)), mode="symmetric")


def _crop(ab: FloatArray, padded: tuple[int, ...], size: tuple[int, ...], what: str) -> FloatArray:
    """The part of the output that belongs to the picture and not to its padding."""
    rows, columns = (ab.shape[i] * size[i] for i in (0, 1))
    if rows % padded[0] or columns % padded[1]:
        raise IncompatibleModel(f"{what}: gives a grid of {ab.shape[:2]} for {padded}: raise input.multiple")
    return ab[: rows // padded[0], : columns // padded[1]]


def _section(table: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    section = table.get(name)
    if not isinstance(section, dict) or section.get("kind") not in _KINDS[name]:
        raise IncompatibleModel(f'{path}: {name} must have a "kind": {" or ".join(_KINDS[name])}')
    if unknown := sorted(set(section) - _FIELDS[name]):
        raise IncompatibleModel(f"{path}: {name} has no {unknown[0]!r}; it has {', '.join(sorted(_FIELDS[name]))}")
    return section


def _range(value: Any, path: Path) -> tuple[float, float]:
    numbers = isinstance(value, list) and len(value) == 2 and all(type(x) in (int, float) for x in value)
    if not numbers or not np.isfinite(value).all() or value[0] == value[1]:
        raise IncompatibleModel(f"{path}: a range must be two different numbers, black's and white's, got {value!r}")
    return float(value[0]), float(value[1])
