"""The rows of a sheet on their way to it: on the disk, so that memory holds one of them."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType

import numpy as np

from photochrom.comparison.row import Label, Row

# Photographs hardly shrink more at higher levels.
_LEVEL = 1


@dataclass(frozen=True)
class Stored:
    """A row without its pictures.

    Attributes:
        name, labels: as in `Row`.
        shape: (n, H, W, 3) of the pictures.
        offset, length: where they lie in the store's file.
    """

    name: str
    labels: tuple[Label, ...]
    shape: tuple[int, ...]
    offset: int
    length: int


class RowStore:
    """Rows in a temporary file, which goes when the block ends.

    Attributes:
        entries: what is known of each row without reading it, in their order.
    """

    def __init__(self) -> None:
        self.entries: list[Stored] = []
        self._file = tempfile.TemporaryFile(prefix="photochrom-")  # noqa: SIM115  # closed by __exit__

    def __enter__(self) -> RowStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, row: Row) -> None:
        """Puts a row after the others."""
        packed = zlib.compress(row.pictures.tobytes(), _LEVEL)
        offset = self._file.seek(0, 2)
        self._file.write(packed)
        self.entries.append(Stored(row.name, row.labels, row.pictures.shape, offset, len(packed)))

    def __iter__(self) -> Iterator[Row]:
        """Reads the rows, one at a time."""
        for entry in self.entries:
            self._file.seek(entry.offset)
            data = zlib.decompress(self._file.read(entry.length))
            yield Row(entry.name, entry.labels, np.frombuffer(data, np.uint8).reshape(entry.shape))
