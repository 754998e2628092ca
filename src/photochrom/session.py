"""Session files (``*.photochrom.json``): all that a person decided about one photograph, and nothing of its pixels.

    {"photochrom": 1, "image": {"sha256", "width", "height"}, "model": {"name", "sha256"}, "hints": [...],
     "reference": {"histogram", "saturation"}, "settings": {"decode", "saturation", "temperature"}}

The same session, image and model give the same bytes again. Keys that this version does not know are kept, but for
those of a hint: they are left out, with a warning in the log, since a hint whose `color` is misspelt would be neutral.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from numbers import Real
from pathlib import Path
from typing import Any

from photochrom.errors import InvalidHint
from photochrom.hints import Hint, Reference, check_hints
from photochrom.images.atomic import whole_file

_log = logging.getLogger("photochrom")

VERSION = 1
DECODES = ("vivid", "accurate")
_MOST_SATURATION = 100.0  # every colour but neutral is on the gamut's boundary long before
_MOST_TEMPERATURE = 50.0
_MOST_LETTERS = 4 << 20  # a thousand hints, a histogram, and a hundred times as much that others may add
_SETTINGS = ("decode", "saturation", "temperature")
_REFERENCE = ("histogram", "saturation")
_HINT = ("x", "y", "color", "radius")


@dataclass(frozen=True)
class Session:
    """A photograph's hints, reference and settings.

    Attributes:
        image: sha256 of the file, or of the lightness of an array or Pillow picture; width, height.
        model: the network's name and the sha256 of its weights.
        hints, reference: as `photochrom.Hint` and `photochrom.Reference`.
        decode: vivid or accurate. saturation: factor of chroma, in [0, 100]. temperature: added to b, in [-50, 50].
        extra: unknown keys of the file, kept for the next writer.

    Raises:
        InvalidHint: a value is out of range.
    """

    image: Mapping[str, Any]
    model: Mapping[str, Any]
    hints: tuple[Hint, ...] = ()
    reference: Reference | None = None
    decode: str = "vivid"
    saturation: float = 1.0
    temperature: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_settings(self.decode, self.saturation, self.temperature)
        for name in ("saturation", "temperature"):
            if not isinstance(getattr(self, name), (int, float)):
                object.__setattr__(self, name, float(getattr(self, name)))  # NumPy's numbers are none for JSON

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Session:
        """Reads a session file.

        Raises:
            InvalidHint: the file cannot be read, is no session, is of a newer major version, or holds bad values.
        """
        try:
            # Editors on Windows put a byte order mark before the text.
            with Path(path).open(encoding="utf-8-sig") as file:
                text = file.read(_MOST_LETTERS + 1)
            if len(text) > _MOST_LETTERS:
                raise ValueError(f"it has more than {_MOST_LETTERS:,} letters")
            content = json.loads(text, parse_float=_finite, parse_constant=_finite)
        except OSError as error:
            raise InvalidHint(f"{path}: cannot be read: {error.strerror or error}") from error
        except (ValueError, RecursionError) as error:
            raise InvalidHint(f"{path} is no session file ({_fault(error)}); give one that photochrom saved") from error
        try:
            return cls.from_dict(content)
        except InvalidHint as error:
            raise InvalidHint(f"{path}: {error}") from error

    @classmethod
    def from_dict(cls, content: Any) -> Session:
        """Builds a session from a file's content.

        Raises:
            InvalidHint: see `load`.
        """
        _check_version(content)
        known = ("photochrom", "image", "model", "hints", "reference", "settings")
        image, model, reference, settings = (
            _table(content, key) for key in ("image", "model", "reference", "settings")
        )
        if not isinstance(model.get("name"), str | None):
            raise InvalidHint(f"model.name must be a string, got {model['name']!r:.40}")
        entries = content.get("hints")
        if entries is not None and not isinstance(entries, list):
            raise InvalidHint(f"hints must be a list, got {type(entries).__name__}")
        hints = check_hints([_hint(entry, i) for i, entry in enumerate(entries or ())])
        _warn_of_unknown_key(entries or ())
        return cls(
            image=image,
            model=model,
            hints=hints,
            reference=_reference(reference),
            decode=settings.get("decode", "vivid"),
            saturation=settings.get("saturation", 1.0),
            temperature=settings.get("temperature", 0.0),
            extra={
                **_without(content, known),
                "reference": _without(reference, _REFERENCE),
                "settings": _without(settings, _SETTINGS),
            },
        )

    def to_dict(self) -> dict[str, Any]:
        """The content of the file, ready for JSON."""
        reference = self.reference or Reference()
        histogram = None if reference.histogram is None else [float(share) for share in reference.histogram]
        extra = dict(self.extra)
        palette = {**extra.pop("reference", {}), "histogram": histogram, "saturation": reference.saturation}
        settings = {**extra.pop("settings", {}), **{name: getattr(self, name) for name in _SETTINGS}}
        return {
            "photochrom": VERSION,
            "image": dict(self.image),
            "model": dict(self.model),
            "hints": [asdict(hint) for hint in self.hints],
            "reference": palette,
            "settings": settings,
            **extra,
        }

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Writes the session, whole or not at all.

        Raises:
            OutputExists: the file exists and `overwrite` is false.
            InputError: the folder is missing or not writable.
        """
        text = json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"
        with whole_file(Path(path), overwrite=overwrite) as stream:
            stream.write(text.encode())


