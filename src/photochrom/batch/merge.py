"""Joining the manifests of a batch's shards, and saying what is missing or double."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from photochrom.batch.manifest import KEY, Shard, read_lines
from photochrom.batch.places import read_source
from photochrom.batch.records import Record
from photochrom.errors import InputError
from photochrom.images.atomic import whole_file


@dataclass
class Merged:
    """Several manifests as one.

    Attributes:
        runs: lines of all runs.
        records: each photograph's latest, by its name.
        double: names that more than one manifest has.
        faults: what else is wrong, each in a line: shards that are missing or unfinished, settings that differ.
    """

    runs: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    double: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def failed(self) -> list[Record]:
        """The photographs whose latest record is a failure."""
        return [record for record in self.records.values() if record.status == "failed"]

    def write(self, path: Path, *, overwrite: bool) -> None:
        """Writes a manifest with the runs and one line for each photograph, sorted, whole or not at all.

        Raises:
            OutputExists, InputError: see `photochrom.images.atomic.whole_file`.
        """
        with whole_file(path, overwrite=overwrite) as stream:
            for run in self.runs:
                stream.write(json.dumps(run, separators=(",", ":")).encode() + b"\n")
            for name in sorted(self.records):
                stream.write(self.records[name].to_line())


def merge_manifests(addresses: Sequence[str]) -> Merged:
    """Joins manifests, given as paths or addresses.

    Raises:
        InputError: one cannot be read, or is no manifest.
    """
    merged = Merged()
    homes: dict[str, set[str]] = {}
    for address in dict.fromkeys(addresses):
        runs, records = _read(address)
        merged.runs += runs
        for name, record in {record.path: record for record in records}.items():
            homes.setdefault(name, set()).add(address)
            before = merged.records.get(name)
            if before is None or record.finished >= before.finished:
                merged.records[name] = record
    merged.double = sorted(name for name, places in homes.items() if len(places) > 1)
    merged.runs.sort(key=lambda run: str(run.get("started")))
    merged.faults = [*_missing(merged), *_differing(merged)]
    return merged


def _read(address: str) -> tuple[list[dict[str, Any]], list[Record]]:
    content, _ = read_source(address)
    runs: list[dict[str, Any]] = []
    records: list[Record] = []
    for entry in read_lines(content):
        try:
            if KEY in entry:
                runs.append(_checked_run(entry))
            else:
                records.append(Record.from_dict(entry))
        except ValueError as error:
            raise InputError(f"{address} is no manifest of a batch: {error}") from error
    if not runs:
        raise InputError(f"{address} is no manifest of a batch: it has no line of a run")
    return runs, records


def _checked_run(entry: dict[str, Any]) -> dict[str, Any]:
    """A run's line, if it holds what is counted with. Raises ValueError otherwise."""
    Shard.parse(str(entry.get("shard")))
    count = entry.get("photographs", 0)
    if not isinstance(count, int) or count < 0:
        raise ValueError(f"a run cannot have {count!r:.40} photographs")
    return entry


def _missing(merged: Merged) -> list[str]:
    """Shards without a manifest, and photographs without a line."""
    latest = {str(run.get("shard")): run for run in merged.runs}
    counts = sorted({int(shard.rpartition("/")[2]) for shard in latest})
    if len(counts) > 1:
        numbers = " and ".join(map(str, counts))
        return [f"the manifests are of batches in {numbers} parts: what is missing cannot be told"]
    faults = [
        f"part {index}/{counts[0]} has no manifest here"
        for index in range(1, counts[0] + 1)
        if f"{index}/{counts[0]}" not in latest
    ]
    expected = sum(int(run.get("photographs", 0)) for run in latest.values())
    if len(merged.records) < expected:
        faults.append(f"{expected - len(merged.records)} of {expected} photographs have no line: run their parts again")
    return faults


def _differing(merged: Merged) -> list[str]:
    digests = {record.settings for record in merged.records.values() if record.status != "failed"}
    return [f"the results were made with {len(digests)} different settings"] if len(digests) > 1 else []
