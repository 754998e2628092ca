"""Series of photographs, and batches: in processes of their own, or in this one."""

import functools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photochrom.batch.colouring import Colouring
from photochrom.batch.records import Record, Task
from photochrom.batch.settings import Job
from photochrom.models.engine import open_engine

ENVIRONMENT = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8:surrogateescape"}


# A network is opened once for all batches in this process.
open_once = functools.cache(open_engine)


class InThisProcess:
    """`Runner` without other processes: what it does with one photograph is what every runner does."""

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """See `Runner`."""
        colouring = Colouring(job)
        for task in tasks:
            try:
                record = colouring.store(colouring.colour(colouring.fetch(task)))
            except Exception as error:
                record = colouring.failed(task, error)
            yield record


def write_series(folder: Path, count: int, size: tuple[int, int] = (96, 64)) -> None:
    """Writes gray photographs of soft shapes, 000.png and so on, in three folders."""
    for number in range(count):
        below = folder / f"album {number % 3}"
        below.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(number).integers(0, 256, (4, 6), np.uint8)
        Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(below / f"{number:03}.png")


def command(*arguments: str | Path) -> list[str]:
    """The command line of a batch."""
    return [sys.executable, "-m", "photochrom", "batch", *map(str, arguments)]


@contextmanager
def start(*arguments: str | Path, **options: Any) -> "Iterator[subprocess.Popen[str]]":
    """Starts a batch in a process group of its own, and ends it if a test has not."""
    with subprocess.Popen(
        command(*arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="surrogateescape",
        start_new_session=True,
        env=ENVIRONMENT,
        **options,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()  # its workers end with it
            raise


def run(*arguments: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs a batch to its end."""
    with start(*arguments, **options) as process:
        said, complained = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def outcome(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """What a batch with --json said."""
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def results(folder: Path) -> dict[str, Path]:
    """The results in OUT by their names: everything but the batch's own files."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*.*")
        if path.is_file()
        and path.suffix not in (".jsonl", ".html")
        and not path.relative_to(folder).parts[0].startswith(".")
        and not path.name.startswith(".")
    }


def unfinished(folder: Path) -> list[Path]:
    """Temporary files in OUT."""
    return list(folder.rglob("*.part"))


def lines(folder: Path) -> list[dict[str, Any]]:
    """The photographs' lines of OUT's manifest, which must be whole."""
    content = (folder / "manifest.jsonl").read_bytes()
    assert content.endswith(b"\n")
    return [entry for entry in map(json.loads, content.splitlines()) if "path" in entry]


def line_count(folder: Path) -> int:
    """Lines of OUT's manifest so far, that of the run included; 0: there is none yet."""
    manifest = folder / "manifest.jsonl"
    return manifest.read_bytes().count(b"\n") if manifest.exists() else 0


def wait_until(true: Callable[[], bool], process: "subprocess.Popen[str]", seconds: float = 300) -> None:
    """Waits until something is true, or the process has ended."""
    deadline = time.monotonic() + seconds
    while not true() and process.poll() is None:
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
