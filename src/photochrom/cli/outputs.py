"""Which file each result becomes: decided, and refused where ambiguous, before the first photograph is opened.

| inputs, `-o`                    | result of `old/a.png`                                          |
| ------------------------------- | -------------------------------------------------------------- |
| any, none                       | `old/a.color.png`, beside it                                   |
| one file, a file                | that file                                                      |
| files, a folder                 | `OUT/a.png`                                                    |
| a folder `old`, a folder        | `OUT/a.png`; what is deeper in `old` is as deep in `OUT`       |

What they are called is `photochrom.collection`'s: where the format changes, the old name stays whole. Films are
coloured where they are given by name, not where a folder holds them; their names are `photochrom.video.names`'.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click

from photochrom.collection import FORMAT_OF, MARK, OPEN_RASTER, OPEN_RASTER_SUFFIX, SUFFIXES, result_name, walk
from photochrom.errors import InputError, OutputExists, UnsupportedFormat
from photochrom.video.names import check_film_output, film_result_name, is_film

STANDARD_STREAM = "-"
EMPTY_NAME = 'a name is empty (""): look whether a variable of your shell is not set'
_WRITTEN = FORMAT_OF | {OPEN_RASTER_SUFFIX: OPEN_RASTER}


@dataclass(frozen=True)
class Task:
    """One photograph or film to colour.

    Attributes:
        source: file to read; None is standard input.
        destination: file to write; None is standard output.
        film: whether it is a film.
    """

    source: Path | None
    destination: Path | None
    film: bool = False

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
    film: bool = False


def plan(
    inputs: Sequence[str],
    output: str | None,
    *,
    format: str | None = None,
    variants: int = 1,
    also_read: Sequence[Path] = (),
    on_unreadable: Callable[[OSError], None] | None = None,
) -> list[Task]:
    """Pairs every photograph with its result.

    Args:
        inputs: files, folders, or "-" alone for standard input.
        output: file, folder, "-" for standard output, or None: beside the inputs (standard output for standard input).
        format: a name of `images.FORMATS`, or `OPEN_RASTER`; None: that of `output` if it is a file, otherwise each
            input's own.
        variants: results for each photograph.
        also_read: other files that no result may replace.
        on_unreadable: told of folders within input folders that cannot be read.

    Raises:
        click.UsageError: a name is empty.
        InputError: the folder of `output` is missing, an input folder holds no photograph, two results would be one
            file, a result would replace an input, or several photographs are to become one file.
        UnsupportedFormat: `output` is a file whose ending means no format that is written here.
    """
    if "" in (*inputs, output):
        raise click.UsageError(EMPTY_NAME)
    if STANDARD_STREAM in inputs:
        tasks = [_from_standard_input(inputs, output, format)]
    else:
        tasks = _from_files(inputs, output, format, on_unreadable)
    _refuse_collisions(tasks, variants, also_read)
    return tasks


def find_photographs(
    inputs: Sequence[str], sheets: Sequence[Path], on_unreadable: Callable[[OSError], None]
) -> list[Path]:
    """The photographs to put on sheets: files given, and those in folders given, each once.

    Args:
        inputs: files and folders.
        sheets: what will be written; an earlier one that lies in an input folder is left out.
        on_unreadable: told of folders within input folders that cannot be read.

    Raises:
        click.UsageError: a name is empty.
        InputError: an input folder holds no photograph, or a sheet would replace an input.
    """
    if "" in inputs:
        raise click.UsageError(EMPTY_NAME)
    found: list[Path] = []
    for name in inputs:
        for path in (file.path for file in _find(Path(name), None, on_unreadable)):
            sheet = next((sheet for sheet in sheets if _same(path, sheet)), None)
            if sheet is None:
                found.append(path)
            elif not os.path.isdir(name):
                raise InputError(f"{sheet} would replace the photograph {path}: choose another -o")
    return list(dict.fromkeys(found))


def check_absent(destination: Path, *, overwrite: bool) -> None:
    """Refuses, before any work is done, a result that is there already.

    Raises:
        OutputExists: the file exists and `overwrite` is false.
        InputError: what is there is no file, such as a pipe or a device.
    """
    from photochrom.images.atomic import check_replaceable

    if not overwrite and os.path.lexists(destination):
        raise OutputExists(f"{destination} exists already: add --overwrite to replace it, or choose another name")
    check_replaceable(destination)


def check_report(destination: Path, inputs: Iterable[Path], *, overwrite: bool) -> None:
    """Refuses, before any work is done, a report that cannot be written or would replace something.

    Args:
        destination: the report.
        inputs: what is read for it.
        overwrite: whether an earlier file may be replaced; an input never is.

    Raises:
        OutputExists: the file exists and `overwrite` is false, or it is an input.
        InputError: its folder is missing.
    """
    check_absent(destination, overwrite=overwrite)
    if any(_same(path, destination) for path in inputs):
        raise OutputExists(f"{destination} would replace what is read: choose another name")
    folder = destination.parent
    if not folder.is_dir():
        raise InputError(f"{destination} cannot be written: the folder {folder} does not exist; make it first")


def make_folder(folder: Path) -> None:
    """Makes the folder of a result.

    Raises:
        InputError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder {folder} cannot be made: {error.strerror}; choose another -o") from error


