"""A process that works on photographs as its parent hands them over, and dies alone.

While one photograph is coloured the next is fetched and the one before is stored.
"""

from __future__ import annotations

import logging
import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock, Semaphore
from typing import TYPE_CHECKING, Any

from photochrom.processors import THREADS_VARIABLE

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from photochrom.batch.colouring import Coloured, Colouring, Fetched
    from photochrom.batch.records import Task


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has opened the model."""


@dataclass(frozen=True, slots=True)
class Request:
    """The worker wants to take so many bytes for a photograph; `Granted` answers."""

    output: str
    size: int


@dataclass(frozen=True, slots=True)
class Granted:
    """The bytes asked for may be taken."""


def work(connection: Connection[Any, Any], threads: int) -> None:
    """A worker process, from its start to its end, which comes when the parent closes the connection or dies.

    It receives the job and its label, then tasks and `Granted`; it sends `Ready`, then `Request` and records, or the
    error that ends all work.

    Args:
        connection: to the parent.
        threads: to compute with.
    """
    # Before anything is imported that would start threads of its own.
    os.environ[THREADS_VARIABLE] = os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = str(threads)
    # A terminal sends Ctrl-C to all its processes; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    try:
        job, label = connection.recv()
        from photochrom.batch.colouring import Colouring

        stages = _Stages(Colouring(job, label), connection)
    except EOFError:
        return
    except Exception as error:
        connection.send(error)
        return
    connection.send(Ready())
    while True:
        try:
            message = connection.recv()
        except (EOFError, OSError):
            # Nobody is there to hear of what is unfinished. A result half written has no name, and the next run sweeps.
            os._exit(0)
        if isinstance(message, Granted):
            stages.grant()
        else:
            stages.take(message)


class _Stages:
    """Three threads in a row; photographs pass through each in the order in which they came."""

    def __init__(self, colouring: Colouring, connection: Connection[Any, Any]) -> None:
        self._colouring, self._connection = colouring, connection
        self._fetching, self._colours, self._storing = (ThreadPoolExecutor(1) for _ in range(3))
        self._sending, self._granted = Lock(), Semaphore(0)

    def take(self, task: Task) -> None:
        fetched = self._fetching.submit(self._colouring.fetch, task)
        coloured = self._colours.submit(self._colour, task, fetched)
        self._storing.submit(self._store, task, coloured)

    def grant(self) -> None:
        self._granted.release()

    def _colour(self, task: Task, fetched: Future[Fetched]) -> Coloured:
        def permit(size: int) -> None:
            self._send(Request(task.output, size))
            self._granted.acquire()

        return self._colouring.colour(fetched.result(), permit)

    def _store(self, task: Task, coloured: Future[Coloured]) -> None:
        try:
            self._send(self._colouring.store(coloured.result()))
        except Exception as error:
            try:
                self._send(self._colouring.failed(task, error))
            except Exception as fatal:
                self._send(fatal)

    def _send(self, message: object) -> None:
        with self._sending:
            self._connection.send(message)
