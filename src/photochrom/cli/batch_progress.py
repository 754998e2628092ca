"""How far a batch is: a bar on a terminal, a line now and then elsewhere, such as in a cluster's log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from photochrom.cli.main import printable
from photochrom.cli.progress import Show, bar, is_watched, say_over_bar

if TYPE_CHECKING:
    from photochrom.batch.run import Outcome

_LINE_SECONDS = 15.0


@contextmanager
def batch_progress() -> Iterator[BatchProgress]:
    """What to tell of a batch's progress to."""
    if is_watched():
        with bar() as show:
            yield BatchProgress(show)
    else:
        yield BatchProgress(None)


class BatchProgress:
    """Says on standard error how many are done, how fast, and how long the others will take.

    Args:
        show: the terminal's bar, or None for plain lines.
    """

    def __init__(self, show: Show | None) -> None:
        self._show = show
        self._started = self._said = time.monotonic()

    def show(self, outcome: Outcome) -> None:
        """Tells how far it is."""
        now = time.monotonic()
        worked = outcome.done + outcome.failed
        if not worked:
            self._started = now
        rate = worked / max(now - self._started, 1e-3)
        words = f"{outcome.total - outcome.left}/{outcome.total}, {rate:.2f}/s"
        if outcome.failed:
            words += f", {outcome.failed} failed"
        if self._show:
            self._show(outcome.total - outcome.left, outcome.total, words)
        elif now - self._said > _LINE_SECONDS:
            from photochrom.batch.summary import duration

            self._said = now
            click.echo(f"{words}, {duration(outcome.left / rate)} left" if worked else words, err=True)

    def complain(self, line: str) -> None:
        """Tells of a failure."""
        if self._show:
            say_over_bar(printable(line))
        else:
            click.echo(f"Error: {printable(line)}", err=True)
