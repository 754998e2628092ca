"""What a command that takes a while says meanwhile: results on standard output, failures and a bar on the other."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import click

from photochrom.cli.main import printable

Say = Callable[[str], None]
_BAR_COLUMNS = 20
# Beside the bar: the percentage, the time left in days, and what keeps them apart.
_FIGURE_COLUMNS = 25


class Show(Protocol):
    """Draws the bar anew: how much is done, of how much (None: not known), and words to stand beside it."""

    def __call__(self, done: int, total: int | None, words: str) -> None: ...


@contextmanager
def progress(count: int) -> Iterator[tuple[Say, Say, Callable[[], None]]]:
    """How to tell of a result, of a failure, and that one is done: a bar for several photographs on a terminal."""
    if count == 1 or not is_watched():
        yield say, lambda line: click.echo(f"Error: {line}", err=True), lambda: None
        return
    with counted(count) as advance:
        yield lambda line: None, say_over_bar, advance


@contextmanager
def counted(count: int) -> Iterator[Callable[[], None]]:
    """A bar that goes one further of `count` at every call; nothing where there is no terminal."""
    if not is_watched():
        yield lambda: None
        return
    done = 0
    with bar() as show:

        def advance() -> None:
            nonlocal done
            done += 1
            show(done, count, f"{done}/{count}")

        show(0, count, "")
        yield advance


@contextmanager
def bar() -> Iterator[Show]:
    """A bar on standard error, which must be a terminal, with the time that is left.

    What was done before the first call counts as done by an earlier run: it does not make this one look faster.
    """
    first: int | None = None
    shown = click.progressbar(length=1, file=sys.stderr, width=_BAR_COLUMNS, item_show_func=_fitting)

    def show(done: int, total: int | None, words: str) -> None:
        nonlocal first
        first = done if first is None else min(first, done)
        shown.length = None if total is None else max(total - first, 1)
        shown.update(done - first - shown.pos, words)

    with shown:
        yield show


def is_watched() -> bool:
    """Whether standard error is a terminal."""
    return bool(sys.stderr and sys.stderr.isatty())


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


def photograph_count(count: int) -> str:
    """So many photographs, in words."""
    return "1 photograph" if count == 1 else f"{count} photographs"


def say_over_bar(line: str) -> None:
    """A failure takes the bar's line; the bar goes on below it."""
    click.echo(f"\r{f'Error: {line}':<{shutil.get_terminal_size().columns - 1}}", err=True)


def _fitting(words: str | None) -> str | None:
    """As much as stays on the bar's line: a line that wraps could not be drawn over."""
    return words and words[: max(0, shutil.get_terminal_size().columns - _BAR_COLUMNS - _FIGURE_COLUMNS)]
