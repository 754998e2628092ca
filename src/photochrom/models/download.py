"""Downloads one file so that it arrives whole or not at all, over a line that breaks.

What has arrived is kept in `NAME.part`, with the server's tag of the file's version beside it (`NAME.part.tag`). A
later attempt, in this run or in another, asks for the rest of that very version (RFC 9110: Range, If-Range) and takes
the whole again where the server has a new one or gives no parts.
"""

from __future__ import annotations

import contextlib
import hashlib
import http
import http.client
import logging
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from photochrom import __version__
from photochrom.errors import ModelError, WeightsCorrupt, WeightsMissing
from photochrom.models.folder import ENVIRONMENT

_log = logging.getLogger("photochrom")
_CHUNK = 1 << 16
_LARGEST = 2 << 30  # bytes; the published files have 130 to 140 MB
_ATTEMPTS = 5  # without a single new byte
# Fewer bytes than this in `stall_seconds` are taken for a standstill.
_TRICKLE = 1 << 10
_RANGE_NOT_SATISFIABLE = 416

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Patience:
    """How long to wait: for any data (`stall`), and before another attempt (`pause`, doubled each time), in seconds."""

    stall: float = 30.0
    pause: float = 1.0


class _BrokenOff(Exception):
    """The transfer ended early; another attempt may go on."""


def download(
    url: str,
    destination: Path,
    *,
    sha256_start: str = "",
    patience: Patience | None = None,
    progress: Progress | None = None,
) -> None:
    """Fetches `url` into `destination`, which is replaced in one step when all is there and right.

    One process at a time may fetch a given destination.

    Args:
        url: http or https.
        destination: the file; its folder is made.
        sha256_start: what the file's sha256 must start with; empty: not known.
        patience: for tests and very slow lines.
        progress: is told the bytes that are there and the bytes in all (None: not known).

    Raises:
        WeightsMissing: the server has no such file or cannot be reached. What arrived is kept for the next time.
        WeightsCorrupt: what arrived is not the file. Nothing is kept.
        ModelError: it cannot be written here. What arrived is kept.
    """
    part = destination.with_name(destination.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _fetch_patiently(url, part, patience or Patience(), progress)
        _accept(url, part, destination, sha256_start)
    except OSError as error:  # of the disk: those of the line have become `_BrokenOff`
        raise ModelError(
            f"{part}: cannot be written ({error.strerror or error}); make room, or choose another folder with "
            f"{ENVIRONMENT}, then run the same command again"
        ) from error


def _fetch_patiently(url: str, part: Path, patience: Patience, progress: Progress | None) -> None:
    """As many attempts as it takes to make `part` complete, while each brings something."""
    failures, pause = 0, patience.pause
    while True:
        before = _size(part)
        try:
            _fetch(url, part, patience.stall, progress)
            return
        except _BrokenOff as error:
            failures = 1 if _size(part) > before else failures + 1
            pause = patience.pause if _size(part) > before else 2 * pause
            _log.info("%s: %s", url, error)
            if failures >= _ATTEMPTS:
                raise WeightsMissing(
                    f"{url}: {error}; run the same command again to go on, or get the file elsewhere and import it"
                ) from error
            time.sleep(pause)


def _fetch(url: str, part: Path, stall: float, progress: Progress | None) -> None:
    """One attempt to make `part` complete.

    Raises:
        _BrokenOff: another attempt may help.
        WeightsMissing: it would not.
        WeightsCorrupt: what is sent is no weight file.
    """
    request = _request(url, part)
    try:
        with _connection(stall):
            response = urllib.request.urlopen(request, timeout=stall)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _RANGE_NOT_SATISFIABLE:
            if error.headers.get("Content-Range") == f"bytes */{_size(part)}":
                return  # all was there
            _forget(part)
            raise _BrokenOff("the partial file did not fit") from error
        if error.code >= 500 or error.code in (408, 429):
            raise _BrokenOff(f"the server answered {error.code} {error.reason}") from error
        raise WeightsMissing(
            f"{url}: the server answered {error.code} {error.reason}; get the file elsewhere and import it: "
            "photochrom models import FILE --as NAME"
        ) from error
    with response:
        _receive(response, part, stall, progress)


@contextlib.contextmanager
def _connection(stall: float) -> Iterator[None]:
    """What the line does wrong is `_BrokenOff`; what the server answers stays `HTTPError`."""
    try:
        yield
    except urllib.error.HTTPError:
        raise
    except TimeoutError as error:
        raise _BrokenOff(f"no data for {stall:g} seconds") from error
    except (http.client.HTTPException, OSError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise _BrokenOff(f"the connection failed ({reason or type(error).__name__})") from error


def _request(url: str, part: Path) -> urllib.request.Request:
    headers = {"User-Agent": f"photochrom/{__version__}", "Accept-Encoding": "identity"}
    tag = _tag_file(part)
    if _size(part) and tag.exists():
        headers |= {"Range": f"bytes={_size(part)}-", "If-Range": tag.read_text("utf-8")}
    return urllib.request.Request(url, headers=headers)


def _receive(response: http.client.HTTPResponse, part: Path, stall: float, progress: Progress | None) -> None:
    have = _size(part) if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
    total = _total(response, part)
    if total is not None and total > _LARGEST:
        raise WeightsCorrupt(f"{response.url}: announces {total} bytes: not a weight file")
    if have == 0:
        _forget(part)
        if tag := _version_tag(response):
            _tag_file(part).write_text(tag, "utf-8")
    with part.open("ab") as file:
        marked_at, marked = time.monotonic(), have
        while chunk := _chunk(response, stall):
            file.write(chunk)
            have += len(chunk)
            if have > _LARGEST:
                raise WeightsCorrupt(f"{response.url}: does not end: not a weight file")
            if progress:
                progress(have, total)
            if have - marked >= _TRICKLE:
                marked_at, marked = time.monotonic(), have
            elif time.monotonic() - marked_at > stall:
                raise _BrokenOff(f"hardly any data for {stall:g} seconds")
    if total is not None and have < total:
        raise _BrokenOff(f"the connection ended after {have} of {total} bytes")


def _chunk(response: http.client.HTTPResponse, stall: float) -> bytes:
    with _connection(stall):
        return response.read1(_CHUNK)


def _total(response: http.client.HTTPResponse, part: Path) -> int | None:
    """Bytes of the whole file as the server tells them; of an answer that goes on where `part` ends.

    Raises:
        _BrokenOff: it goes on elsewhere.
    """
    if response.status == http.HTTPStatus.PARTIAL_CONTENT:
        span, _, whole = (response.headers.get("Content-Range") or "").removeprefix("bytes ").partition("/")
        if span.partition("-")[0].strip() != str(_size(part)):
            _forget(part)
            raise _BrokenOff("the server sent another part than the one asked for")
        return int(whole) if whole.isdigit() else None
    length = response.headers.get("Content-Length") or ""
    return int(length) if length.isdigit() else None


def _version_tag(response: http.client.HTTPResponse) -> str | None:
    """What names the file's version to the server: a strong ETag, or else the date of its last change."""
    tag = response.headers.get("ETag")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")


def _accept(url: str, part: Path, destination: Path, sha256_start: str) -> None:
    with part.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if not sha256.startswith(sha256_start):
        _forget(part)
        raise WeightsCorrupt(
            f"{url}: what arrived is not the published file: its sha256 is {sha256[:8]}..., not {sha256_start}..."
        )
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, destination)
    _tag_file(part).unlink(missing_ok=True)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".tag")


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)
