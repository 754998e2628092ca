"""Ray Data: the photographs of a batch stream through actors on one machine or many, each with a session of its own.

Ray moves names and records; photographs are read, and results written, where they are coloured.
"""

from __future__ import annotations

import logging
import os
import pickle
import secrets
import signal
import socket
import threading
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from photochrom.batch.colouring import sweep
from photochrom.batch.ray_ledger import Ledger
from photochrom.batch.ray_worker import IN_HAND, Colourist, Order
from photochrom.batch.records import Record, Task
from photochrom.batch.settings import Job
from photochrom.errors import BackendError
from photochrom.processors import processors

# Handing out a block costs about as much as colouring a tiny photograph; large ones are not kept waiting for a line.
_MOST_IN_BLOCK = 32
_BYTES_IN_BLOCK = 8 << 20
# Ray keeps names and records there, a few kilobytes a block. Its own choice would be a third of the memory.
_STORE_BYTES = 100 << 20
_CONNECT_SECONDS = 10.0


def open_runner(workers: int | None, address: str | None = None) -> RayRunner:
    """A runner on the cluster at this address or that of ``RAY_ADDRESS``, else on one of its own on this machine."""
    return RayRunner(workers, address or os.environ.get("RAY_ADDRESS"))


def import_ray() -> Any:
    """Ray, which reads its environment when it is first imported.

    Raises:
        ModuleNotFoundError: the extra is not installed.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Photochrom reports nothing to anybody
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", "^")  # of what it would print of other processes: all
    import ray.data

    return ray


@dataclass(frozen=True)
class Cluster:
    """What a run uses of a cluster.

    Attributes:
        workers: actors.
        threads: of each, and the processors that it asks Ray for.
    """

    workers: int
    threads: int


class RayRunner:
    """`Runner` of Ray.

    Args:
        workers: actors; None: as many as the cluster has processors.
        address: of a cluster that is there; None: one is started on this machine, and ended with the run.
    """

    def __init__(self, workers: int | None, address: str | None) -> None:
        self._workers, self._address = workers, address

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """See `Runner`."""
        tasks = list(tasks)
        left = {task.output for task in tasks}
        try:
            with _connected(self._workers, self._address) as cluster, closing(_results(job, tasks, cluster)) as results:
                for record in results:
                    left.discard(record.output)
                    yield record
        finally:
            if left:
                sweep(job.output, job.label, left)


def _results(job: Job, tasks: Sequence[Task], cluster: Cluster) -> Generator[Record, None, None]:
    """Streams photographs through actors. Of results that lie ready Ray keeps a few; then the actors wait."""
    import ray

    blocks = [{"tasks": pickle.dumps(block)} for block in _blocks(tasks, cluster.workers * IN_HAND)]
    ledger = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(Ledger).remote()
    pool = ray.data.ActorPoolStrategy(
        size=min(cluster.workers, len(blocks)),
        max_concurrent_calls_per_actor=IN_HAND,
        enable_true_multi_threading=True,
    )
    coloured = ray.data.from_items(blocks, override_num_blocks=len(blocks)).map_batches(
        Colourist,
        batch_size=None,
        compute=pool,
        num_cpus=cluster.threads,
        fn_constructor_args=(Order(job, cluster.threads), ledger),
    )
    try:
        for batch in coloured.iter_batches(batch_size=None):
            for results in map(pickle.loads, batch["results"]):
                if isinstance(results, Exception):
                    raise results
                yield from results
    except ray.exceptions.RayError as error:
        raise BackendError(f"Ray has given up ({_first_line(error)}); run the batch again") from error


def _blocks(tasks: Sequence[Task], lanes: int) -> Iterator[list[Task]]:
    """Small photographs together, large ones alone, and ever fewer towards the end: nobody is to wait for a last block.

    Args:
        tasks: what to do.
        lanes: blocks that all workers have in hand together.
    """
    block: list[Task] = []
    size = 0
    for number, task in enumerate(tasks):
        needed = task.source.stat.size if task.source.stat else _BYTES_IN_BLOCK
        most = min(_MOST_IN_BLOCK, 1 + (len(tasks) - number) // (2 * lanes))
        if block and (len(block) >= most or size + needed > _BYTES_IN_BLOCK):
            yield block
            block, size = [], 0
        block.append(task)
        size += needed
    if block:
        yield block


@contextmanager
def _connected(workers: int | None, address: str | None) -> Iterator[Cluster]:
    """Connects to a cluster, or starts one; at the end leaves it, or ends it.

    Raises:
        BackendError: that cannot be.
    """
    ray = import_ray()
    own = Cluster(workers or processors(), max(1, processors() // (workers or processors())))
    try:
        with _quiet():
            if address is None:
                _start(own)
                yield own
            else:
                _join(address)
                yield Cluster(workers or _processors_there(), 1)
    finally:
        ray.shutdown()


def _start(cluster: Cluster) -> None:
    # A token of this run's own: Ray would leave one in the home folder.
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    # Ray would hide the GPUs from actors that ask for none; the local engine's processes see them.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # Ray would let its workers give way to every other program; the local engine's do not.
    os.environ.setdefault("RAY_worker_niceness", "0")
    count = cluster.workers * cluster.threads
    try:
        _init(address="local", num_cpus=count, object_store_memory=_STORE_BYTES, include_dashboard=False)
    except Exception as error:  # Ray's are of every kind, bare ones too
        raise BackendError(f"Ray cannot be started on this machine: {_first_line(error)}") from error


def _join(address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        if port.isdecimal() and "/" not in host:  # Ray itself would go on trying for ever
            socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS).close()
        _init(address=address)
    except Exception as error:  # see above
        hint = "look whether it runs, and whether RAY_AUTH_MODE and RAY_AUTH_TOKEN are as there"
        raise BackendError(f"the Ray cluster {address} cannot be reached ({_first_line(error)}); {hint}") from error


def _init(**options: Any) -> None:
    import ray

    with _signals_kept(), _stderr_closed():
        ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)


def _processors_there() -> int:
    import ray

    there: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return max(1, int(there.get("CPU", 1)))


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray takes over the signal that asks a program to end."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _quiet() -> Iterator[None]:
    """What Ray says of itself goes to its log files alone."""
    import ray.data

    handlers = logging.getLogger("ray.data").handlers
    shown = [handler for handler in handlers if isinstance(handler, logging.StreamHandler)]
    levels = [handler.level for handler in shown]
    for handler in shown:
        handler.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="ray")
            ray.data.DataContext.get_current().enable_progress_bars = False
            yield
    finally:
        for handler, level in zip(shown, levels, strict=True):  # they may be another's
            handler.setLevel(level)


@contextmanager
def _stderr_closed() -> Iterator[None]:
    """Ray's part in C++ writes errors that are none to standard error, and that it was told not to as well."""
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
