"""Series of small photographs, and a batch in this process."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from batch_series import InThisProcess, open_once
from PIL import Image

from photochrom.batch.records import Record
from photochrom.batch.run import Order, Outcome, run_batch
from photochrom.batch.settings import Settings


class Silent:
    """`Observer` that keeps the records."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def planned(self, outcome: Outcome) -> None:
        pass

    def finished(self, record: Record, outcome: Outcome) -> None:
        self.records.append(record)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, in which batches run in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTOCHROM_THREADS", "1")  # small pictures: more threads would only wait for each other
    monkeypatch.setattr("photochrom.pipeline.open_engine", open_once)
    monkeypatch.setattr("photochrom.batch.run.open_runner", lambda *arguments: InThisProcess())
    return tmp_path


@pytest.fixture
def photograph() -> Callable[..., Path]:
    """Writes a small gray photograph of soft shapes."""

    def write(name: str | Path, seed: int = 0) -> Path:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = np.random.default_rng(seed).integers(0, 256, (4, 6), np.uint8)
        Image.fromarray(coarse).resize((48, 32), Image.Resampling.BICUBIC).save(path)
        return path

    return write


@pytest.fixture
def batch() -> Callable[..., tuple[Outcome, list[Record]]]:
    """Runs a batch from one place to another; gives its outcome and its records."""

    def run(given: str, output: str, settings: Settings | None = None, **order: object) -> tuple[Outcome, list[Record]]:
        observer = Silent()
        outcome = run_batch(Order(given, output, settings or Settings(), **order), observer)  # type: ignore[arg-type]
        return outcome, observer.records

    return run
