"""Rendering at the sizes that archives scan: memory stays small, extreme shapes work."""

import os
import subprocess
import sys

import numpy as np
import pytest

from photochrom.render import render

RENDER_AND_REPORT = """
import numpy as np
from photochrom.render import render
gray = np.empty((8660, 11547), np.uint16)
gray[:] = np.arange(11547, dtype=np.uint16) * 5
ab = np.random.default_rng(0).normal(0, 20, (48, 64, 2)).astype(np.float32)
image = render(gray, ab)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_100_megapixels_take_less_than_100_mb_beside_the_picture_and_the_photograph() -> None:
    # What is asked for is the renderer's own memory: Numba, if it is there, would bring LLVM's with it.
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", RENDER_AND_REPORT]
    report = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    peak = int(report.stdout) * 1024
    interpreter, photograph, picture = 40e6, 200e6, 400e6
    assert peak < interpreter + photograph + picture + 100e6


@pytest.mark.parametrize("shape", [(1, 300_007), (300_007, 1)])
def test_a_line_of_pixels_is_rendered(shape: tuple[int, int]) -> None:
    gray = np.full(shape, 90, np.uint8)
    ab = np.zeros((48, 64, 2), np.float32)
    ab[24:, 32:] = 30
    output = np.asarray(render(gray, ab)).reshape(-1, 3)
    assert len(output) == 300_007
    assert output[0].tolist() == [90, 90, 90]
    assert output[-1, 0] > output[-1, 2]
