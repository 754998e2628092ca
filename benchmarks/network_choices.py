"""Measure what was chosen by measurement: the size at which the network sees a photograph, and the temperature.

    python benchmarks/network_choices.py FOLDER [--limit N] [--json FILE]

Prints two Markdown tables, which docs/experiments.md quotes. The protocol is that of benchmarks/model_quality.py.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import model_quality
import numpy as np
from tables import table

from photochrom import Colorizer
from photochrom.models.compact import CompactEngine

SIDES = (128, 160, 192, 256, 320)
TEMPERATURES = (0.25, 0.38, 0.6, 1.0)


def main() -> None:
    """Measure every choice and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    files = sorted(p for p in options.folder.iterdir() if p.suffix.lower() in {".webp", ".jpg", ".jpeg", ".png"})
    files = files[: options.limit]
    sides = {side: model_quality.measure(_at_side(side), files, [0, 1, 10])["rows"] for side in SIDES}
    temperatures = {t: model_quality.measure(_at_temperature(t), files, [0])["rows"] for t in TEMPERATURES}
    print(f"{len(files)} photographs; dB above gray.\n")
    head: tuple[str, ...] = (
        "longer side",
        "accurate, 0 hints",
        "1 hint",
        "10 hints",
        "vivid, 0 hints",
        "vivid's colourfulness",
    )
    names = ("psnr accurate 0", "psnr accurate 1", "psnr accurate 10", "psnr vivid 0")
    print("\n".join(table(head, [[str(side), *_gains(rows, names), _ratio(rows)] for side, rows in sides.items()])))
    print()
    head = ("temperature", "vivid, 0 hints", "vivid's colourfulness")
    print(
        "\n".join(table(head, [[f"{t:g}", *_gains(rows, names[3:]), _ratio(rows)] for t, rows in temperatures.items()]))
    )
    if options.json:
        options.json.write_text(json.dumps({"sides": sides, "temperatures": temperatures}, indent=1) + "\n")


def _at_side(side: int) -> Colorizer:
    colorizer = Colorizer()
    colorizer.spec = replace(colorizer.spec, network_side=side)
    return colorizer


def _at_temperature(temperature: float) -> Colorizer:
    colorizer = Colorizer()
    assert isinstance(colorizer.engine, CompactEngine)
    colorizer.engine.temperature = np.array(temperature, np.float32)
    return colorizer


def _gains(rows: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    return [f"{rows[name]['mean'] - rows['psnr gray']['mean']:+.2f}" for name in names]


def _ratio(rows: dict[str, Any]) -> str:
    return f"{rows['colourfulness ratio vivid']['mean']:.2f}"


if __name__ == "__main__":
    main()
