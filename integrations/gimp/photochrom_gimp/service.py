"""Photochrom's service, as an editor asks it for colours. Needs neither Krita nor Qt.

Krita brings a Python of its own, 3.8 in older versions, without packages: this is the standard library alone.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

__all__ = ["ADDRESS", "Cancelled", "Client", "Limits", "ServiceError", "Settings"]

ADDRESS = "http://127.0.0.1:8000"

_CONNECT_SECONDS = 10.0
# More than `photochrom studio` gives one request.
_ANSWER_SECONDS = 330.0
# How long a service that is busy, or starting, is asked again.
_BUSY_SECONDS = 60.0
_LONGEST_PAUSE = 10.0
# What a form holds beside the picture: a session of 256 KiB at most.
_FORM_BYTES = 300 << 10
# An answer that is no picture is a few lines.
_MOST_WORDS = 1 << 20


class ServiceError(Exception):
    """What went wrong and what to do, in one sentence for the person at the editor."""


class Cancelled(Exception):
    """The person at the editor no longer waits."""


@dataclass(frozen=True)
class Settings:
    """What colours are wanted.

    Attributes:
        decode: "vivid" or "accurate".
        saturation: factor of chroma, 0 to 100.
        session: a session file's text, or nothing; its own settings go before the others.
    """

    decode: str = "vivid"
    saturation: float = 1.0
    session: str = ""

    def fields(self) -> dict[str, str]:
        """The form's fields."""
        if self.session:
            return {"session": self.session}
        return {"decode": self.decode, "saturation": repr(self.saturation)}


@dataclass(frozen=True)
class Limits:
    """The largest picture that the service takes.

    Attributes:
        size: in bytes, as a file.
        pixels: in all.
        side: the longer side, in pixels.
    """

    size: int
    pixels: int
    side: int

    def check(self, width: int, height: int) -> None:
        """Refuses a picture that the service would not take.

        Raises:
            ServiceError: it is too large.
        """
        if width * height > self.pixels or max(width, height) > self.side:
            raise ServiceError(
                f"The picture has {width} x {height} pixels, more than the service takes ({self.pixels:,} in all, "
                f"{self.side:,} on a side). {_LARGER}"
            )

    def check_file(self, size: int) -> None:
        """Refuses a file that the service would not take; it may say so too late for a client that is still sending.

        Raises:
            ServiceError: it is too large.
        """
        if size + _FORM_BYTES > self.size:
            raise ServiceError(
                f"The picture is a file of {size >> 20} MiB, more than the service takes ({self.size >> 20}). {_LARGER}"
            )


_LARGER = 'Scale it down, or give the address of "photochrom studio" instead, which takes larger ones.'


