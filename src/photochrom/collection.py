"""Collections of photographs: which files of a folder are meant, and what their results are called."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from photochrom.images import FORMATS

FORMAT_OF = {suffix: name for name, known in FORMATS.items() for suffix in known.suffixes}
# The photograph and over it its colours as a layer (`Result.save_layer`): written where asked for, never read.
OPEN_RASTER, OPEN_RASTER_SUFFIX = "ora", ".ora"
# What a walk through a folder picks up beside the formats that are written.
_READ_ONLY = (".bmp", ".gif", ".heic", ".heif")
SUFFIXES = (*FORMAT_OF, *_READ_ONLY)

# Results beside their photographs: a.color.jpg, and a.color-2.jpg for the second variant.
MARK = ".color"
_MARKED = re.compile(re.escape(MARK) + r"(-\d+)?$")


def is_meant(name: str) -> bool:
    """Whether a file of this name, found in a folder, is a photograph to colour: no hidden file, no earlier result."""
    stem, suffix = os.path.splitext(name)
    return not name.startswith(".") and suffix.lower() in SUFFIXES and not _MARKED.search(stem)


def walk(
    folder: Path, leave_out: Callable[[Path], bool], on_unreadable: Callable[[OSError], None] | None
) -> Iterator[Path]:
    """The photographs in a folder and below it, sorted by name folder for folder.

    Links to files are followed, links to folders are not: those could go in circles.

    Args:
        folder: where to begin.
        leave_out: says of a folder below whether to leave it out.
        on_unreadable: told of folders that cannot be read.
    """
    for here, below, names in os.walk(folder, onerror=on_unreadable):
        below[:] = sorted(name for name in below if not name.startswith(".") and not leave_out(Path(here, name)))
        for name in sorted(names):
            path = Path(here, name)
            if is_meant(name) and not _is_special(path):
                yield path


def result_name(name: str, format: str | None, mark: str = "") -> str:
    """What the result of a photograph is called: `a.png`; `a.color.png` with a mark.

    Where the format changes, the old name stays whole (`a.png` -> `a.png.jpg`), so that `a.png` and `a.jpg` never meet.
    """
    stem, suffix = os.path.splitext(name)
    own = FORMAT_OF.get(suffix.lower())
    if own is not None and format in (None, own):
        return f"{stem}{mark}{suffix}"
    new = OPEN_RASTER_SUFFIX if format == OPEN_RASTER else FORMATS[format or "png"].suffixes[0]
    return f"{name}{mark}{new}"


def _is_special(path: Path) -> bool:
    """Whether it is a pipe, a socket or a device, whose reading may never end. What cannot be asked is none."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
