"""The documents hold: their links lead somewhere, their commands exist, the messages they quote are said."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from reading import DOCUMENTS, REPOSITORY, anchors, commands, parse, prose, without_code

from photochrom import errors

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix()
)

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_USAGE_ERRORS = {"UsageError", "BadParameter", "fail"}


@every_document
def test_every_link_leads_to_a_file_and_a_heading_of_it(document: Path) -> None:
    dead = []
    for link in _LINK.findall(without_code(document)):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert not dead


@every_document
def test_every_command_and_option_exists(document: Path) -> None:
    wrong = []
    for arguments in commands(document):
        try:
            parse(arguments)
        except click.UsageError as error:
            wrong.append(f"photochrom {shlex.join(arguments)}: {error.format_message()}")
    assert not wrong


@pytest.fixture(scope="module")
def said() -> dict[str, set[int]]:
    """Every text in the sources, with … for what varies, and the exit codes of the errors that are raised with it."""
    texts: dict[str, set[int]] = {}
    for source in sorted((REPOSITORY / "src" / "photochrom").rglob("*.py")):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if (text := _text(node)) is not None:
                texts.setdefault(text, set())
            if isinstance(node, ast.Call) and node.args and (text := _text(node.args[0])) is not None:
                texts.setdefault(text, set()).update(_exit_code(node.func))
    return texts


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _exit_code(function: ast.expr) -> Iterator[int]:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in errors.__all__:
        yield getattr(errors, name).exit_code
    elif name in _USAGE_ERRORS:
        yield 2


def test_every_message_in_troubleshooting_is_said_with_that_exit_code(said: dict[str, set[int]]) -> None:
    sections = re.split(r"^## ", prose(REPOSITORY / "docs" / "troubleshooting.md"), flags=re.MULTILINE)[1:]
    quoted = 0
    for section in sections:
        code = re.match(r"Exit code (\d+)", section)
        for _, message in re.findall(r"^- (`+) ?(.+?) ?\1$", section, re.MULTILINE):
            quoted += 1
            assert message in said, f"no longer said: {message}"
            if code and said[message]:
                assert int(code[1]) in said[message], f"another exit code: {message}"
    assert quoted > 30
