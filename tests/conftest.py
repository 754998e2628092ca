"""Fixtures that every part of the tests may use."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

REPOSITORY = Path(__file__).resolve().parents[1]

# Training is there with the extra `train` only, and the benchmarks stand on it.
collect_ignore = [] if find_spec("torch") and find_spec("safetensors") else ["unit/training", "unit/benchmarks"]

# The same examples everywhere, and as long as they take: a slow machine is no defect. To look for new ones:
# pytest tests/property --hypothesis-profile=search
settings.register_profile(
    "same", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

# What takes long comes last, and the browser last of all: Playwright leaves its event loop running in this thread,
# where no other can run then.
_LAST = ("reliability", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts tests by their folder; those of one folder stay in their order."""
    items.sort(key=lambda item: max((_LAST.index(p) + 1 for p in item.path.parts if p in _LAST), default=0))


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


@pytest.fixture(scope="session")
def make_pictures() -> Callable[[Path, int], list[Path]]:
    """Writes colour pictures, 72 x 60, each two smooth colours and a little noise."""

    def make(folder: Path, count: int) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for i in range(count):
            rng = np.random.default_rng(i)
            corners = Image.fromarray(rng.integers(0, 256, (2, 2, 3), dtype=np.uint8))
            smooth = np.asarray(corners.resize((72, 60), Image.Resampling.BILINEAR), np.float32)
            picture = np.clip(smooth + rng.normal(0, 4, smooth.shape), 0, 255).astype(np.uint8)
            paths.append(folder / f"{i:03}.png")
            Image.fromarray(picture).save(paths[-1])
        return paths

    return make
