"""Measure what was chosen by measurement: the size at which the network sees a photograph, and the temperature.

    python benchmarks/network_choices.py FOLDER [--limit N] [--json FILE]

Prints two Markdown tables, by the protocols siggraph17 and automatic of `photochrom evaluate`.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from evaluation_tables import ACCURATE, VIVID
from markdown_tables import table

from photochrom import Colorizer
from photochrom.evaluation import run
from photochrom.evaluation.report import build_report
from photochrom.models.compact import CompactEngine

SIDES = (128, 160, 192, 256, 320)
TEMPERATURES = (0.25, 0.38, 0.6, 1.0)
COUNTS = (0, 1, 10)

Results = dict[str, Any]


def main() -> None:
    """Measure every choice and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    request = run.Request(options.folder, limit=options.limit, hints=COUNTS)
    sides = {side: measure(request, _at_side(side)) for side in SIDES}
    temperatures = {t: measure(replace(request, hints=(0,)), _at_temperature(t)) for t in TEMPERATURES}
    head = ["longer side", *(f"accurate, {count} hints" for count in COUNTS), *(vivid := ["vivid", "colourfulness"])]
    print("dB above the gray photograph; vivid without hints, and its colourfulness over the truth's.\n")
    print(
        "\n".join(table(head, [[str(side), *_accurate(found), *_vivid(found)] for side, found in sides.items()])), "\n"
    )
    print("\n".join(table(["temperature", *vivid], [[f"{t:g}", *_vivid(found)] for t, found in temperatures.items()])))
    if options.json:
        options.json.write_text(json.dumps({"sides": sides, "temperatures": temperatures}, indent=1) + "\n")


def measure(request: run.Request, colorizer: Colorizer) -> Results:
    """The results of `photochrom evaluate` with this colorizer instead of the usual one."""
    ready = run.prepare(request)
    ready = replace(ready, setup=replace(ready.setup, colorizers=[colorizer]))
    results: Results = build_report(ready, run.evaluate(ready, None, lambda: None))["results"]
    return results


def _at_side(side: int) -> Colorizer:
    colorizer = Colorizer()
    colorizer.spec = replace(colorizer.spec, network_side=side)
    return colorizer


def _at_temperature(temperature: float) -> Colorizer:
    colorizer = Colorizer()
    assert isinstance(colorizer.engine, CompactEngine)
    colorizer.engine.temperature = np.array(temperature, np.float32)
    return colorizer


def _accurate(results: Results) -> list[str]:
    return [f"{results['siggraph17'][ACCURATE]['psnr_above_gray'][str(count)]:+.2f}" for count in COUNTS]


def _vivid(results: Results) -> list[str]:
    found = results["automatic"][VIVID]
    return [f"{found['psnr_above_gray']['0']:+.2f}", f"{found['colorfulness_ratio']['0']:.2f}"]


if __name__ == "__main__":
    main()
