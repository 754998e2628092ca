"""Films in `photochrom colorize`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click

from photochrom.cli.extras import needs_extra
from photochrom.cli.guidance import Guidance
from photochrom.cli.outputs import Task, check_absent, make_folder
from photochrom.cli.progress import bar, is_watched
from photochrom.errors import InputError


class Seconds(click.ParamType[float]):
    """A time in a film, in seconds: 75, 1:15, 0:01:15.5."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        parts = re.fullmatch(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?)", value, re.ASCII)
        if parts is None:
            self.fail(f"{value!r} is no time in a film, such as 75, 1:15 or 0:01:15.5.", param, ctx)
        hours, minutes, seconds = (float(part or 0) for part in parts.groups())
        return 3600 * hours + 60 * minutes + seconds


def check_films(tasks: Sequence[Task], format: str | None, variants: int) -> bool:
    """Whether there are films among the tasks; refuses what cannot be done with them.

    Raises:
        UsageError: an option is for photographs only, or a film would go to standard output.
        InputError: the only one is not there.
        BackendError: the extra `video` is missing.
    """
    films = [task for task in tasks if task.film]
    if not films:
        return False
    film = films[0]
    if format is not None:
        raise click.UsageError(f"--format is for photographs, and {film.source} is a film: its ending decides")
    if variants > 1:
        raise click.UsageError(f"--variants is for photographs, and {film.source} is a film")
    if film.destination is None:
        raise click.UsageError(f"the film {film.source} cannot go to standard output: give a file with -o")
    if len(tasks) == 1 and not os.path.exists(film.source or ""):  # nobody is to install an extra to hear of it
        raise InputError(f"{film.source} does not exist; check the path")
    with needs_extra("video", "Colouring films"):
        import av  # noqa: F401
    return True


def write_film(task: Task, guidance: Guidance, overwrite: bool) -> str:
    """Colours a film; returns the line that tells of it.

    Raises:
        OutputExists: the result is there already and `overwrite` is false.
        InputError: the film cannot be used; see `photochrom.video.film.colorize_film`.
    """
    from photochrom.video.film import colorize_film

    assert task.source is not None and task.destination is not None, "check_films refuses the standard streams"
    check_absent(task.destination, overwrite=overwrite)
    make_folder(task.destination.parent)
    try:
        with bar() if is_watched() else nullcontext() as show:

            def on_frame(done: int, total: int | None) -> None:
                if show:
                    show(done, total, f"frame {done}")

            colorize_film(
                task.source,
                task.destination,
                guidance.colorizer,
                overwrite=overwrite,
                on_frame=on_frame,
                **guidance.film,
            )
    except MemoryError as error:
        raise InputError(f"{task.source} needs more memory than there is: its frames are too large") from error
    return f"{task.source} -> {task.destination}"
