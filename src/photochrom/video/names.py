"""Which files are films, and what their results are called. Light: nothing of FFmpeg is loaded here."""

import os
from pathlib import Path

from photochrom.errors import InputError, UnsupportedFormat
from photochrom.images.sniff import HEAD, VIDEO, sniff

# Endings that are written, and FFmpeg's names for their containers.
CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_READ_ONLY = (".3gp", ".avi", ".dv", ".flv", ".m2ts", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".wmv")
_SUFFIXES = frozenset((*CONTAINERS, *_READ_ONLY))
# Matroska holds nearly every sound and subtitle there is.
_ELSE = ".mkv"


def is_film(path: Path) -> bool:
    """Whether a file is a film by its first bytes or, where these are of no picture either, by its name."""
    head = b""
    if path.is_file():
        try:
            with path.open("rb") as file:
                head = file.read(HEAD)
        except OSError:
            return False
    kind = sniff(head)
    return kind is VIDEO or (kind.format is None and path.suffix.lower() in _SUFFIXES)


def film_result_name(name: str, mark: str = "") -> str:
    """What the result of a film is called: `a.mp4`, `a.color.mp4` with a mark; `a.avi` becomes `a.avi.mkv`."""
    stem, suffix = os.path.splitext(name)
    return f"{stem}{mark}{suffix}" if suffix.lower() in CONTAINERS else f"{name}{mark}{_ELSE}"


def check_film_output(output: Path) -> None:
    """Refuses a name for a result that is not one of a film, or whose folder is missing.

    Raises:
        UnsupportedFormat: the ending means no container that is written here.
        InputError: the folder is missing.
    """
    if output.suffix.lower() not in CONTAINERS:
        raise UnsupportedFormat(f"{output} does not end like a film that is written here: {', '.join(CONTAINERS)}")
    if not output.parent.is_dir():
        raise InputError(f"{output} cannot be written: the folder {output.parent} does not exist; make it first")
