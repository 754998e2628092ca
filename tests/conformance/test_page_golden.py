"""What the page's TypeScript is held to is still what Python makes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

GOLDEN = Path(__file__).parents[2] / "frontend/tests/golden"
WITHOUT_SERVER = Path(__file__).parents[2] / "frontend/tests/engine/onnx/golden"


def test_the_golden_pictures_of_the_page_are_what_python_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, GOLDEN / "make.py", tmp_path], check=True)
    for kept in sorted([*GOLDEN.glob("*.npy"), *GOLDEN.glob("*.json")]):
        made = tmp_path / kept.name
        again = f"{kept.name} has changed: run python frontend/tests/golden/make.py, then the page's tests"
        if kept.suffix == ".json":
            assert json.loads(made.read_text()) == json.loads(kept.read_text()), again
        else:
            new, old = (np.load(path) for path in (made, kept))
            assert len(new) == len(old), again
            # The bytes are floats as well, whose last may differ between processors, and a pixel by a rounding.
            assert np.mean(new != old) < 0.001, again


def test_the_golden_figures_of_the_page_without_a_server_are_what_python_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, WITHOUT_SERVER / "make.py", tmp_path], check=True)
    made, kept = (json.loads((folder / "onnx.json").read_text("utf-8")) for folder in (tmp_path, WITHOUT_SERVER))
    again = "onnx.json has changed: run python frontend/tests/engine/onnx/golden/make.py, then the page's tests"
    assert _words(made) == _words(kept), again
    assert _numbers(made) == pytest.approx(_numbers(kept), abs=1e-3), again


def _leaves(content: Any) -> list[Any]:
    if isinstance(content, dict):
        return [leaf for key, value in content.items() for leaf in (key, *_leaves(value))]
    return [leaf for value in content for leaf in _leaves(value)] if isinstance(content, list) else [content]


def _words(content: Any) -> list[Any]:
    return [leaf if isinstance(leaf, str | None) else "a number" for leaf in _leaves(content)]


def _numbers(content: Any) -> list[float]:
    return [leaf for leaf in _leaves(content) if isinstance(leaf, int | float)]
