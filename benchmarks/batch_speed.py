"""`photochrom batch` against what its stages alone allow, and its memory over a long series.

    python benchmarks/batch_speed.py [--photographs 600] [--scans 90] [--rounds 3] [--series 10000] [--json FILE]

Small photographs, then scans of 12 megapixels; each with NumPy alone, as without the extra `fast`, and with the loops
that Numba compiles. Alone: as many processes as processors, each with one thread, each doing its share of the
photographs stage by stage, from memory to memory, without files, hashes and manifest: decode, network, render, encode.
From each stage's mean the rate follows that these processes could reach; the bar is a share of what decode, network and
encode allow. The batch is the whole command; its rate is that of the second half, by the manifest's times, since what
starting and loading the loops cost does not grow with the series. All take turns, medians are compared.

Every result is brought to the disk before it gets its name. Where the disk is slower than that, it is what is measured:
TMPDIR names another place, such as a folder in memory, and the figures say on which file system it was.

Memory is that of all the batch's processes together (proportional set size), the mean over photographs 400 to 600 and
over the last 200 of the series, with NumPy alone; what the loops add to a process comes from the measurement before.

Exit status 1: a bar is missed.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from PIL import Image
from processes import photochrom

from photochrom.processors import THREADS_VARIABLE, processors

SIZES = {"photographs": (1024, 768), "scans": (4000, 3000)}
SMALL = (96, 64)
# How pixels are worked on, and what tells Numba so.
WAYS = {"numpy": "1", "numba": "0"} if find_spec("numba") else {"numpy": "1"}
BAR_SHARE = 0.85
BAR_GROWTH = 0.05
STAGES = ("decode", "network", "render", "encode")
_WINDOW = 200
_EARLY = 500


def write_series(folder: Path, count: int, size: tuple[int, int]) -> None:
    """Write JPEG photographs: an example's lightness, mirrored and shifted so that no two are the same."""
    example = Path(__file__).resolve().parents[1] / "examples" / "white_church.jpg"
    with Image.open(example) as opened:
        gray = opened.convert("L").resize(size, Image.Resampling.BICUBIC)
    for number in range(count):
        below = folder / f"{number // 1000:03}"
        below.mkdir(parents=True, exist_ok=True)
        shifted = Image.new("L", size)
        shifted.paste(gray, (number % size[0], 0))
        shifted.paste(gray, (number % size[0] - size[0], 0))
        shifted.save(below / f"{number:05}.jpg", quality=90)


@contextmanager
def worked_on(way: str) -> Iterator[None]:
    """Processes that are started meanwhile work on pixels in this way."""
    os.environ["NUMBA_DISABLE_JIT"] = WAYS[way]
    try:
        yield
    finally:
        del os.environ["NUMBA_DISABLE_JIT"]


def alone(paths: list[Path]) -> dict[str, float]:
    """Seconds of each stage for one photograph, and bytes held: means over processes that work at the same time."""
    context = multiprocessing.get_context("spawn")
    count = processors()
    barrier = context.Barrier(count)
    shares = [paths[start::count] for start in range(count)]
    with context.Pool(count, _one_thread, (barrier,)) as pool:
        found = pool.map(_stage_seconds, shares, chunksize=1)
    return {name: statistics.fmean(process[name] for process in found) for name in (*STAGES, "held_bytes")}


def batch_rate(folder: Path, count: int) -> float:
    """Photographs a second of the whole command, over the second half of them."""
    with tempfile.TemporaryDirectory(prefix="photochrom-batch-") as out:
        subprocess.run(photochrom("batch", folder, out), check=True, capture_output=True)
        lines = map(json.loads, Path(out, "manifest.jsonl").read_text("utf-8").splitlines())
        finished = sorted(datetime.fromisoformat(line["finished"]).timestamp() for line in lines if "path" in line)
    first = count // 2
    return (count - 1 - first) / (finished[-1] - finished[first])


