"""`photochrom export CHECKPOINT`."""

import logging
import shlex
import warnings
from pathlib import Path

import click

from photochrom.cli.extras import needs_extra


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files go; beside the checkpoint by default.",
)
def export(checkpoint: Path, output: Path | None) -> None:
    """Write a trained network for use.

    The compact network becomes ONNX files, which are run and compared with PyTorch before they are called done. A
    published network becomes a file of weights like its authors', for `photochrom models import`.
    """
    with needs_extra("train", "Export"):
        from photochrom.training.export import export_compact
        from photochrom.training.export_weights import checkpoint_network, export_weights
    folder = output or checkpoint.parent
    if checkpoint_network(checkpoint) != "compact":
        weights = export_weights(checkpoint, folder)
        click.echo(f"{weights.path}, {weights.path.stat().st_size / 1e6:.0f} MB. To use it:")
        click.echo(weights.command)
        return
    with warnings.catch_warnings():
        # PyTorch's exporter warns of its own insides.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        exported = export_compact(checkpoint, folder)
    click.echo(f"{exported.manifest} and its networks, {exported.size / 1e6:.2f} MB")
    click.echo(
        f"ab differs from PyTorch's by at most {exported.difference:.3g} with full weights; "
        f"that large ones are in 8 bits moves it by {exported.rounding:.3g} on average. To use it:"
    )
    click.echo(f"photochrom models import {shlex.quote(str(exported.manifest))} --as NAME")
