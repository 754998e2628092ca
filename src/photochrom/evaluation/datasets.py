"""The photographs of a test set, in a fixed order: a folder, tar shards, or a text list of files.

Nothing is decoded here, and an archive's members are read from their place in it: a set of any size costs a few
hundred bytes a photograph.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import images
from photochrom.errors import InputError

Picture = npt.NDArray[np.uint8]

_IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif"}
_LIST = ".txt"


@dataclass(frozen=True)
class Example:
    """One colour photograph, not yet read.

    Attributes:
        name: its path below the data set, with forward slashes; the member's name in an archive.
        path: the file, or the archive that holds it.
        offset, length: its span of bytes in `path`.
    """

    name: str
    path: Path
    offset: int
    length: int

    def read(self) -> bytes:
        """The encoded photograph.

        Raises:
            InputError: the file is gone or cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset)
                return file.read(self.length)
        except OSError as error:
            raise InputError(f"{self.path} cannot be read: {error.strerror or error}") from error


def find_examples(dataset: Path, limit: int | None = None) -> list[Example]:
    """All photographs of a data set, or its first `limit`.

    Args:
        dataset: a folder, searched with what lies below it and the tar archives in it; an uncompressed tar archive; or
            a text file (.txt) with one file or archive a line, relative to the list's own folder.
        limit: how many at most, in the order of their names.

    Raises:
        InputError: there is no such thing, it holds no photograph, or a file of the list is missing.
    """
    if dataset.suffix.lower() == _LIST and dataset.is_file():
        found = _listed(dataset)
    elif dataset.is_dir():
        found = _in_folder(dataset)
    else:
        found = _in_archive(dataset, "")
    examples = [example for example, _ in zip(found, range(limit), strict=False)] if limit else list(found)
    if not examples:
        raise InputError(
            f"{dataset} holds no photographs (looked for {', '.join(sorted(_IMAGES))}, and in tar archives)"
        )
    return examples


def list_hash(examples: Sequence[Example]) -> str:
    """sha256 over the photographs' names and sizes in bytes, in their order."""
    lines = "".join(f"{example.name}\t{example.length}\n" for example in examples)
    # Names in the bytes that the file system has.
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def square_picture(encoded: bytes, side: int) -> Picture:
    """A photograph in colour as the protocols want it: squashed to (side, side, 3), sRGB, bicubic.

    Raises:
        InputError: it is no picture that can be read.
    """
    rgb = images.read_color(encoded)
    if rgb.dtype != np.uint8:
        rgb = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.BICUBIC))


def _in_folder(folder: Path) -> Iterator[Example]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in _IMAGES:
            yield _whole(name, path)
        elif path.suffix.lower() == ".tar":
            yield from _in_archive(path, f"{name}/")


def _in_archive(path: Path, prefix: str) -> Iterator[Example]:
    try:
        with tarfile.open(path, "r:") as archive:
            for entry in archive:
                if entry.isfile() and Path(entry.name).suffix.lower() in _IMAGES:
                    yield Example(prefix + entry.name, path, entry.offset_data, entry.size)
    except (OSError, tarfile.TarError) as error:
        raise InputError(
            f"{path} is neither a folder, nor an uncompressed tar archive, nor a list of files ending in .txt ({error})"
        ) from error


def _listed(path: Path) -> Iterator[Example]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a list of files: {error}") from error
    for number, line in enumerate(lines, 1):
        name = line.strip()
        if not name:
            continue
        file = path.parent / name
        if not file.is_file():
            raise InputError(f"{path}, line {number}: there is no file {name}")
        if file.suffix.lower() == ".tar":
            yield from _in_archive(file, f"{name}/")
        else:
            yield _whole(name, file)


def _whole(name: str, path: Path) -> Example:
    return Example(name, path, 0, path.stat().st_size)
