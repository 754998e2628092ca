"""The training loop: CPU, one GPU, or many through ``torchrun``; resumable at any moment.

What is particular to a network is in its recipe.
"""

from __future__ import annotations

import json
import logging
import math
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.optim.swa_utils import get_ema_multi_avg_fn

from photochrom.errors import InputError

from .checkpoint import Progress, load_checkpoint, read_tensors, run_notes, save_checkpoint
from .config import CompactConfig, Schedule, TrainConfig
from .data import decoded, find_images, has_color, on_device, shuffled
from .embedded import notes_before
from .recipes import Moment, Recipe, Truth, new_recipe
from .validate import SIDE, sample_sheet, validate

_log = logging.getLogger("photochrom")
Terms = Callable[[], dict[str, float]]
# Told of every step. To ask for its terms waits until the device has computed them.
Report = Callable[[Progress, Terms], None]
_SHEET = 8
# Settings that may differ when a run goes on: where things lie, how long it lasts, what is told of it.
_MAY_CHANGE = {
    "output", "data.train", "data.validation", "data.validation_limit", "data.cache", "schedule.steps",
    "schedule.minutes", "schedule.stop", "schedule.checkpoint_every", "schedule.validate_every",
}  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """This process among those of a run."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        return self.rank == 0

    @property
    def machine(self) -> str:
        """What the run is made on, in words, for the model card."""
        if self.device.type == "cuda":
            return f"{self.world} x {torch.cuda.get_device_name(self.device)}, PyTorch {torch.__version__}"
        threads = self.world * torch.get_num_threads()
        return f"{threads} threads of a CPU ({platform.machine()}), PyTorch {torch.__version__}"


class Trainer:
    """Everything that a run holds: network, its running mean, optimiser, pictures."""

    def __init__(self, config: TrainConfig, root: Path) -> None:
        self.config, self.root = config, root
        self.worker = _join()
        self.output = root / config.output
        self._look_for_networks()
        self.output.mkdir(parents=True, exist_ok=True)
        self.generator = torch.Generator()
        self.pictures = self._decoded(config.data.train, config.data.stored_size, root)
        self.stock = on_device(self.pictures, self.worker.device)
        self.validation = self._decoded(config.data.validation, SIDE, root, squash=True)
        self.recipe = new_recipe(config, root, self.pictures, self.worker.device)
        torch.manual_seed(config.seed)  # all processes start from the same weights
        self.model = self._on_device(self.recipe.new_network())
        self.network: nn.Module = self.model
        self.mean = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizer = self.recipe.optimizer(self.model)
        self.progress = Progress()

    @property
    def checkpoint(self) -> Path:
        return self.output / "checkpoint.safetensors"

    def run(self, report: Report) -> int:
        """Trains to the end of the schedule, from the checkpoint if there is one; returns how many steps it took.

        Raises:
            WeightsCorrupt: the checkpoint is damaged, or of another network.
            InputError: the losses are no longer finite.
        """
        if self.checkpoint.exists():
            self.progress = load_checkpoint(self.checkpoint, self.model, self.mean, self.optimizer)
            self._tell_of_other_settings()
        schedule = self.config.schedule
        self.network = _Losses(self.model, self.recipe, self.generator)
        if self.worker.world > 1:
            self.network = nn.parallel.DistributedDataParallel(self.network, find_unused_parameters=True)
        started, first = time.monotonic() - self.progress.seconds, self.progress.step
        while not self._over():
            terms = self._step(Moment(self.progress.step, self._share_done()))
            self.progress = Progress(self.progress.step + 1, self._agreed(time.monotonic() - started))
            last = self._over()
            if self.worker.leads:
                report(self.progress, terms)
                if last or self.progress.step % schedule.checkpoint_every == 0:
                    self._log(self._finite(terms()))
                    self.save()
                if last or self.progress.step % schedule.validate_every == 0:
                    self._log(self.validate())
        if dist.is_initialized():
            dist.destroy_process_group()
        return self.progress.step - first

    def save(self) -> None:
        notes: dict[str, Any] = {"config": asdict(self.config), "machine": self.worker.machine}
        if isinstance(self.config, CompactConfig) and (before := notes_before(self.config.start, self.root)):
            notes["before"] = before
        save_checkpoint(self.checkpoint, self.model, self.mean, self.optimizer, self.progress, notes)

    def validate(self) -> dict[str, float]:
        """Figures and a sample sheet of the running mean of the weights."""
        if not len(self.validation):
            return {}
        judged = self._on_device(self.recipe.new_network())
        judged.load_state_dict(self.mean)
        judged.eval()
        sheet = self.output / f"samples-{self.progress.step:07d}.png"
        sample_sheet(self.recipe, judged, self.validation[:_SHEET], self.worker.device, sheet)
        return validate(self.recipe, judged, self.validation, self.worker.device)

    def _look_for_networks(self) -> None:
        """Opens the checkpoints that the settings name, before pictures are decoded for minutes.

        Raises:
            InputError: one is missing, or is the one that this run writes.
            WeightsCorrupt: one is no checkpoint.
        """
        if not isinstance(self.config, CompactConfig):
            return
        for setting, named in (("start", (self.config.start,)), ("teachers", self.config.teachers)):
            for source in named:
                path = self.root / source
                if source in ("imagenet", "embedded"):
                    continue
                if not path.is_file():
                    raise InputError(f"{setting}: there is no checkpoint {path}; train that network first")
                if path.resolve() == self.checkpoint.resolve():
                    raise InputError(f"{setting}: {path} is what this run writes; give it an output of its own")
                read_tensors(path, "progress.")  # the header alone

    def _tell_of_other_settings(self) -> None:
        before = _flat(run_notes(self.checkpoint).get("config", {}))
        now = _flat(json.loads(json.dumps(asdict(self.config))))
        # Settings that are newer than the checkpoint have their defaults, with which it was trained.
        changed = [name for name in now if name not in _MAY_CHANGE and before.get(name, now[name]) != now[name]]
        if changed:
            told = ", ".join(f"{name} {before[name]!r} -> {now[name]!r}" for name in changed)
            _log.warning("%s was trained with other settings (%s); a new run needs another output", self.output, told)

    def _finite(self, terms: dict[str, float]) -> dict[str, float]:
        if all(map(math.isfinite, terms.values())):
            return terms
        raise InputError(
            f"step {self.progress.step}: the losses are no longer finite; the last checkpoint is kept. "
            "Lower schedule.learning_rate"
        )

    def _over(self) -> bool:
        stop = self.config.schedule.stop
        return self._share_done() >= 1 or (stop > 0 and self.progress.step >= stop)

    def _share_done(self) -> float:
        schedule = self.config.schedule
        by_time = self.progress.seconds / 60 / schedule.minutes if schedule.minutes else 0.0
        return max(self.progress.step / schedule.steps, by_time)

    def _agreed(self, seconds: float) -> float:
        """The leader's clock, so that all processes end at the same step."""
        if self.worker.world == 1:
            return seconds
        shared = torch.tensor(seconds, device=self.worker.device)
        dist.broadcast(shared, 0)
        return float(shared.item())

    def _on_device(self, network: nn.Module) -> nn.Module:
        return network.to(self.worker.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]

    def _step(self, moment: Moment) -> Terms:
        rate = learning_rate(moment, self.config.schedule)
        for group, share in zip(self.optimizer.param_groups, self.recipe.rate_shares(moment), strict=True):
            group["lr"] = rate * share
        self.generator.manual_seed(step_seed(self.config.seed, moment.step, self.worker.rank))
        truth = self.recipe.truth(self._batch(moment.step), self.generator)
        with torch.autocast(self.worker.device.type, torch.bfloat16, enabled=_computes_in_bfloat16(self.worker.device)):
            total, terms = self.network(truth, moment)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        if self.config.schedule.largest_gradient:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.schedule.largest_gradient)
        self.optimizer.step()
        self._average(moment.step)
        return lambda: {name: value.item() for name, value in terms.items()} | {"rate": rate}

    def _batch(self, step: int) -> Tensor:
        """This process's pictures of a step, (batch, 3, S, S) in [0, 1], at the size at which they are kept."""
        size = self.config.schedule.batch
        start = step * size * self.worker.world + self.worker.rank * size
        wanted = np.arange(start, start + size)
        epochs, places = np.divmod(wanted, len(self.pictures))
        order = {e: shuffled(len(self.pictures), int(e), self.config.seed) for e in np.unique(epochs)}
        index = np.sort([order[e][p] for e, p in zip(epochs, places, strict=True)])
        rgb = self.stock[torch.from_numpy(index).to(self.stock.device)].to(self.worker.device)
        return rgb.permute(0, 3, 1, 2).float() / 255

    @torch.no_grad()
    def _average(self, step: int) -> None:
        # Young means follow quickly, so that they do not remember the start.
        decay = min(self.config.schedule.ema, (1 + step) / (10 + step))
        state = self.model.state_dict()
        real = [name for name, value in state.items() if value.is_floating_point()]
        follow = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        follow([self.mean[name] for name in real], [state[name] for name in real], step)
        for name in state.keys() - set(real):
            self.mean[name].copy_(state[name])

    def _decoded(self, sources: tuple[str, ...], size: int, root: Path, squash: bool = False) -> npt.NDArray[np.uint8]:
        if not sources:
            return np.zeros((0, size, size, 3), np.uint8)
        members = find_images([root / s for s in sources])
        if squash:
            members = members[: self.config.data.validation_limit]
        if not self.worker.leads:
            dist.barrier()  # the leader decodes, the others find its file
        pictures = decoded(members, size, root / self.config.data.cache, squash=squash)
        if not has_color(pictures):
            raise InputError(f"the photographs in {', '.join(sources)} are gray: there is no colour to learn from them")
        if self.worker.leads and self.worker.world > 1:
            dist.barrier()
        return pictures

    def _log(self, values: dict[str, float]) -> None:
        line: dict[str, Any] = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
        line |= {name: float(f"{value:.5g}") for name, value in values.items()}
        with (self.output / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class _Losses(nn.Module):
    """Network and losses as one module, which is what distributed training wraps."""

    def __init__(self, model: nn.Module, recipe: Recipe, generator: torch.Generator) -> None:
        super().__init__()
        self.model = model
        self._recipe, self._generator = recipe, generator

    def forward(self, truth: Truth, moment: Moment) -> tuple[Tensor, dict[str, Tensor]]:
        total, terms = self._recipe.losses(self.model, truth, moment, self._generator)
        return total, {name: value.detach() for name, value in terms.items()}


def learning_rate(moment: Moment, schedule: Schedule) -> float:
    """Warm-up by steps; then down the stairs, or along a cosine over the share of the run that is done, to 1/100."""
    warm = min(1.0, (moment.step + 1) / max(schedule.warmup, 1))
    if schedule.stairs:
        reached = [rate for step, rate in schedule.stairs if step <= moment.step]
        return warm * (reached[-1] if reached else schedule.learning_rate)
    return schedule.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(moment.done, 1.0))))


def step_seed(seed: int, step: int, rank: int) -> int:
    """Seed of one process's augmentations and hints in one step: its own, and the same after every resumption."""
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1)[0])


def _computes_in_bfloat16(device: torch.device) -> bool:
    """Processors without instructions for it only emulate it, and take two to twenty times as long as with 32 bits."""
    if device.type == "cuda":
        return True
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat


def _join() -> Worker:
    """This process's place; ``torchrun`` sets the variables."""
    world, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    else:
        device = torch.device("cpu")
    if world > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Worker(rank, world, device)
