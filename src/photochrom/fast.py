"""Whether pixels go through compiled loops: with the extra `fast`, in a process that has many of them.

The results are the same to the last byte. To load the loops takes about a second, to compile them, after an
installation or an update, several; so one small photograph does without them, and nobody waits for them.
``NUMBA_DISABLE_JIT=1`` always does without.
"""

from __future__ import annotations

import logging
import os
import textwrap
from contextvars import ContextVar
from importlib.util import find_spec
from threading import Lock, Thread
from types import ModuleType

_log = logging.getLogger("photochrom")
# NumPy takes a few times as long for so many pixels as loading the loops does: whoever has no more loses little.
_PAYS = 64_000_000
# Loops that are tried out, where nobody else is to have them yet.
_on_trial: ContextVar[ModuleType | None] = ContextVar("on_trial", default=None)


class _Loops:
    """`photochrom.kernels`, once it pays.

    Args:
        pays: pixels after which it does.
    """

    def __init__(self, pays: int) -> None:
        self.loaded: ModuleType | None = None
        self._left = pays
        self._lock = Lock()

    def count(self, pixels: int) -> None:
        """So many pixels are next. What is at work goes on with NumPy while the loops are loaded beside it."""
        if self._left <= 0:
            return
        with self._lock:
            pays_now = 0 < self._left <= pixels
            self._left -= pixels
        if pays_now and _is_there() and os.environ.get("NUMBA_DISABLE_JIT", "0") == "0":
            # No daemon: one that is stopped at the end of a program, amid compiling, can crash it.
            Thread(target=self.load, name="photochrom-loops").start()

    def load(self) -> None:
        try:
            from numba import config

            from photochrom import kernels

            # As Python, the loops would take a hundred times as long as NumPy.
            if not config.DISABLE_JIT:  # type: ignore[attr-defined]
                _try_out(kernels)
                self.loaded = kernels
        except Exception as error:  # a Numba that does not fit to Python, NumPy or the system fails in many ways
            reason = textwrap.shorten(str(error) or type(error).__name__, 300)
            _log.warning("photochrom works without Numba, which is installed but fails: %s", reason)


_loops = _Loops(_PAYS)


def loops(pixels: int = 0) -> ModuleType | None:
    """Return the compiled loops (`photochrom.kernels`), or None where NumPy is to do.

    Args:
        pixels: How many are about to be coloured that nobody has told of yet.
    """
    if pixels:
        _loops.count(pixels)
    return _on_trial.get() or _loops.loaded


def load() -> None:
    """Load the loops now, if Numba is there: for who knows that there is much to do."""
    if _is_there():
        _loops.load()


def _is_there() -> bool:
    try:
        return find_spec("numba") is not None
    except ValueError:  # something else goes by that name
        return False


def _try_out(kernels: ModuleType) -> None:
    """Colour a few pixels with the loops and with NumPy.

    Raises:
        RuntimeError: The results differ. A cache that could not be written to its end after an update gives the loops
            of before.
    """
    from photochrom.render import sample_results

    expected = sample_results()
    token = _on_trial.set(kernels)
    try:
        found = sample_results()
    finally:
        _on_trial.reset(token)
    if found != expected:
        raise RuntimeError(
            "its loops give other colours than NumPy; delete the files kernels.* in photochrom's __pycache__, or in "
            "the folder that NUMBA_CACHE_DIR names"
        )
