"""Photographs and results in object stores and other systems, through fsspec."""

from __future__ import annotations

import contextlib
import io
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from photochrom.batch.records import Stat
from photochrom.batch.target import spare_names
from photochrom.errors import BackendError, InputError, OutputExists, PhotochromError
from photochrom.installation import install_command

# A put appears whole or not at all there; elsewhere a result takes its name by a move.
_WHOLE_PUTS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss", "memory"})
# What listings say of a file that changes when it changes, the surest first.
_STAMPS = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "last_modified", "mtime", "modified", "created")


class ObjectStore:
    """Results at an address: put whole where that can be, else put aside and moved."""

    def __init__(self, address: str, label: str) -> None:
        self._files, self._root = open_address(address)
        self._address, self._label = address.rstrip("/"), label
        protocol = self._files.protocol
        protocols = {protocol} if isinstance(protocol, str) else set(protocol)
        self._whole = bool(protocols & _WHOLE_PUTS)

    def stat(self, name: str) -> Stat | None:
        """See `Target`."""
        with _remote(f"{self._address}/{name}"):
            # Listings are remembered; others may have written since.
            self._files.invalidate_cache()
            try:
                return stat_of(self._files.info(self._path(name)))
            except FileNotFoundError:
                return None

    def survey(self) -> Callable[[str], Stat | None]:
        """See `Target`. One listing, since a question for each file would take longer than colouring it."""
        with _remote(self._address):
            self._files.invalidate_cache()
            try:
                found = self._files.find(self._root, detail=True)
            except FileNotFoundError:
                found = {}
        stats = {path[len(self._root) :].lstrip("/"): stat_of(info) for path, info in found.items()}
        return stats.get

    def read(self, name: str) -> bytes:
        """See `Target`."""
        with _remote(f"{self._address}/{name}"):
            content: bytes = self._files.cat_file(self._path(name))
            return content

    @contextlib.contextmanager
    def write(self, name: str, *, replace: bool) -> Iterator[BinaryIO]:
        """See `Target`."""
        path = self._path(name)
        stream = io.BytesIO()
        yield stream
        with _remote(f"{self._address}/{name}"):
            if not replace and self._files.exists(path):
                raise OutputExists(f"{self._address}/{name} appeared meanwhile; run the batch again")
            if self._whole:
                self._files.pipe_file(path, stream.getvalue())
                return
            folder, _, last = path.rpartition("/")
            part = f"{folder}/.photochrom-{self._label}{secrets.token_hex(8)}.part"
            self._files.makedirs(folder, exist_ok=True)
            try:
                self._files.pipe_file(part, stream.getvalue())
                self._files.mv(part, f"{folder}/{last}")
            except BaseException:
                with contextlib.suppress(Exception):
                    self._files.rm_file(part)
                raise

    def set_aside(self, name: str) -> str:
        """See `Target`."""
        with _remote(f"{self._address}/{name}"):
            folder, slash, last = name.rpartition("/")
            names = (f"{folder}{slash}{spare}" for spare in spare_names(last))
            aside = next(spare for spare in names if not self._files.exists(self._path(spare)))
            self._files.mv(self._path(name), self._path(aside))
            return aside

    def names(self) -> list[str]:
        """See `Target`."""
        with _remote(self._address):
            self._files.invalidate_cache()
            try:
                found = self._files.ls(self._root, detail=True)
            except FileNotFoundError:
                return []
            return sorted(entry["name"].rpartition("/")[2] for entry in found if entry["type"] == "file")

    def sweep(self, label: str, names: Iterable[str]) -> None:
        """See `Target`. An object store holds none; elsewhere they are few and bear their own name."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}" if self._root else name


def read_object(address: str) -> tuple[bytes, Stat]:
    """A photograph's file, and what it was when it was read.

    Raises:
        InputError: it cannot be read.
    """
    files, path = open_address(address)
    with _remote(address):
        info = files.info(path)
        return files.cat_file(path), stat_of(info)


def open_address(address: str) -> tuple[Any, str]:
    """fsspec's file system of an address, and the path in it.

    Raises:
        BackendError: fsspec or the package for this protocol is missing.
        InputError: there is no such protocol.
    """
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        files, path = url_to_fs(address)
    except ImportError as error:
        # Of other systems than S3 fsspec says itself which package is missing.
        remedy = f"; {install_command('remote')}" if {"fsspec", "s3fs"} & set(re.findall(r"\w+", str(error))) else ""
        raise BackendError(f"{address} cannot be reached: {error}{remedy}") from error
    except ValueError as error:
        raise InputError(f"{address} cannot be reached: {error}") from error
    return files, path.rstrip("/")


def stat_of(info: dict[str, Any]) -> Stat:
    """What fsspec says about a file."""
    stamp = next((info[key] for key in _STAMPS if info.get(key) is not None), "")
    if isinstance(stamp, datetime):  # listings and questions answer in different types
        stamp = stamp.timestamp()
    return Stat(int(info.get("size") or 0), str(stamp).strip('"'))


@contextlib.contextmanager
def _remote(name: str) -> Iterator[None]:
    """Whatever a remote system's library raises as an error about this file."""
    try:
        yield
    except (PhotochromError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the address") from error
    except Exception as error:  # each library has exceptions of its own
        words = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{name} cannot be reached: {words}") from error
