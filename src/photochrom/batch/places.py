"""Places by their names: a path is a folder's or a file's, anything with :// an address."""

from __future__ import annotations

import hashlib
from pathlib import Path

from photochrom.batch.folder import Folder, read_file
from photochrom.batch.object_store import ObjectStore, read_object
from photochrom.batch.records import Stat
from photochrom.batch.target import Target


def is_address(place: str) -> bool:
    """Whether it is an address such as s3://bucket/key, and not a path."""
    return "://" in place


def open_target(place: str, label: str) -> Target:
    """Where results go; `label` begins the names of temporary files."""
    return ObjectStore(place, label) if is_address(place) else Folder(Path(place), label)


def read_source(place: str) -> tuple[bytes, Stat]:
    """A photograph's file, and what it was while it was read.

    Raises:
        InputError: it cannot be read.
        BackendError: an address needs a package that is missing.
    """
    return read_object(place) if is_address(place) else read_file(place)


def digest(content: bytes) -> str:
    """sha256 of a file's content."""
    return hashlib.sha256(content).hexdigest()
