"""Worker processes on this machine: each is handed a few photographs at a time, and replaced when it dies."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from photochrom.batch.colouring import failed_record, sweep
from photochrom.batch.memory import available_memory
from photochrom.batch.permits import Permits
from photochrom.batch.records import Record, Task
from photochrom.batch.settings import Job
from photochrom.batch.worker import Granted, Ready, Request, work
from photochrom.errors import BackendError
from photochrom.processors import processors

if TYPE_CHECKING:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection as Connection
    else:
        from multiprocessing.connection import Connection

# One photograph that is stored, one that is coloured, one that is fetched.
_IN_HAND = 3
# Workers that die before they have opened the model, one after the other, until it is given up.
_MOST_STILLBORN = 3
# Of the memory that is there at the start, for photographs.
_SHARE = 0.5
_FAREWELL_SECONDS = 5.0
_SIGNALS = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}


def open_runner(workers: int | None) -> LocalRunner:
    """A runner with so many worker processes, or one for each processor."""
    return LocalRunner(workers or processors(), int(available_memory() * _SHARE))


class LocalRunner:
    """`Runner` of this machine.

    Args:
        workers: processes.
        memory: bytes that photographs may take in all of them together; a larger one is worked on alone.
    """

    def __init__(self, workers: int, memory: int) -> None:
        self._workers, self._memory = workers, memory

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """See `Runner`."""
        crew = _Crew(job, iter(tasks), self._workers, self._memory)
        try:
            yield from crew.work()
        finally:
            crew.dismiss()


@dataclass
class _Worker:
    """A worker process and what it has in hand, by the results' names."""

    process: BaseProcess
    connection: Connection[Any, Any]
    label: str
    ready: bool = False
    alone: bool = False
    tasks: dict[str, Task] = field(default_factory=dict)


class _Crew:
    """The workers of one run.

    A worker that dies takes up to three photographs with it. Each of these gets a second try, by a worker that has
    nothing else in hand: whose worker dies then has failed.
    """

    def __init__(self, job: Job, tasks: Iterator[Task], size: int, memory: int) -> None:
        self._job, self._tasks, self._size = job, tasks, size
        self._workers: list[_Worker] = []
        self._hired = self._stillborn = 0
        self._suspects: deque[Task] = deque()
        self._suspected: set[str] = set()
        self._permits = Permits(memory)
        self._next: Task | None = next(tasks, None)

    def work(self) -> Iterator[Record]:
        """Yields records until nothing is left to do."""
        while True:
            self._hand_out()
            if not any(worker.tasks for worker in self._workers):
                return
            heard = wait([worker.connection for worker in self._workers])
            for worker in [worker for worker in self._workers if worker.connection in heard]:
                yield from self._hear(worker)

    def dismiss(self) -> None:
        """Ends all workers: those with nothing in hand by closing the connection, others at once."""
        for worker in self._workers:
            worker.connection.close()
            if worker.tasks or not worker.ready:
                worker.process.kill()
        for worker in self._workers:
            worker.process.join(_FAREWELL_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            self._sweep(worker)
        self._workers.clear()

    def _hand_out(self) -> None:
        """Gives every worker as much as it may have in hand, each its first before any its second."""
        for depth in range(1, _IN_HAND + 1):
            for worker in self._workers:
                self._fill(worker, depth)
            while len(self._workers) < self._size and (self._suspects or self._next is not None):
                self._workers.append(self._hire())
                self._fill(self._workers[-1], depth)

    def _fill(self, worker: _Worker, depth: int) -> None:
        if not worker.tasks:
            worker.alone = bool(self._suspects)
            if worker.alone:
                self._give(worker, self._suspects.popleft())
        # While suspects wait, workers are left to finish what they have: one will soon be free.
        if self._next is None or worker.alone or self._suspects or len(worker.tasks) >= depth:
            return
        if self._permits.may_fetch(_file_size(self._next)):
            task, self._next = self._next, next(self._tasks, None)
            self._give(worker, task)

    def _give(self, worker: _Worker, task: Task) -> None:
        worker.tasks[task.output] = task
        self._permits.fetch(task.output, _file_size(task))
        self._send(worker, task)

    def _send(self, worker: _Worker, message: object) -> None:
        # That it is dead is found out when it is heard of next.
        with contextlib.suppress(OSError):
            worker.connection.send(message)

    def _hear(self, worker: _Worker) -> Iterator[Record]:
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(worker)
            return
        if isinstance(message, Ready):
            worker.ready, self._stillborn = True, 0
        elif isinstance(message, Request):
            self._permits.ask(message.output, message.size, lambda: self._send(worker, Granted()))
        elif isinstance(message, Record):
            del worker.tasks[message.output]
            self._permits.give_back(message.output)
            yield message
        else:
            raise message

    def _bury(self, worker: _Worker) -> Iterator[Record]:
        """What a dead worker had in hand is tried again, or has failed for good."""
        worker.connection.close()
        worker.process.join()
        self._workers.remove(worker)
        self._sweep(worker)
        if not worker.ready:
            self._stillborn += 1
            if self._stillborn == _MOST_STILLBORN:
                raise BackendError(f"the worker processes die at their start ({_cause(worker)}); use fewer (--workers)")
        for output, task in worker.tasks.items():
            self._permits.give_back(output)
            if not worker.ready:
                self._suspects.append(task)
            elif output in self._suspected:
                reason = f"the process that coloured {task.source.address} died twice ({_cause(worker)})"
                yield failed_record(task, self._job, reason)
            else:
                self._suspected.add(output)
                self._suspects.append(task)

    def _hire(self) -> _Worker:
        self._hired += 1
        label = f"{self._job.label}w{self._hired}-"
        context = multiprocessing.get_context("spawn")  # a fork would copy the threads of libraries half
        ours, theirs = context.Pipe()
        threads = max(1, processors() // self._size)
        process = context.Process(target=work, args=(theirs, threads), name=f"photochrom-{label}", daemon=True)
        with _signals_held_back():
            process.start()
        theirs.close()
        worker = _Worker(process, ours, label)
        self._send(worker, (self._job, label))
        return worker

    def _sweep(self, worker: _Worker) -> None:
        if worker.tasks:
            sweep(self._job.output, worker.label, worker.tasks)


def _file_size(task: Task) -> int:
    return task.source.stat.size if task.source.stat else 0


def _cause(worker: _Worker) -> str:
    code = worker.process.exitcode or 0
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"{name}, as when memory runs out" if name == "SIGKILL" else name
    return f"exit code {code}"


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """A process that is started meanwhile never hears of Ctrl-C and the like: its parent decides. They are not lost."""
    if sys.platform == "win32":  # its processes have no such mask
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
