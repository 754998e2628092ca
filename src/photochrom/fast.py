"""Whether pixels go through compiled loops: with the extra `fast`, in a process that has many of them.

The results are the same to the last byte. To load the loops takes about a second, to compile them, after an
installation or an update, several; so one small photograph does without them. ``NUMBA_DISABLE_JIT=1`` does so always.
"""

from __future__ import annotations

import logging
from importlib.util import find_spec
from threading import Lock
from types import ModuleType

_log = logging.getLogger("photochrom")
# NumPy takes about as long for so many pixels as loading the loops does.
_PAYS = 16_000_000


class _Loops:
    """`photochrom.kernels`, once it pays."""

    def __init__(self, pays: int) -> None:
        self.loaded: ModuleType | None = None
        self._left = pays
        self._lock = Lock()

    def count(self, pixels: int) -> None:
        """So many pixels are next. One thread loads the loops; the others meanwhile go on without."""
        if self._left <= 0 or not self._lock.acquire(blocking=False):
            return
        try:
            self._left -= pixels
            if self._left <= 0 and find_spec("numba"):
                self.load()
        finally:
            self._lock.release()

    def load(self) -> None:
        try:
            from numba import config

            from photochrom import kernels
        except Exception as error:  # a Numba that does not fit to Python, NumPy or the system fails in many ways
            _log.warning("photochrom works without Numba, which is installed but fails: %s", error)
        else:
            self.loaded = None if config.DISABLE_JIT else kernels  # type: ignore[attr-defined]


_loops = _Loops(_PAYS)


def loops(pixels: int = 0) -> ModuleType | None:
    """Return the compiled loops (`photochrom.kernels`), or None where NumPy is to do.

    Args:
        pixels: How many are about to be coloured that nobody has told of yet.
    """
    if pixels:
        _loops.count(pixels)
    return _loops.loaded
