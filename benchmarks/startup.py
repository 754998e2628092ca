"""How long `import photochrom` and `photochrom --help` take, from the start of the process to its end.

    python benchmarks/startup.py [--json FILE]

Median of several runs after one that warms the disk's cache, beside a bare interpreter on the same machine.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 9
# What is measured, its arguments to the interpreter, and its bar in seconds.
MEASURED: list[tuple[str, list[str], float | None]] = [
    ("python -c pass", ["-c", "pass"], None),
    ("import photochrom", ["-c", "import photochrom"], 0.25),
    ("photochrom --help", ["-m", "photochrom", "--help"], 0.3),
]


def seconds(arguments: list[str]) -> float:
    """Median wall time of a fresh interpreter with these arguments."""
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures = {name: round(seconds(command), 3) for name, command, _ in MEASURED}
    missed = False
    for name, _, bar in MEASURED:
        print(f"{figures[name]:7.3f} s  {name}" + (f"  (bar: {bar} s)" if bar else ""))
        missed |= bar is not None and figures[name] > bar
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(missed)


if __name__ == "__main__":
    main()
