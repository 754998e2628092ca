"""One client's connection."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager

import httpx
import pytest

from photochrom.web.app import create_app
from photochrom.web.connection import Connection


def test_answers_are_sent_without_waiting_for_acknowledgements(
    serve: Callable[..., AbstractContextManager[httpx.Client]], monkeypatch: pytest.MonkeyPatch
) -> None:
    undelayed: list[int] = []
    made = Connection.connection_made

    def watched(self: Connection, transport: asyncio.Transport) -> None:
        made(self, transport)
        undelayed.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(Connection, "connection_made", watched)
    with serve(create_app()) as client:
        assert client.get("/healthz").status_code == 200
    assert undelayed and all(undelayed)