def warn_of_other_model(session: Session, name: str, sha256: str) -> None:
    """Says in the log, if a session was made with another network or other weights than these."""
    own = session.model.get("name")
    if own not in (None, name):
        _log.warning("the session was made with the network %r, not with %r; colours will differ", own, name)
    elif session.model.get("sha256") not in (None, sha256):
        _log.warning("the session was made with other weights of the network %r; colours can differ", name)


def check_settings(decode: str, saturation: Any, temperature: Any = 0.0) -> None:
    """Refuses settings out of range.

    Raises:
        InvalidHint: `decode` is unknown, `saturation` is not in [0, 100], or `temperature` is not in [-50, 50].
    """
    if decode not in DECODES:
        raise InvalidHint(f"decode must be vivid or accurate, got {decode!r:.40}")
    _check_number("saturation", saturation, 0, _MOST_SATURATION)
    _check_number("temperature", temperature, -_MOST_TEMPERATURE, _MOST_TEMPERATURE)


def _check_number(name: str, value: Any, low: float, high: float) -> None:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise InvalidHint(f"{name} must be a number in [{low:g}, {high:g}], got {value!r:.40}")


def _finite(text: str) -> float:
    """A JSON number; none that could not be written again (NaN, Infinity, 1e999)."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def _fault(error: ValueError | RecursionError) -> str:
    """What keeps a file from being JSON, in plain words."""
    match error:
        case UnicodeDecodeError():
            return "it is not text"
        case json.JSONDecodeError(pos=0):
            return "it is not JSON"
        case json.JSONDecodeError():
            return f"its JSON breaks off or is wrong in line {error.lineno}"
        case RecursionError():
            return "it is nested too deeply"
    return str(error)


def _check_version(content: Any) -> None:
    if not isinstance(content, dict) or "photochrom" not in content:
        raise InvalidHint('not a session file: it has no "photochrom" key')
    version = content["photochrom"]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise InvalidHint(f'not a session file: "photochrom" must be a version number, got {version!r:.40}')
    if version > VERSION:
        raise InvalidHint(f"written by a newer photochrom (session version {version!r:.9}); update photochrom")


def _table(content: dict[str, Any], key: str) -> dict[str, Any]:
    table = content.get(key)
    if table is not None and not isinstance(table, dict):
        raise InvalidHint(f"{key} must be an object, got {type(table).__name__}")
    return table or {}


def _without(table: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in known}


def _hint(entry: Any, index: int) -> Hint:
    if not isinstance(entry, dict) or "x" not in entry or "y" not in entry:
        raise InvalidHint(f"hint {index} must be an object with x and y, got {entry!r:.80}")
    try:
        return Hint(**{key: entry[key] for key in _HINT if key in entry})
    except InvalidHint as error:
        raise InvalidHint(f"hint {index}: {error}") from error


def _warn_of_unknown_key(entries: Iterable[Mapping[str, Any]]) -> None:
    """Of the first: a file can hold a thousand hints."""
    unknown = ((i, key) for i, entry in enumerate(entries) for key in entry if key not in _HINT)
    for index, key in islice(unknown, 1):
        _log.warning("hint %d: %.40r is none of %s, and is left out", index, key, ", ".join(_HINT))


def _reference(table: dict[str, Any]) -> Reference | None:
    histogram, saturation = table.get("histogram"), table.get("saturation")
    return None if histogram is None and saturation is None else Reference(histogram, saturation)
