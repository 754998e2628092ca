"""Colours for black-and-white photographs.

    import photochrom as pc

    result = pc.Colorizer("compact").colorize("old.jpg")
    result.save("new.png")

Importing the package is cheap: the names below are loaded when first used (PEP 562), and ONNX Runtime when a network
first runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from photochrom.errors import (
    BackendError,
    CorruptImage,
    ImageTooLarge,
    IncompatibleModel,
    InputError,
    InvalidHint,
    ModelError,
    OutputExists,
    PhotochromError,
    UnknownModel,
    UnsupportedFormat,
    WeightsCorrupt,
    WeightsMissing,
)

if TYPE_CHECKING:
    from photochrom.hints import Hint, Reference
    from photochrom.pipeline import Colorizer, Result, Work
    from photochrom.session import Session

__version__ = "0.1.0"

__all__ = [
    "BackendError",
    "Colorizer",
    "CorruptImage",
    "Hint",
    "ImageTooLarge",
    "IncompatibleModel",
    "InputError",
    "InvalidHint",
    "ModelError",
    "OutputExists",
    "PhotochromError",
    "Reference",
    "Result",
    "Session",
    "UnknownModel",
    "UnsupportedFormat",
    "WeightsCorrupt",
    "WeightsMissing",
    "Work",
    "__version__",
]

_LAZY = {
    "Colorizer": "photochrom.pipeline",
    "Hint": "photochrom.hints",
    "Reference": "photochrom.hints",
    "Result": "photochrom.pipeline",
    "Session": "photochrom.session",
    "Work": "photochrom.pipeline",
}


def __getattr__(name: str) -> object:
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
