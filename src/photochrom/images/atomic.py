"""Files that appear whole or not at all."""

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError, OutputExists

__all__ = ["check_replaceable", "remove_unfinished", "whole_file"]

# What a filesystem without hard links says (FAT, some network and FUSE mounts).
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})

_PREFIX, _SUFFIX = ".photochrom-", ".part"


@contextlib.contextmanager
def whole_file(path: Path, *, overwrite: bool, label: str = "") -> Iterator[BinaryIO]:
    """A file to write that takes its name only when the block ends well.

    The data go to a hidden temporary file in the same folder, are flushed to the disk, and then take the name in one
    step. On any error, KeyboardInterrupt too, the temporary file goes and `path` is as it was. What a killed process
    leaves, `remove_unfinished` finds by its label.

    Raises:
        OutputExists: `path` is there (also if it appeared meanwhile) and `overwrite` is false.
        InputError: the folder is missing, or cannot be written to; no file can have that name, or what has it is none.
    """
    if "\0" in str(path):
        raise InputError(f"{str(path)!r} cannot be a file's name")
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; give the name of a file in it")
    if not overwrite and os.path.lexists(path):
        raise _exists(path)
    check_replaceable(path)
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: the folder {path.parent} does not exist; make it first")
    part = path.parent / f"{_PREFIX}{label}{secrets.token_hex(8)}{_SUFFIX}"
    try:
        # Not tempfile: its files are closed to other users, and the umask should decide.
        with open(part, "xb+") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if overwrite:
            # A symbolic link is replaced itself: written through, it could change an original.
            os.replace(part, path)
        else:
            _take_free_name(part, path)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def check_replaceable(path: Path) -> None:
    """Refuses what is there and is no file, or leads to none: a pipe, a socket, a device such as /dev/null.

    Raises:
        InputError: it is such a thing, or a folder.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path} is no file that could be replaced; choose another name")


def remove_unfinished(folder: Path, label: str) -> None:
    """Removes the temporary files in a folder whose label begins so. Their writers must be dead."""
    with contextlib.suppress(OSError):  # a folder that is not there, or not ours to change, holds none of our files
        for entry in list(os.scandir(folder)):
            if entry.name.startswith(_PREFIX + label) and entry.name.endswith(_SUFFIX):
                os.unlink(entry.path)


def _take_free_name(part: Path, path: Path) -> None:
    """Gives `part` the name `path` unless something has it, in one step that no other process can come between."""
    try:
        if sys.platform == "win32":
            part.rename(path)  # refuses an existing name there
        else:
            _link(part, path)
    except FileExistsError as error:
        raise _exists(path) from error


def _link(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here: claim the name with an empty file that only this process can have made, then replace it.
        open(path, "xb").close()
        try:
            os.replace(part, path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise


def _exists(path: Path) -> OutputExists:
    return OutputExists(f"{path} exists already; choose another name or ask for it to be overwritten")
