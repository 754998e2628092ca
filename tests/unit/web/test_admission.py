"""So many pieces of work at once, so many that wait, and none for clients that have left."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from photochrom.web.admission import Abandoned, Admission, Stop


def awaited(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 30))


class Gate:
    """Work that counts how many are at it, and waits to be let go."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.begun = self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def work(self, stop: Stop) -> str:
        with self._lock:
            self.begun += 1
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.open.wait(20)
        with self._lock:
            self.at_once -= 1
        return "done"


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def test_no_more_than_so_many_run_at_once_and_all_get_done() -> None:
    async def story() -> None:
        admission, gate = Admission(2, 32), Gate()
        tasks = [asyncio.ensure_future(admission.run(gate.work)) for _ in range(9)]
        await until(lambda: gate.at_once == 2)
        await asyncio.sleep(0.05)
        assert (gate.begun, admission.running, admission.waiting) == (2, 2, 7)
        gate.open.set()
        assert await asyncio.gather(*tasks) == ["done"] * 9
        assert gate.most_at_once == 2
        await asyncio.sleep(0)
        assert (admission.running, admission.waiting) == (0, 0)

    awaited(story)


def test_queue_holds_32_and_the_next_is_told_to_come_back() -> None:
    async def story() -> None:
        admission, gate = Admission(1, 32), Gate()
        tasks = [asyncio.ensure_future(admission.run(gate.work)) for _ in range(33)]
        await until(lambda: admission.waiting == 32)
        with pytest.raises(HTTPException) as refusal:
            await admission.run(gate.work)
        assert refusal.value.status_code == 503
        assert int((refusal.value.headers or {})["Retry-After"]) >= 1
        assert admission.refused == 1
        gate.open.set()
        await asyncio.gather(*tasks)

    awaited(story)


def test_cancelled_in_the_queue_never_runs_and_leaves_its_place() -> None:
    async def story() -> None:
        admission, gate = Admission(1, 1), Gate()
        first = asyncio.ensure_future(admission.run(gate.work))
        await until(lambda: gate.begun == 1)
        second = asyncio.ensure_future(admission.run(gate.work))
        await until(lambda: admission.waiting == 1)
        second.cancel()
        await until(lambda: second.done())
        assert admission.waiting == 0
        third = asyncio.ensure_future(admission.run(gate.work))
        gate.open.set()
        await asyncio.gather(first, third)
        assert gate.begun == 2

    awaited(story)


def test_cancelled_at_work_keeps_its_thread_until_the_step_is_done_and_goes_no_further() -> None:
    async def story() -> None:
        admission, gate = Admission(1, 4), Gate()
        further = threading.Event()

        def work(stop: Stop) -> None:
            gate.work(stop)
            stop.check()
            further.set()

        running = asyncio.ensure_future(admission.run(work))
        await until(lambda: gate.begun == 1)
        running.cancel()
        await until(lambda: running.done())
        assert admission.running == 1
        gate.open.set()
        await until(lambda: admission.running == 0)
        assert not further.is_set()
        assert await admission.run(gate.work) == "done"

    awaited(story)


def test_what_must_run_alone_takes_no_thread_while_it_waits_for_its_like() -> None:
    async def story() -> None:
        admission, gate, other, alone = Admission(2, 32), Gate(), Gate(), asyncio.Lock()
        tasks = [asyncio.ensure_future(admission.run(gate.work, alone)) for _ in range(3)]
        await until(lambda: gate.begun == 1)
        other.open.set()
        assert await admission.run(other.work) == "done"
        assert gate.begun == 1
        gate.open.set()
        await asyncio.gather(*tasks)
        assert (gate.begun, gate.most_at_once) == (3, 1)
        assert not alone.locked()

    awaited(story)


def test_error_of_the_work_reaches_whoever_waits_and_frees_the_thread() -> None:
    async def story() -> None:
        admission = Admission(1, 1)

        def fail(stop: Stop) -> None:
            raise ValueError("no")

        for _ in range(3):
            with pytest.raises(ValueError, match="no"):
                await admission.run(fail)
        await until(lambda: admission.running == 0)

    awaited(story)


def test_stop_says_so_at_the_next_step() -> None:
    stop = Stop()
    stop.check()
    stop.set()
    with pytest.raises(Abandoned):
        stop.check()
