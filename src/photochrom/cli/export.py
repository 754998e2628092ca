"""`photochrom export CHECKPOINT`."""

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
    help="Where the ONNX files go; beside the checkpoint by default.",
)
def export(checkpoint: Path, output: Path | None) -> None:
    """Write a trained network as ONNX files.

    The files are run, and what they compute is compared with PyTorch, before they are called done.
    """
    with needs_extra("train", "Export"):
        from photochrom.training.export import export_compact
    exported = export_compact(checkpoint, output or checkpoint.parent)
    click.echo(f"{exported.manifest} and its networks, {exported.size / 1e6:.2f} MB")
    click.echo(
        f"ab differs from PyTorch's by at most {exported.difference:.3g}, and {exported.rounding:.3g} on average"
    )
    click.echo("through the rounding of the weights to 8 bits.")
