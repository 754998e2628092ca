"""What the tests of training share: PyTorch, or a reason to skip, and a few colour pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("safetensors")


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
