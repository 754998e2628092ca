"""What runs in the processes of a Ray cluster: `Colourist`, in many of them.

Ray starts a process that dies anew, and gives it the same photographs again, without end. The ledger knows what it had
in hand when it died: that is tried once more, each photograph alone. It is told of whole blocks, which costs less than
to tell it of every photograph; what of them was finished is found to be there.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any

from photochrom import __version__
from photochrom.batch.colouring import Colouring, failed_record, sweep
from photochrom.batch.ray_ledger import Past
from photochrom.batch.records import Record, Task
from photochrom.batch.settings import Job
from photochrom.errors import BackendError
from photochrom.processors import THREADS_VARIABLE

# One photograph that is stored, one that is coloured, one that is fetched.
IN_HAND = 3
# Starts of one worker, one after the other, in which it did not come to a photograph, until it is given up.
_MOST_STILLBORN = 3
# A photograph whose worker died so often has failed.
_MOST_DEATHS = 2

# A block of photographs, or what became of them: pickled, since tables cannot hold every file's name.
Block = dict[str, Sequence[bytes]]


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is told once.

    Attributes:
        job: what to do.
        threads: to compute with.
        software: version of photochrom that the others have.
    """

    job: Job
    threads: int
    software: str = __version__


class Colourist:
    """Colours blocks of photographs, three at the same time: their stages overlap, and each serves one.

    Args:
        order: what to do.
        ledger: a handle of the `Ledger`.
    """

    def __init__(self, order: Order, ledger: Any) -> None:
        import ray

        os.environ[THREADS_VARIABLE] = str(order.threads)
        self._job, self._ledger = order.job, ledger
        self._name = ray.get_runtime_context().get_actor_id()
        self._past: Past = ray.get(ledger.arrive.remote(self._name))
        self._fetching, self._colours, self._storing = (ThreadPoolExecutor(1) for _ in range(3))
        self._entrance, self._places = Lock(), BoundedSemaphore(IN_HAND)
        self._fault: Exception | None = None
        try:
            self._colouring = self._open(order)
        except Exception as error:  # an actor whose constructor fails says nothing that a person could use
            self._fault = error

    def __call__(self, block: Block) -> Block:
        """Records of a block's photographs."""
        tasks: list[Task] = [task for content in block["tasks"] for task in pickle.loads(content)]
        self._ledger.begin.remote(self._name, [task.output for task in tasks if not self._past.deaths[task.output]])
        results: list[Record] | Exception
        try:
            results = [self._record(task) for task in tasks]
        except Exception as error:  # see Colouring.failed
            results = error
        self._ledger.finish.remote(self._name, [task.output for task in tasks])
        return {"results": [pickle.dumps(results)]}

    def _open(self, order: Order) -> Colouring:
        if order.software != __version__:
            raise BackendError(
                f"the Ray cluster has photochrom {__version__}, and this machine {order.software}; install the same"
            )
        if self._past.starts > _MOST_STILLBORN:
            raise BackendError("the worker processes die at their start; use fewer (--workers)")
        label = f"{order.job.label}{self._name}-"
        if self._past.in_hand:
            sweep(order.job.output, label, self._past.in_hand)
        return Colouring(order.job, label)

    def _record(self, task: Task) -> Record:
        """What became of a photograph, maybe before the worker died."""
        if self._fault:
            raise self._fault
        deaths = self._past.deaths[task.output]
        if deaths >= _MOST_DEATHS:
            reason = f"the process that coloured {task.source.address} died twice, as when memory runs out"
            return failed_record(task, self._job, reason)
        if not deaths:
            with self._place(alone=False):
                return self._colour(task)
        with self._place(alone=True):
            self._ledger.begin.remote(self._name, [task.output])
            record = self._colour(task)
            self._ledger.finish.remote(self._name, [task.output])
        return record

    def _colour(self, task: Task) -> Record:
        colouring = self._colouring
        try:
            fetched = self._fetching.submit(colouring.fetch, task).result()
            coloured = self._colours.submit(colouring.colour, fetched).result()
            return self._storing.submit(colouring.store, coloured).result()
        except Exception as error:
            return colouring.failed(task, error)

    @contextmanager
    def _place(self, alone: bool) -> Iterator[None]:
        """One of the places for photographs in hand, or all of them."""
        count = IN_HAND if alone else 1
        with self._entrance:  # one after the other: two who want all of them would each hold some
            for _ in range(count):
                self._places.acquire()
        try:
            yield
        finally:
            self._places.release(count)
