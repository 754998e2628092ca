"""How much memory this process takes, and how it gives back what it has used."""

import ctypes
import os
import sys
from pathlib import Path

__all__ = ["resident_bytes", "return_freed_memory"]

# From glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE = 256 << 10


def resident_bytes() -> int:
    """Resident memory now; 0 where the system does not say it simply (only Linux does)."""
    if sys.platform != "linux":
        return 0
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def return_freed_memory() -> None:
    """Lets glibc return the memory of freed arrays to the system at once.

    By itself it keeps ever larger blocks for reuse, in an arena for each thread: after a few hundred pictures of mixed
    sizes the process holds more than twice of what it uses. Other C libraries are left as they are.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, _LARGE)
