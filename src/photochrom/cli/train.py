"""`photochrom train CONFIG.toml`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.extras import needs_extra
from photochrom.cli.progress import bar, is_watched

if TYPE_CHECKING:
    from photochrom.training.checkpoint import Progress
    from photochrom.training.config import Schedule
    from photochrom.training.loop import Report, Terms

# Where there is no terminal, a line this often; on one, new figures: to ask for them holds the device up.
_LINE_EVERY_SECONDS, _FIGURES_EVERY_SECONDS = 60.0, 1.0


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def train(config: Path) -> None:
    """Train a network as CONFIG.toml says.

    A run that was stopped, at whatever moment, goes on from its last checkpoint when started again. For several GPUs:
    torchrun --nproc-per-node N -m photochrom train CONFIG.toml
    """
    with needs_extra("train", "Training"):
        from photochrom.training.config import read_config
        from photochrom.training.loop import Trainer

        settings = read_config(config)
        trainer = Trainer(settings, config.parent)  # loads what only a run needs, such as the pretrained encoder
    click.echo(f"Checkpoints, log and sample pictures go to {trainer.output}", err=True)
    with _reporter(settings.schedule) as report:
        taken = trainer.run(report)
    if not taken:
        click.echo(f"This run was at its end already, after {trainer.progress.step} steps.", err=True)


@contextmanager
def _reporter(schedule: "Schedule") -> Iterator["Report"]:
    """A progress bar on a terminal, a line now and then elsewhere."""
    if not is_watched():
        yield _lines()
        return
    last = min(schedule.stop or schedule.steps, schedule.steps)
    due, figures = time.monotonic(), ""
    with bar() as show:

        def report(progress: "Progress", terms: "Terms") -> None:
            nonlocal due, figures
            if time.monotonic() >= due:
                due, figures = time.monotonic() + _FIGURES_EVERY_SECONDS, _figures(terms)
            show(progress.step, last, f"step {progress.step}  {figures}")

        yield report


def _lines() -> "Report":
    due = time.monotonic()

    def report(progress: "Progress", terms: "Terms") -> None:
        nonlocal due
        if time.monotonic() >= due:
            due = time.monotonic() + _LINE_EVERY_SECONDS
            click.echo(f"step {progress.step}  {progress.seconds:.0f} s  {_figures(terms)}", err=True)

    return report


def _figures(terms: "Terms") -> str:
    return "  ".join(f"{name} {value:.3g}" for name, value in terms().items())
