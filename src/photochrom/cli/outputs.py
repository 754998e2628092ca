"""Which file each result becomes: decided, and refused where ambiguous, before the first photograph is opened.

| inputs, `-o`                    | result of `old/a.png`                                          |
| ------------------------------- | -------------------------------------------------------------- |
| any, none                       | `old/a.color.png`, beside it                                   |
| one file, a file                | that file                                                      |
| files, a folder                 | `OUT/a.png`                                                    |
| a folder `old`, a folder        | `OUT/a.png`; what is deeper in `old` is as deep in `OUT`       |

Where the format changes, the old name stays whole (`a.png` -> `a.png.jpg`), so that `a.png` and `a.jpg` never meet.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photochrom.errors import InputError, OutputExists, UnsupportedFormat
from photochrom.images import FORMATS

# What a walk through a folder picks up beside the formats that are written.
_READ_ONLY = (".bmp", ".gif", ".heic", ".heif")
_FORMAT_OF = {suffix: name for name, known in FORMATS.items() for suffix in known.suffixes}

# Results beside their photographs: a.color.jpg, and a.color-2.jpg for the second variant.
_MARK = ".color"
_MARKED = re.compile(re.escape(_MARK) + r"(-\d+)?$")
STANDARD_STREAM = "-"


@dataclass(frozen=True)
class Task:
    """One photograph to colour.

    Attributes:
        source: file to read; None is standard input.
        destination: file to write; None is standard output.
    """

    source: Path | None
    destination: Path | None

    def variant(self, number: int, count: int) -> Path | None:
        """Where variant `number` of `count` goes (from 1): `a.png` becomes `a-1.png` unless it is the only one."""
        if count == 1 or self.destination is None:
            return self.destination
        return self.destination.with_stem(f"{self.destination.stem}-{number}")


@dataclass(frozen=True)
class _Found:
    """A file to colour, and its place below the folder it was found in (its bare name if it was given itself)."""

    path: Path
    place: Path


def plan(inputs: Sequence[str], output: str | None, *, format: str | None = None, variants: int = 1) -> list[Task]:
    """Pairs every photograph with its result.

    Args:
        inputs: files, folders, or "-" alone for standard input.
        output: file, folder, "-" for standard output, or None: beside the inputs (standard output for standard input).
        format: a name of `images.FORMATS`, or None: that of `output` if it is a file, otherwise each input's own.
        variants: results for each photograph.

    Raises:
        InputError: the folder of `output` is missing, an input folder holds no photograph, two results would be one
            file, or a result would replace an input.
        UnsupportedFormat: `output` is a file whose ending means no format that is written here.
    """
    if STANDARD_STREAM in inputs:
        return [_from_standard_input(inputs, output, format)]
    folder = None if output is None or output == STANDARD_STREAM else Path(output)
    found = [file for name in inputs for file in _find(Path(name), folder)]
    if output == STANDARD_STREAM:
        if len(found) != 1:
            raise InputError(f"standard output takes one photograph, got {len(found)}: give a folder with -o")
        return [Task(found[0].path, None)]
    if folder is not None and len(inputs) == 1 and not Path(inputs[0]).is_dir() and not _names_folder(str(output)):
        tasks = [Task(found[0].path, _checked_file(folder, format))]
    else:
        tasks = [Task(file.path, _destination(file, folder, format)) for file in found]
    _refuse_collisions(tasks, variants)
    return tasks


def check_absent(destination: Path, *, overwrite: bool) -> None:
    """Refuses, before any work is done, a result that is there already.

    Raises:
        OutputExists: the file exists and `overwrite` is false.
    """
    if not overwrite and os.path.lexists(destination):
        raise OutputExists(f"{destination} exists already: add --overwrite to replace it, or choose another -o")


def _from_standard_input(inputs: Sequence[str], output: str | None, format: str | None) -> Task:
    if len(inputs) > 1:
        raise InputError("- (standard input) stands alone: give the other photographs in a run of their own")
    if output is None or output == STANDARD_STREAM:
        return Task(None, None)
    if _names_folder(output):
        raise InputError(f"standard input has no name to use in {output}: give a file with -o, such as new.png")
    return Task(None, _checked_file(Path(output), format))


def _names_folder(output: str) -> bool:
    return Path(output).is_dir() or output.endswith(("/", os.sep)) or not Path(output).suffix


def _checked_file(output: Path, format: str | None) -> Path:
    named = _FORMAT_OF.get(output.suffix.lower())
    if named is None:
        raise UnsupportedFormat(f"{output} does not end like a format that is written here: {', '.join(_FORMAT_OF)}")
    if format not in (None, named):
        raise InputError(f"{output} is named like a {named}, but --format says {format}: make them agree")
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: the folder {output.parent} does not exist; make it first")
    return output


def _find(given: Path, output: Path | None) -> Iterator[_Found]:
    """The file itself, or the photographs of a folder, sorted; earlier results and hidden files are left out."""
    if not given.is_dir():
        # A missing file is found out when it is read: it must not keep the others from being done.
        yield _Found(given, Path(given.name))
        return
    results = None if output is None or _same(given, output) else output
    count = 0
    for folder, below, names in os.walk(given):
        here = Path(folder)
        below[:] = sorted(n for n in below if not n.startswith(".") and not (results and _same(here / n, results)))
        for path in (here / name for name in sorted(names) if not name.startswith(".")):
            known = path.suffix.lower() in _FORMAT_OF or path.suffix.lower() in _READ_ONLY
            if known and not _MARKED.search(path.stem):
                count += 1
                yield _Found(path, path.relative_to(given))
    if not count:
        raise InputError(f"{given} holds no photographs (looked for {', '.join((*_FORMAT_OF, *_READ_ONLY))})")


def _same(a: Path, b: Path) -> bool:
    return a.exists() and b.exists() and a.samefile(b)


def _destination(found: _Found, folder: Path | None, format: str | None) -> Path:
    suffix = found.path.suffix
    own = _FORMAT_OF.get(suffix.lower())
    if own is not None and format in (None, own):
        name, ending = found.path.stem, suffix
    else:
        name, ending = found.path.name, FORMATS[format or "png"].suffixes[0]
    if folder is None:
        return found.path.with_name(f"{name}{_MARK}{ending}")
    return folder / found.place.with_name(name + ending)


def _refuse_collisions(tasks: Sequence[Task], variants: int) -> None:
    sources = {_identity(task.source): task.source for task in tasks if task.source and task.source.exists()}
    taken: dict[str, Path] = {}
    for task in tasks:
        assert task.source is not None
        for number in range(1, variants + 1):
            destination = task.variant(number, variants)
            assert destination is not None
            name = os.path.normcase(os.path.abspath(destination))
            if name in taken:
                raise InputError(f"{taken[name]} and {task.source} would both become {destination}: run them apart")
            taken[name] = task.source
            if destination.exists() and (source := sources.get(_identity(destination))):
                raise InputError(f"{destination} would replace the photograph {source}: choose another -o")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
