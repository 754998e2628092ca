"""The OpenAPI document, from which the page's client is generated."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from photochrom.web.openapi import document


def test_document_in_the_repository_is_current(repository: Path) -> None:
    written = (repository / "frontend" / "openapi.json").read_text(encoding="utf-8")
    assert written == document(), "write it anew: python -m photochrom.web.openapi > frontend/openapi.json"


def test_command_prints_the_same_document_each_time() -> None:
    command = [sys.executable, "-m", "photochrom.web.openapi"]
    printed = {subprocess.run(command, capture_output=True, check=True, text=True).stdout for _ in range(2)}
    assert printed == {document()}


def operations() -> list[tuple[str, str]]:
    paths = json.loads(document())["paths"]
    return [(path, method) for path, methods in paths.items() for method in methods]


@pytest.mark.parametrize(("path", "method"), operations())
def test_every_operation_declares_what_it_gives_and_its_problems(path: str, method: str) -> None:
    responses = json.loads(document())["paths"][path][method]["responses"]
    good = [answer for status, answer in responses.items() if status.startswith("2")]
    assert len(good) == 1
    assert method == "delete" or all("schema" in content for content in good[0]["content"].values())
    problems = {status: answer["content"] for status, answer in responses.items() if not status.startswith("2")}
    assert {"400", "401", "403", "421", "422", "500", "503"} <= set(problems)
    assert all(list(content) == ["application/problem+json"] for content in problems.values())


def free_texts(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Iterator[str]:
    """Names of what a request may carry as text of any content."""
    if "$ref" in schema:
        yield from free_texts(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from free_texts(part, schemas, name)
    for key, part in schema.get("properties", {}).items():
        yield from free_texts(part, schemas, f"{name}.{key}".lstrip("."))
    if schema.get("type") == "string" and not {"enum", "pattern", "contentMediaType"} & set(schema):
        yield name


def test_no_request_tells_a_path_an_address_or_which_model_to_use() -> None:
    told = json.loads(document())
    found = set()
    for path, method in operations():
        operation = told["paths"][path][method]
        bodies = operation.get("requestBody", {"content": {}})["content"].values()
        given = [*bodies, *operation.get("parameters", [])]
        for part in given:
            found |= set(free_texts(part["schema"], told["components"]["schemas"], part.get("name", "")))
    notes = {"image.sha256", "model.name", "model.sha256"}  # what a session was made from; it chooses nothing
    assert found == {"session", *notes, *(f"session.{note}" for note in notes)}
