"""What a command that works through photographs says meanwhile: results on standard output, failures on the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from photochrom.cli.main import printable

Say = Callable[[str], None]


@contextmanager
def progress(count: int) -> Iterator[tuple[Say, Say, Callable[[], None]]]:
    """How to tell of a result, of a failure, and that one is done: a bar for several photographs on a terminal."""
    if count == 1 or not sys.stderr or not sys.stderr.isatty():
        yield say, lambda line: click.echo(f"Error: {line}", err=True), lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    with Progress(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task("", total=count)
        yield (
            lambda line: None,
            lambda line: console.print(f"Error: {line}", markup=False, highlight=False, soft_wrap=True),
            lambda: bar.advance(task),
        )


def say(line: str) -> None:
    """A line on standard output, if anyone takes it: whether the photographs are done does not depend on that."""
    if sys.stdout is None:
        return
    encoding = sys.stdout.encoding or "utf-8"
    try:
        click.echo(printable(line).encode(encoding, "backslashreplace").decode(encoding))
    except OSError:
        # As Python's documentation has it: what is still in the buffer is not to fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
