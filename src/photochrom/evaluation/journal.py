"""The records of a run that is not done: one line of JSON a photograph, so that an interruption loses one at most."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from photochrom.errors import InputError


class Journal:
    """An append-only file of JSON lines.

    Raises:
        InputError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.touch()
            self._file: BinaryIO = path.open("rb+")
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def replay(self) -> Iterator[dict[str, Any]]:
        """Yields the lines that were written whole; what follows the last of them is cut off."""
        end = 0
        self._file.seek(0)
        for line in self._file:
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and line.endswith(b"\n"):
                    end += len(line)
                    yield entry
                    continue
            break
        self._file.truncate(end)
        self._file.seek(end)

    def append(self, entry: dict[str, Any]) -> None:
        """Writes one more line."""
        self._file.write(json.dumps(entry, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
