"""`photochrom colorize INPUT...`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from photochrom.cli.films import Seconds, check_films, write_film
from photochrom.cli.guidance import Guidance, read_guidance
from photochrom.cli.interrupt import interruptible
from photochrom.cli.main import one_line
from photochrom.cli.options import ANY_PATH, colour_options
from photochrom.cli.outputs import Task, check_absent, make_folder, plan
from photochrom.cli.progress import photograph_count, progress
from photochrom.collection import OPEN_RASTER, OPEN_RASTER_SUFFIX
from photochrom.errors import BackendError, InputError, ModelError, PhotochromError
from photochrom.images import FORMATS

EXIT_SOME_FAILED = 3
_MOST_VARIANTS = 16


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=ANY_PATH)
@click.option("-o", "--output", metavar="OUT", type=ANY_PATH, help="A file, a folder, or - for standard output.")
@colour_options
@click.option(
    "--variants", type=click.IntRange(1, _MOST_VARIANTS), default=1, metavar="N", help="Write N different colourings."
)
@click.option(
    "--format",
    type=click.Choice([*FORMATS, OPEN_RASTER]),
    help="Format of the results; each input's own by default. ora: the photograph, and its colours as a layer over it.",
)
@click.option(
    "--hints-at",
    type=(Seconds(), click.Path(exists=True, dir_okay=False, path_type=Path)),
    multiple=True,
    metavar="TIME FILE",
    help="A session file with hints for a film's frame at a time, such as 75 or 1:15; may be repeated.",
)
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
    temperature: float | None,
    variants: int,
    format: str | None,
    hints_at: tuple[tuple[float, Path], ...],
    overwrite: bool,
) -> None:
    """Give photographs and films colours.

    INPUT is a file, a folder, or - for standard input. Without -o the result of old.jpg is old.color.jpg beside it; a
    folder given with -o gets the inputs' names and structure. Files named *.color.* in a folder are taken for results
    and left alone. Films (extra `video`) are coloured where they are named, not where a folder holds them.
    """
    unreadable: list[OSError] = []
    tasks = plan(
        inputs,
        output,
        format=format,
        variants=variants,
        also_read=[path for path in (hints, reference, *(path for _, path in hints_at)) if path],
        on_unreadable=unreadable.append,
    )
    _check_standard_streams(tasks, variants, format)
    films = check_films(tasks, format, variants)
    settings = {"decode": decode, "saturation": saturation, "temperature": temperature}
    if hints_at and not films:
        raise click.UsageError("--hints-at is for films: give a photograph's session with --hints")
    guidance = read_guidance(model, hints, hints_at, reference, settings)
    done, failed = 0, len(unreadable)
    # A film draws a bar of its own frames instead.
    with interruptible() as stopped, progress(1 if films else len(tasks)) as (say, complain, advance):
        for error in unreadable:
            complain(one_line(error))
        for task in tasks:
            if stopped.is_set():
                raise KeyboardInterrupt
            try:
                if task.film:
                    say(write_film(task, guidance, overwrite))
                else:
                    for line in _write_results(task, guidance, variants, format, overwrite):
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
        click.echo(f"{photograph_count(done)} coloured, {failed} failed.", err=True)
        ctx.exit(EXIT_SOME_FAILED if done else 1)


def _write_results(task: Task, guidance: Guidance, count: int, format: str | None, overwrite: bool) -> Iterator[str]:
    """Colours one photograph and writes it; yields a line for each file written."""
    targets = [task.variant(number, count) for number in range(1, count + 1)]
    for target in targets:
        if target is not None:
            check_absent(target, overwrite=overwrite)
    name = task.source or "standard input"
    source = task.source or sys.stdin.buffer
    try:
        for target, result in zip(targets, guidance.photograph(source, count), strict=True):
            if target is None:
                result.save(sys.stdout.buffer, format=format)
                sys.stdout.buffer.flush()
                continue
            make_folder(target.parent)
            save = result.save_layer if target.suffix.lower() == OPEN_RASTER_SUFFIX else result.save
            save(target, overwrite=overwrite)
            yield f"{name} -> {target}"
    except MemoryError as error:
        raise InputError(f"{name} needs more memory than there is; close other programs, or scale it down") from error


def _check_standard_streams(tasks: list[Task], count: int, format: str | None) -> None:
    if tasks[0].source is None and sys.stdin is None:
        raise InputError("standard input is closed: give a file, or redirect one to it")
    if tasks[0].destination is not None:
        return
    if count > 1:
        raise click.UsageError("standard output takes one picture: give a file with -o, or leave out --variants")
    if format == OPEN_RASTER:
        raise click.UsageError("standard output takes no OpenRaster file: give a file with -o, such as new.ora")
    if sys.stdout is None:
        raise InputError("standard output is closed: give a file with -o")
    if sys.stdout.isatty():
        raise click.UsageError("a picture is nothing for a terminal: give a file with -o, or redirect the output")
