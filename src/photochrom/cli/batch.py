"""`photochrom batch IN OUT`, and `photochrom batch merge`."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.batch.manifest import WHOLE, Shard, summary_name
from photochrom.batch.runner import ENGINES
from photochrom.cli.batch_progress import BatchProgress, batch_progress
from photochrom.cli.extras import needs_extra
from photochrom.cli.interrupt import interruptible
from photochrom.cli.options import colour_options
from photochrom.cli.outputs import EMPTY_NAME, check_absent
from photochrom.cli.progress import photograph_count, say
from photochrom.images import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from photochrom.batch.records import Record
    from photochrom.batch.run import Order, Outcome
    from photochrom.batch.settings import Settings

EXIT_SOME_FAILED = 3
_MERGE = "merge"
_OUTPUT_OPTIONS = ("-o", "--output")


class ShardType(click.ParamType[Shard]):
    """A part I of N."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        if isinstance(value, Shard):
            return value
        try:
            return Shard.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class BatchCommand(click.Command):
    """`batch IN OUT`, or with the word `merge` and an -o, `batch merge`; a folder may be called merge."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if args and args[0] == _MERGE and _means_merging(args[1:]):
            return merge.make_context(f"{info_name} {_MERGE}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


def _means_merging(arguments: list[str]) -> bool:
    """A run of a folder called merge has no -o. Where there is no such folder, it can only be merging."""
    return any(argument.startswith(_OUTPUT_OPTIONS) for argument in arguments) or not os.path.isdir(_MERGE)


@click.command(cls=BatchCommand)
@click.argument("input", metavar="IN")
@click.argument("output", metavar="OUT")
@colour_options
@click.option("--format", type=click.Choice(list(FORMATS)), help="Format of the results; each input's own by default.")
@click.option("--shard", type=ShardType(), default=WHOLE, metavar="I/N", help="Do part I of N, such as 1/4.")
@click.option("--engine", type=click.Choice(ENGINES), default="local", help="This machine alone (default), or Ray.")
@click.option("--address", metavar="HOST:PORT", help="Ray cluster; by default one on this machine, for this batch.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes; one for each processor by default.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Colour at most N; the next run goes on.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first photograph that cannot be coloured.")
@click.option("--overwrite", is_flag=True, help="Replace files in OUT that the batch did not write (never an input).")
@click.option("--verify", is_flag=True, help="Check by content, not by size and time, what was done before.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Say the outcome as JSON on standard output.")
@click.pass_context
def batch(
    ctx: click.Context,
    /,
    input: str,
    output: str,
    shard: Shard,
    engine: str,
    address: str | None,
    workers: int | None,
    limit: int | None,
    fail_fast: bool,
    overwrite: bool,
    verify: bool,
    dry_run: bool,
    as_json: bool,
    **colours: Any,
) -> None:
    """Give a series colours; go on where it was left.

    IN is a folder, a text file (.txt) with one path a line, or an address such as s3://bucket/folder; OUT is a folder
    or an address. OUT gets IN's structure, manifest.jsonl with a line for every photograph, and summary.html. Run it
    again after an interruption or with new photographs: only what is missing or has changed is done.

    photochrom batch merge MANIFEST... -o ALL joins the manifests of several parts.
    """
    from photochrom.batch.run import Order, run_batch

    if "" in (input, output):
        raise click.UsageError(EMPTY_NAME)
    if address is not None and engine != "ray":
        raise click.UsageError("--address is a Ray cluster's: add --engine ray")
    with _needed_extras(input, output, engine), interruptible() as stopped:
        settings = _settings(**colours)
        order = Order(input, output, settings, shard, engine, workers, limit, fail_fast, overwrite, verify, address)
        if dry_run:
            _say_plan(order, as_json)
            return
        with batch_progress() as progress:
            outcome = run_batch(order, _Watching(progress, stopped.is_set))
    _say_outcome(order, outcome, as_json)
    if outcome.failed:
        ctx.exit(EXIT_SOME_FAILED if outcome.done or outcome.unchanged else 1)


@click.command(_MERGE)
@click.argument("manifests", metavar="MANIFEST...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="ALL")
@click.option("--overwrite", is_flag=True, help="Replace ALL if it is there already.")
@click.option("--json", "as_json", is_flag=True, help="Say the outcome as JSON on standard output.")
@click.pass_context
def merge(ctx: click.Context, manifests: tuple[str, ...], output: Path, overwrite: bool, as_json: bool) -> None:
    """Join the manifests of a batch's parts, and say what is missing or double.

    ALL gets one line for each photograph, the latest. Exit code 3: something is missing or has failed.
    """
    from photochrom.batch.merge import merge_manifests

    check_absent(output, overwrite=overwrite)
    merged = merge_manifests(manifests)
    merged.write(output, overwrite=overwrite)
    failed = merged.failed
    if as_json:
        said = {
            "photographs": len(merged.records),
            "failed": len(failed),
            "double": merged.double,
            "faults": merged.faults,
            "manifest": str(output),
        }
        click.echo(json.dumps(said))
    else:
        say(f"{photograph_count(len(merged.records))}, {len(failed)} failed, {len(merged.double)} double -> {output}")
        for name in merged.double:
            say(f"double: {name}")
        for fault in merged.faults:
            say(f"missing: {fault}" if "no " in fault else fault)
    if failed or merged.faults:
        ctx.exit(EXIT_SOME_FAILED)


@contextmanager
def _needed_extras(input: str, output: str, engine: str) -> Iterator[None]:
    if "://" in input or "://" in output:
        with needs_extra("remote", "An address such as s3://bucket"):
            import fsspec  # type: ignore[import-untyped]  # noqa: F401
    if engine == "ray":
        with needs_extra("ray", "--engine ray"):
            from photochrom.batch.ray_runner import import_ray

            import_ray()
    yield


def _settings(
    model: str | None, hints: Path | None, reference: Path | None, format: str | None, **numbers: Any
) -> Settings:
    """What is the same for all photographs, read once. Options go before the session's."""
    from photochrom.batch.settings import Settings
    from photochrom.pipeline import Colorizer, read_reference
    from photochrom.session import Session, warn_of_other_model

    session = Session.load(hints) if hints else None
    of_session: dict[str, Any] = {}
    if session:
        names = ("decode", "saturation", "temperature", "hints", "reference")
        of_session = {name: getattr(session, name) for name in names}
        model = session.model.get("name") if model is None else model
    given = {name: value for name, value in numbers.items() if value is not None}
    if reference:
        given["reference"] = read_reference(reference)
    settings = Settings(model="compact" if model is None else model, format=format, **(of_session | given))
    if session:
        warn_of_other_model(session, settings.model, Colorizer(settings.model).engine.sha256)
    return settings


