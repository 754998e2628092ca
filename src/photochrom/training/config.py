"""A training run's settings, read from TOML. An unknown key is an error: a misspelt setting must not pass unseen."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from photochrom.errors import InputError

from .losses import LossWeights


@dataclass(frozen=True)
class Data:
    """Pictures. Sources are folders or tar shards; all paths are relative to the configuration file.

    Attributes:
        validation_limit: how many validation pictures are judged during the run.
        size: side of the training pictures, a multiple of 32.
        validation_network_size: side at which the network sees validation pictures.
        cache: folder of the decoded pictures.
    """

    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    validation_limit: int = 100
    size: int = 128
    validation_network_size: int = 192
    cache: str = "runs/cache"

    def __post_init__(self) -> None:
        for name in ("size", "validation_network_size"):
            side = getattr(self, name)
            if side < 32 or side % 32:
                raise InputError(f"data.{name} must be a multiple of 32, got {side}")


@dataclass(frozen=True)
class Schedule:
    """How long and how fast. The learning rate rises over `warmup` steps and falls along a cosine.

    Attributes:
        batch: pictures a step, on every device.
        steps: optimiser steps of the whole run.
        minutes: if above 0, the run ends after this time, should the steps not be done before.
        frozen_share: share of the run in which the pretrained encoder does not learn.
        frozen_stages: how many of its first stages never learn; they see edges, which need no colour.
        encoder_rate: its learning rate as a share of the decoder's.
        ema: decay of the running mean of the weights, which is what gets exported.
    """

    batch: int = 32
    steps: int = 20_000
    minutes: float = 0.0
    warmup: int = 200
    frozen_share: float = 0.2
    frozen_stages: int = 2
    learning_rate: float = 2e-3
    encoder_rate: float = 0.1
    weight_decay: float = 1e-2
    ema: float = 0.999
    checkpoint_every: int = 200
    validate_every: int = 2_000

    def __post_init__(self) -> None:
        for name in ("batch", "steps", "checkpoint_every", "validate_every"):
            _check(f"schedule.{name}", getattr(self, name), 1)
        for name in ("minutes", "warmup", "learning_rate", "encoder_rate", "weight_decay"):
            _check(f"schedule.{name}", getattr(self, name), 0)
        for name in ("frozen_share", "ema"):
            _check(f"schedule.{name}", getattr(self, name), 0, 1)
        _check("schedule.frozen_stages", self.frozen_stages, 0, 7)


@dataclass(frozen=True)
class TrainConfig:
    """One training run of the compact network.

    Attributes:
        output: folder of checkpoints, log and sample sheets.
        global_hints: probability with which histogram and saturation are each given.
        uniform_share: lambda of the class rebalancing (2016): 0 trusts the prior, 1 ignores it.
    """

    output: str = "runs/compact"
    seed: int = 1
    global_hints: float = 0.3
    uniform_share: float = 0.5
    data: Data = field(default_factory=Data)
    schedule: Schedule = field(default_factory=Schedule)
    losses: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        _check("seed", self.seed, 0)
        _check("global_hints", self.global_hints, 0, 1)
        _check("uniform_share", self.uniform_share, 0, 1)
        for name, weight in vars(self.losses).items():
            _check(f"losses.{name}", weight, 0)


def read_config(path: Path) -> TrainConfig:
    """Reads a run's settings.

    Raises:
        InputError: the file is missing, no TOML, or holds an unknown key or a value of the wrong type or out of range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a training configuration: {error}") from error
    try:
        config: TrainConfig = _build(TrainConfig, table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not config.data.train:
        raise InputError(f"{path}: data.train is empty; name folders of images or tar shards")
    return config


def _build(kind: Any, table: dict[str, Any], prefix: str = "") -> Any:
    defaults = {f.name: getattr(kind(), f.name) for f in fields(kind)}
    values = {}
    for key, value in table.items():
        if key not in defaults:
            raise InputError(f"unknown setting {prefix + key!r}; known are {', '.join(defaults)}")
        values[key] = _typed(value, defaults[key], prefix + key)
    return kind(**values)


def _typed(value: Any, default: Any, name: str) -> Any:
    """The value as the type of the setting's default, where that loses nothing."""
    if is_dataclass(default) and isinstance(value, dict):
        return _build(type(default), value, f"{name}.")
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        expected = {tuple: "a list of strings", str: "a string", int: "a whole number", float: "a number"}
        raise InputError(f"{name} must be {expected.get(type(default), 'a table')}, got {value!r}")
    return value


def _check(name: str, value: float, low: float, high: float = math.inf) -> None:
    if not low <= value <= high or math.isinf(value):
        span = f"lie in [{low:g}, {high:g}]" if high < math.inf else f"be at least {low:g}"
        raise InputError(f"{name} must {span}, got {value:g}")
