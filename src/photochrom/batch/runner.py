"""Where a batch's engines meet: whatever turns tasks into records."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

from photochrom.batch.records import Record, Task
from photochrom.batch.settings import Job


class Runner(Protocol):
    """Works on photographs with several processes, here or on other machines."""

    def run(self, job: Job, tasks: Iterable[Task]) -> Generator[Record, None, None]:
        """Yields a record for every task, in any order, as they are finished.

        One photograph's fault is a record of its own. Closing it stops the work at once, and leaves neither
        processes nor temporary files.

        Raises:
            ModelError, BackendError: the model cannot be opened. OutputUnwritable: no more can be written.
        """
        ...


# A module of each engine, with `open_runner(workers: int | None) -> Runner`; Ray's takes an address too.
_ENGINES: Mapping[str, str] = MappingProxyType(
    {"local": "photochrom.batch.local_runner", "ray": "photochrom.batch.ray_runner"}
)
ENGINES = tuple(_ENGINES)


def open_runner(engine: str, workers: int | None, address: str | None = None) -> Runner:
    """The runner of an engine's name, with so many processes, or as many as suit the machines.

    Args:
        engine: of `ENGINES`.
        workers: processes.
        address: of the engine's cluster; None: this machine.
    """
    places = () if address is None else (address,)
    return cast(Runner, import_module(_ENGINES[engine]).open_runner(workers, *places))
