"""What of a batch is left to do: everything that is not recorded as done with these settings from this photograph."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from photochrom.batch.colouring import failed_record
from photochrom.batch.listing import Listing, in_shard
from photochrom.batch.manifest import Shard
from photochrom.batch.places import is_address
from photochrom.batch.records import Record, Source, Stat, Task
from photochrom.batch.settings import Job
from photochrom.batch.target import Target
from photochrom.batch.thumbnails import shown, thumbnail_name
from photochrom.collection import result_name


@dataclass
class Plan:
    """A shard's work.

    Attributes:
        total: photographs in the shard.
        tasks: those to work on, in the order of their names.
        settled: how many are done already.
        refused: records of those that cannot be done, with the reason.
        shown: names of the photographs that the summary shows.
    """

    total: int = 0
    tasks: list[Task] = field(default_factory=list)
    settled: int = 0
    refused: list[Record] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


def index(manifests: Iterable[Iterable[Record]]) -> dict[str, Record]:
    """The latest good record of each result: in one manifest the last, of several manifests the one finished last."""
    known: dict[str, Record] = {}
    for records in manifests:
        latest = {record.output: record for record in records if record.status != "failed"}
        for output, record in latest.items():
            if output not in known or record.finished >= known[output].finished:
                known[output] = record
    return known


def make_plan(listing: Listing, job: Job, target: Target, known: dict[str, Record], shard: Shard) -> Plan:
    """Decides for every photograph of a shard whether it is done, to be done, or refused."""
    plan, taken = Plan(), dict[str, Source]()
    there = target.survey() if known and not job.verify else target.stat
    sample = shown(source.name for source in listing.sources if in_shard(source.name, shard))
    for source in listing.sources:
        output = _output_name(source, job)
        first = taken.setdefault(os.path.normcase(output), source)
        if not in_shard(source.name, shard):
            continue
        plan.total += 1
        task = Task(source, output, known.get(output), source.name in sample)
        if first is not source:
            plan.refused.append(_second_record(task, first, job))
        elif _would_replace_input(task, job, listing):
            plan.refused.append(failed_record(task, job, f"{output} in OUT is a photograph of IN: choose another OUT"))
        elif _is_settled(task, job, there):
            plan.settled += 1
        else:
            plan.tasks.append(task)
    plan.shown = sorted(sample)
    return plan


def _output_name(source: Source, job: Job) -> str:
    folder, slash, name = source.name.rpartition("/")
    return f"{folder}{slash}{result_name(name, job.settings.format)}"


def _second_record(task: Task, first: Source, job: Job) -> Record:
    """The record of a photograph whose result would be another's."""
    source = task.source
    reason = f"{source.address}: {first.address} becomes {task.output} too: rename one of them"
    record = failed_record(task, job, reason)
    # Of two listed files of one name each is to have a line of its own.
    return replace(record, path=source.address) if first.name == source.name else record


def _would_replace_input(task: Task, job: Job, listing: Listing) -> bool:
    if is_address(job.output):
        return job.output.rstrip("/") + "/" + task.output == task.source.address
    try:
        status = os.stat(Path(job.output, task.output))
    except OSError:
        return False
    return (status.st_dev, status.st_ino) in listing.files


def _is_settled(task: Task, job: Job, there: Callable[[str], Stat | None]) -> bool:
    """Whether nothing has changed, as far as sizes and times tell. What they leave open is found out by content."""
    known = task.known
    if known is None or job.verify or known.settings != job.digest:
        return False
    if task.source.stat is None or known.read_as != task.source.stat or there(task.output) != known.written_as:
        return False
    return not task.thumbnail or there(thumbnail_name(task.source.name)) is not None
