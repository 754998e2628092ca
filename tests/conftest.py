"""Fixtures that every part of the tests may use."""

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The developers' data and reference files beside the checkout; whoever lacks them skips these tests."""
    shared = REPOSITORY.parent / "shared"
    if not (shared / "reference").is_dir():
        pytest.skip("needs the developers' data in ../shared")
    return shared


@pytest.fixture(scope="session")
def examples_dir() -> Path:
    """The photographs shipped with the project."""
    return REPOSITORY / "examples"
