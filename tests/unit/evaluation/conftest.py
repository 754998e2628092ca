"""Small colour photographs to measure on."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of three small colour pictures: coloured fields under soft light."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        fields = Image.fromarray(rng.integers(40, 216, (4, 5, 3), np.uint8)).resize((80, 64), Image.Resampling.BICUBIC)
        fields.save(folder / f"{number}.png")
    return folder
