"""Large photographs are read within the memory that their samples need, and no float planes of the whole picture."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

resource = pytest.importorskip("resource", reason="needs getrusage to measure peak memory")

SIDE = 10_000

MEASURE = """
import resource, sys
from photochrom import images
import numpy as np
images.read(np.arange(30000, dtype=np.uint8).reshape(100, 100, 3))  # tables and imports
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
photograph = images.read(sys.argv[1])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(photograph.gray.dtype, photograph.gray.shape[0], round((peak - before) / 1e6))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "dtype", "limit"),
    [("L", "uint8", 220), ("RGB", "uint16", 640)],
    ids=["gray: decoded and kept", "colour: four bytes decoded, two kept"],
)
def test_100_megapixels_fit(mode: str, dtype: str, limit: int, tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    tile = np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    with Image.fromarray(tile).convert(mode) as small:
        small.resize((SIDE, SIDE)).save(path, quality=75)
    answer = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, check=True, text=True, timeout=600
    )
    found, height, peak = answer.stdout.split()
    assert (found, height) == (dtype, str(SIDE))
    assert int(peak) <= limit
