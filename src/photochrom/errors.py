"""What can go wrong, as one tree.

    PhotochromError                 1
    ├── InputError                  1   something about a given photograph, hint or file
    │   ├── UnsupportedFormat       1   not a picture, or of a kind that is not read or written here
    │   ├── ImageTooLarge           1   more pixels than the limit, by its header
    │   ├── CorruptImage            1   a picture that is cut short or broken
    │   └── InvalidHint             1   a hint, reference or session that cannot be used
    ├── OutputExists                1   the file is there already and overwriting was not asked for
    ├── ModelError                  4   something about a network or its weights
    │   ├── UnknownModel            4   no model of this name
    │   ├── WeightsMissing          4   the model is known, its weights are not on this computer
    │   ├── WeightsCorrupt          4   the weights differ from what their hash promises
    │   └── IncompatibleModel       4   the file is no network of this shape
    └── BackendError                1   ONNX Runtime cannot run the network here

The number is the exit code of the command line. A message is one line: what went wrong, with which file or value,
and what to do about it.
"""

from typing import ClassVar

__all__ = [
    "BackendError",
    "CorruptImage",
    "ImageTooLarge",
    "IncompatibleModel",
    "InputError",
    "InvalidHint",
    "ModelError",
    "OutputExists",
    "PhotochromError",
    "UnknownModel",
    "UnsupportedFormat",
    "WeightsCorrupt",
    "WeightsMissing",
]


class PhotochromError(Exception):
    """Root of every error that this package raises on purpose."""

    exit_code: ClassVar[int] = 1


class InputError(PhotochromError):
    """A given photograph, hint or file cannot be used."""


class UnsupportedFormat(InputError):
    """The file is no picture, or of a format that is not read or written here."""


class ImageTooLarge(InputError):
    """The header announces more pixels than the limit; nothing was decoded."""


class CorruptImage(InputError):
    """The picture is cut short or broken."""


class InvalidHint(InputError):
    """A hint, a reference or a session file cannot be used."""


class OutputExists(PhotochromError):
    """The output file is there already, and overwriting was not asked for."""


class ModelError(PhotochromError):
    """A network or its weights cannot be used."""

    exit_code: ClassVar[int] = 4


class UnknownModel(ModelError):
    """No model of this name is known."""


class WeightsMissing(ModelError):
    """The model is known, but its weights are not on this computer."""


class WeightsCorrupt(ModelError):
    """The weights are not what their hash promises."""


class IncompatibleModel(ModelError):
    """The file holds no network of the expected shape."""


class BackendError(PhotochromError):
    """ONNX Runtime cannot run the network on this machine."""
