"""ONNX Runtime reports to its makers unless it is told not to; under photochrom it does not."""

import os
import re
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import numpy as np, os, photochrom
photochrom.Colorizer().colorize(np.full((40, 40), 128, np.uint8))
print(os.environ["ORT_DISABLE_TELEMETRY"])
"""


def test_a_network_runs_without_leaving_an_identifier_in_the_users_folder(tmp_path: Path) -> None:
    places = ("HOME", "USERPROFILE", "LOCALAPPDATA", "APPDATA")
    kept = {k: v for k, v in os.environ.items() if not k.startswith("XDG_") and k != "ORT_DISABLE_TELEMETRY"}
    environment = kept | dict.fromkeys(places, str(tmp_path))
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "1"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_nothing_but_the_quiet_module_loads_it(repository: Path) -> None:
    sources = repository / "src" / "photochrom"
    loading = {
        path.relative_to(sources).as_posix()
        for path in sources.rglob("*.py")
        if re.search(r"^\s*(import onnxruntime|from onnxruntime)", path.read_text("utf-8"), flags=re.MULTILINE)
    }
    # engine.py names its types alone.
    assert loading == {"models/runtime.py", "models/engine.py"}
