"""A manifest in an object store, where nothing can be added to a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

from photochrom.batch.manifest import Manifest, Shard, manifest_name
from photochrom.batch.places import is_address
from photochrom.batch.records import Record
from photochrom.batch.target import Target

_UPLOAD_SECONDS = 30.0
# An upload that takes long comes less often: at most this share of the time goes to it.
_UPLOAD_SHARE = 0.05


@contextmanager
def open_manifest(output: str, target: Target, shard: Shard) -> Iterator[Manifest]:
    """A shard's manifest in OUT, as it was left.

    Raises:
        InputError: it is in use, or cannot be written.
    """
    name = manifest_name(shard)
    if not is_address(output):
        with Manifest(Path(output, name)) as manifest:
            yield manifest
        return
    with TemporaryDirectory(prefix="photochrom-batch-") as folder:
        path = Path(folder, name)
        if target.stat(name) is not None:
            path.write_bytes(target.read(name))
        with RemoteManifest(path, target) as remote:
            yield remote


class RemoteManifest(Manifest):
    """A local manifest that is put to an object store whole, every half minute and at its end.

    A machine that is lost takes half a minute of lines with it. Their results are there: the next run finds them so.
    """

    def __init__(self, path: Path, target: Target) -> None:
        super().__init__(path)
        self._local, self._target = path, target
        self._due = time.monotonic() + _UPLOAD_SECONDS

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        self._upload()

    def add(self, record: Record) -> None:
        """See `Manifest`."""
        super().add(record)
        if time.monotonic() > self._due:
            began = time.monotonic()
            self._upload()
            took = time.monotonic() - began
            self._due = time.monotonic() + max(_UPLOAD_SECONDS, took / _UPLOAD_SHARE)

    def _upload(self) -> None:
        with self._target.write(self._local.name, replace=True) as stream:
            stream.write(self._local.read_bytes())
