"""`photochrom evaluate DATASET`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.extras import needs_extra
from photochrom.cli.outputs import check_report
from photochrom.cli.progress import counted, photograph_count

if TYPE_CHECKING:
    from photochrom.evaluation.journal import Journal
    from photochrom.evaluation.run import Request, Run

EXIT_SOME_FAILED = 3
_PROTOCOLS = ("siggraph17", "icolorit", "eccv16", "automatic", "global", "guided")


def _counts(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    """Numbers such as "0,1,10", ascending and each once."""
    if value is None:
        return None
    try:
        counts = sorted({int(part) for part in value.split(",")})
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of whole numbers such as 0,1,10", ctx, param) from None
    if counts[0] < 0:
        raise click.BadParameter(f"a number of hints is not negative, got {counts[0]}", ctx, param)
    return tuple(counts)


@click.command()
@click.argument("dataset", type=click.Path(exists=True, path_type=Path))
@click.option("--model", "models", metavar="NAME", multiple=True, default=("compact",), show_default=True,
              help="A network to measure, or levin: hints spread without learning. May be repeated.")  # fmt: skip
@click.option("--protocol", "protocols", type=click.Choice(_PROTOCOLS), multiple=True, show_default=True,
              default=("siggraph17", "automatic"), help="How to measure. May be repeated.")  # fmt: skip
@click.option("--hints", callback=_counts, metavar="N,N,...", help="Numbers of hints; the protocol's own by default.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Measure the first N photographs only.")
@click.option("--seed", type=click.IntRange(min=0), metavar="N", default=0, show_default=True,
              help="Of the hints' places.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write all figures. An interrupted run goes on when started again.")  # fmt: skip
@click.option("--plot", "plot_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to draw the curves: .png, .svg or .pdf.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace these files where they are there already.")
@click.pass_context
def evaluate(
    ctx: click.Context,
    dataset: Path,
    models: tuple[str, ...],
    protocols: tuple[str, ...],
    hints: tuple[int, ...] | None,
    limit: int | None,
    seed: int,
    json_file: Path | None,
    plot_file: Path | None,
    overwrite: bool,
) -> None:
    """Measure colorizers by the papers' protocols.

    DATASET, of colour photographs, is a folder, an uncompressed tar archive, or a text file (.txt) with one file or
    archive a line. The gray image is always measured beside the models.
    """
    with needs_extra("eval", "Measuring"):
        import scipy.sparse  # noqa: F401

        from photochrom.evaluation.protocols import PROTOCOLS
        from photochrom.evaluation.run import Request
    request = Request(dataset, _once(models), _once(protocols), hints, limit, seed)
    if hints is not None and not any(PROTOCOLS[name].patch for name in request.protocols):
        raise click.UsageError(f"--hints is not for the protocol {' and '.join(request.protocols)}, which has none")
    _check_outputs(request, json_file, plot_file, overwrite)
    report = _measure(request, json_file)
    _print_tables(report)
    if plot_file is not None:
        from photochrom.evaluation.plots import plot

        plot(report, plot_file)
    if failed := report["images"]["failed"]:
        click.echo(f"{photograph_count(report['images']['count'])} measured, {len(failed)} failed.", err=True)
        ctx.exit(EXIT_SOME_FAILED)


def _measure(request: Request, json_file: Path | None) -> dict[str, Any]:
    """Runs the evaluation; its report is on the disk before the journal goes."""
    from photochrom.evaluation.journal import Journal
    from photochrom.evaluation.run import prepare
    from photochrom.images.atomic import whole_file

    ready = prepare(request)
    if json_file is None:
        return _report(ready, None)
    with Journal(json_file.with_name(f"{json_file.name}.{ready.key[:12]}.partial")) as journal:
        report = _report(ready, journal)
        with whole_file(json_file, overwrite=True) as file:
            # What of a name is no UTF-8 becomes an escape, as JSON has them.
            content = json.dumps(report, indent=1, ensure_ascii=False).encode("utf-8", "backslashreplace")
            file.write(content + b"\n")
        journal.discard()
    return report


def _report(ready: Run, journal: Journal | None) -> dict[str, Any]:
    from photochrom.evaluation.report import build_report
    from photochrom.evaluation.run import evaluate

    with counted(len(ready.examples)) as advance:
        return build_report(ready, evaluate(ready, journal, advance))


def _check_outputs(request: Request, json_file: Path | None, plot_file: Path | None, overwrite: bool) -> None:
    from photochrom.evaluation.datasets import find_examples

    for file in filter(None, (json_file, plot_file)):
        replaced = file.exists()  # only then may it be one of them
        read = {example.path for example in find_examples(request.dataset)} if replaced else set()
        check_report(file, (request.dataset, *read), overwrite=overwrite)
    if plot_file is not None:
        from photochrom.evaluation.plots import check_plot
        from photochrom.evaluation.run import hint_counts

        with needs_extra("eval", "A plot"):
            import matplotlib  # noqa: F401
        check_plot(plot_file, hint_counts(request))


def _print_tables(report: dict[str, Any]) -> None:
    from photochrom.evaluation.report import tables

    for table in tables(report):
        click.echo(f"{table}\n")


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
