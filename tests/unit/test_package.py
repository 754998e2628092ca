"""The package's face: which names it has, and what importing it costs."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import photochrom

HEAVY = {"numpy", "PIL", "onnxruntime", "torch", "scipy", "tifffile", "click"}


INTERFACE = Path(__file__).with_name("public_interface.txt")


def public_interface() -> Iterator[str]:
    """A line for every public name: classes with their bases, what they are called with, and their own public names."""
    for name in sorted(photochrom.__all__):
        value = getattr(photochrom, name)
        if not inspect.isclass(value):
            yield name
            continue
        yield f"{name}({', '.join(base.__name__ for base in value.__bases__)})"
        if not issubclass(value, Exception):
            yield f"{name}{untyped(value)}"
        for own in sorted(vars(value)):
            if not own.startswith("_"):
                yield f"{name}.{own}{untyped(getattr(value, own)) if callable(getattr(value, own)) else ''}"


def untyped(function: object) -> inspect.Signature:
    """Names, order, kinds and defaults; annotations are left to mypy."""
    assert callable(function)
    signature = inspect.signature(function)
    bare = [parameter.replace(annotation=parameter.empty) for parameter in signature.parameters.values()]
    return signature.replace(parameters=bare, return_annotation=signature.empty)


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


def test_the_interface_is_as_it_was_agreed() -> None:
    """A change here is a change for users: say it in CHANGELOG.md, then run this file with --write."""
    assert INTERFACE.read_text("utf-8").splitlines() == list(public_interface())


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


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    INTERFACE.write_text("\n".join(public_interface()) + "\n", encoding="utf-8", newline="\n")
