"""`photochrom bench`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from photochrom.cli.interrupt import interruptible
from photochrom.cli.outputs import check_report
from photochrom.processors import processors

_STAGES = ("read", "encode", "edit", "render", "write")


@click.command()
@click.option("--model", metavar="NAME", default="compact", show_default=True, help="The network to measure.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to write all figures.")  # fmt: skip
@click.option("--overwrite", is_flag=True, help="Replace this file where it is there already.")
def bench(model: str, json_file: Path | None, overwrite: bool) -> None:
    """Measure speed and memory on this machine.

    Photographs of 1, 12 and 60 megapixels, which are made up, are coloured a few times; medians are shown. read: from
    a JPEG; encode: the network, once a photograph; edit: the network, after a hint; render: the colours at full
    size; write: to a JPEG. The memory is the most that the process has held by then.
    """
    from photochrom import speed
    from photochrom.images.atomic import whole_file
    from photochrom.pipeline import Colorizer

    if json_file is not None:
        check_report(json_file, (), overwrite=overwrite)
    with interruptible():
        colorizer = Colorizer(model)
        opening = speed.measure_opening(colorizer)
        click.echo(f"{model}, opened in {opening * 1e3:.0f} ms; {processors()} processors")
        click.echo("".join(f"{name:>11}" for name in ("megapixels", *_STAGES, "memory")))
        pictures = []
        for size in speed.SIZES:
            pictures.append(speed.measure_picture(colorizer, size))
            click.echo(_row(size, pictures[-1].to_dict()))
        if json_file is not None:
            report = speed.build_report(colorizer, opening, pictures)
            with whole_file(json_file, overwrite=overwrite) as file:
                file.write(json.dumps(report, indent=1).encode() + b"\n")


def _row(megapixels: float, figures: dict[str, Any]) -> str:
    times = [figures[f"{stage}_seconds"] for stage in _STAGES]
    cells = [f"{seconds * 1e3:.0f} ms" if seconds is not None else "-" for seconds in times]
    peak = figures["peak_bytes"]
    return "".join(f"{cell:>11}" for cell in (megapixels, *cells, f"{peak / 1e6:.0f} MB" if peak else "-"))
