"""The published networks on ONNX Runtime as users run them, against eager PyTorch: time, memory, and their import.

Weights are random: speed does not depend on them. Each runtime works in processes of its own, which take turns, on the
same L of 256 x 256 and the same processors. A time is that of one call, the least and the median over all processes; a
peak is of the whole process, with its libraries, from start to end. The import is that of a .pth file.

    python benchmarks/published_networks.py [--side 256] [--calls 5] [--rounds 2] [--json FILE]
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NETWORKS = ("eccv16", "siggraph17", "siggraph17-global")
RUNTIMES = ("onnxruntime", "pytorch")
# An import on two processor cores.
BAR_IMPORT_SECONDS, BAR_IMPORT_MB = 60, 1500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=256, help="of the network's input, a multiple of 8")
    parser.add_argument("--calls", type=int, default=5, help="measured calls a process, after one that is not")
    parser.add_argument("--rounds", type=int, default=2, help="processes for each runtime")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--inside", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        what, network, folder = arguments.inside
        print(json.dumps(_inside(what, network, Path(folder), arguments.side, arguments.calls)))
        return
    figures = [measure(network, arguments) for network in NETWORKS]
    for row in figures:
        said = [f"import {row['import']['seconds']:.1f} s, {row['import']['peak_mb']:.0f} MB"]
        for name in RUNTIMES:
            least, median, peak = (row[name][key] for key in ("least_ms", "median_ms", "peak_mb"))
            said.append(f"{name} {least:.0f} ms (median {median:.0f}), {peak:.0f} MB")
        print(f"{row['network']:<18}", "; ".join(said))
    if arguments.json:
        bars = {"bar_import_seconds": BAR_IMPORT_SECONDS, "bar_import_mb": BAR_IMPORT_MB}
        text = json.dumps({"side": arguments.side, **bars, "networks": figures}, indent=1)
        arguments.json.write_text(text + "\n", "utf-8")


def measure(network: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Figures of one network: its import, and one call in either runtime."""
    options = ["--side", str(arguments.side), "--calls", str(arguments.calls)]
    with tempfile.TemporaryDirectory() as folder:
        row: dict[str, Any] = {"network": network, "import": install(network, folder)}
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in RUNTIMES}
        for _ in range(arguments.rounds):
            for name in RUNTIMES:
                found[name].append(_process(name, network, folder, *options))
    for name, runs in found.items():
        calls = [ms for run in runs for ms in run["ms"]]
        row[name] = {
            "least_ms": min(calls),
            "median_ms": statistics.median(calls),
            "peak_mb": max(run["peak_mb"] for run in runs),
        }
    return row


def install(network: str, folder: str) -> dict[str, Any]:
    """Saves a published network with random weights and imports it into a folder of models; gives the import's cost."""
    _process("save", network, folder)
    return _process("import", network, folder)


def _process(what: str, network: str, folder: str, *options: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *options]
    done = subprocess.run(
        [*command, "--inside", what, network, folder],
        env={**os.environ, "PHOTOCHROM_MODELS": folder},
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _inside(what: str, network: str, folder: Path, side: int, calls: int) -> dict[str, Any]:
    """What a process of its own does: saves random weights, imports them, or runs them."""
    weights = folder / f"{network}.pth"
    if what == "save":
        import torch

        torch.save(_module(network).state_dict(), weights)
        return {}
    if what == "import":
        began = time.perf_counter()
        _import(weights, network)
        return {"seconds": time.perf_counter() - began, "peak_mb": _peak_mb()}
    ms = (_onnxruntime_calls if what == "onnxruntime" else _pytorch_calls)(network, weights, side, calls)
    return {"ms": ms, "peak_mb": _peak_mb()}


def _module(network: str) -> Any:
    from photochrom.networks.eccv16 import Eccv16
    from photochrom.networks.global_hints import Siggraph17Global
    from photochrom.networks.siggraph17 import Siggraph17

    if network == "siggraph17":
        return Siggraph17(mask_cent=0.5)
    return Eccv16() if network == "eccv16" else Siggraph17Global()


def _import(weights: Path, network: str) -> None:
    from photochrom.models.weights import import_file

    import_file(weights, network, mask_cent=0.5 if network == "siggraph17" else None)


def lightness(side: int) -> Any:
    """Made-up L of a square picture, the same each time."""
    import numpy as np

    return np.random.default_rng(0).uniform(0, 100, (side, side)).astype(np.float32)


def _onnxruntime_calls(network: str, weights: Path, side: int, calls: int) -> list[float]:
    from photochrom.models.engine import open_engine
    from photochrom.models.registry import model_spec

    engine, L = open_engine(model_spec(network)), lightness(side)
    return _timed(lambda: engine.decode(engine.encode(L), (), None), calls)


def _pytorch_calls(network: str, weights: Path, side: int, calls: int) -> list[float]:
    import torch

    from photochrom.processors import processors

    torch.set_num_threads(processors())
    module = _module(network)
    module.load_state_dict(torch.load(weights, weights_only=True), assign=True)
    module.eval()
    L = torch.from_numpy(lightness(side))[None, None]
    given = {
        "siggraph17": (torch.zeros(1, 2, side, side), torch.zeros(1, 1, side, side)),
        "siggraph17-global": (torch.zeros(1, 313), *torch.zeros(3, 1, 1)),
    }.get(network, ())
    with torch.inference_mode():
        return _timed(lambda: module(L, *given), calls)


def _timed(call: Any, calls: int) -> list[float]:
    """Milliseconds of each call after a first one."""
    call()
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - began))
    return times


def _peak_mb() -> float | None:
    """This process's largest memory in megabytes, where the system tells it (Linux)."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8")) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else None


if __name__ == "__main__":
    main()