def _from_standard_input(inputs: Sequence[str], output: str | None, format: str | None) -> Task:
    if len(inputs) > 1:
        raise InputError("- (standard input) stands alone: give the other photographs in a run of their own")
    if output is None or output == STANDARD_STREAM:
        return Task(None, None)
    if _names_folder(output):
        raise InputError(f"standard input has no name to use in {output}: give a file with -o, such as new.png")
    return Task(None, _checked_file(Path(output), format))


def _from_files(
    inputs: Sequence[str], output: str | None, format: str | None, on_unreadable: Callable[[OSError], None] | None
) -> list[Task]:
    folder = None if output is None or output == STANDARD_STREAM else Path(output)
    # What is given twice, by itself and in its folder, is done once.
    found = list(dict.fromkeys(file for name in inputs for file in _find(Path(name), folder, on_unreadable)))
    if output == STANDARD_STREAM:
        if len(found) != 1:
            raise InputError(f"standard output takes one photograph, got {len(found)}: give a folder with -o")
        return [Task(found[0].path, None, found[0].film)]
    if folder is not None and len(inputs) == 1 and not os.path.isdir(inputs[0]) and not _names_folder(str(output)):
        return [_into_file(found[0], folder, format)]
    if folder is not None and not os.path.isdir(folder):
        if folder.exists():
            raise InputError(f"{folder} is a file, but a folder is needed here: choose another -o")
        if folder.suffix.lower() in _WRITTEN and not _names_folder(str(output)):
            raise InputError(f"{folder} is named like one picture, but there may be several: give a folder with -o")
    return [Task(file.path, _destination(file, folder, format), file.film) for file in found]


def _names_folder(output: str) -> bool:
    return os.path.isdir(output) or output.endswith(("/", os.sep)) or not Path(output).suffix


def _into_file(found: _Found, output: Path, format: str | None) -> Task:
    if not found.film:
        return Task(found.path, _checked_file(output, format))
    check_film_output(output)
    return Task(found.path, output, film=True)


def _checked_file(output: Path, format: str | None) -> Path:
    named = _WRITTEN.get(output.suffix.lower())
    if named is None:
        choice = f"{', '.join(_WRITTEN)} (for a folder: {output}{os.sep})"
        raise UnsupportedFormat(f"{output} does not end like a format that is written here: {choice}")
    if format not in (None, named):
        raise InputError(f"{output} is named like a {named}, but --format says {format}: make them agree")
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: the folder {output.parent} does not exist; make it first")
    return output


def _find(given: Path, output: Path | None, on_unreadable: Callable[[OSError], None] | None) -> Iterator[_Found]:
    """The file itself, or the photographs of a folder, sorted; earlier results and hidden files are left out."""
    if not os.path.isdir(given):
        # A missing file is found out when it is read: it must not keep the others from being done.
        yield _Found(given, Path(given.name), is_film(given))
        return
    results = None if output is None or _same(given, output) else output
    count = 0
    for path in walk(given, lambda folder: results is not None and _same(folder, results), on_unreadable):
        count += 1
        yield _Found(path, path.relative_to(given))
    if not count:
        raise InputError(f"{given} holds no photographs (looked for {', '.join(SUFFIXES)})")


def _same(a: Path, b: Path) -> bool:
    identity = _identity(a)
    return identity is not None and identity == _identity(b)


def _destination(found: _Found, folder: Path | None, format: str | None) -> Path:
    mark = MARK if folder is None else ""
    name = film_result_name(found.place.name, mark) if found.film else result_name(found.place.name, format, mark)
    return found.path.with_name(name) if folder is None else folder / found.place.with_name(name)


def _refuse_collisions(tasks: Sequence[Task], variants: int, also_read: Sequence[Path]) -> None:
    sources = {_identity(path): str(path) for path in also_read}
    sources |= {
        _identity(task.source or sys.stdin): f"the photograph {task.source or 'on standard input'}" for task in tasks
    }
    sources.pop(None, None)
    taken: dict[str, Path | None] = {}
    for task in tasks:
        for number in range(1, variants + 1):
            destination = task.variant(number, variants)
            if source := sources.get(_identity(destination or sys.stdout)):
                raise InputError(f"{destination or 'standard output'} would replace {source}: choose another -o")
            if destination is None:
                continue
            name = os.path.normcase(os.path.abspath(destination))
            if name in taken:
                raise InputError(f"{taken[name]} and {task.source} would both become {destination}: run them apart")
            taken[name] = task.source


def _identity(file: Path | TextIO | None) -> tuple[int, int] | None:
    """Which file a path leads to or a standard stream is; None if there is none, or if the stream is no file."""
    if file is None:
        return None
    try:
        status = file.stat() if isinstance(file, Path) else os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if isinstance(file, Path) or stat.S_ISREG(status.st_mode) else None
