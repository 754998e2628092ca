"""Time and peak memory of `photochrom colorize` from 1 to 100 megapixels, whole command from process start.

    python benchmarks/large_pictures.py [--rounds 3] [--json FILE]

Gray JPEG at every size; at the largest also a sepia JPEG (three channels to be read as lightness) and an uncompressed
gray TIFF of 16 bits, whose result has 16 bits. Sizes take turns within a round, so that a busy machine is busy for
all. Beside the medians: the exponent p of time = start + c * pixels**p, with the time of a picture of one hundredth of
a megapixel for the start, from 12 megapixels on (below, work of a fixed size counts too). 1 is linear. Processor time
is judged, because others at work bend the clock's. Exit status 1: a bar is missed.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from processes import Cost, measure, photochrom

HERE = Path(__file__).resolve().parent
START_MEGAPIXELS = 0.01
SIZES = (1.0, 4.0, 12.0, 25.0, 50.0, 100.0)
LARGE_MEGAPIXELS = 12.0
BAR_PEAK_BYTES = 1_000_000_000
# Linear, with room for what a busy machine does to the figures.
BAR_EXPONENT = 1.1


def run(rounds: int) -> dict[str, Any]:
    """Measure every file once a round."""
    with tempfile.TemporaryDirectory(prefix="photochrom-large-") as folder:
        files = _write_photographs(Path(folder))
        costs: dict[str, list[Cost]] = {what: [] for what in files}
        for _ in range(rounds):
            for what, (_, source) in files.items():
                destination = source.with_stem(f"{source.stem}-colour")
                costs[what].append(measure(photochrom("colorize", source, "-o", destination)))
                destination.unlink()
        rows = [_row(what, megapixels, costs[what]) for what, (megapixels, _) in files.items()]
    return {
        "rounds": rounds,
        "bar_peak_bytes": BAR_PEAK_BYTES,
        "bar_exponent": BAR_EXPONENT,
        "peak_bytes": max(row["peak_bytes"] for row in rows),
        "rows": rows,
    }


def growth(rows: list[dict[str, Any]], time: str) -> float:
    """The exponent of `time` ("seconds" or "cpu_seconds") over the sizes of the gray JPEGs."""
    return exponent([(row["megapixels"], row[time]) for row in rows if row["what"].startswith("gray JPEG")])


def exponent(times: list[tuple[float, float]]) -> float:
    """The slope of log(time - start) over log(megapixels) of large pictures, by least squares.

    Args:
        times: megapixels and seconds; the first entry's time is the start.
    """
    start = times[0][1]
    large = [(math.log(size), math.log(seconds - start)) for size, seconds in times if size >= LARGE_MEGAPIXELS]
    return statistics.linear_regression(*zip(*large, strict=True)).slope


def _write_photographs(folder: Path) -> dict[str, tuple[float, Path]]:
    """Name, megapixels and file of each picture, smallest first."""
    files = {f"gray JPEG, {size:g}": (size, folder / f"gray-{size:g}.jpg") for size in (START_MEGAPIXELS, *SIZES)}
    files[f"sepia JPEG, {SIZES[-1]:g}"] = (SIZES[-1], folder / "sepia.jpg")
    files[f"16-bit TIFF, {SIZES[-1]:g}"] = (SIZES[-1], folder / "deep.tif")
    for what, (size, path) in files.items():
        tint = ["--sepia"] if what.startswith("sepia") else []
        measure([sys.executable, HERE / "photographs.py", str(size), path, *tint])
    return files


def _row(what: str, megapixels: float, runs: list[Cost]) -> dict[str, Any]:
    return {
        "what": what,
        "megapixels": megapixels,
        "seconds": statistics.median(cost.seconds for cost in runs),
        "cpu_seconds": statistics.median(cost.cpu_seconds for cost in runs),
        "peak_bytes": max(cost.peak_bytes for cost in runs),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    figures = run(arguments.rounds)
    print(f"{'megapixels':>20} {'s':>7} {'cpu s':>7} {'ms a megapixel':>15} {'peak MB':>8}")
    for row in figures["rows"]:
        each = row["seconds"] / row["megapixels"] * 1e3
        print(f"{row['what']:>20} {row['seconds']:7.2f} {row['cpu_seconds']:7.2f} {each:15.0f}", end="")
        print(f" {row['peak_bytes'] / 1e6:8.0f}")
    clock, processor = (growth(figures["rows"], time) for time in ("seconds", "cpu_seconds"))
    print(f"time grows with pixels to the power of {clock:.2f}, processor time {processor:.2f} (bar: {BAR_EXPONENT})")
    print(f"largest peak {figures['peak_bytes'] / 1e6:.0f} MB (bar: {BAR_PEAK_BYTES / 1e6:.0f} MB)")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(processor > BAR_EXPONENT or figures["peak_bytes"] >= BAR_PEAK_BYTES)


if __name__ == "__main__":
    main()
