"""`photochrom colorize INPUT...`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.interrupt import interruptible
from photochrom.cli.main import one_line
from photochrom.cli.outputs import Task, check_absent, plan
from photochrom.cli.progress import progress
from photochrom.errors import BackendError, InputError, ModelError, PhotochromError
from photochrom.images import FORMATS

if TYPE_CHECKING:
    from photochrom.pipeline import Result

    Colour = Callable[[Task], list[Result]]

EXIT_SOME_FAILED = 3
_MOST_VARIANTS = 16


def _check_saturation(ctx: click.Context, option: click.Parameter, value: float | None) -> float | None:
    # click's own range takes NaN.
    if value is not None and not 0 <= value <= 100:
        raise click.BadParameter(f"{value:g} is not in the range 0 to 100.")
    return value


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="OUT", help="A file, a folder, or - for standard output.")
@click.option("--model", metavar="NAME", help="The network that colours; compact by default.")
@click.option(
    "--decode",
    type=click.Choice(["vivid", "accurate"]),
    help="Where colours without hints come from: vivid (default) is lively, accurate the safest average.",
)
@click.option("--hints", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A session file to replay.")
@click.option(
    "--reference",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A picture whose palette to use.",
)
@click.option(
    "--saturation",
    type=float,
    metavar="X",
    callback=_check_saturation,
    help="Scales the colours: 0 is gray, 1 as is, 100 the most.",
)
@click.option(
    "--variants", type=click.IntRange(1, _MOST_VARIANTS), default=1, metavar="N", help="Write N different colourings."
)
@click.option("--format", type=click.Choice(list(FORMATS)), help="Format of the results; each input's own by default.")
@click.option("--overwrite", is_flag=True, help="Replace results that are there already (never an input).")
@click.pass_context
def colorize(
    ctx: click.Context,
    inputs: tuple[str, ...],
    output: str | None,
    model: str | None,
    decode: str | None,
    hints: Path | None,
    reference: Path | None,
    saturation: float | None,
    variants: int,
    format: str | None,
    overwrite: bool,
) -> None:
    """Give black-and-white photographs colours.

    INPUT is a file, a folder, or - for standard input. Without -o the result of old.jpg is old.color.jpg beside it; a
    folder given with -o gets the inputs' names and structure. Files named *.color.* in a folder are taken for results
    and left alone.
    """
    unreadable: list[OSError] = []
    tasks = plan(
        inputs,
        output,
        format=format,
        variants=variants,
        also_read=[path for path in (hints, reference) if path],
        on_unreadable=unreadable.append,
    )
    _check_standard_streams(tasks, variants)
    colour = _colouring(model, decode, hints, reference, saturation, variants)
    done, failed = 0, len(unreadable)
    with interruptible() as stopped, progress(len(tasks)) as (say, complain, advance):
        for error in unreadable:
            complain(one_line(error))
        for task in tasks:
            if stopped.is_set():
                raise KeyboardInterrupt
            try:
                for line in _write_results(task, colour, variants, format, overwrite):
                    say(line)
                done += 1
            except (ModelError, BackendError):
                raise
            except (PhotochromError, OSError) as error:
                if len(tasks) == 1 and not unreadable:
                    raise
                failed += 1
                complain(one_line(error))
            advance()
    if failed:
        click.echo(f"{done} photographs coloured, {failed} failed.", err=True)
        ctx.exit(EXIT_SOME_FAILED if done else 1)


def _colouring(
    model: str | None,
    decode: str | None,
    hints: Path | None,
    reference: Path | None,
    saturation: float | None,
    variants: int,
) -> Colour:
    """What every photograph goes through; what is the same for all is read once. Options go before the session's."""
    from photochrom.pipeline import Colorizer, read_reference
    from photochrom.session import Session

    session = Session.load(hints) if hints else None
    asked = {"decode": decode, "saturation": saturation, "reference": read_reference(reference) if reference else None}
    given: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    colorizer = Colorizer(model or (session and session.model.get("name")) or "compact")

    def colour(task: Task) -> list[Result]:
        work = colorizer.open(task.source if task.source else sys.stdin.buffer)
        result = work.replay(replace(session, **given)) if session else work.render(**given)
        return [result] if variants == 1 else work.variants(variants)

    return colour


def _write_results(task: Task, colour: Colour, count: int, format: str | None, overwrite: bool) -> Iterator[str]:
    """Colours one photograph and writes it; yields a line for each file written."""
    targets = [task.variant(number, count) for number in range(1, count + 1)]
    for target in targets:
        if target is not None:
            check_absent(target, overwrite=overwrite)
    name = task.source or "standard input"
    try:
        for target, result in zip(targets, colour(task), strict=True):
            if target is None:
                result.save(sys.stdout.buffer, format=format)
                sys.stdout.buffer.flush()
                continue
            _make_folder(target.parent)
            result.save(target, overwrite=overwrite)
            yield f"{name} -> {target}"
    except MemoryError as error:
        raise InputError(f"{name} needs more memory than there is; close other programs, or scale it down") from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror}; choose another -o") from error


def _check_standard_streams(tasks: list[Task], count: int) -> None:
    if tasks[0].source is None and sys.stdin is None:
        raise InputError("standard input is closed: give a file, or redirect one to it")
    if tasks[0].destination is not None:
        return
    if count > 1:
        raise click.UsageError("standard output takes one picture: give a file with -o, or leave out --variants")
    if sys.stdout is None:
        raise InputError("standard output is closed: give a file with -o")
    if sys.stdout.isatty():
        raise click.UsageError("a picture is nothing for a terminal: give a file with -o, or redirect the output")
