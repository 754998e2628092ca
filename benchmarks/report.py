"""Run the benchmarks, keep their figures in docs/measurements.json, and write the documents that quote them.

    python benchmarks/report.py [NAME...] [--photographs DIR] [--old-photographs DIR] [--training-photographs DIR]
    python benchmarks/report.py --documents-only

Without names all run, one to two hours. Each is a process of its own; its figures replace its earlier ones, with
the date, the revision, the machine and its load. Those that need photographs which are not there are left out, and
their earlier figures stay. Documents: docs/measurements.md, and parts of docs/model-card.md and docs/training.md.
"""

import argparse
import datetime
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import generated
import machine
import model_card
import tables

REPOSITORY = Path(__file__).resolve().parents[1]
DOCS = REPOSITORY / "docs"
MEASUREMENTS = DOCS / "measurements.json"
NETWORK = REPOSITORY / "src" / "photochrom" / "models" / "data"
SHARED = REPOSITORY.parent / "shared" / "data"
# Arguments of the benchmarks that need some; {colour}, {old} and {training} are folders of photographs.
ARGUMENTS = {
    "lightness": ["{old}", "{colour}"],
    "evaluation": ["{colour}", "--plot", "docs/images/evaluation.svg"],
    "evaluation_cost": ["{colour}"],
    "overfit": ["{training}"],
    "upsampling_quality": ["{colour}"],
}

Measurements = dict[str, dict[str, Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(tables.SECTIONS)}")
    parser.add_argument("--photographs", type=Path, default=SHARED / "val", help="colour photographs to judge by")
    parser.add_argument("--old-photographs", type=Path, default=SHARED / "historic")
    parser.add_argument("--training-photographs", type=Path, default=SHARED / "train")
    parser.add_argument("--documents-only", action="store_true", help="measure nothing, write the documents anew")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(tables.SECTIONS)
    if unknown:
        parser.error(f"no benchmark is named {', '.join(sorted(unknown))}; there are: {', '.join(tables.SECTIONS)}")

    folders = {
        "colour": arguments.photographs,
        "old": arguments.old_photographs,
        "training": arguments.training_photographs,
    }
    for name in () if arguments.documents_only else arguments.names or tables.SECTIONS:
        words = ARGUMENTS.get(name, [])
        missing = [str(folder) for key, folder in folders.items() if f"{{{key}}}" in words and not folder.is_dir()]
        if missing:
            print(f"== {name}: left out, there is no folder {' or '.join(missing)}", flush=True)
            continue
        entry = measure(name, words, folders)
        # Read anew: another benchmark may have come to its end meanwhile.
        text = json.dumps(stored() | {name: entry}, indent=1, ensure_ascii=False)
        MEASUREMENTS.write_text(text + "\n", encoding="utf-8")
    write_documents(stored())


def stored() -> Measurements:
    """The figures of docs/measurements.json, by benchmark."""
    measurements: Measurements = json.loads(MEASUREMENTS.read_text("utf-8")) if MEASUREMENTS.exists() else {}
    return measurements


def measure(name: str, words: list[str], folders: dict[str, Path]) -> dict[str, Any]:
    """Run a benchmark; return its figures with what they were measured on.

    Args:
        name: of the benchmark, and of its file.
        words: its arguments; {colour}, {old} and {training} stand for folders.
        folders: those folders. Of their paths only the last part is kept.

    A missed bar (exit status 1 with figures written) is for the document to tell.

    Raises:
        RuntimeError: the benchmark failed.
    """
    print(f"== {name}", flush=True)
    script = Path("benchmarks") / f"{name}.py"
    names = {key: folder.name for key, folder in folders.items()}
    entry: dict[str, Any] = {
        "measured": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "revision": _git("describe", "--always", "--dirty", "--exclude", "*"),
        "command": " ".join(["python", script.as_posix(), *(word.format(**names) for word in words)]),
        "machine": machine.describe(),
        "load": machine.load(),
    }
    with tempfile.TemporaryDirectory(prefix="photochrom-bench-") as folder:
        figures = Path(folder) / "figures.json"
        done = subprocess.run(
            [sys.executable, script, *(word.format(**folders) for word in words), "--json", figures],
            cwd=REPOSITORY,
            check=False,
        )
        if not figures.exists():
            raise RuntimeError(f"{script} failed with exit status {done.returncode}")
        return entry | {"figures": json.loads(figures.read_text("utf-8"))}


def write_documents(measurements: Measurements) -> None:
    """Write docs/measurements.md anew, and the generated parts of the other documents."""
    for path, text in documents(measurements).items():
        path.write_text(text, encoding="utf-8")


def documents(measurements: Measurements) -> dict[Path, str]:
    """Path and text of every document that holds something generated."""
    import training_settings  # loads PyTorch

    weights = weights_sha256()
    manifest = json.loads((NETWORK / "compact.json").read_text("utf-8"))
    parts = {
        "model-card.md": (model_card.SOURCE, model_card.lines(manifest, measurements.get("evaluation"), weights)),
        "training.md": (training_settings.SOURCE, training_settings.lines()),
    }
    texts = {DOCS / "measurements.md": document(measurements, weights)}
    for name, (source, lines) in parts.items():
        texts[DOCS / name] = generated.fill((DOCS / name).read_text("utf-8"), source, lines)
    return texts


def document(measurements: Measurements, weights: str) -> str:
    """docs/measurements.md.

    Args:
        measurements: by benchmark, as docs/measurements.json holds them.
        weights: sha256 of the embedded network as it is now; figures of another are marked.
    """
    machines: list[dict[str, Any]] = []
    lines = [
        "# Measurements",
        "",
        "Written by `python benchmarks/report.py` from [measurements.json](measurements.json); do not edit.",
        "`make bench` measures anew, `make bench-quality` the network's colours alone. Times on a machine where others",
        "are at work are worth little, their ratios within one run more. MB are millions of bytes, MiB are 2^20.",
    ]
    for name, (title, section) in tables.SECTIONS.items():
        entry = measurements.get(name)
        if entry is None:
            continue
        if entry["machine"] not in machines:
            machines.append(entry["machine"])
        lines += ["", f"## {title}", "", *section(entry["figures"]), "", _origin(entry, machines)]
        if entry["figures"].get("sha256", weights) != weights:
            lines += ["", "**Measured with other weights than those in the package now.**"]
    lines += ["", "## Machines", ""]
    lines += [f"{number}. {_machine(about)}" for number, about in enumerate(machines, 1)]
    return "\n".join(lines) + "\n"


def weights_sha256() -> str:
    """Identifies the embedded network, as `Engine.sha256` does: all its files in the order in which they run."""
    content = b"".join((NETWORK / f"compact-{part}.onnx").read_bytes() for part in ("encoder", "automatic", "hints"))
    return hashlib.sha256(content).hexdigest()


def _origin(entry: dict[str, Any], machines: list[dict[str, Any]]) -> str:
    load = "" if entry["load"] is None else f", load {entry['load']} before"
    place = machines.index(entry["machine"]) + 1
    return f"`{entry['command']}`, {entry['measured']}, revision {entry['revision']}, machine {place}{load}"


def _machine(about: dict[str, Any]) -> str:
    memory = f"{about['memory_gib']} GiB of memory, " if about["memory_gib"] else ""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    used = f"{about['processors']} processors ({about['processors_used']} used)"
    return f"{about['processor']}, {used}, {memory}{about['system']}, Python {about['python']}, {packages}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


if __name__ == "__main__":
    main()
