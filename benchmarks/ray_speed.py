"""`photochrom batch --engine ray` on this machine against the local engine.

    python benchmarks/ray_speed.py [--photographs 2000] [--rounds 1] [--json FILE]

The whole command over the same photographs, from its start to its end, the starting and ending of Ray included, which
takes the same whatever there is to do: small photographs, then scans of 12 megapixels. Both engines take turns; medians
are compared. The rate is that between the finish of the first quarter and of the last photograph, by the manifest: what
a long series comes to. The scans take 4 GB of the temporary folder, and the results of an engine as much.

Exit status 1: Ray takes more than a tenth longer.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from batch_speed import write_series
from processes import photochrom

from photochrom.processors import processors

SIZES = ((1600, 1200), (4000, 3000))
BAR_LONGER = 0.10
ENGINES = ("local", "ray")


def measure(engine: str, folder: Path, count: int) -> dict[str, float]:
    """Seconds of the whole command, and photographs a second of its last three quarters."""
    with tempfile.TemporaryDirectory(prefix="photochrom-batch-") as out:
        began = time.perf_counter()
        subprocess.run(photochrom("batch", folder, out, "--engine", engine), check=True, capture_output=True)
        seconds = time.perf_counter() - began
        lines = map(json.loads, Path(out, "manifest.jsonl").read_text("utf-8").splitlines())
        finished = sorted(datetime.fromisoformat(line["finished"]).timestamp() for line in lines if "path" in line)
    first = count // 4
    return {"seconds": seconds, "rate": (count - 1 - first) / (finished[-1] - finished[first])}


def run(photographs: int, rounds: int) -> dict[str, Any]:
    """Measure both engines."""
    figures: dict[str, Any] = {"processes": processors(), "photographs": photographs, "rounds": rounds}
    return figures | {"bar_longer": BAR_LONGER, "series": [_series(photographs, rounds, size) for size in SIZES]}


def _series(photographs: int, rounds: int, size: tuple[int, int]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="photochrom-series-") as folder:
        write_series(Path(folder), photographs, size)
        turns = [{engine: measure(engine, Path(folder), photographs) for engine in ENGINES} for _ in range(rounds)]
    medians = {
        engine: {name: statistics.median(turn[engine][name] for turn in turns) for name in ("seconds", "rate")}
        for engine in ENGINES
    }
    longer = statistics.median(turn["ray"]["seconds"] / turn["local"]["seconds"] - 1 for turn in turns)
    slower = statistics.median(turn["local"]["rate"] / turn["ray"]["rate"] - 1 for turn in turns)
    return {"size": size, **medians, "longer": longer, "slower": slower}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures = run(arguments.photographs, arguments.rounds)
    for series in figures["series"]:
        width, height = series["size"]
        print(f"{figures['photographs']} photographs of {width} x {height}, {figures['processes']} processes")
        for engine in ENGINES:
            print(f"{engine:8} {series[engine]['seconds']:8.1f} s  {series[engine]['rate']:7.2f} /s")
        print(f"Ray takes {series['longer']:+.1%} (bar: {BAR_LONGER:+.0%}); once under way {series['slower']:+.1%}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(any(series["longer"] > BAR_LONGER for series in figures["series"]))


if __name__ == "__main__":
    main()
