"""The package's face: which names it has, and what importing it costs."""

import subprocess
import sys

import pytest

import photochrom

HEAVY = {"numpy", "PIL", "onnxruntime", "torch", "scipy", "tifffile", "rich", "click"}


def loaded_after(statement: str) -> set[str]:
    """Names of the top-level modules in a fresh interpreter that ran `statement`."""
    script = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_public_names_are_these_and_no_others() -> None:
    assert set(photochrom.__all__) == {
        "Colorizer", "Hint", "Reference", "Result", "Session", "Work", "__version__",
        "PhotochromError", "InputError", "UnsupportedFormat", "ImageTooLarge", "CorruptImage", "InvalidHint",
        "OutputExists", "ModelError", "UnknownModel", "WeightsMissing", "WeightsCorrupt", "IncompatibleModel",
        "BackendError",
    }  # fmt: skip


@pytest.mark.parametrize("name", photochrom.__all__)
def test_public_name_is_there_under_its_own_name(name: str) -> None:
    value = getattr(photochrom, name)
    assert name == "__version__" or value.__name__ == name


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Coloriser"):
        photochrom.Coloriser  # noqa: B018


def test_dir_lists_names_not_loaded_yet() -> None:
    assert "Colorizer" in dir(photochrom)


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert not loaded_after("import photochrom") & HEAVY
