"""Time and peak memory of a command, from the start of its process to its end.

    python benchmarks/processes.py COMMAND...     prints them as JSON

`measure` starts the command through this file: a new process's peak counts what its parent had in memory when it was
started (Linux), and this one holds next to nothing.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """What a process took.

    Attributes:
        seconds: from its start to its end.
        cpu_seconds: of all its threads, user and system.
        peak_bytes: the most memory that it held at once (resident set, shared libraries included).
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measure(command: Sequence[str | Path]) -> Cost:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; what it wrote to stderr is in the message.
    """
    with tempfile.TemporaryFile() as errors:
        launcher = [sys.executable, "-I", "-S", __file__, *map(str, command)]
        done = subprocess.run(launcher, stdout=subprocess.PIPE, stderr=errors, check=False)
        if done.returncode:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{errors.read().decode(errors='replace')}")
    return Cost(**json.loads(done.stdout))


def photochrom(*arguments: str | Path) -> list[str]:
    """The command line `photochrom ARGUMENTS...` with this interpreter."""
    return [sys.executable, "-m", "photochrom", *map(str, arguments)]


def _launch(command: list[str]) -> int:
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    # wait4 is the one call that tells this child's peak from those of others; it is there on Linux and macOS.
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    unit = 1 if sys.platform == "darwin" else 1024
    print(json.dumps(asdict(Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit))))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(_launch(sys.argv[1:]) and 1)
