"""What the page's TypeScript is held to is still what Python makes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

GOLDEN = Path(__file__).parents[2] / "frontend/tests/golden"
WITHOUT_SERVER = Path(__file__).parents[2] / "frontend/tests/engine/onnx/golden"


def test_the_golden_pictures_of_the_page_are_what_python_makes(tmp_path: Path) -> None:
    """Floats may differ in their last place between processors, and with them a pixel by a rounding."""
    subprocess.run([sys.executable, GOLDEN / "make.py", tmp_path], check=True)
    again = "has changed: run python frontend/tests/golden/make.py, then the page's tests"
    for name in ("pictures.json", "colors.json"):
        made, kept = (json.loads((folder / name).read_text("utf-8")) for folder in (tmp_path, GOLDEN))
        assert _words(made) == _words(kept), f"{name} {again}"
        assert _numbers(made) == pytest.approx(_numbers(kept), abs=1.5e-4), f"{name} {again}"  # of four decimals
    for picture in json.loads((GOLDEN / "pictures.json").read_text("utf-8")):
        new, old = (_parts(np.load(folder / f"{picture['name']}.npy"), picture) for folder in (tmp_path, GOLDEN))
        assert np.array_equal(new.gray, old.gray), f"{picture['name']} {again}"
        np.testing.assert_allclose(new.ab, old.ab, atol=1e-4, err_msg=f"{picture['name']} {again}")
        steps = np.abs(new.colored.astype(int) - old.colored)
        assert steps.max() <= 1 and np.mean(steps) < 0.001, f"{picture['name']} {again}"


def test_the_golden_figures_of_the_page_without_a_server_are_what_python_makes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, WITHOUT_SERVER / "make.py", tmp_path], check=True)
    made, kept = (json.loads((folder / "onnx.json").read_text("utf-8")) for folder in (tmp_path, WITHOUT_SERVER))
    again = "onnx.json has changed: run python frontend/tests/engine/onnx/golden/make.py, then the page's tests"
    assert _words(made) == _words(kept), again
    # Of three decimals or more; their last may be rounded the other way on another processor.
    assert _numbers(made) == pytest.approx(_numbers(kept), abs=1.5e-3), again


class _Parts(NamedTuple):
    """A picture's gray (H, W), the network's ab (2, h, w), and the coloured picture (H, W, 3)."""

    gray: npt.NDArray[np.uint8]
    ab: npt.NDArray[np.float32]
    colored: npt.NDArray[np.uint8]


def _parts(content: npt.NDArray[np.uint8], picture: dict[str, Any]) -> _Parts:
    """The parts of a file that frontend/tests/golden/make.py wrote."""
    pixels, cells = picture["width"] * picture["height"], picture["grid"]["width"] * picture["grid"]["height"]
    gray, ab, colored = np.split(content, [pixels, pixels + 8 * cells])
    return _Parts(gray, np.frombuffer(ab.tobytes(), "<f4"), colored)


def _leaves(content: Any) -> list[Any]:
    if isinstance(content, dict):
        return [leaf for key, value in content.items() for leaf in (key, *_leaves(value))]
    return [leaf for value in content for leaf in _leaves(value)] if isinstance(content, list) else [content]


def _words(content: Any) -> list[Any]:
    return [leaf if isinstance(leaf, str | None) else "a number" for leaf in _leaves(content)]


def _numbers(content: Any) -> list[float]:
    return [leaf for leaf in _leaves(content) if isinstance(leaf, int | float)]
