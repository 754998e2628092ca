"""`photochrom prior DATASET`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from photochrom.cli.extras import needs_extra
from photochrom.cli.outputs import check_report
from photochrom.cli.progress import bar, is_watched, photograph_count

EXIT_SOME_FAILED = 3
_EVERY = 10_000  # where there is no terminal, a line after so many pictures


@click.command()
@click.argument("dataset", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), default=Path("prior.json"),
    help="A .json file with all figures, or an .npy file with the 313 smoothed shares; prior.json by default.",
)  # fmt: skip
@click.option(
    "--size", type=click.IntRange(min=4), metavar="N", default=256, show_default=True,
    help="Side of the square that each photograph is reduced to.",
)  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace this file where it is there already.")
@click.pass_context
def prior(ctx: click.Context, dataset: tuple[Path, ...], output: Path, size: int, overwrite: bool) -> None:
    """Measure the colour prior of photographs, for training.

    That is how often each of the 313 colours occurs, smoothed. DATASET is folders of photographs or tar archives of
    them; a training configuration names the file as its `prior`.
    """
    with needs_extra("train", "Measuring a prior"):
        from photochrom.training.prior import check_name, prior_of_images, write_prior
    check_name(output)
    check_report(output, dataset, overwrite=overwrite)
    if size % 4:
        raise click.BadParameter(f"must be a multiple of 4, got {size}", param_hint="--size")
    with _progress() as advance:
        measured, left_out = prior_of_images(dataset, size, advance)
    write_prior(measured, output)
    used = int((measured.shares > 0).sum())
    click.echo(f"{output}: {used} of 313 colours occur in {photograph_count(measured.pictures)}")
    if left_out:
        click.echo(f"{photograph_count(left_out)} failed, as said above.", err=True)
        ctx.exit(EXIT_SOME_FAILED)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, a line now and then elsewhere; told how many photographs are done, and of how many."""
    if not is_watched():
        yield _lines()
        return
    with bar() as show:
        yield lambda done, total: show(done, total, _said(done, total))


def _lines() -> Callable[[int, int], None]:
    said = 0

    def advance(done: int, total: int) -> None:
        nonlocal said
        if done == total or done >= said + _EVERY:
            said = done
            click.echo(_said(done, total), err=True)

    return advance


def _said(done: int, total: int) -> str:
    return f"{done} of {photograph_count(total)}"
