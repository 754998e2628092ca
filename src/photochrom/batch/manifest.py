"""The manifest: what became of every photograph, one line of JSON each, only ever added to.

    {"photochrom_batch": 1, "input": ..., "shard": "2/4", "photographs": 12500, "settings": {...}, ...}     each run
    {"path": ..., "output": ..., "status": "done", "sha256_in": ..., "sha256_out": ..., ...}        each photograph

A line is written with one system call: a process that is killed leaves whole lines. A power cut may tear the last one;
it is cut off when the manifest is opened again. Results are flushed to the disk before their lines are written, the
manifest itself every few seconds and at its end: what a power cut takes of it is made again, or found to be there.
"""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import filelock

from photochrom.batch.records import Record
from photochrom.batch.target import OutputUnwritable
from photochrom.errors import InputError

VERSION = 1
KEY = "photochrom_batch"
# What every manifest begins with.
_BEGIN = f'{{"{KEY}":'.encode()
_MOST_FIRST_LINE = 1 << 20
_FLUSH_SECONDS = 5.0
_PART = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a batch: `number`, from 1, of `count`."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The part that is written `text`.

        Raises:
            ValueError: it is none.
        """
        part = _PART.fullmatch(text)
        if not part or not 1 <= int(part[1]) <= int(part[2]):
            raise ValueError(f"{text!r:.40} is no part of a whole: 1/4 is the first of four, 4/4 the last.")
        return cls(int(part[1]), int(part[2]))

    @property
    def suffix(self) -> str:
        """What tells this shard's files from those of others; nothing where there is one."""
        return f"-{self.number}-of-{self.count}" if self.count > 1 else ""


WHOLE = Shard(1, 1)


def manifest_name(shard: Shard) -> str:
    """A shard's manifest in OUT."""
    return f"manifest{shard.suffix}.jsonl"


def summary_name(shard: Shard) -> str:
    """A shard's summary page in OUT."""
    return f"summary{shard.suffix}.html"


def is_manifest(name: str) -> bool:
    """Whether a file at the top of OUT is a manifest."""
    return name.startswith("manifest") and name.endswith(".jsonl")


def check_is_ours(content: bytes, name: str) -> None:
    """Refuses a file that only happens to have a manifest's name.

    Args:
        content: all of it, or its first line.
        name: for the error.

    Raises:
        InputError: its first line is no run's, and no beginning of one that a power cut tore.
    """
    first, newline, _ = content.partition(b"\n")
    ours = (
        any(KEY in entry for entry in read_lines(first + newline))
        if newline
        else _BEGIN.startswith(first[: len(_BEGIN)])
    )
    if not ours:
        raise InputError(f"{name} is no manifest of a batch: move it away, or choose another OUT")


def read_lines(content: bytes) -> Iterator[dict[str, Any]]:
    """The whole lines of a manifest: of runs, which have the key `photochrom_batch`, and of photographs.

    What is torn or no JSON is left out.

    Raises:
        InputError: it was written by a later version.
    """
    for line in io.BytesIO(content):  # not all at once: a million photographs have 600 MB of lines
        if not line.endswith(b"\n"):
            return
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            version = entry.get(KEY, VERSION)
            if not isinstance(version, int) or version > VERSION:
                raise InputError(f"the manifest is of a newer photochrom (version {version!r:.9}); update photochrom")
            yield entry


def read_records(content: bytes) -> Iterator[Record]:
    """The photographs in a manifest, in the order in which they were finished."""
    for entry in read_lines(content):
        if KEY not in entry:
            try:
                yield Record.from_dict(entry)
            except ValueError:
                continue


class Manifest:
    """A manifest that is being written, by this process alone.

    Args:
        path: a local file; made where it is not there.

    Raises:
        InputError: another process is writing it, it cannot be written, or it is something else.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._flushed = path, time.monotonic()
        self._lock = filelock.FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        try:
            self._lock.acquire()
            self._file = self._open()
        except filelock.Timeout as error:
            raise InputError(f"{path} is in use: another batch is writing to this OUT; wait until it ends") from error
        except OSError as error:
            self._lock.release()
            raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
        except InputError:
            self._lock.release()
            raise
        self._end = self._cut_torn_line()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._flush()
        except OutputUnwritable:
            if kind is None:  # otherwise something was complained of already
                raise
        finally:
            os.close(self._file)
            self._lock.release()

    def begin(self, run: dict[str, Any]) -> None:
        """Adds the line of a run."""
        self._write(json.dumps({KEY: VERSION, **run}, separators=(",", ":")).encode() + b"\n")

    def add(self, record: Record) -> None:
        """Adds a photograph's line.

        Raises:
            OutputUnwritable: the disk is full.
        """
        self._write(record.to_line())
        if time.monotonic() - self._flushed > _FLUSH_SECONDS:
            self._flush()
            self._flushed = time.monotonic()

    def _open(self) -> int:
        if self._path.exists() and not self._path.is_file():  # opening a pipe would wait for ever
            raise InputError(f"{self._path} is no file but a folder, a pipe or a device: choose another OUT")
        with suppress(FileNotFoundError), self._path.open("rb") as file:  # before anything of it is cut off
            check_is_ours(file.readline(_MOST_FIRST_LINE), str(self._path))
        return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
            if written < len(line):  # what a full disk does before it says so
                os.write(self._file, line[written:])
        except OSError as error:
            os.ftruncate(self._file, self._end)
            os.lseek(self._file, self._end, os.SEEK_SET)
            raise OutputUnwritable(
                f"{self._path} cannot be written: {error.strerror}; make room, then run it again"
            ) from error
        self._end += len(line)

    def _flush(self) -> None:
        try:
            os.fsync(self._file)
            there = os.path.samestat(os.fstat(self._file), os.stat(self._path))
        except FileNotFoundError:
            there = False
        except OSError as error:
            raise OutputUnwritable(f"{self._path} cannot be written: {error.strerror}; run it again") from error
        if not there:
            raise OutputUnwritable(f"{self._path} was removed or replaced under the run; leave OUT alone, run it again")

    def _cut_torn_line(self) -> int:
        """Cuts off what follows the last whole line; returns where that ends."""
        end = os.lseek(self._file, 0, os.SEEK_END)
        whole, step = end, 1 << 16
        while whole:
            start = max(0, whole - step)
            os.lseek(self._file, start, os.SEEK_SET)
            found = os.read(self._file, whole - start).rfind(b"\n")
            whole = start + found + 1 if found >= 0 else start
            if found >= 0:
                break
        if whole < end:
            os.ftruncate(self._file, whole)
        os.lseek(self._file, whole, os.SEEK_SET)
        return whole
