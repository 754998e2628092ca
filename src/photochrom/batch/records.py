"""What a batch knows about a photograph: before (`Task`) and after it was worked on (`Record`)."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self

Status = Literal["done", "unchanged", "failed"]
# Kept once for all records: of a million the rest is enough.
_SAME_IN_MOST = ("status", "model", "model_sha256", "settings")
# What is no text in a line.
_KINDS: dict[str, type] = {"size_in": int, "size_out": int, "milliseconds": int, "warnings": list}


@dataclass(frozen=True, slots=True)
class Stat:
    """What tells cheaply whether a file has changed.

    Attributes:
        size: in bytes.
        stamp: the time of its last change in nanoseconds, or an object store's ETag.
    """

    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the manifest: what became of a photograph.

    Attributes:
        path: the photograph's name below IN, with forward slashes.
        output: its result's name below OUT.
        status: done; unchanged (the result that was there is right); or failed.
        sha256_in, size_in, stamp_in: the photograph as it was read; None where that failed.
        sha256_out, size_out, stamp_out: the result as it was written; None where there is none.
        model, model_sha256: the network and its weights.
        settings: hash of all that decides about colours and format, the weights included.
        error: why it failed, in one line.
        warnings: what could not be kept of the photograph, and the like.
        milliseconds: from the beginning of reading to the end of writing.
        finished: when, UTC, ISO 8601.
    """

    path: str
    output: str
    status: Status
    sha256_in: str | None = None
    size_in: int | None = None
    stamp_in: str | None = None
    sha256_out: str | None = None
    size_out: int | None = None
    stamp_out: str | None = None
    model: str = ""
    model_sha256: str = ""
    settings: str = ""
    error: str | None = None
    warnings: tuple[str, ...] = ()
    milliseconds: int = 0
    finished: str = ""

    @property
    def read_as(self) -> Stat | None:
        """What the photograph was when it was read."""
        return None if self.size_in is None or self.stamp_in is None else Stat(self.size_in, self.stamp_in)

    @property
    def written_as(self) -> Stat | None:
        """What the result was when it was written."""
        return None if self.size_out is None or self.stamp_out is None else Stat(self.size_out, self.stamp_out)

    def to_line(self) -> bytes:
        """The record as a line of JSON; names that are no UTF-8 survive as escapes."""
        return json.dumps(asdict(self), separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Self:
        """The record in a line; keys of later versions are left out.

        Raises:
            ValueError: it is none.
        """
        known = {field.name for field in fields(cls)}
        values = {key: value for key, value in content.items() if key in known and value is not None}
        if not all(isinstance(values.get(key), str) for key in ("path", "output", "status")):
            raise ValueError("a record has a path, an output and a status")
        for key, value in values.items():
            if not isinstance(value, _KINDS.get(key, str)):
                raise ValueError(f"the {key} of a record cannot be {value!r:.40}")
        for key in _SAME_IN_MOST:
            if isinstance(values.get(key), str):
                values[key] = sys.intern(values[key])
        return cls(**values | {"warnings": tuple(values.get("warnings") or ())})


@dataclass(frozen=True, slots=True)
class Source:
    """A photograph to colour.

    Attributes:
        name: its place below IN, with forward slashes: what its result and its shard go by.
        address: a path, or an address such as s3://bucket/key.
        stat: as it was listed; None where it could not be asked.
    """

    name: str
    address: str
    stat: Stat | None


@dataclass(frozen=True, slots=True)
class Task:
    """A photograph that is to be worked on.

    Attributes:
        source: which.
        output: its result's name below OUT.
        known: what is recorded of an earlier result of this name, or None.
        thumbnail: whether the summary shows it.
    """

    source: Source
    output: str
    known: Record | None = None
    thumbnail: bool = False
