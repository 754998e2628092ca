"""Rows as they come from a comparison, without running one."""

from collections.abc import Iterator

import numpy as np
import pytest

from photochrom.comparison.row import INPUT, ORIGINAL, Figures, Label, Row
from photochrom.comparison.store import RowStore


def row(name: str, height: int, width: int, *, original: bool, seed: int = 0) -> Row:
    truth = Figures(12.34, 23.45, 3.21) if original else Figures(12.34)
    labels = [Label(INPUT, truth), Label("one way", truth), Label("another way", truth)]
    if original:
        labels.append(Label(ORIGINAL, Figures(45.67)))
    pictures = np.random.default_rng(seed).integers(0, 256, (len(labels), height, width, 3), np.uint8)
    return Row(name, tuple(labels), pictures)


@pytest.fixture
def rows() -> list[Row]:
    """A wide photograph with its original, and a narrow one without, of an awkward name."""
    return [
        row("a.png", 40, 512, original=True),
        row('<b onload="x">é & \udce9.png', 60, 30, original=False, seed=1),
    ]


@pytest.fixture
def store(rows: list[Row]) -> Iterator[RowStore]:
    """The rows, stored."""
    with RowStore() as stored:
        for one in rows:
            stored.add(one)
        yield stored
