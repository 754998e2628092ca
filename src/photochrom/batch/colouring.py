"""A photograph's way through a batch, in whatever process: fetch, colour, store. The three may overlap.

What is hashed is what is coloured: a photograph is read into memory once, so that a change under the run cannot come
between.
"""

from __future__ import annotations

import hashlib
import io
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from PIL import Image

from photochrom import images
from photochrom.batch.places import digest, open_target, read_source
from photochrom.batch.records import Record, Stat, Task
from photochrom.batch.settings import Job
from photochrom.batch.target import OutputUnwritable, Target
from photochrom.batch.thumbnails import A_THUMBNAIL, before_and_after, thumbnail_name
from photochrom.collection import FORMAT_OF
from photochrom.errors import InputError, OutputExists, PhotochromError, WeightsCorrupt
from photochrom.fast import loops
from photochrom.images.header import read_header
from photochrom.pipeline import Colorizer, Result

# What a photograph takes while it is decoded, coloured and encoded, as seen with 40 megapixels of 16 bits in colour.
# Gray ones take half of it.
_BYTES_A_PIXEL = 15
_ENCODERS_BYTES_A_PIXEL = {"webp": 22, "avif": 44}
# A series goes on: after this many pixels less than elsewhere the compiled loops are loaded.
_PIXELS_TO_COME = 48_000_000
_NOT_SHOWN = "the summary does not show it"

Permit = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A photograph's file in memory.

    Attributes:
        task: whose.
        content: the file.
        stat: what it was when it was read.
        sha256: of the content.
        taken: whether there is a file of its result's name.
        intact: whether that is the result that was recorded.
        unshown: whether the summary is to show it and has no thumbnail.
        started: when its reading began, by the monotonic clock.
    """

    task: Task
    content: bytes
    stat: Stat
    sha256: str
    taken: bool
    intact: bool
    unshown: bool
    started: float


@dataclass(frozen=True, slots=True)
class Coloured:
    """A result that is written but has not taken its name; `record` is what will be true when it has.

    Attributes:
        record: without the result's stamp and the time it took.
        started: see `Fetched`.
        pending: gives the result its name when it is closed; None: nothing is to be written.
        keep: whether somebody has changed the result that is there, so that it is not simply replaced.
        thumbnail: for the summary, or None.
    """

    record: Record
    started: float
    pending: ExitStack | None = None
    keep: bool = False
    thumbnail: Image.Image | None = None


def sweep(output: str, label: str, results: Iterable[str]) -> None:
    """Removes what a process of this label that is no more left unfinished, of results and of their thumbnails.

    Args:
        output: the batch's OUT.
        label: begins the names of the process's temporary files.
        results: names of what it was working on.
    """
    open_target(output, label).sweep(label, [*results, A_THUMBNAIL])


class Colouring:
    """One process's way of working on a batch's photographs.

    Each stage serves one thread at a time.

    Args:
        job: what to do.
        label: begins the names of this process's temporary files.

    Raises:
        ModelError, BackendError: the model cannot be opened.
    """

    def __init__(self, job: Job, label: str | None = None) -> None:
        self._job = job
        self._target: Target = open_target(job.output, job.label if label is None else label)
        self._colorizer = Colorizer(job.settings.model)
        # Opened now: what cannot be opened is no photograph's fault.
        if self._colorizer.engine.sha256 != job.weights:
            raise WeightsCorrupt(f"the weights of {job.settings.model} are not those that the batch began with")
        loops(_PIXELS_TO_COME)

    def fetch(self, task: Task) -> Fetched:
        """Reads a photograph's file, and looks at what there is of its result: all that waits for other machines."""
        started = time.monotonic()
        content, stat = read_source(task.source.address)
        there = self._target.stat(task.output)
        intact = task.known is not None and self._is_intact(task.output, there, task.known)
        unshown = task.thumbnail and self._target.stat(thumbnail_name(task.source.name)) is None
        return Fetched(task, content, stat, digest(content), there is not None, intact, unshown, started)

    def colour(self, fetched: Fetched, permit: Permit = lambda size: None) -> Coloured:
        """Decodes, colours and encodes. Of a result that is there and right, no more than its thumbnail is made.

        Args:
            fetched: what to colour.
            permit: is told how many bytes this takes, and returns when they may be taken.
        """
        task = fetched.task
        record = Record(
            path=task.source.name,
            output=task.output,
            status="done",
            sha256_in=fetched.sha256,
            size_in=fetched.stat.size,
            stamp_in=fetched.stat.stamp,
            model=self._job.settings.model,
            model_sha256=self._job.weights,
            settings=self._job.digest,
        )
        kept = self._kept(record, fetched)
        if kept and not fetched.unshown:
            return Coloured(kept, fetched.started)
        with _warnings() as said:
            permit(_needed_bytes(fetched.content, _output_format(task)))
            photograph = images.read(fetched.content)
            result = self._job.settings.render(self._colorizer.open(photograph))
            thumbnail = before_and_after(result, _output_format(task)) if task.thumbnail else None
            if kept:
                return Coloured(kept, fetched.started, thumbnail=thumbnail)
            pending, sha256, keep = self._encode(result, fetched)
        warnings = tuple(_by_its_name(task, words) for words in said)
        record = replace(record, sha256_out=sha256, warnings=warnings)
        return Coloured(record, fetched.started, pending, keep, thumbnail)

    def store(self, coloured: Coloured) -> Record:
        """Gives a result its name."""
        record, said = coloured.record, list[str]()
        with coloured.pending or nullcontext():  # at whose end it has it, unless something fails
            if coloured.thumbnail is not None:
                said += self._write_thumbnail(coloured.thumbnail, record.path)
            if coloured.keep and self._target.stat(record.output) is not None:
                aside = self._target.set_aside(record.output)
                said.append(f"the result had been changed since it was written; what was there is now {aside}")
        record = replace(record, warnings=(*record.warnings, *said))
        stat = self._target.stat(record.output)
        if stat is None:
            raise InputError(f"{record.output} is gone, just after it was written; look what else writes to OUT")
        return _finished(replace(record, size_out=stat.size, stamp_out=stat.stamp), coloured.started)

    def failed(self, task: Task, error: Exception) -> Record:
        """A failed photograph's record. What the network, which was opened, cannot do is this one's fault too.

        Raises:
            OutputUnwritable: the error is one that every photograph would meet.
        """
        if isinstance(error, OutputUnwritable):
            raise error
        return failed_record(task, self._job, _one_line(task, error))

    def _is_intact(self, output: str, stat: Stat | None, known: Record) -> bool:
        """Whether the result that is there is the one that was recorded."""
        if stat is None or known.written_as is None or stat.size != known.size_out:
            return False
        if stat == known.written_as and not self._job.verify:
            return True
        return digest(self._target.read(output)) == known.sha256_out

    def _kept(self, record: Record, fetched: Fetched) -> Record | None:
        """The record of a result that is there and right; None of any other."""
        known = fetched.task.known
        if known is None or not fetched.intact:
            return None
        if (known.settings, known.sha256_in) != (self._job.digest, fetched.sha256):
            return None
        # Whether there is a thumbnail is found out anew.
        warnings = tuple(words for words in known.warnings if not words.startswith(_NOT_SHOWN))
        return replace(record, status="unchanged", sha256_out=known.sha256_out, warnings=warnings)

    def _encode(self, result: Result, fetched: Fetched) -> tuple[ExitStack | None, str, bool]:
        """Writes a result that does not have its name yet; None where the very same file is there already.

        Says too whether another file has its name, which is to be kept.

        Raises:
            OutputExists: another file has its name, and not by this batch.
        """
        task, format = fetched.task, _output_format(fetched.task)
        if not fetched.taken or fetched.intact or self._job.overwrite:
            replace = task.known is not None or self._job.overwrite
            return *self._pending(task, replace, lambda stream: result.encode(stream, format)), False
        # Somebody's; or a run that was killed had just written it and not yet said so.
        encoded = io.BytesIO()
        result.encode(encoded, format)
        sha256 = digest(encoded.getvalue())
        if digest(self._target.read(task.output)) == sha256:
            return None, sha256, False
        if task.known is None:
            raise OutputExists(
                f"{task.output} is in OUT already, and not by this batch; move it away, or add --overwrite"
            )
        return *self._pending(task, True, lambda stream: stream.write(encoded.getvalue())), True

    def _pending(self, task: Task, replace: bool, write: Callable[[BinaryIO], object]) -> tuple[ExitStack, str]:
        """A result that is written but for its name, and its sha256."""
        with ExitStack() as stack:
            stream = stack.enter_context(self._target.write(task.output, replace=replace))
            write(stream)
            sha256 = _stream_digest(stream)
            return stack.pop_all(), sha256

    def _write_thumbnail(self, thumbnail: Image.Image, name: str) -> list[str]:
        """Keeps a small picture for the summary; says why that could not be."""
        try:
            with self._target.write(thumbnail_name(name), replace=True) as stream:
                thumbnail.save(stream, "JPEG", quality=85)
        except OutputUnwritable:
            raise
        except InputError as error:
            return [f"{_NOT_SHOWN}: {error}"]
        return []


