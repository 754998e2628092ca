"""`photochrom compare INPUT...`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photochrom.cli.interrupt import interruptible
from photochrom.cli.main import one_line
from photochrom.cli.options import ANY_PATH
from photochrom.cli.outputs import STANDARD_STREAM, check_absent, find_photographs
from photochrom.cli.progress import photograph_count, progress, say
from photochrom.errors import InputError, UnsupportedFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from photochrom.comparison.methods import Method
    from photochrom.comparison.row import Row
    from photochrom.comparison.store import RowStore

EXIT_SOME_FAILED = 3
_DEFAULT_NAME = "comparison"
_PICTURE, _PAGE = ".png", ".html"


@click.command()
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True, type=ANY_PATH)
@click.option(
    "-o",
    "--output",
    default=_DEFAULT_NAME,
    show_default=True,
    type=ANY_PATH,
    metavar="SHEET",
    help="SHEET.png is a picture, SHEET.html a page with sliders, SHEET both.",
)
@click.option(
    "--model",
    "models",
    metavar="NAME",
    multiple=True,
    help="A network to compare; may be repeated. By default compact, eccv16 and siggraph17, as far as they are here.",
)
@click.option("--overwrite", is_flag=True, help="Replace a sheet that is there already (never an input).")
@click.pass_context
def compare(ctx: click.Context, inputs: tuple[str, ...], output: str, models: tuple[str, ...], overwrite: bool) -> None:
    """Show the methods side by side, with figures.

    INPUT is a file or a folder. Each photograph becomes a row: the input, every method's result, and the original where
    the input has colours. PSNR and CIEDE2000 tell how near a result is to the original, colourfulness how vivid it is.
    """
    sheets = _sheets(output, overwrite)
    unreadable: list[OSError] = []
    photographs = find_photographs(inputs, sheets, unreadable.append)
    with interruptible() as stopped, progress(len(photographs)) as (_, complain, advance):
        from photochrom.comparison.methods import default_models, open_methods
        from photochrom.comparison.row import shown_names
        from photochrom.comparison.store import RowStore

        models = models or default_models()
        methods = open_methods(models)
        for error in unreadable:
            complain(one_line(error))
        with RowStore() as rows:
            for photograph, name in zip(photographs, shown_names(photographs), strict=True):
                if stopped.is_set():
                    raise KeyboardInterrupt
                try:
                    rows.add(_compared(photograph, name, methods))
                except InputError as error:
                    if len(photographs) == 1 and not unreadable:
                        raise
                    complain(one_line(error))
                advance()
            done = list(rows.entries)
            if done:
                _write(rows, models, sheets, overwrite)
    if done:
        what = done[0].name if len(done) == 1 else photograph_count(len(done))
        say(f"{what} -> {', '.join(str(sheet) for sheet in sheets)}")
    if failed := len(unreadable) + len(photographs) - len(done):
        click.echo(f"{photograph_count(len(done))} compared, {failed} failed.", err=True)
        ctx.exit(EXIT_SOME_FAILED if done else 1)


def _sheets(output: str, overwrite: bool) -> tuple[Path, ...]:
    """The files to write, refused early if that cannot be."""
    path = Path(output)
    if not path.name or output == STANDARD_STREAM or path.is_dir():
        raise InputError(f"{output!r} is no name for a sheet: give one with -o, such as sheet.html")
    if path.suffix and path.suffix.lower() not in (_PICTURE, _PAGE):
        raise UnsupportedFormat(f"{path} does not end like a sheet: give {_PICTURE}, {_PAGE}, or no ending for both")
    sheets = (path,) if path.suffix else (path.with_suffix(_PICTURE), path.with_suffix(_PAGE))
    for sheet in sheets:
        check_absent(sheet, overwrite=overwrite)
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: the folder {path.parent} does not exist; make it first")
    return sheets


def _compared(photograph: Path, name: str, methods: Sequence[Method]) -> Row:
    """A photograph's row; whatever is wrong with this one alone is an InputError."""
    from photochrom.comparison.row import compare_photograph

    try:
        return compare_photograph(photograph, name, methods)
    except MemoryError as error:
        raise InputError(f"{photograph} needs more memory than there is; close other programs, or scale it") from error


def _write(rows: RowStore, models: Sequence[str], sheets: Sequence[Path], overwrite: bool) -> None:
    """Writes the sheets; none takes its name before all are whole."""
    from photochrom.comparison.page import write_page
    from photochrom.comparison.sheet import write_sheet
    from photochrom.images.atomic import whole_file

    with ExitStack() as stack:
        for sheet in sheets:
            stream = stack.enter_context(whole_file(sheet, overwrite=overwrite))
            if sheet.suffix.lower() == _PAGE:
                write_page(rows, stream)
            else:
                write_sheet(rows, models, stream)
