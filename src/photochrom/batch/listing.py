"""The photographs of IN: of a folder, of a text list of files, or below an address; and those of one shard."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from photochrom.batch.manifest import Shard
from photochrom.batch.object_store import open_address, stat_of
from photochrom.batch.places import is_address
from photochrom.batch.records import Source, Stat
from photochrom.collection import SUFFIXES, is_meant, walk
from photochrom.errors import InputError

_LIST = ".txt"
_name = attrgetter("name")


@dataclass
class Listing:
    """What IN holds.

    Attributes:
        sources: the photographs, sorted by name, each once. Different files of a list may have one name.
        files: device and inode of the local ones, so that no result replaces any.
        unreadable: folders that could not be looked into.
    """

    sources: list[Source] = field(default_factory=list)
    files: set[tuple[int, int]] = field(default_factory=set)
    unreadable: list[OSError] = field(default_factory=list)


def list_photographs(given: str, output: str) -> Listing:
    """Finds the photographs of IN. What lies in OUT is left out, where OUT is below IN.

    Args:
        given: IN: a folder; a text file (.txt) with one path or address a line, relative to its own folder; or
            an address.
        output: OUT.

    Raises:
        InputError: there is no such thing, it holds no photograph, or IN is OUT.
        BackendError: an address needs a package that is missing.
    """
    listing = Listing()
    if is_address(given):
        found = _below_address(given, output)
    elif os.path.isdir(given):
        found = _in_folder(Path(given), output, listing)
    elif Path(given).suffix.lower() == _LIST:
        found = _listed(Path(given), listing)
    elif os.path.lexists(given):
        raise InputError(f"{given} is neither a folder nor a list ending in .txt; for one photograph: colorize {given}")
    else:
        raise InputError(f"{given} does not exist; check the path")
    listing.sources = list(_each_once(found))
    if not listing.sources and not listing.unreadable:
        raise InputError(f"{given} holds no photographs (looked for {', '.join(SUFFIXES)})")
    return listing


def in_shard(name: str, shard: Shard) -> bool:
    """Whether a photograph belongs to a shard: by a hash of its name, so that no shard needs to know of another."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8], "big") % shard.count == shard.number - 1


def _each_once(sources: Iterable[Source]) -> Iterator[Source]:
    """The sources sorted by name, each file once of a name."""
    for _, namesakes in groupby(sorted(sources, key=_name), key=_name):
        kept: list[Source] = []
        for source in namesakes:
            if not any(_is_same(source.address, other.address) for other in kept):
                kept.append(source)
        yield from kept


def _in_folder(folder: Path, output: str, listing: Listing) -> Iterator[Source]:
    results = None if is_address(output) else _folder_identity(output)
    if results is not None and results == _folder_identity(folder):
        raise InputError(f"IN and OUT are the same folder, {output}: choose another OUT")

    def is_output(below: Path) -> bool:
        return results is not None and _folder_identity(below) == results

    for path in walk(folder, is_output, listing.unreadable.append):
        yield _local_source(path.relative_to(folder).as_posix(), path, listing)


def _listed(path: Path, listing: Listing) -> Iterator[Source]:
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    if b"\0" in content:
        raise InputError(f"{path} is no list of names, or not in UTF-8 (it holds zero bytes); save it as UTF-8 text")
    for line in content.splitlines():
        entry = os.fsdecode(line).strip()
        if is_address(entry):
            yield Source(_inside(entry.partition("://")[2]), entry, None)
        elif entry:
            yield _local_source(_listed_name(entry, path), path.parent / entry, listing)


def _listed_name(entry: str, path: Path) -> str:
    """A listed file's place below OUT: as below the list's folder; of a file elsewhere, its whole path."""
    relative = posixpath.normpath(Path(entry).as_posix())
    if not os.path.isabs(entry) and not relative.startswith("../"):
        return relative
    whole = Path(os.path.abspath(path.parent / entry))
    return _inside(whole.relative_to(whole.anchor).as_posix())


def _inside(name: str) -> str:
    """A name that leads nowhere out of OUT."""
    return posixpath.normpath("/" + name).lstrip("/")


def _local_source(name: str, path: Path, listing: Listing) -> Source:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        # Whatever is wrong is found out when it is read: it must not keep the others from being done.
        return Source(name, str(path), None)
    listing.files.add((status.st_dev, status.st_ino))
    return Source(name, str(path), Stat(status.st_size, str(status.st_mtime_ns)))


def _below_address(address: str, output: str) -> Iterator[Source]:
    files, root = open_address(address)
    leave_out = _address_root(output, files)
    if leave_out == root:
        raise InputError(f"IN and OUT are the same address, {output}: choose another OUT")
    try:
        found = files.find(root, detail=True)
    except Exception as error:  # each library has exceptions of its own
        words = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{address} cannot be listed: {words}") from error
    for path, info in found.items():
        name = path[len(root) :].lstrip("/")
        folders = name.split("/")[:-1]
        hidden = any(folder.startswith(".") for folder in folders)
        if is_meant(posixpath.basename(path)) and not hidden and not (leave_out and path.startswith(f"{leave_out}/")):
            yield Source(_inside(name or posixpath.basename(path)), files.unstrip_protocol(path), stat_of(info))


def _address_root(output: str, files: object) -> str | None:
    """OUT's path where it is an address of the same system."""
    if not is_address(output):
        return None
    other, root = open_address(output)
    return root if type(other) is type(files) else None


def _is_same(one: str, other: str) -> bool:
    """Whether two addresses or paths lead to one file."""
    if is_address(one) or is_address(other):
        return one == other
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # what cannot be asked goes by its path
        return os.path.abspath(one) == os.path.abspath(other)


def _folder_identity(path: str | Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
