"""Where results go: what a folder and an object store have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Protocol

from photochrom.batch.records import Stat
from photochrom.errors import InputError


class OutputUnwritable(InputError):
    """Nothing more can be written: the disk is full or read-only."""


class Target(Protocol):
    """Where results go. Names have forward slashes; errors are `InputError`, or `OutputUnwritable`."""

    def stat(self, name: str) -> Stat | None:
        """What a file is; None if it is not there."""
        ...

    def survey(self) -> Callable[[str], Stat | None]:
        """As `stat`, for many files at once: as they are now, or somewhat later."""
        ...

    def read(self, name: str) -> bytes:
        """A file's content."""
        ...

    def write(self, name: str, *, replace: bool) -> AbstractContextManager[BinaryIO]:
        """An empty, seekable stream whose content takes the name, whole, when the block ends well.

        Raises:
            OutputExists: there is such a file and `replace` is false.
        """
        ...

    def set_aside(self, name: str) -> str:
        """Gives a file another name, so that nothing of it is lost, and returns that."""
        ...

    def names(self) -> list[str]:
        """The files at the top."""
        ...

    def sweep(self, label: str, names: Iterable[str]) -> None:
        """Removes temporary files of dead processes beside these names."""
        ...


def spare_names(name: str) -> Iterator[str]:
    """Names for a file that is set aside: a.changed-1.png and so on."""
    stem, suffix = os.path.splitext(name)
    number = 1
    while True:
        yield f"{stem}.changed-{number}{suffix}"
        number += 1
