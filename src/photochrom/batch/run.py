"""A batch from IN to OUT."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from photochrom import __version__
from photochrom.batch.listing import Listing, in_shard, list_photographs
from photochrom.batch.manifest import (
    WHOLE,
    Manifest,
    Shard,
    check_is_ours,
    is_manifest,
    manifest_name,
    read_records,
    summary_name,
)
from photochrom.batch.places import is_address, open_target
from photochrom.batch.plan import Plan, index, make_plan
from photochrom.batch.records import Record
from photochrom.batch.remote_manifest import open_manifest
from photochrom.batch.runner import open_runner
from photochrom.batch.settings import Job, Settings
from photochrom.batch.summary import MOST_FAILURES, Summary, put_summary
from photochrom.batch.target import Target
from photochrom.batch.thumbnails import A_THUMBNAIL
from photochrom.errors import InputError


@dataclass(frozen=True)
class Order:
    """What a batch is to do.

    Attributes:
        input, output: IN and OUT; see `list_photographs` and `open_target`.
        settings: how to colour.
        shard: which part of IN.
        engine, workers, address: see `open_runner`.
        limit: photographs to work on at most; the others are left to the next run.
        fail_fast: whether to stop at the first failure.
        overwrite: whether files in OUT that the batch did not make may be replaced.
        verify: whether what is done is compared by content, not by size and time.
    """

    input: str
    output: str
    settings: Settings
    shard: Shard = WHOLE
    engine: str = "local"
    workers: int | None = None
    limit: int | None = None
    fail_fast: bool = False
    overwrite: bool = False
    verify: bool = False
    address: str | None = None


@dataclass
class Outcome:
    """What became of a batch.

    Attributes:
        total: photographs in the shard, and folders that could not be looked into.
        done: coloured by this run.
        unchanged: results that were there and right.
        failed: those that could not be coloured.
        failures: the first of their records.
        seconds: from the beginning to the end.
    """

    total: int = 0
    done: int = 0
    unchanged: int = 0
    failed: int = 0
    failures: list[Record] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def left(self) -> int:
        """Photographs that were not come to."""
        return self.total - self.done - self.unchanged - self.failed

    def count(self, record: Record) -> None:
        """Adds one photograph."""
        if record.status == "failed":
            self.failed += 1
            if len(self.failures) < MOST_FAILURES:
                self.failures.append(record)
        elif record.status == "unchanged":
            self.unchanged += 1
        else:
            self.done += 1


class Observer(Protocol):
    """Whoever wants to know how far a batch is."""

    def planned(self, outcome: Outcome) -> None:
        """What there is to do is known; `unchanged` says what is done already."""
        ...

    def finished(self, record: Record, outcome: Outcome) -> None:
        """One more photograph is done, or has failed."""
        ...


def plan_batch(order: Order) -> Plan:
    """What `run_batch` would do. Nothing is written.

    Raises:
        As `run_batch`.
    """
    job, target = _open(order)
    return _plan(order, job, target, list_photographs(order.input, order.output))


def run_batch(order: Order, observer: Observer) -> Outcome:
    """Colours what is left to do of IN, and records it.

    One photograph's fault is a record in the manifest. An interruption, KeyboardInterrupt too, leaves a usable manifest
    and no unfinished file: the next run goes on from there.

    Raises:
        InputError: IN or OUT cannot be used, or the settings do not fit the model; `OutputUnwritable`: no more can be
            written.
        ModelError, BackendError: nothing can be coloured.
    """
    started = time.monotonic()
    job, target = _open(order)
    listing = list_photographs(order.input, order.output)
    if not is_address(order.output):
        _make_output(Path(order.output))
    with open_manifest(order.output, target, order.shard) as manifest:
        plan = _plan(order, job, target, listing)
        outcome = Outcome(total=plan.total, unchanged=plan.settled)
        target.sweep(job.label, [*(task.output for task in plan.tasks), "manifest", A_THUMBNAIL])
        manifest.begin(_run_line(order, job, plan))
        observer.planned(outcome)
        _work(order, job, plan, manifest, outcome, observer)
        outcome.seconds = time.monotonic() - started
    put_summary(target, _summary(order, job, plan, outcome))
    return outcome


def _open(order: Order) -> tuple[Job, Target]:
    weights = order.settings.weights()
    label = f"batch{order.shard.number}of{order.shard.count}-"
    digest = order.settings.digest(weights)
    job = Job(order.settings, weights, digest, order.output, label, order.overwrite, order.verify)
    return job, open_target(order.output, label)


def _plan(order: Order, job: Job, target: Target, listing: Listing) -> Plan:
    plan = make_plan(listing, job, target, index(_manifests(target)), order.shard)
    for error in listing.unreadable:
        name = f"{Path(os.path.relpath(error.filename, order.input)).as_posix()}/"
        if in_shard(name, order.shard):
            plan.total += 1
            plan.refused.append(replace(_unread(name, job), error=f"{error.filename}: {error.strerror}"))
    return plan


def _manifests(target: Target) -> Iterator[Iterator[Record]]:
    """The records of each manifest in OUT, one after the other."""
    for name in filter(is_manifest, target.names()):
        content = target.read(name)
        check_is_ours(content, name)
        yield read_records(content)


def _unread(name: str, job: Job) -> Record:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return Record(name, "", "failed", model=job.settings.model, settings=job.digest, finished=now)


def _work(order: Order, job: Job, plan: Plan, manifest: Manifest, outcome: Outcome, observer: Observer) -> None:
    def note(records: Iterable[Record]) -> bool:
        """Notes records until one says to stop."""
        for record in records:
            manifest.add(record)
            outcome.count(record)
            observer.finished(record, outcome)
            if order.fail_fast and record.status == "failed":
                return False
        return True

    tasks = plan.tasks[: order.limit]
    if note(plan.refused) and tasks:
        with closing(open_runner(order.engine, order.workers, order.address).run(job, tasks)) as records:
            note(records)


def _run_line(order: Order, job: Job, plan: Plan) -> dict[str, Any]:
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": f"photochrom {__version__}",
        "input": order.input if is_address(order.input) else str(Path(order.input).absolute()),
        "shard": str(order.shard),
        "photographs": plan.total,
        "settings": job.digest,
        **job.settings.to_dict(job.weights),
    }


def _summary(order: Order, job: Job, plan: Plan, outcome: Outcome) -> Summary:
    return Summary(
        name=summary_name(order.shard),
        title=f"{order.input} → {order.output}",
        shard=str(order.shard) if order.shard.count > 1 else None,
        manifest=manifest_name(order.shard),
        settings=job.settings,
        total=outcome.total,
        done=outcome.done,
        unchanged=outcome.unchanged,
        failed=outcome.failed,
        left=outcome.left,
        seconds=outcome.seconds,
        failures=outcome.failures,
        shown=plan.shown,
    )


def _make_output(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror}; choose another OUT") from error
