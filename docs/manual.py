"""Writes the manual into docs/manual/, from the commands themselves: as a man page, as Markdown, and for the shells.

    python docs/manual.py [FOLDER]

The wheel installs man page and completion below share/, where man and the shells look for them.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from photochrom import __version__
from photochrom.cli.main import main as photochrom

FOLDER = Path(__file__).parent / "manual"
COMPLETIONS = {"photochrom.bash": BashComplete, "_photochrom": ZshComplete, "photochrom.fish": FishComplete}
EXIT_CODES = (
    ("0", "Done."),
    ("1", "Failed."),
    ("2", "Wrong usage."),
    ("3", "Some photographs failed; the others are written."),
    ("4", "A model is missing or corrupt."),
    ("130", "Interrupted."),
)


def man_page() -> str:
    """The whole manual as one page, for man(1)."""
    top = photochrom.make_context("photochrom", [], resilient_parsing=True)
    lines = [
        f'.TH PHOTOCHROM 1 "" "photochrom {__version__}" "User Commands"',
        ".SH NAME",
        f"photochrom \\- {_escaped(_summary(photochrom))}",
        ".SH SYNOPSIS",
        *_synopsis(top),
        ".SH OPTIONS",
        *_option_list(top),
        ".SH COMMANDS",
        *(line for context in _subcommands(top) for line in _section(context)),
        ".SH EXIT STATUS",
        *(line for code, meaning in EXIT_CODES for line in (".TP", f".B {code}", _escaped(meaning))),
    ]
    return "\n".join(lines) + "\n"


def document() -> str:
    """The same as a Markdown document."""
    top = photochrom.make_context("photochrom", [], resilient_parsing=True)
    lines = [
        "# Commands",
        "",
        "<!-- Written by docs/manual.py; do not edit. -->",
        "",
        "What `photochrom COMMAND --help` says, command by command. How they are used: [the guides](../README.md).",
    ]
    for context in (top, *_subcommands(top)):
        lines += ["", f"## {context.command_path}", "", f"`{_usage(context)}`"]
        for paragraph in _paragraphs(context):
            lines += ["", _as_markdown(paragraph)]
        lines += ["", *(f"- `{names}`<br>{_as_markdown(meaning)}" for names, meaning in _options(context))]
    lines += ["", "## Exit codes", "", "| code | meaning |", "| ---: | --- |"]
    lines += [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES]
    return "\n".join(lines) + "\n"


def completions() -> dict[str, str]:
    """What each shell is to be told, by the name of the file that it reads."""
    return {
        name: shell(photochrom, {}, "photochrom", "_PHOTOCHROM_COMPLETE").source().strip() + "\n"
        for name, shell in COMPLETIONS.items()
    }


def _subcommands(parent: click.Context) -> Iterator[click.Context]:
    """The subcommands that do something, those of groups in their place."""
    assert isinstance(parent.command, click.Group)
    for name in parent.command.list_commands(parent):
        command = parent.command.get_command(parent, name)
        assert command is not None
        context = click.Context(command, parent, name)
        if isinstance(command, click.Group):
            yield from _subcommands(context)
        else:
            yield context


def _section(context: click.Context) -> Iterator[str]:
    yield f".SS {_escaped(context.command_path)}"
    yield from _synopsis(context)
    for paragraph in _paragraphs(context):
        yield ".PP"
        yield _escaped(paragraph)
    yield from _option_list(context)


def _synopsis(context: click.Context) -> Iterator[str]:
    yield f".B {_escaped(context.command_path)}"
    yield _escaped(_usage(context).removeprefix(context.command_path).strip())


def _option_list(context: click.Context) -> Iterator[str]:
    for names, meaning in _options(context):
        yield from (".TP", f".B {_escaped(names)}", _escaped(meaning))


def _usage(context: click.Context) -> str:
    return " ".join([context.command_path, *context.command.collect_usage_pieces(context)])


def _paragraphs(context: click.Context) -> Iterator[str]:
    for paragraph in (context.command.help or "").replace("\b\n", "").split("\n\n"):
        yield " ".join(paragraph.split())


def _options(context: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in context.command.get_params(context):
        names, meaning = parameter.get_help_record(context) or ("", "")
        if meaning and not (context.parent and parameter.name == "help"):
            yield names, " ".join(meaning.split())


def _summary(command: click.Command) -> str:
    return (command.help or "").splitlines()[0].rstrip(".")


def _as_markdown(text: str) -> str:
    """Text as Markdown prints it: no star or word in angle brackets is more than it is."""
    return re.sub(r"\*|<(?=\w)", r"\\\g<0>", text)


def _escaped(text: str) -> str:
    """Text as roff prints it: hyphens that can be copied, and no dot or quote that would be a request."""
    return "\\&" * text.startswith((".", "'")) + text.replace("\\", "\\e").replace("-", "\\-")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"photochrom.1": man_page(), "commands.md": document(), **completions()}.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
