"""The records of a run that is not done: one line of JSON a photograph, so that an interruption loses one at most."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import filelock

from photochrom.errors import InputError


class Journal:
    """An append-only file of JSON lines, written by this process alone.

    Args:
        path: made where it is not there; a hidden lock file lies beside it.

    Raises:
        InputError: another process is writing it, or it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        try:
            self._lock.acquire()
            path.touch()
            self._file: BinaryIO = path.open("rb+")
        except filelock.Timeout as error:
            raise InputError(f"{path} is in use: another run measures the same; wait until it ends") from error
        except OSError as error:
            self._lock.release()
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._lock.release()

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

    def discard(self) -> None:
        """Removes the file, which is needed no more, and its lock."""
        self._file.close()
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Windows keeps what is open
            Path(self._lock.lock_file).unlink()