class _Watching:
    """`Observer` that tells a person, and stops the batch once a signal came."""

    def __init__(self, progress: BatchProgress, is_stopped: Any) -> None:
        self._progress, self._is_stopped = progress, is_stopped

    def planned(self, outcome: Outcome) -> None:
        self._progress.show(outcome)

    def finished(self, record: Record, outcome: Outcome) -> None:
        if self._is_stopped():
            raise KeyboardInterrupt
        if record.status == "failed":
            self._progress.complain(record.error or "")
        self._progress.show(outcome)


def _say_plan(order: Order, as_json: bool) -> None:
    from photochrom.batch.run import plan_batch

    plan = plan_batch(order)
    tasks = plan.tasks[: order.limit]
    if as_json:
        counts = {"photographs": plan.total, "to_do": len(tasks), "done_before": plan.settled}
        click.echo(json.dumps(counts | {"refused": len(plan.refused)}))
        return
    for task in tasks:
        say(f"{task.source.address} -> {os.path.join(order.output, task.output)}")
    for record in plan.refused:
        click.echo(f"Error: {record.error}", err=True)
    click.echo(f"{photograph_count(plan.total)}: {len(tasks)} to do, {plan.settled} done before.", err=True)


def _say_outcome(order: Order, outcome: Outcome, as_json: bool) -> None:
    if as_json:
        counts = {
            "photographs": outcome.total,
            "done": outcome.done,
            "unchanged": outcome.unchanged,
            "failed": outcome.failed,
            "left": outcome.left,
            "seconds": round(outcome.seconds, 3),
            "output": order.output,
        }
        click.echo(json.dumps(counts))
        return
    left = f", {outcome.left} left to do" if outcome.left else ""
    said = f"{photograph_count(outcome.done)} coloured, {outcome.unchanged} done before, {outcome.failed} failed{left}"
    click.echo(f"{said}: see {order.output.rstrip('/')}/{summary_name(order.shard)}", err=True)