def failed_record(task: Task, job: Job, error: str) -> Record:
    """The record of a photograph that was not coloured."""
    settings = job.settings
    record = Record(task.source.name, task.output, "failed", model=settings.model, model_sha256=job.weights)
    return _finished(replace(record, settings=job.digest, error=error), time.monotonic())


def _finished(record: Record, started: float) -> Record:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return replace(record, milliseconds=round((time.monotonic() - started) * 1000), finished=now)


def _one_line(task: Task, error: Exception) -> str:
    if isinstance(error, MemoryError):
        return f"{task.source.address} needs more memory than there is; use fewer workers, or scale it down"
    words = " ".join(str(error).split())
    if isinstance(error, PhotochromError):
        return _by_its_name(task, words)
    return f"{task.source.address}: {type(error).__name__}: {words}"


def _by_its_name(task: Task, words: str) -> str:
    """What is decoded is bytes; who reads the manifest wants the file's name."""
    return words.replace("the given bytes", task.source.address)


def _output_format(task: Task) -> str:
    return FORMAT_OF[PurePosixPath(task.output).suffix.lower()]


def _needed_bytes(content: bytes, format: str) -> int:
    header = read_header(content)
    return header.width * header.height * _ENCODERS_BYTES_A_PIXEL.get(format, _BYTES_A_PIXEL)


def _stream_digest(stream: BinaryIO) -> str:
    stream.seek(0)
    sha256 = hashlib.sha256()
    while block := stream.read(1 << 20):
        sha256.update(block)
    return sha256.hexdigest()


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """What the package logs meanwhile as warnings: for the record, and not for a terminal."""
    said: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    keeper, logger = Keeper(logging.WARNING), logging.getLogger("photochrom")
    logger.addHandler(keeper)
    try:
        yield said
    finally:
        logger.removeHandler(keeper)