class Client:
    """Asks one service; `cancel` may be called from another thread.

    Args:
        address: where the service is, such as http://127.0.0.1:8000.
        token: what it was started with, or nothing.

    Raises:
        ServiceError: the address is none.
    """

    def __init__(self, address: str = ADDRESS, token: str = "") -> None:
        self._address = _parsed(address.strip())
        self._headers = {"Authorization": f"Bearer {token.strip()}"} if token.strip() else {}
        if not token.isascii() or not token.strip().isprintable():
            raise ServiceError("The token must be what the service was started with: plain letters and digits.")
        self._connection: http.client.HTTPConnection | None = None
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        """Ends what is under way; the service drops a request whose client has left."""
        self._cancelled.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def limits(self) -> Limits:
        """What the service takes.

        Raises:
            ServiceError: it does not answer, or is another program.
        """
        try:
            limits = json.loads(self._ask("GET", "/v1/about"))["limits"]
            return Limits(int(limits["bytes"]), int(limits["pixels"]), int(limits["side"]))
        except (ValueError, KeyError, TypeError) as error:
            raise self._stranger() from error

    def colorize(self, picture: bytes, settings: Settings) -> bytes:
        """The picture in colour, as a PNG of the same size.

        Args:
            picture: a PNG file.
            settings: what colours are wanted.

        Raises:
            ServiceError: the service does not answer, or refuses the picture.
            Cancelled: `cancel` was called.
        """
        boundary = uuid.uuid4().hex
        body = _form({**settings.fields(), "format": "png"}, picture, boundary)
        kind = f"multipart/form-data; boundary={boundary}"
        coloured = self._ask("POST", "/v1/colorize", body, {"Content-Type": kind})
        if not coloured.startswith(b"\x89PNG"):
            raise self._stranger()
        return coloured

    def _ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> bytes:
        """An answer's body; a service that says that it is busy is asked again for a while."""
        by = time.monotonic() + _BUSY_SECONDS
        while True:
            status, pause, content = self._ask_once(method, path, body, {**self._headers, **(headers or {})})
            if status == 200:
                return content
            if status != 503 or time.monotonic() + pause > by:
                raise self._refusal(status, content)
            if self._cancelled.wait(pause):
                raise Cancelled

    def _ask_once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, float, bytes]:
        """Status, seconds to wait before asking again, and body."""
        kind = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        # Not urllib.request: it would follow redirects with the token, and take proxies from the environment.
        connection = kind(self._address.hostname or "", self._address.port, timeout=_CONNECT_SECONDS)
        self._connection = connection
        try:
            connection.connect()
            connection.sock.settimeout(_ANSWER_SECONDS)
            if self._cancelled.is_set():
                raise Cancelled
            # A service may answer without having read all of a large body.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers)
            response = connection.getresponse()
            pause = min(max(float(response.getheader("Retry-After") or 1), 0.1), _LONGEST_PAUSE)
            return response.status, pause, response.read(None if response.status == 200 else _MOST_WORDS)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if self._cancelled.is_set():
                raise Cancelled from error
            raise self._silence(error) from error
        finally:
            connection.close()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled.is_set()

    @property
    def _name(self) -> str:
        return self._address.geturl()

    def _silence(self, error: Exception) -> ServiceError:
        if isinstance(error, OSError):
            reason = "no answer in time" if isinstance(error, socket.timeout) else error.strerror or str(error)
            return ServiceError(f"No service answers at {self._name} ({reason}). Start it with: photochrom serve")
        return self._stranger()

    def _stranger(self) -> ServiceError:
        return ServiceError(f"What answers at {self._name} is not Photochrom's service: look at the address.")

    def _refusal(self, status: int, content: bytes) -> ServiceError:
        try:
            problem: Any = json.loads(content)
            detail = str(problem["detail"]).rstrip(".")
        except (ValueError, KeyError, TypeError):
            return self._stranger() if status < 500 else ServiceError(f"The service at {self._name} fails ({status}).")
        if status in (404, 405):
            return self._stranger()
        if status == 401:
            return ServiceError(f"The service at {self._name} wants the token that it was started with.")
        if status == 413:
            return ServiceError(f"The service does not take this picture: {detail}. {_LARGER}")
        if status == 503:
            return ServiceError(f"The service is busy: {detail}.")
        return ServiceError(f"The service refuses: {detail}.")


def _parsed(address: str) -> SplitResult:
    problem = ServiceError(f"{address!r} is no address of a service: write it like {ADDRESS}")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise problem from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or parts.username is not None:
        raise problem
    if parts.path not in ("", "/") or parts.query or not address.isascii() or not address.isprintable():
        raise problem
    return parts._replace(path="", fragment="")


def _form(fields: dict[str, str], picture: bytes, boundary: str) -> bytes:
    """A multipart/form-data body (RFC 7578)."""
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    head = 'Content-Disposition: form-data; name="image"; filename="picture.png"\r\nContent-Type: image/png'
    parts += [f"--{boundary}\r\n{head}\r\n\r\n".encode(), picture, f"\r\n--{boundary}--\r\n".encode()]
    return b"".join(parts)
