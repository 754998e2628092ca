"""A real server in a thread of the tests' own process, and pictures to send to it."""

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI
from PIL import Image

from photochrom.web.app import create_app
from photochrom.web.server import configured, listen

Serve = Callable[..., contextlib.AbstractContextManager[httpx.Client]]


# Shorter than the server's five seconds, lest a request meet a connection that is just being closed.
_LIMITS = httpx.Limits(keepalive_expiry=1)


@contextlib.contextmanager
def served(app: FastAPI, **changes: Any) -> Iterator[httpx.Client]:
    """A client of the app behind uvicorn as `photochrom serve` sets it up, but for `changes`."""
    config = configured(app)
    for name, value in changes.items():
        setattr(config, name, value)
    server = uvicorn.Server(config)
    with listen("127.0.0.1", 0) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with httpx.Client(base_url=url, timeout=60, limits=_LIMITS, trust_env=False) as client:
                ready_by = time.monotonic() + 30
                while client.get("/readyz").status_code != 200:
                    assert time.monotonic() < ready_by, "the service does not get ready"
                    time.sleep(0.02)
                yield client
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture(scope="session")
def serve() -> Serve:
    """Serves an app for as long as a block lasts."""
    return served


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """A client of a service with the usual limits."""
    with served(create_app()) as client:
        yield client


@pytest.fixture(scope="session")
def picture() -> Callable[..., bytes]:
    """A small picture of two tones and some noise as a file."""

    def encoded(width: int = 64, height: int = 48, format: str = "PNG", seed: int = 0, **options: Any) -> bytes:
        noise = np.random.default_rng(seed).integers(0, 40, (height, width), dtype=np.uint8)
        noise[: height // 2] += 120
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, format, **options)
        return buffer.getvalue()

    return encoded


@pytest.fixture
def work(client: httpx.Client, picture: Callable[..., bytes]) -> dict[str, Any]:
    """A photograph at work on the usual service."""
    answer = client.post("/v1/works", files={"image": picture()})
    assert answer.status_code == 201, answer.text
    info: dict[str, Any] = answer.json()
    return info


def detail(answer: httpx.Response, status: int) -> str:
    """What a problem says; fails unless the answer is one with this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail"}
    assert problem["status"] == status
    assert "Traceback" not in answer.text
    assert "\n" not in problem["detail"]
    return str(problem["detail"])


@pytest.fixture(name="detail", scope="session")
def detail_fixture() -> Callable[[httpx.Response, int], str]:
    """Checks that an answer is a problem, and gives its detail."""
    return detail
