"""A training run's settings, read from TOML. An unknown key is an error: a misspelt setting must not pass unseen."""

from __future__ import annotations

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


def read_config(path: Path) -> TrainConfig:
    """Reads a run's settings.

    Raises:
        InputError: the file is missing, no TOML, or holds an unknown key or a value of the wrong type.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a training configuration: {error}") from error
    config: TrainConfig = _build(TrainConfig, table, str(path))
    if not config.data.train:
        raise InputError(f"{path}: data.train is empty; name folders of images or tar shards")
    return config


def _build(kind: Any, table: dict[str, Any], where: str) -> Any:
    known = {f.name: f for f in fields(kind)}
    values = {}
    for key, value in table.items():
        if key not in known:
            raise InputError(f"{where}: unknown setting {key!r}; known are {', '.join(known)}")
        default = getattr(kind(), key)
        if is_dataclass(default):
            values[key] = _build(type(default), value, f"{where}: {key}")
        else:
            values[key] = _checked(value, default, f"{where}: {key}")
    return kind(**values)


def _checked(value: Any, default: Any, where: str) -> Any:
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise InputError(f"{where}: expected {type(default).__name__}, got {value!r}")
    return value
