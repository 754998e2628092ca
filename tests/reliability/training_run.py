"""A training run as its own process, which can be told to kill itself: python training_run.py FOLDER [WHERE [NETWORK]].

WHERE: `step:N` before step N is done, `report:N` after it, `half:N` when the N-th checkpoint of this process is half
written, `unnamed:N` when it is whole and does not have its name yet. SIGKILL leaves no chance to clean up.
"""

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from safetensors.torch import save_file

from photochrom.training import checkpoint
from photochrom.training.checkpoint import Progress
from photochrom.training.config import (
    CompactConfig,
    CompactData,
    CompactSchedule,
    Eccv16Config,
    PublishedData,
    Schedule,
    TrainConfig,
)
from photochrom.training.loop import Terms, Trainer

COMPACT = CompactConfig(
    output="run",
    seed=5,
    data=CompactData(
        train=("pictures",),
        validation=("pictures",),
        validation_limit=2,
        size=32,
        validation_network_size=32,
        cache="cache",
    ),
    schedule=CompactSchedule(batch=2, steps=14, warmup=3, checkpoint_every=3, validate_every=7),
)
# A checkpoint of this one is half a gigabyte, so there are few.
ECCV16 = Eccv16Config(
    output="run",
    seed=5,
    data=PublishedData(
        train=("pictures",),
        validation=("pictures",),
        validation_limit=1,
        size=24,
        picture_size=32,
        validation_network_size=24,
        cache="cache",
    ),
    schedule=Schedule(batch=2, steps=5, learning_rate=1e-3, stairs=((3, 1e-4),), checkpoint_every=2, validate_every=5),
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_when_saving(where: str, number: int) -> None:
    """Arranges for death in the `number`-th saving of a checkpoint."""
    saved = 0
    replace = os.replace

    def half_written(tensors: Any, path: Path, metadata: Any) -> None:
        nonlocal saved
        saved += 1
        save_file(tensors, path, metadata)
        if where == "half" and saved == number:
            os.truncate(path, path.stat().st_size // 2)
            die()

    def unnamed(source: Any, target: Any) -> None:
        if where == "unnamed" and saved == number:
            die()
        replace(source, target)

    patch.object(checkpoint, "save_file", half_written).start()
    patch.object(os, "replace", unnamed).start()


def main(folder: Path, where: str, number: int, config: TrainConfig) -> None:
    torch.set_num_threads(1)
    trainer = Trainer(config, folder)
    die_when_saving(where, number)
    average: Callable[[int], None] = trainer._average

    def before_step_is_done(step: int) -> None:
        if where == "step" and step + 1 == number and trainer.worker.leads:
            die()
        average(step)

    def report(progress: Progress, _: Terms) -> None:
        if where == "report" and progress.step == number:
            die()

    trainer._average = before_step_is_done  # type: ignore[method-assign]
    trainer.run(report)
    weights = hashlib.sha256()
    for parameter in trainer.model.parameters():
        weights.update(parameter.detach().contiguous().numpy().tobytes())
    (folder / f"rank-{trainer.worker.rank}.txt").write_text(weights.hexdigest(), encoding="utf-8")


if __name__ == "__main__":
    place, _, count = (sys.argv[2] if len(sys.argv) > 2 else "nowhere:0").partition(":")
    main(Path(sys.argv[1]), place, int(count), ECCV16 if "eccv16" in sys.argv[3:] else COMPACT)
