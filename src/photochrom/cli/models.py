"""`photochrom models`: which networks there are, and how their weights come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from photochrom.cli.progress import bar, is_watched
from photochrom.errors import ModelError, WeightsCorrupt

if TYPE_CHECKING:
    from photochrom.models.download import Progress
    from photochrom.models.manifest import Manifest


@click.group()
def models() -> None:
    """List, pull, import, export and verify networks."""


@models.command("list", short_help="List the networks, and which are here.")
def list_models() -> None:
    """List the networks: which are here, under which licence, and what they are."""
    from photochrom.models.registry import MODELS

    for name in (*MODELS, *sorted(set(_installed()) - set(MODELS))):
        state, licence, summary = _described(name)
        click.echo(f"{name:<20} {state:<14} {licence:<14} {summary}")


@models.command(short_help="Download and install a published network.")
@click.argument("name")
def pull(name: str) -> None:
    """Download a published network's weights from its authors, and install them.

    A download that was broken off goes on where it ended.
    """
    from photochrom.models.weights import pull as pull_model

    with _progress() as progress:
        manifest = pull_model(name, progress=progress)
    _say_installed(manifest)


@models.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", metavar="NAME", required=True, help="The published network's name, or a new one.")
@click.option(
    "--mask-cent",
    type=click.Choice(["0", "0.5"]),
    help="Of siggraph17's weights: 0 if they come from Caffe, 0.5 if retrained in PyTorch. Found out by default.",
)
@click.option(
    "--temperature",
    type=float,
    metavar="T",
    help="Of eccv16's weights: the T that is folded into them; 1 (none) by default unless the file is known.",
)
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    metavar="JSON",
    help="What an .onnx file takes and gives; by default the .json file of its name beside it.",
)
def import_model(
    file: Path, name: str, mask_cent: str | None, temperature: float | None, manifest: Path | None
) -> None:
    """Install a network from FILE.

    FILE is a published network's .pth, .safetensors or .caffemodel; the compact.json of a network that you trained,
    written by photochrom export; or the .onnx file of any automatic colorizer with a manifest. Nothing in it is
    executed; it may go afterwards.
    """
    from photochrom.models.weights import import_file

    centre = None if mask_cent is None else float(mask_cent)
    _say_installed(import_file(file, name, mask_cent=centre, temperature=temperature, manifest=manifest))


@models.command(short_help="Write an installed network's files, to use elsewhere.")
@click.argument("name")
@click.option(
    "-o", "--output", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path), default=".",
    help="Where the network and NAME.json go; this folder by default.",
)  # fmt: skip
def export(name: str, output: Path) -> None:
    """Write an installed network and its manifest, to use elsewhere without PyTorch.

    On the other computer: photochrom models import NAME.onnx --as NAME (of a compact network: NAME.zip)
    """
    from photochrom.models.weights import export_model

    for path in export_model(name, output):
        click.echo(path)


@models.command()
def verify() -> None:
    """Compare the embedded and every installed network with its recorded sha256."""
    from photochrom.models.weights import verify as verify_models

    found = verify_models()
    for name, problem in found.items():
        click.echo(f"{name:<20} {problem or 'as recorded'}")
    if damaged := [name for name, problem in found.items() if problem]:
        raise WeightsCorrupt(f"damaged: {', '.join(damaged)}; the lines above say what to do")


@models.command()
def path() -> None:
    """Print the folder in which networks are kept."""
    from photochrom.models.folder import models_folder

    click.echo(models_folder())


def _installed() -> list[str]:
    from photochrom.models.folder import installed

    return installed()


def _described(name: str) -> tuple[str, str, str]:
    """State, licence and summary of a model."""
    from photochrom.models.folder import read_manifest
    from photochrom.models.registry import COMPACT, MODELS, model_spec

    installed = _installed()
    try:
        if name in installed:
            read_manifest(name)
        spec = MODELS.get(name) or model_spec(name)
    except ModelError as error:
        return "damaged", "", str(error)
    state = "embedded" if name == COMPACT.name else "installed" if name in installed else "not installed"
    return state, spec.licence, spec.summary


def _say_installed(manifest: Manifest) -> None:
    settings: dict[str, Any] = {
        key: value for key, value in manifest.settings.items() if key in ("temperature", "mask_cent")
    }
    said = "".join(f", {key} {value:g}" for key, value in settings.items())
    click.echo(f"{manifest.name} is installed{said}; its source's sha256 is {manifest.source.sha256}")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on a terminal."""
    if not is_watched():
        yield None
        return
    with bar() as show:
        yield lambda have, total: show(have, total, f"{have / 1e6:.1f} of {total / 1e6:.1f} MB" if total else "")
