"""The training loop of the compact network: CPU, one GPU, or many through ``torchrun``; resumable at any moment."""

from __future__ import annotations

import json
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

from photochrom import color
from photochrom.networks.compact import CELL, Compact
from photochrom.networks.lite0 import load_published_weights

from . import augment, losses
from .checkpoint import Progress, load_checkpoint, save_checkpoint
from .config import TrainConfig
from .data import decoded, find_images, shuffled
from .simulate import simulate_global_hints, simulate_hints
from .tensors import BinTable, cell_means, mean_saturation, rgb_to_lab
from .validate import SIDE, sample_sheet, validate

Report = Callable[[Progress, dict[str, float]], None]
_SHEET = 8
_PRIOR_PICTURES = 4096


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


@dataclass(frozen=True)
class Truth:
    """A batch's targets at the output grid."""

    L: Tensor
    ab: Tensor
    ab_cells: Tensor
    saturation: Tensor


class Trainer:
    """Everything that a run holds: network, its running mean, optimiser, pictures."""

    def __init__(self, config: TrainConfig, root: Path) -> None:
        self.config = config
        self.worker = _join()
        self.output = root / config.output
        self.output.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(config.seed)  # all processes start from the same weights
        self.generator = torch.Generator()
        self.model = _new_network().to(self.worker.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: nn.Module = self.model
        self.mean = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.optimizer = _optimizer(self.model, config)
        self.bins = BinTable(self.worker.device)
        self.pictures = self._decoded(config.data.train, config.data.size, root)
        self.class_weights = self._class_weights()
        self.validation = self._decoded(config.data.validation, SIDE, root, squash=True)
        self.progress = Progress()

    @property
    def checkpoint(self) -> Path:
        return self.output / "checkpoint.safetensors"

    def run(self, report: Report) -> None:
        """Trains to the end of the schedule, from the checkpoint if there is one."""
        if self.checkpoint.exists():
            self.progress = load_checkpoint(self.checkpoint, self.model, self.mean, self.optimizer)
        schedule = self.config.schedule
        if self.worker.world > 1:
            self.network = nn.parallel.DistributedDataParallel(_Losses(self), find_unused_parameters=True)
        else:
            self.network = _Losses(self)
        started = time.monotonic() - self.progress.seconds
        while (done := self._share_done()) < 1:
            terms = self._step(self.progress.step, done)
            self.progress = Progress(self.progress.step + 1, self._agreed(time.monotonic() - started))
            last = self._share_done() >= 1
            if self.worker.leads:
                report(self.progress, terms)
                if last or self.progress.step % schedule.checkpoint_every == 0:
                    self.save()
                    self._log(terms)
                if last or self.progress.step % schedule.validate_every == 0:
                    self._log(self.validate())
        if dist.is_initialized():
            dist.destroy_process_group()

    def save(self) -> None:
        notes = {"config": asdict(self.config), "machine": self.worker.machine}
        save_checkpoint(self.checkpoint, self.model, self.mean, self.optimizer, self.progress, notes)

    def validate(self) -> dict[str, float]:
        """Figures and a sample sheet of the running mean of the weights."""
        if not len(self.validation):
            return {}
        judged = Compact().to(self.worker.device)
        judged.load_state_dict(self.mean)
        judged.eval()
        size = self.config.data.validation_network_size
        sheet = self.output / f"samples-{self.progress.step:07d}.png"
        sample_sheet(judged, self.validation[:_SHEET], size, self.worker.device, sheet)
        return validate(judged, self.validation, size, self.worker.device)

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

    def _class_weights(self) -> Tensor:
        """Rebalancing weights (313,) from the colour prior of these pictures (of a few thousand, which settles it)."""
        sample = shuffled(len(self.pictures), 0, self.config.seed)[:_PRIOR_PICTURES]
        prior = torch.zeros(313, dtype=torch.float64)
        for part in np.array_split(np.sort(sample), max(1, len(sample) // 64)):
            rgb = torch.from_numpy(self.pictures[part]).permute(0, 3, 1, 2).float() / 255
            cells = cell_means(rgb_to_lab(rgb)[:, 1:], CELL).to(self.worker.device)
            prior += self.bins.histogram(cells).sum(dim=0).cpu().double() / len(sample)
        weights = color.rebalancing_weights(color.smooth_prior(prior.numpy()), self.config.uniform_share)
        return torch.as_tensor(weights, dtype=torch.float32, device=self.worker.device)

    def _step(self, step: int, done: float) -> dict[str, float]:
        schedule = self.config.schedule
        frozen = done < schedule.frozen_share
        rate = learning_rate(step, done, self.config)
        for group, share in zip(
            self.optimizer.param_groups, (1.0, 0.0 if frozen else schedule.encoder_rate), strict=True
        ):
            group["lr"] = rate * share
        self.generator.manual_seed(step_seed(self.config.seed, step, self.worker.rank))
        truth = self._truth(self._batch(step))
        with torch.autocast(self.worker.device.type, torch.bfloat16):
            total, terms = self.network(truth, frozen)
        self.optimizer.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self._average(step)
        return {name: value.item() for name, value in terms.items()} | {"rate": rate}

    def _batch(self, step: int) -> Tensor:
        """This process's pictures of a step, (batch, 3, size, size) in [0, 1]."""
        size = self.config.schedule.batch
        start = step * size * self.worker.world + self.worker.rank * size
        wanted = np.arange(start, start + size)
        epochs, places = np.divmod(wanted, len(self.pictures))
        order = {e: shuffled(len(self.pictures), int(e), self.config.seed) for e in np.unique(epochs)}
        index = np.array([order[e][p] for e, p in zip(epochs, places, strict=True)])
        rgb = torch.from_numpy(self.pictures[np.sort(index)]).to(self.worker.device)
        batch = rgb.permute(0, 3, 1, 2).float() / 255
        return augment.crop_and_flip(batch, self.config.data.size, self.generator)

    def _truth(self, rgb: Tensor) -> Truth:
        lab = rgb_to_lab(rgb)
        L = augment.age(lab[:, :1], self.generator).contiguous(memory_format=torch.channels_last)
        return Truth(L, lab[:, 1:], cell_means(lab[:, 1:], CELL), mean_saturation(rgb))

    @torch.no_grad()
    def _average(self, step: int) -> None:
        # Young means follow quickly, so that they do not remember the start.
        decay = min(self.config.schedule.ema, (1 + step) / (10 + step))
        for name, value in self.model.state_dict().items():
            if value.is_floating_point():
                self.mean[name].lerp_(value, 1 - decay)
            else:
                self.mean[name].copy_(value)

    def _decoded(self, sources: tuple[str, ...], size: int, root: Path, squash: bool = False) -> npt.NDArray[np.uint8]:
        if not sources:
            return np.zeros((0, size, size, 3), np.uint8)
        members = find_images([root / s for s in sources])
        if squash:
            members = members[: self.config.data.validation_limit]
        if not self.worker.leads:
            dist.barrier()  # the leader decodes, the others find its file
        pictures = decoded(members, size, root / self.config.data.cache, squash=squash)
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

    def __init__(self, trainer: Trainer) -> None:
        super().__init__()
        self.model = trainer.model
        self._bins, self._class_weights = trainer.bins, trainer.class_weights
        self._config, self._generator = trainer.config, trainer.generator

    def forward(self, truth: Truth, frozen: bool) -> tuple[Tensor, dict[str, Tensor]]:
        self.model.train()
        # The encoder keeps ImageNet's statistics in its norms: batches here are small and gray.
        self.model.encoder.eval()
        decoder = self.model.decoder
        with torch.set_grad_enabled(not frozen):
            features = self.model.encoder(truth.L)
        global_hints = simulate_global_hints(
            truth.ab_cells, truth.saturation, self._bins, self._config.global_hints, self._generator
        )
        hints = simulate_hints(truth.ab, self._generator)
        x = decoder.decode_features(features, global_hints)
        ab = decoder.automatic_ab(x)
        (accurate,), _ = decoder.hinted(x, (ab,), hints)
        colored = losses.has_color(truth.ab_cells)
        # A quarter of the cells teaches the distribution as well and costs a quarter of its 313 planes.
        i, j = torch.randint(0, 2, (2,), generator=self._generator).tolist()
        logits = decoder.automatic_logits(x[:, :, i::2, j::2], global_hints)
        index, weight = self._bins.encode(truth.ab_cells[:, :, i::2, j::2])
        terms = {
            "classes": losses.rebalanced_cross_entropy(logits, index, weight, self._class_weights, colored),
            "automatic": losses.huber(ab, truth.ab_cells, colored),
            "hinted": losses.huber(accurate, truth.ab_cells, colored),
        }
        counted = asdict(self._config.losses)
        total = torch.stack([counted[name] * value for name, value in terms.items()]).sum()
        return total, {name: value.detach() for name, value in terms.items()}


def learning_rate(step: int, done: float, config: TrainConfig) -> float:
    """Warm-up by steps, then a cosine over the share of the run that is done, down to a hundredth."""
    schedule = config.schedule
    warm = min(1.0, (step + 1) / max(schedule.warmup, 1))
    return schedule.learning_rate * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def step_seed(seed: int, step: int, rank: int) -> int:
    """Seed of one process's augmentations and hints in one step: its own, and the same after every resumption."""
    return int(np.random.SeedSequence((seed, step, rank)).generate_state(1)[0])


def _new_network() -> Compact:
    model = Compact()
    model.encoder.pyramid.load_imagenet(load_published_weights())
    return model


def _optimizer(model: Compact, config: TrainConfig) -> torch.optim.Optimizer:
    pyramid = model.encoder.pyramid
    for part in (pyramid.stem, *pyramid.stages[: config.schedule.frozen_stages]):
        part.requires_grad_(False)
    encoder = [p for p in model.encoder.parameters() if p.requires_grad]
    return torch.optim.AdamW(
        [{"params": list(model.decoder.parameters())}, {"params": encoder}],
        betas=(0.9, 0.99),
        weight_decay=config.schedule.weight_decay,
    )


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
