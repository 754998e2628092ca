"""Installed size of the core package: what `pip install photochrom` puts on a disk, without extras.

    python benchmarks/install_size.py [--json FILE]

Installs the checkout with its dependencies into a temporary folder (bytecode included, as pip does by default), and
prints each package's share in MiB of 2^20 bytes, what `du -m` calls MB. pip and setuptools are not counted: they come
with the environment.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BAR_MIB = 200
MIB = 1 << 20


def size_bytes(path: Path) -> int:
    """Sum of the sizes of the files at or under `path`."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def measure() -> dict[str, float]:
    """Install the core into an empty folder; return MiB by top-level file or folder, largest first."""
    with tempfile.TemporaryDirectory(prefix="photochrom-size-") as folder:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", folder, str(REPOSITORY)]
        subprocess.run(command, check=True)
        sizes = {entry.name: size_bytes(entry) / MIB for entry in Path(folder).iterdir()}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    arguments = parser.parse_args()

    sizes = measure()
    total = sum(sizes.values())
    for name, mebibytes in sizes.items():
        if mebibytes >= 0.05:
            print(f"{mebibytes:8.1f} MiB  {name}")
    print(f"{total:8.1f} MiB  in all, {total * MIB / 1e6:.1f} million bytes (bar: {BAR_MIB} MiB)")
    if arguments.json:
        parts = {name: round(mebibytes, 2) for name, mebibytes in sizes.items()}
        figures = {"total_mib": round(total, 1), "bar_mib": BAR_MIB, "parts_mib": parts}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(total > BAR_MIB)


if __name__ == "__main__":
    main()
