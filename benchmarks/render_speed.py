"""What rendering at full size costs, against scikit-image's conversions of the same picture in the same run.

The picture is a synthetic one with edges and grain, its colour a 64 x 48 grid. scikit-image's rgb2lab and lab2rgb, the
heart of the plain way to keep a photograph's lightness, run on the same picture. Times are those of a whole call;
processor seconds are summed over threads, which a busy machine distorts less. The peak is that of a process of its own
that makes the picture (two bytes a pixel, 16 bits) and renders it (four bytes a pixel, Pillow's RGB).

    python benchmarks/render_speed.py [--megapixels 12 100] [--repeat 3] [--json FILE]
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom.render import available_threads, render
from photochrom.resample import GrayArray, network_lightness

# scikit-image in float64 needs some 25 GB for 100 megapixels; its time grows with the pixels, so a part will do.
ORACLE_MEGAPIXELS = 12.0


def picture(megapixels: float, bits: int) -> tuple[GrayArray, npt.NDArray[np.float32]]:
    """Return gray of 4 : 3 with edges and grain, and its colour."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    width = height * 4 // 3
    rng = np.random.default_rng(0)
    dtype: type[np.unsignedinteger] = np.uint8 if bits == 8 else np.uint16
    unit = np.iinfo(dtype).max // 255
    levels = rng.integers(30, 225, (12, 16)).astype(dtype) * dtype(unit)
    gray = levels[np.ix_(np.arange(height) * 12 // height, np.arange(width) * 16 // width)]
    gray += rng.integers(0, 10 * unit, (1, width)).astype(dtype)
    colors = [Image.fromarray(rng.normal(0, 14, (9, 12)).astype(np.float32)) for _ in range(2)]
    ab = np.stack([np.array(plane.resize((64, 48), Image.Resampling.BICUBIC)) for plane in colors], axis=-1)
    return gray, ab


def best(call: Callable[[], object], repeat: int) -> tuple[float, float]:
    """Return the least wall seconds and the least processor seconds of a call."""
    wall, processor = [], []
    for _ in range(repeat):
        start, start_processor = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    return min(wall), min(processor)


def render_once(megapixels: float, bits: int, peak: "multiprocessing.SimpleQueue[int]") -> None:
    """Render in a process of its own and report its peak in bytes."""
    import resource

    gray, ab = picture(megapixels, bits)
    render(gray, ab)
    unit = 1 if sys.platform == "darwin" else 1024
    peak.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def peak_bytes(megapixels: float, bits: int) -> int:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.SimpleQueue[int] = context.SimpleQueue()
    process = context.Process(target=render_once, args=(megapixels, bits, queue))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the measured process ended with {process.exitcode}")
    return queue.get()


def skimage_conversions(megapixels: float, repeat: int) -> tuple[float, float]:
    from skimage.color import lab2rgb, rgb2lab

    gray, ab = picture(megapixels, 8)
    rgb = np.asarray(render(gray, ab))
    return best(lambda: lab2rgb(rgb2lab(rgb)), repeat)


def measure(megapixels: float, repeat: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for bits, depth in ((8, 8), (16, 8), (16, 16)):
        gray, ab = picture(megapixels, bits)
        wall, processor = best(partial(render, gray, ab, depth=depth), repeat)
        rows.append(
            {"what": f"render, {bits} -> {depth} bits", "megapixels": megapixels, "s": wall, "cpu_s": processor}
        )
    reduce = partial(network_lightness, gray, 192, 256, threads=available_threads())
    wall, processor = best(reduce, repeat)
    rows.append({"what": "network_lightness, 16 bits", "megapixels": megapixels, "s": wall, "cpu_s": processor})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, nargs="+", default=[12.0, 100.0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    # The peaks first: on Linux a new process inherits the peak of the one that starts it.
    rows: list[dict[str, Any]] = [
        {"what": "peak of a process, 16 -> 8 bits", "megapixels": size, "peak_bytes": peak_bytes(size, 16)}
        for size in arguments.megapixels
    ]
    for megapixels in arguments.megapixels:
        rows += measure(megapixels, arguments.repeat)
    wall, processor = skimage_conversions(ORACLE_MEGAPIXELS, 1)
    rows.append(
        {"what": "scikit-image rgb2lab, lab2rgb", "megapixels": ORACLE_MEGAPIXELS, "s": wall, "cpu_s": processor}
    )

    print(f"{available_threads()} threads")
    print(f"{'what':34} {'megapixels':>10} {'s':>8} {'cpu s':>8} {'cpu ns a pixel':>15} {'peak MB':>8}")
    for row in rows:
        if "peak_bytes" in row:
            print(f"{row['what']:34} {row['megapixels']:10.0f} {'':33} {row['peak_bytes'] / 1e6:8.0f}")
        else:
            nanoseconds = row["cpu_s"] / row["megapixels"] * 1e3
            print(f"{row['what']:34} {row['megapixels']:10.0f} {row['s']:8.3f} {row['cpu_s']:8.3f} {nanoseconds:15.1f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"threads": available_threads(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
