"""How much memory there is for photographs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

# Where nothing can be asked.
_SUPPOSED = 4 << 30
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
# Of a container, in version 2 of control groups and in version 1: what it may take; what it has taken; and what of that
# is file cache that the kernel gives up first.
_FILES = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)


def available_memory() -> int:
    """Bytes that could be taken now: the system's, or the container's if that has less."""
    return min([_system_memory(), *_container_memory()])


def _system_memory() -> int:
    with contextlib.suppress(OSError, ValueError):  # Linux alone has this
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    return _SUPPOSED


def _container_memory() -> list[int]:
    found = []
    for limit, used, figures, cache in _FILES:
        try:
            taken = _number(used) - _figure(figures, cache)
            found.append(max(0, _number(limit) - max(0, taken)))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found


def _number(name: str) -> int:
    return int((_CONTROL_GROUPS / name).read_text("ascii"))


def _figure(name: str, key: str) -> int:
    """A figure of a file with one a line; 0 where it is not told."""
    with contextlib.suppress(OSError, ValueError):
        for line in (_CONTROL_GROUPS / name).read_text("ascii").splitlines():
            found, _, figure = line.partition(" ")
            if found == key:
                return int(figure)
    return 0
