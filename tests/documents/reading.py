"""Reads the documents: their code blocks, their headings, and the commands that they tell to type."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from photochrom.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[2]
# Without those in docs/manual/, which docs/manual.py writes.
DOCUMENTS = sorted(path for pattern in ("*.md", "docs/*.md", "examples/*.md") for path in REPOSITORY.glob(pattern))

_FENCED = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(`+)(.+?)\1")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_MAY_HOLD_COMMANDS = {"", "bash", "yaml", "ini"}
# Words that may stand before a command.
_BEFORE_A_COMMAND = {"exec", "srun", "-", "$"}


class Block(NamedTuple):
    """A code block: its language, its text, and how many lines of the document are above it."""

    language: str
    text: str
    above: int


def blocks(document: Path) -> list[Block]:
    text = document.read_text("utf-8")
    return [Block(found[1], found[2], text.count("\n", 0, found.start(2))) for found in _FENCED.finditer(text)]


def prose(document: Path) -> str:
    return _FENCED.sub("", document.read_text("utf-8"))


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as GitHub makes them."""
    seen: Counter[str] = Counter()
    names = set()
    for heading in _HEADING.findall(prose(document)):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        names.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names


def code(document: Path) -> list[str]:
    """What stands in backquotes in a document's text."""
    return [span for _, span in _CODE.findall(prose(document))]


def without_code(document: Path) -> str:
    return _CODE.sub("", prose(document))


def commands(document: Path) -> Iterator[list[str]]:
    """The arguments of every `photochrom ...` that a document tells to type."""
    lines = [span for span in code(document) if span.startswith("photochrom ")]
    for block in blocks(document):
        if block.language in _MAY_HOLD_COMMANDS:
            lines += re.sub(r"\\\n", " ", block.text).splitlines()
            lines += re.findall(r'"exec (photochrom [^"\n]+)"', block.text)  # within a text in quotes
    for line in lines:
        if "photochrom " in line:
            yield from _in_line(line.removeprefix("ExecStart="))


def _in_line(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    command: list[str] = []
    try:
        words = [*lexer, ";"]
    except ValueError:  # a quoted text that goes on in the next line holds no command
        return
    for word in words:
        if word.strip("|&;<>"):
            command.append(word)
            continue
        while command and (command[0] in _BEFORE_A_COMMAND or re.fullmatch(r"\w+=.*", command[0])):
            del command[0]
        if command and Path(command[0]).name == "photochrom":
            yield command[1:]
        command = []


def parse(arguments: list[str]) -> None:
    """Looks whether the commands and options exist, without doing anything.

    Raises:
        click.UsageError: they do not.
    """
    command: click.Command = main
    context = click.Context(command, info_name="photochrom")
    rest = list(arguments)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            raise click.UsageError(f"no command {rest[0]}")
        command, context = found, click.Context(found, context, rest.pop(0))
    if command.name == "batch" and rest[:1] == ["merge"]:
        from photochrom.cli.batch import merge

        command, rest = merge, rest[1:]
    command.make_parser(context).parse_args(rest)
