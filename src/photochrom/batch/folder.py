"""Photographs and results in folders of this machine."""

from __future__ import annotations

import contextlib
import errno
import os
import stat as modes
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from photochrom.batch.records import Stat
from photochrom.batch.target import OutputUnwritable, spare_names
from photochrom.errors import InputError
from photochrom.images.atomic import remove_unfinished, whole_file

# With these every further photograph would fail alike.
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class Folder:
    """Results in a folder. What appears there is flushed to the disk, its name too."""

    def __init__(self, root: Path, label: str) -> None:
        self._root, self._label = root, label

    def stat(self, name: str) -> Stat | None:
        """See `Target`."""
        try:
            return _file_stat(os.stat(self._root / name))
        except OSError:
            return None

    def survey(self) -> Callable[[str], Stat | None]:
        """See `Target`."""
        return self.stat

    def read(self, name: str) -> bytes:
        """See `Target`."""
        with _local(str(self._root / name)):
            return (self._root / name).read_bytes()

    @contextlib.contextmanager
    def write(self, name: str, *, replace: bool) -> Iterator[BinaryIO]:
        """See `Target`."""
        path = self._root / name
        try:
            _make_folder(path.parent)
            with whole_file(path, overwrite=replace, label=self._label) as stream:
                yield stream
            _flush_folder(path.parent)
        except InputError as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in _UNWRITABLE:
                raise OutputUnwritable(f"{error}; make room or choose another OUT, then run it again") from error
            raise

    def set_aside(self, name: str) -> str:
        """See `Target`."""
        path = self._root / name
        with _local(str(path)):
            aside = next(p for p in map(path.with_name, spare_names(path.name)) if not os.path.lexists(p))
            os.rename(path, aside)
        return aside.relative_to(self._root).as_posix()

    def names(self) -> list[str]:
        """See `Target`."""
        return sorted(os.listdir(self._root)) if self._root.is_dir() else []

    def sweep(self, label: str, names: Iterable[str]) -> None:
        """See `Target`."""
        for folder in {(self._root / name).parent for name in names}:
            remove_unfinished(folder, label)


def read_file(path: str) -> tuple[bytes, Stat]:
    """A photograph's file, and what it was before it was read: if it changes meanwhile, the next run will see that.

    Raises:
        InputError: it cannot be read.
    """
    with _local(path), open(path, "rb", opener=_open_regular) as file:
        stat = _file_stat(os.fstat(file.fileno()))
        return file.read(), stat


@contextlib.contextmanager
def _local(name: str) -> Iterator[None]:
    """A system's error as one about this file."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(f"{name!r} cannot be read: {error}") from error


def _open_regular(path: str, flags: int) -> int:
    """Opens a file, but no pipe or device, whose reading may never end."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if modes.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EINVAL, "it is no file but a folder, a pipe or a device")


def _file_stat(status: os.stat_result) -> Stat:
    return Stat(status.st_size, str(status.st_mtime_ns))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror}") from error


def _flush_folder(folder: Path) -> None:
    """A file's name is the folder's data: without this a power cut may take a name that the manifest vouches for."""
    if os.name == "nt":  # a folder cannot be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems know no such thing
            raise InputError(f"{folder} cannot be written: {error.strerror}") from error
    finally:
        os.close(descriptor)
