"""What is recorded of an installed model, as JSON beside its network. No dates: each import gives the same."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from photochrom.errors import IncompatibleModel, UnknownModel, WeightsCorrupt

VERSION = 1
FOREIGN = "onnx"  # the network of a model that somebody else made
TRAINED = "compact"  # this project's network, with weights that somebody else trained
NETWORKS = ("eccv16", "siggraph17", "siggraph17-global", TRAINED, FOREIGN)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FILE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LEAST, _MOST = 1e-6, 1e6


@dataclass(frozen=True)
class FileRecord:
    """A file as it was: its name without folders, its sha256 in hexadecimal, its size in bytes."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """An installed model.

    Attributes:
        name: as in ``--model``.
        network: one of `NETWORKS`.
        onnx: the network's file, beside the manifest.
        source: the file that it was converted from.
        licence: SPDX identifier of the weights' licence, or "unknown".
        origin: where the source comes from.
        settings: what the weights need to be used rightly: `temperature` (eccv16: the T that is folded into the
            logits, 1 if none; compact: that of the annealed mean), `mask_cent` (siggraph17), `input` and `output`
            (foreign networks). Of compact also `training`: how its weights came about.
    """

    name: str
    network: str
    onnx: FileRecord
    source: FileRecord
    licence: str
    origin: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """A sha256 of all that decides the colours: the network's file and its settings."""
        settings = {key: value for key, value in self.settings.items() if key != "training"}
        return hashlib.sha256(f"{self.onnx.sha256} {json.dumps(settings, sort_keys=True)}".encode()).hexdigest()

    def to_json(self) -> str:
        """The manifest as a JSON text.

        Raises:
            WeightsCorrupt: something in it is no text, or nested too deeply.
        """
        try:
            return self._as_json()
        except (RecursionError, UnicodeEncodeError) as error:
            raise WeightsCorrupt(f"what is said of {self.name} cannot be recorded ({error})") from error

    def _as_json(self) -> str:
        text = json.dumps({"photochrom-model": VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"
        text.encode()  # a half of a surrogate pair cannot
        return text

    @classmethod
    def from_json(cls, text: str, path: Path) -> Manifest:
        """Reads a manifest that this package wrote; `path` is for messages.

        Raises:
            WeightsCorrupt: it is damaged.
            IncompatibleModel: a newer photochrom wrote it.
        """
        content = read_table(text, path)
        try:
            if {type(content["licence"]), type(content["origin"]), type(content["source"]["name"])} != {str}:
                raise TypeError("licence, origin and name of the source are texts")
            manifest = cls(
                name=str(content["name"]),
                network=content["network"],
                onnx=FileRecord(**content["onnx"]),
                source=FileRecord(**content["source"]),
                licence=content["licence"],
                origin=content["origin"],
                settings=content["settings"],
            )
        except (KeyError, TypeError) as error:
            raise WeightsCorrupt(f"{path}: not the manifest of an installed model ({error})") from error
        if manifest.network not in NETWORKS or not _is_plain(manifest.onnx) or not isinstance(manifest.settings, dict):
            raise WeightsCorrupt(f"{path}: not the manifest of an installed model")
        if manifest.network in ("eccv16", TRAINED):
            positive_number(manifest.settings.get("temperature"), "temperature", path)
        return manifest


def is_name(name: str) -> bool:
    """Whether a model can have this name."""
    return bool(_NAME.fullmatch(name))


def check_name(name: str) -> str:
    """The name of a model, as it is.

    Raises:
        UnknownModel: it looks like a path, or is no plain word.
    """
    if not is_name(name):
        raise UnknownModel(
            f"{name!r} is no model's name (small letters, digits, - and _); "
            "to use a file: photochrom models import FILE --as NAME"
        )
    return name


def read_table(text: str, path: Path) -> dict[str, Any]:
    """A manifest's JSON text as a table of the version that is read here.

    Raises:
        WeightsCorrupt: it is no such table.
        IncompatibleModel: a newer photochrom wrote it.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WeightsCorrupt(f"{path}: not a manifest ({error})") from error
    version = content.get("photochrom-model") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise WeightsCorrupt(f'{path}: not a manifest: it has no "photochrom-model": {VERSION}')
    if version > VERSION:
        raise IncompatibleModel(f"{path}: manifest version {version} is of a newer photochrom; update photochrom")
    table: dict[str, Any] = content
    return table


def positive_number(value: Any, name: str, path: Path) -> float:
    """The value as a number above 0, within what 32 bits hold with room to compute.

    Raises:
        IncompatibleModel: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _LEAST <= value <= _MOST:
        raise IncompatibleModel(f"{path}: {name} must be a number above 0, got {str(value)[:40]}")
    return float(value)


def is_file_name(name: object) -> bool:
    """Whether this is a file's name without folders, so that a manifest never leads out of its own."""
    return isinstance(name, str) and bool(_FILE_NAME.fullmatch(name))


def _is_plain(record: FileRecord) -> bool:
    return is_file_name(record.name) and bool(_SHA256.fullmatch(str(record.sha256)))
