"""Options that several subcommands share: what is to be done to a photograph's colours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
# A name that shells complete; the command itself looks at what it leads to.
ANY_PATH = click.Path(readable=False, allow_dash=True)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NumberInRange(click.ParamType[float]):
    """A number in [low, high]; click's own range takes NaN."""

    name = "number"

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(click.FLOAT.convert(value, param, ctx))
        if not self.low <= number <= self.high:
            self.fail(f"{number:g} is not in the range {self.low:g} to {self.high:g}.", param, ctx)
        return number


_COLOUR_OPTIONS = (
    click.option("--model", metavar="NAME", help="The network that colours; compact by default."),
    click.option(
        "--decode",
        type=click.Choice(["vivid", "accurate"]),
        help="Where colours without hints come from: vivid (default) is lively, accurate the safest average.",
    ),
    click.option("--hints", type=_FILE, help="A session file to replay."),
    click.option("--reference", type=_FILE, help="A picture whose palette to use."),
    click.option(
        "--saturation",
        type=NumberInRange(0, 100),
        metavar="X",
        help="Scales the colours: 0 is gray, 1 as is, 100 the most.",
    ),
    click.option(
        "--temperature",
        type=NumberInRange(-50, 50),
        metavar="T",
        help="Warms (above 0, to 50) or cools (below, to -50) all colours, in units of Lab's b.",
    ),
)


def colour_options(command: _Command) -> _Command:
    """Gives a command --model, --decode, --hints, --reference, --saturation and --temperature; None where not given."""
    for option in reversed(_COLOUR_OPTIONS):
        command = option(command)
    return command
