"""The command `photochrom`: finds its subcommands, and turns errors into one line and an exit code."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import click

from photochrom import __version__
from photochrom.errors import PhotochromError

EXIT_INTERRUPTED = 130


class Subcommand(NamedTuple):
    """Where a subcommand lives, and its line in `photochrom --help`, which must not load it."""

    module: str
    attribute: str
    summary: str


SUBCOMMANDS = {
    "colorize": Subcommand("photochrom.cli.colorize", "colorize", "Give photographs and films colours."),
    "batch": Subcommand("photochrom.cli.batch", "batch", "Give a series colours; go on where it was left."),
    "compare": Subcommand("photochrom.cli.compare", "compare", "Show the methods side by side, with figures."),
    "studio": Subcommand("photochrom.cli.studio", "studio", "Colour photographs by hand, in the browser."),
    "serve": Subcommand("photochrom.cli.serve", "serve", "Serve colours over HTTP."),
    "models": Subcommand("photochrom.cli.models", "models", "List, pull, import, export and verify networks."),
    "evaluate": Subcommand("photochrom.cli.evaluate", "evaluate", "Measure colorizers by the papers' protocols."),
    "bench": Subcommand("photochrom.cli.bench", "bench", "Measure speed and memory on this machine."),
    "train": Subcommand("photochrom.cli.train", "train", "Train a network as CONFIG.toml says."),
    "prior": Subcommand("photochrom.cli.prior", "prior", "Measure the colour prior of photographs, for training."),
    "export": Subcommand("photochrom.cli.export", "export", "Write a trained network for use."),
}


class Failure(click.ClickException):
    """An expected error as the shell sees it: one line on stderr and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click reads it from the instance


def one_line(error: PhotochromError | OSError | MemoryError) -> str:
    """An expected error's message on a single line; a system error's with the file it is about."""
    message = str(error)
    if isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, MemoryError):
        message = "not enough memory for this picture; close other programs, or scale it down"
    return printable(" ".join(message.splitlines()))


def printable(text: str) -> str:
    """Text with escapes for what a file's name may hold and a terminal would obey: control characters, stray bytes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _meant(name: str) -> str:
    """What a person may have meant who gave this name in a command's place."""
    if os.path.exists(name):
        return f"to give it colours: photochrom colorize {printable(name)}"
    near = get_close_matches(name, SUBCOMMANDS, n=1)
    return f"did you mean {near[0]}?" if near else "photochrom --help lists them"


@contextmanager
def _usage_on_one_line() -> Iterator[None]:
    """Wrong usage as a line like every other error, where click would write four."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        message = " ".join(error.format_message().split())
        if type(error) is not click.UsageError and error.ctx:  # click's own say what is wrong, not where help is
            message = f"{message.removesuffix('.')}; see {error.ctx.command_path} --help"
        raise Failure(message, error.exit_code) from error


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is called, so that `--help` loads neither NumPy nor ONNX Runtime."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = SUBCOMMANDS.get(cmd_name)
        if entry is None:
            return None
        command = getattr(import_module(entry.module), entry.attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in SUBCOMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(f"no command is named {printable(name)}; {_meant(name)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in SUBCOMMANDS.items()])

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        with _usage_on_one_line():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _usage_on_one_line():
                return super().invoke(ctx)
        except PhotochromError as error:
            raise Failure(one_line(error), error.exit_code) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise Failure(one_line(error), exit_code=1) from error
        except MemoryError as error:
            raise Failure(one_line(error), exit_code=1) from error
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(EXIT_INTERRUPTED)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="photochrom")
def main() -> None:
    """Colours for black-and-white photographs."""
