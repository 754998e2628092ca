"""docs/service.md says what the service does."""

import re
from pathlib import Path

from photochrom.web.connection import Connection
from photochrom.web.limits import SERVE, STUDIO
from photochrom.web.openapi import document


def test_documented_limits_are_the_services(repository: Path) -> None:
    text = (repository / "docs" / "service.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", text.partition("## Limits")[2], re.MULTILINE))
    documented = {
        what: int(value.replace(",", "")) for what, limit in rows.items() for value in re.findall(r"^[\d,]+", limit)
    }
    assert documented == {
        "body with a picture": SERVE.upload_bytes >> 20,
        "files in it": 1,
        "picture, by its header": SERVE.pixels,
        "its longer side": SERVE.side,
        "body of JSON, session in a form": SERVE.json_bytes >> 10,
        "hints": SERVE.hints,
        "all photographs at work": SERVE.works_bytes >> 20,
        "a photograph that nobody asks for": SERVE.idle_seconds / 60,
        "requests that wait for one": SERVE.queue,
        "uploads under way": SERVE.uploads,
        "a request, until its answer begins": SERVE.seconds,
        "headers of a request": 16,
        "a client that reads nothing of its answer": Connection.stalled_seconds,
        "connections": 512,
    }
    assert f"{STUDIO.pixels // 10**6} megapixels, {STUDIO.seconds:g} s" in " ".join(text.split())


def test_every_address_is_documented(repository: Path) -> None:
    text = (repository / "docs" / "service.md").read_text(encoding="utf-8")
    described = set(re.findall(r'"(/[^"]*)": \{\n      "(?:get|post|delete)', document()))
    assert len(described) > 10
    for path in described - {"/v1/opening/{id}"}:
        assert path in text, f"docs/service.md lacks {path}"
