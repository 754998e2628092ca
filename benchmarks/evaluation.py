"""The embedded network's colours by the papers' protocols: what `photochrom evaluate` says of them, and its curve.

    python benchmarks/evaluation.py FOLDER [--plot FILE] [--json FILE]

Half an hour on two processors for 300 photographs. Interrupted, it goes on when started again.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MODEL = "compact"
HINTS = ["--hints", "0,1,2,5,10,20,50,100"]
PROTOCOLS = ["--protocol", "siggraph17", "--protocol", "automatic", "--protocol", "eccv16", "--protocol", "global"]
# Hints one after another, where the network asks for them and at random places: fewer photographs tell enough.
GUIDED = ["--protocol", "guided", "--hints", "0,1,2,5,10", "--limit", "60"]
# Where an interrupted run goes on from; git ignores the folder.
BUILD = Path(__file__).resolve().parents[1] / "build"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plot", type=Path, help="where to draw the curve of PSNR against hints")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    options = parser.parse_args()
    plot = ["--plot", str(options.plot)] if options.plot else []
    report = evaluate(options.folder, "evaluation.json", ["--model", "levin", *PROTOCOLS, *HINTS, *plot])
    guided = evaluate(options.folder, "guided.json", GUIDED)
    if options.json:
        figures = {"sha256": report["settings"]["models"][MODEL], "report": report, "guided": guided}
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def evaluate(folder: Path, name: str, words: list[str]) -> dict[str, Any]:
    """The report of `photochrom evaluate`, which prints its tables."""
    BUILD.mkdir(exist_ok=True)
    output = BUILD / name
    command = ["evaluate", str(folder), "--model", MODEL, *words, "--json", str(output), "--overwrite"]
    subprocess.run([sys.executable, "-m", "photochrom", *command], check=True)
    report: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return report


if __name__ == "__main__":
    main()
