"""`photochrom batch --engine ray` on this machine against the local engine.

    python benchmarks/ray_speed.py [--photographs 2000] [--rounds 1] [--json FILE]

The whole command over the same photographs, from its start to its end, the starting and ending of Ray included: that
takes about 15 s of processor time, whatever there is to do. Both engines take turns; medians are compared. The rate is
that between the finish of the first quarter and of the last photograph, by the manifest: what a long series comes to.

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

SIZE = (1600, 1200)  # two megapixels, a small scan
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
    figures: dict[str, Any] = {"processes": processors(), "photographs": photographs, "size": SIZE, "rounds": rounds}
    with tempfile.TemporaryDirectory(prefix="photochrom-series-") as folder:
        write_series(Path(folder), photographs, SIZE)
        turns = [{engine: measure(engine, Path(folder), photographs) for engine in ENGINES} for _ in range(rounds)]
    for engine in ENGINES:
        figures[engine] = {
            name: statistics.median(turn[engine][name] for turn in turns) for name in ("seconds", "rate")
        }
    figures["longer"] = statistics.median(turn["ray"]["seconds"] / turn["local"]["seconds"] - 1 for turn in turns)
    figures["slower"] = statistics.median(turn["local"]["rate"] / turn["ray"]["rate"] - 1 for turn in turns)
    return figures | {"bar_longer": BAR_LONGER}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures = run(arguments.photographs, arguments.rounds)
    print(f"{figures['photographs']} photographs of {SIZE[0]} x {SIZE[1]}, {figures['processes']} processes")
    for engine in ENGINES:
        print(f"{engine:8} {figures[engine]['seconds']:8.1f} s  {figures[engine]['rate']:7.2f} /s")
    print(f"Ray takes {figures['longer']:+.1%} (bar: {BAR_LONGER:+.0%}); once under way {figures['slower']:+.1%}")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(figures["longer"] > BAR_LONGER)


if __name__ == "__main__":
    main()
