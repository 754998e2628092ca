"""`photochrom colorize` on a 12-megapixel JPEG, whole command from process start, against the plain pipeline.

    python benchmarks/colorize_speed.py [--rounds 5] [--json FILE]

The plain pipeline (benchmarks/plain_pipeline.py) is scikit-image at full size around the ECCV 2016 network in eager
PyTorch at 256 x 256, a process of its own as well. Both run in turn on the same file, after one run each that warms the
disk's cache; medians are compared. Exit status 1: a bar is missed.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from processes import Cost, measure, photochrom

HERE = Path(__file__).resolve().parent
MEGAPIXELS = 12
# At most this share of the plain pipeline's time, and of its peak memory.
BAR_SHARE = 0.2


def run(rounds: int) -> dict[str, Any]:
    """Measure both in turn."""
    with tempfile.TemporaryDirectory(prefix="photochrom-speed-") as folder:
        source = Path(folder) / "photograph.jpg"
        measure([sys.executable, HERE / "photographs.py", str(MEGAPIXELS), source])
        commands = {
            "photochrom": photochrom("colorize", source, "-o", Path(folder) / "ours.jpg", "--overwrite"),
            "plain": [sys.executable, str(HERE / "plain_pipeline.py"), str(source), str(Path(folder) / "plain.jpg")],
        }
        costs: dict[str, list[Cost]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, command in commands.items():
                cost = measure(command)
                if turn:
                    costs[name].append(cost)
        size = source.stat().st_size
    figures: dict[str, Any] = {"megapixels": MEGAPIXELS, "file_bytes": size, "rounds": rounds, "bar_share": BAR_SHARE}
    return figures | {name: _medians(runs) for name, runs in costs.items()} | _shares(costs)


def _medians(runs: list[Cost]) -> dict[str, float]:
    return {
        "seconds": statistics.median(cost.seconds for cost in runs),
        "cpu_seconds": statistics.median(cost.cpu_seconds for cost in runs),
        "peak_bytes": statistics.median(cost.peak_bytes for cost in runs),
    }


def _shares(costs: dict[str, list[Cost]]) -> dict[str, float]:
    """Medians over the rounds of ours / plain, each pair measured back to back."""
    pairs = list(zip(costs["photochrom"], costs["plain"], strict=True))
    return {
        "time_share": statistics.median(ours.seconds / plain.seconds for ours, plain in pairs),
        "cpu_time_share": statistics.median(ours.cpu_seconds / plain.cpu_seconds for ours, plain in pairs),
        "memory_share": statistics.median(ours.peak_bytes / plain.peak_bytes for ours, plain in pairs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures = run(arguments.rounds)
    print(f"{figures['megapixels']} megapixels, JPEG of {figures['file_bytes'] / 1e6:.1f} MB")
    for name in ("photochrom", "plain"):
        row = figures[name]
        print(f"{name:11} {row['seconds']:6.2f} s {row['cpu_seconds']:6.2f} cpu s {row['peak_bytes'] / 1e6:6.0f} MB")
    shares = figures["time_share"], figures["cpu_time_share"], figures["memory_share"]
    print("{:11} {:6.3f}   {:6.3f}       {:6.3f}".format("share", *shares), f"  (bar: {BAR_SHARE})")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(max(figures["time_share"], figures["memory_share"]) > BAR_SHARE)


if __name__ == "__main__":
    main()