def memory(folder: Path, count: int) -> dict[str, float]:
    """Bytes that a batch's processes hold together around an early photograph and at the end."""
    samples: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory(prefix="photochrom-batch-") as out:
        manifest = Path(out, "manifest.jsonl")
        with subprocess.Popen(photochrom("batch", folder, out), stderr=subprocess.DEVNULL) as process:
            done, at = 0, 0
            while process.poll() is None:
                time.sleep(0.2)
                if manifest.exists():
                    with manifest.open("rb") as file:
                        file.seek(at)
                        added = file.read()
                    done, at = done + added.count(b"\n"), at + len(added)
                samples.append((done, sum(map(_held, _family(process.pid)))))
    early = min(_EARLY, count // 4)
    half = min(_WINDOW, count // 5) // 2
    return {
        "early_bytes": statistics.fmean(size for done, size in samples if abs(done - early) <= half),
        "late_bytes": statistics.fmean(size for done, size in samples if count - 2 * half <= done <= count),
    }


def _one_thread(barrier: Barrier) -> None:
    os.environ[THREADS_VARIABLE] = "1"
    globals()["_barrier"] = barrier


def _stage_seconds(paths: list[Path]) -> dict[str, float]:
    from photochrom import fast
    from photochrom.pipeline import Colorizer
    from photochrom.speed import stage_seconds

    colorizer = Colorizer()
    contents = [path.read_bytes() for path in paths]
    if os.environ["NUMBA_DISABLE_JIT"] == WAYS.get("numba"):
        fast.load()
    stage_seconds(colorizer, contents[0])
    globals()["_barrier"].wait()
    spent = [stage_seconds(colorizer, content) for content in contents]
    means = {stage: statistics.fmean(seconds) for stage, seconds in zip(STAGES, zip(*spent, strict=True), strict=True)}
    return means | {"held_bytes": _held(os.getpid())}


def _family(parent: int) -> list[int]:
    """A process and its children."""
    listed = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        return [parent, *map(int, listed.read_text("ascii").split())]
    except OSError:
        return []


def _file_system(folder: Path) -> str:
    """The kind of file system on which a folder lies, as the system names it."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text("utf-8").splitlines()]
    except OSError:
        return "not known"
    return max((point, kind) for point, kind in mounts if folder.is_relative_to(point))[1]


def _held(pid: int) -> int:
    """Bytes a process holds; what it shares with others is counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def run(counts: dict[str, int], rounds: int, series: int) -> dict[str, Any]:
    """Measure speed and memory; `counts` says how many of `SIZES` there are to be."""
    figures: dict[str, Any] = {"processes": processors(), "rounds": rounds, "bar_share": BAR_SHARE}
    figures["file_system"] = _file_system(Path(tempfile.gettempdir()).resolve())
    figures["series"] = [_series(SIZES[name], count, rounds) for name, count in counts.items()]
    if series:
        with tempfile.TemporaryDirectory(prefix="photochrom-series-") as folder, worked_on("numpy"):
            write_series(Path(folder), series, SMALL)
            held = memory(Path(folder), series)
        growth = held["late_bytes"] / held["early_bytes"] - 1
        figures["memory"] = {"photographs": series, "growth": growth, "bar_growth": BAR_GROWTH, **held}
    return figures


def _series(size: tuple[int, int], count: int, rounds: int) -> dict[str, Any]:
    """Speed over photographs of one size, in each way."""
    turns: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory(prefix="photochrom-series-") as folder:
        write_series(Path(folder), count, size)
        paths = sorted(Path(folder).rglob("*.jpg"))
        for _ in range(rounds):
            for way in WAYS:
                with worked_on(way):
                    turns[way].append(_shares(alone(paths), batch_rate(Path(folder), count)))
    medians = {
        way: {name: statistics.median(turn[name] for turn in turns[way]) for name in turns[way][0]} for way in WAYS
    }
    return {"size": size, "photographs": count, "ways": medians}


def _shares(spent: dict[str, float], rate: float) -> dict[str, float]:
    """The batch's rate, what stages alone allow, and the batch's share of that."""
    found = spent | {"batch_rate": rate}
    for name, counted in (("all_stages", STAGES), ("network_and_codecs", ("decode", "network", "encode"))):
        allowed = processors() / sum(spent[stage] for stage in counted)
        found |= {f"{name}_rate": allowed, f"{name}_share": rate / allowed}
    return found


def misses(figures: dict[str, Any]) -> bool:
    """Whether a bar is missed: of speed the way that is fastest here counts, on small photographs."""
    share = max(way["network_and_codecs_share"] for way in figures["series"][0]["ways"].values())
    return bool(share < BAR_SHARE or abs(figures.get("memory", {"growth": 0.0})["growth"]) > BAR_GROWTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=int, default=600)
    parser.add_argument("--scans", type=int, default=90, help="of 12 megapixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--series", type=int, default=10_000, help="small photographs to measure memory over; 0: none")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    counts = {"photographs": arguments.photographs, "scans": arguments.scans}
    figures = run({name: count for name, count in counts.items() if count}, arguments.rounds, arguments.series)
    for series in figures["series"]:
        for way, found in series["ways"].items():
            print("{} of {} x {}, {way}".format(series["photographs"], *series["size"], way=way))
            for stage in STAGES:
                print(f"{stage:24} {found[stage] * 1e3:7.1f} ms")
            for name in ("all_stages", "network_and_codecs"):
                allowed, share = found[f"{name}_rate"], found[f"{name}_share"]
                print(f"{name:24} {allowed:7.2f} /s, of which the batch reaches {share:.2f}")
            print(f"{'batch':24} {found['batch_rate']:7.2f} /s  (bar: {BAR_SHARE} of network and codecs)")
    if "memory" in figures:
        held = figures["memory"]
        sizes = held["early_bytes"] / 1e6, held["late_bytes"] / 1e6
        print("memory {:.0f} MB early, {:.0f} MB at the end".format(*sizes), f"({held['growth']:+.1%})")
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(misses(figures))


if __name__ == "__main__":
    main()
