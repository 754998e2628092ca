"""What to tell a person whose installation lacks an extra."""

from collections.abc import Iterator
from contextlib import contextmanager

from photochrom.errors import BackendError
from photochrom.installation import install_command


@contextmanager
def needs_extra(extra: str, purpose: str) -> Iterator[None]:
    """Turns the failed import of another package into the `pip install` that mends it.

    Args:
        extra: name of the optional dependencies in pyproject.toml.
        purpose: what needs them, as the subject of a sentence: "Training".

    Raises:
        BackendError: a package of the extra is missing.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in ("", "photochrom"):
            raise
        raise BackendError(f"{purpose} needs {package}, which is not installed: {install_command(extra)}") from error
