"""What `photochrom evaluate` costs: its time a photograph at eight counts of hints, and its memory over 10,000.

    python benchmarks/evaluation_cost.py FOLDER [--speed 20] [--memory 10000] [--json FILE]

Time: the first photographs of the folder by the siggraph17 protocol, `compact` and `levin`. Memory: small photographs,
each another, in a tar archive; a process that measures them is looked at while it runs. They are measured without a
network (gray against the truth by every metric of `automatic`), so that all that is kept of a photograph, and nothing
that takes an hour, is in it.
"""

import argparse
import io
import json
import subprocess
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from processes import measure, photochrom

HINTS = "0,1,2,5,10,20,50,100"
PROTOCOL, MODEL = "automatic", "levin"
SIDE = 24
SAMPLES = 10
BAR_MINUTES, BAR_BYTES = 20, 20_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--speed", type=int, default=20, metavar="N", help="photographs for the time")
    parser.add_argument("--memory", type=int, default=10_000, metavar="N", help="photographs for the memory")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photochrom-bench-") as folder:
        figures = {
            "speed": speed(options.folder, options.speed, Path(folder)),
            "memory": memory(options.memory, Path(folder)),
        }
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def speed(dataset: Path, photographs: int, folder: Path) -> dict[str, Any]:
    """Time of a whole command on the data set's first photographs."""
    models = ["--model", "compact", "--model", "levin"]
    settings = ["--protocol", "siggraph17", "--hints", HINTS, "--limit", str(photographs)]
    cost = measure(photochrom("evaluate", dataset, *models, *settings, "--json", folder / "speed.json"))
    return {
        "photographs": photographs,
        "counts": len(HINTS.split(",")),
        "seconds": cost.seconds,
        "cpu_seconds": cost.cpu_seconds,
        "bar_minutes": BAR_MINUTES,
    }


def memory(photographs: int, folder: Path) -> dict[str, Any]:
    """Memory of a run, each time a tenth of the photographs is done, and how much it grows after the first tenth."""
    report = folder / "memory.json"
    command = photochrom("evaluate", _archive(photographs, folder), "--model", MODEL, "--protocol", PROTOCOL)
    process = subprocess.Popen([*command, "--json", str(report)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    samples: list[dict[str, int]] = []
    done, journal = 0, None
    while process.poll() is None:
        if journal is None:
            journal = next((path.open("rb") for path in folder.glob("memory.json.*.partial")), None)
        else:
            done += journal.read().count(b"\n")
        if done * SAMPLES >= photographs * (len(samples) + 1):
            samples.append({"photographs": done, "bytes": _resident(process.pid)})
        time.sleep(0.2)
    if process.returncode:
        raise RuntimeError(f"photochrom evaluate failed with exit status {process.returncode}")
    return {
        "photographs": photographs,
        "protocol": PROTOCOL,
        "model": MODEL,
        "samples": samples,
        "growth_bytes": samples[-1]["bytes"] - samples[0]["bytes"],
        "bar_bytes": BAR_BYTES,
    }


def _archive(photographs: int, folder: Path) -> Path:
    """A tar archive of small photographs of coloured noise, no two alike."""
    path = folder / "photographs.tar"
    rng = np.random.default_rng(0)
    with tarfile.open(path, "w") as archive:
        for number in range(photographs):
            stream = io.BytesIO()
            Image.fromarray(rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)).save(stream, "PNG")
            entry = tarfile.TarInfo(f"{number:06}.png")
            entry.size = stream.tell()
            stream.seek(0)
            archive.addfile(entry, stream)
    return path


def _resident(pid: int) -> int:
    """The memory that a process holds, in bytes (Linux)."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines())
    return int(fields["VmRSS"].split()[0]) * 1024


if __name__ == "__main__":
    main()
