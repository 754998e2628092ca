"""Runs the service with uvicorn, on an address of its own, until it is told to stop."""

import contextlib
import errno
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from photochrom.errors import InputError
from photochrom.web.connection import Connection
from photochrom.web.memory import return_freed_memory
from photochrom.web.service import Service

__all__ = ["address", "configured", "listen", "run"]

_BACKLOG = 128
_MOST_HEADER_BYTES = 16 << 10
_IDLE_SECONDS = 5


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        InputError: the port is taken, or there is no such address here.
    """
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((place[0], place[1]), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"port {port} on {host} is taken; choose another with --port") from error
        raise InputError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from error


def address(host: str, listener: socket.socket) -> str:
    """The address to give to a browser."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    name = f"[{shown}]" if ":" in shown else shown
    return f"http://{name}:{listener.getsockname()[1]}"


def configured(app: FastAPI) -> uvicorn.Config:
    """uvicorn's settings for this service."""
    service: Service = app.state.service
    # What is no HTTP is every scanner's business, not the log's.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_MOST_HEADER_BYTES,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=round(service.limits.stop_seconds),
    )


def run(app: FastAPI, listener: socket.socket) -> None:
    """Serves until SIGTERM or SIGINT, then lets requests under way end, in the time that the limits give them."""
    return_freed_memory()
    with _quietly_stopped():
        uvicorn.Server(configured(app)).run([listener])
    service: Service = app.state.service
    if service.admission.running:
        # A thread in the midst of a large picture would keep the process alive until it is done; nobody waits for it.
        logging.shutdown()
        sys.stdout.flush()
        os._exit(0)


@contextlib.contextmanager
def _quietly_stopped() -> Iterator[None]:
    """uvicorn stops on a signal and then raises it again, for whoever handled it before: to stop is no failure."""

    def ignore(number: int, frame: FrameType | None) -> None:
        pass

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
