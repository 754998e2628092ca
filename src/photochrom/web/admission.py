"""So many inferences at once, so many requests that wait for one; the others are told to come back."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from starlette.exceptions import HTTPException

__all__ = ["Abandoned", "Admission", "Stop"]

T = TypeVar("T")


class Abandoned(Exception):
    """The client has left, or its time is over: nobody waits for this any more."""


class Stop:
    """Says to work in a thread that nobody waits for it any more. Threads cannot be ended from outside."""

    def __init__(self) -> None:
        self._stopped = False

    def set(self) -> None:
        self._stopped = True

    def check(self) -> None:
        """To be called between the steps of a long piece of work.

        Raises:
            Abandoned: nobody waits for the rest.
        """
        if self._stopped:
            raise Abandoned


class Admission:
    """The threads that read, colour and write pictures, and the queue before them.

    A request that is cancelled leaves the queue; one whose work has begun keeps its thread to the end of a step.

    Attributes:
        running: pieces of work in threads.
        waiting: requests in the queue.
        refused: requests sent away since the start.
    """

    def __init__(self, inferences: int, queue: int) -> None:
        self.running = self.waiting = self.refused = 0
        self._queue = queue
        self._slots = asyncio.Semaphore(inferences)
        self._threads = ThreadPoolExecutor(inferences, thread_name_prefix="inference")

    async def run(self, work: Callable[[Stop], T], alone: asyncio.Lock | None = None) -> T:
        """Runs `work` in a thread when its turn comes.

        Args:
            work: is told when nobody waits for it any more.
            alone: held meanwhile, from before the turn is taken: what must wait for its like takes no thread.

        Raises:
            HTTPException: 503, the queue is full.
        """
        if self.waiting >= self._queue and (self._slots.locked() or (alone and alone.locked())):
            self.refused += 1
            raise HTTPException(503, "too many requests are waiting; try again", {"Retry-After": "1"})
        self.waiting += 1
        try:
            await self._turn(alone)
        finally:
            self.waiting -= 1
        self.running += 1
        stop = Stop()
        running = asyncio.get_running_loop().run_in_executor(self._threads, work, stop)
        running.add_done_callback(partial(self._release, alone))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.set()
            raise

    def close(self) -> None:
        """Takes no more work, and forgets what has not begun."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, alone: asyncio.Lock | None) -> None:
        if alone:
            await alone.acquire()
        try:
            await self._slots.acquire()
        except BaseException:
            if alone:
                alone.release()
            raise

    def _release(self, alone: asyncio.Lock | None, done: asyncio.Future[T]) -> None:
        self.running -= 1
        self._slots.release()
        if alone:
            alone.release()
        if not done.cancelled():
            done.exception()  # looked at: an error of work that nobody waits for is no news
