"""How much memory there is for photographs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

# Where nothing can be asked.
_SUPPOSED = 4 << 30
# Version 2 of control groups, and version 1.
_LIMITS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
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
    for limit, used in _LIMITS:
        try:
            found.append(max(0, int(Path(limit).read_text("ascii")) - int(Path(used).read_text("ascii"))))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return found
