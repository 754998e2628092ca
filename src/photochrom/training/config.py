"""A training run's settings, read from TOML. An unknown key is an error: a misspelt setting must not pass unseen.

What all runs share is in `TrainConfig`; each network adds its own settings, and its defaults are those that its paper,
or its authors' released program, trained with.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, get_args, get_type_hints

from photochrom.errors import InputError

from .losses import LossWeights


@dataclass(frozen=True)
class Data:
    """Pictures. Sources are folders or tar shards; all paths are relative to the configuration file.

    Attributes:
        validation_limit: how many validation pictures are judged during the run.
        size: side of the training pictures, a multiple of 32, of 8 for the published networks.
        validation_network_size: side at which the network sees validation pictures.
        cache: folder of the decoded pictures.
    """

    MULTIPLE: ClassVar[int] = 32

    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    validation_limit: int = 100
    size: int = 128
    validation_network_size: int = 192
    cache: str = "runs/cache"

    def __post_init__(self) -> None:
        for name in ("size", "validation_network_size"):
            side = getattr(self, name)
            if side < self.MULTIPLE or side % self.MULTIPLE:
                raise InputError(f"data.{name} must be a multiple of {self.MULTIPLE}, got {side}")

    @property
    def stored_size(self) -> int:
        """Side at which pictures are kept, before they are cropped."""
        return self.size


@dataclass(frozen=True)
class CompactData(Data):
    """The compact network's pictures.

    Attributes:
        largest_size: if above `size`, every batch is brought to a side of its own between the two, so that things are
            seen in the sizes that they have in use.
    """

    largest_size: int = 0


@dataclass(frozen=True)
class PublishedData(Data):
    """The papers' pictures: crops, of a multiple of 8, from larger squares.

    Attributes:
        picture_size: side of the squares from which the training pictures are cropped.
    """

    MULTIPLE: ClassVar[int] = 8

    size: int = 176
    picture_size: int = 256
    validation_network_size: int = 256

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("data.picture_size", self.picture_size, self.size)

    @property
    def stored_size(self) -> int:
        return self.picture_size


@dataclass(frozen=True)
class Schedule:
    """How long and how fast.

    Attributes:
        batch: pictures a step, on every device.
        steps: optimiser steps of the whole run.
        minutes: if above 0, the run ends after this time, should the steps not be done before.
        stop: if above 0, the run ends at this step, its learning rate still on the way down: where more steps teach the
            training pictures by heart.
        warmup: steps over which the learning rate rises at the start.
        learning_rate: falls along a cosine if there are no `stairs`.
        stairs: from which step on which learning rate holds, in this order: ``[[200000, 1e-5], [375000, 3e-6]]``.
        largest_gradient: longer gradients are shortened to this norm; 0 lets them be.
        ema: decay of the running mean of the weights, which is what gets exported; 0 exports the weights themselves.
    """

    batch: int = 32
    steps: int = 20_000
    minutes: float = 0.0
    stop: int = 0
    warmup: int = 0
    learning_rate: float = 1e-4
    stairs: tuple[tuple[int, float], ...] = ()
    weight_decay: float = 0.0
    largest_gradient: float = 0.0
    ema: float = 0.0
    checkpoint_every: int = 1_000
    validate_every: int = 10_000

    def __post_init__(self) -> None:
        for name in ("batch", "steps", "checkpoint_every", "validate_every"):
            _check(f"schedule.{name}", getattr(self, name), 1)
        for name in ("minutes", "stop", "warmup", "learning_rate", "weight_decay", "largest_gradient"):
            _check(f"schedule.{name}", getattr(self, name), 0)
        _check("schedule.ema", self.ema, 0, 1)
        last = 0
        for step, rate in self.stairs:
            _check("schedule.stairs: each step", step, last + 1)
            _check("schedule.stairs: each rate", rate, 0)
            last = step


@dataclass(frozen=True)
class CompactSchedule(Schedule):
    """The compact network's: its encoder was trained before.

    Attributes:
        frozen_share: share of the run in which the pretrained encoder does not learn.
        frozen_stages: how many of its first stages never learn; they see edges, which need no colour.
        encoder_rate: its learning rate as a share of the decoder's.
    """

    warmup: int = 200
    frozen_share: float = 0.2
    frozen_stages: int = 2
    learning_rate: float = 2e-3
    encoder_rate: float = 0.1
    weight_decay: float = 1e-2
    largest_gradient: float = 1.0
    ema: float = 0.999
    checkpoint_every: int = 200
    validate_every: int = 2_000

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("schedule.encoder_rate", self.encoder_rate, 0)
        _check("schedule.frozen_share", self.frozen_share, 0, 1)
        _check("schedule.frozen_stages", self.frozen_stages, 0, 7)


@dataclass(frozen=True)
class TrainConfig:
    """What every training run has.

    Attributes:
        network: which network is trained.
        output: folder of checkpoints, log and sample sheets.
    """

    network: str = field(default="", init=False)
    output: str = "runs/run"
    seed: int = 1
    data: Data = field(default_factory=Data)
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        _check("seed", self.seed, 0)


@dataclass(frozen=True)
class Rebalanced(TrainConfig):
    """A run with class rebalancing (2016).

    Attributes:
        prior: file of the colour prior, from ``photochrom prior``; if empty, it is measured on the training pictures.
        uniform_share: lambda of the rebalancing: 0 trusts the prior, 1 ignores it.
    """

    prior: str = ""
    uniform_share: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("uniform_share", self.uniform_share, 0, 1)


@dataclass(frozen=True)
class CompactConfig(Rebalanced):
    """The compact network.

    Attributes:
        start: "imagenet": only the encoder has learned before; "embedded": the whole network goes on from the weights
            in this package; else it goes on from this checkpoint.
        teachers: checkpoints, or "embedded", whose mean automatic colours are to be learned, too.
        taught: how much these count, where there are teachers, beside the true colours.
        only_hints: nothing learns but how hints spread; automatic colours stay as they are.
        global_hints: probability with which histogram and saturation are each given.
        recolored: share of the pictures of which one colour is another, which only hints tell.
    """

    network: str = field(default="compact", init=False)
    output: str = "runs/compact"
    start: str = "imagenet"
    teachers: tuple[str, ...] = ()
    taught: float = 0.6
    only_hints: bool = False
    global_hints: float = 0.3
    recolored: float = 0.0
    data: CompactData = field(default_factory=CompactData)
    schedule: CompactSchedule = field(default_factory=CompactSchedule)
    losses: LossWeights = field(default_factory=LossWeights)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.only_hints and self.start == "imagenet":
            raise InputError('only_hints needs a network that has learned colours before: start = "embedded"')
        if self.only_hints and self.teachers:
            raise InputError("teachers teach automatic colours, which only_hints leaves as they are")
        if "imagenet" in self.teachers:
            raise InputError('teachers must have learned colours: name checkpoints, or "embedded"')
        _check("taught", self.taught, 0, 1)
        _check("global_hints", self.global_hints, 0, 1)
        _check("recolored", self.recolored, 0, 1)
        for name, weight in vars(self.losses).items():
            _check(f"losses.{name}", weight, 0)


def _eccv16_schedule() -> Schedule:
    return Schedule(
        batch=40, steps=450_000, learning_rate=3e-5, stairs=((200_000, 1e-5), (375_000, 3e-6)), weight_decay=1e-3
    )


@dataclass(frozen=True)
class Eccv16Config(Rebalanced):
    """Zhang et al. 2016, with the paper's schedule (1.3 million pictures)."""

    network: str = field(default="eccv16", init=False)
    output: str = "runs/eccv16"
    data: PublishedData = field(default_factory=PublishedData)
    schedule: Schedule = field(default_factory=_eccv16_schedule)


# The released program's epochs: 15 of classification at 1e-4, 10 of regression at 1e-5, 5 at 1e-6, each of 1,281,167
# pictures in batches of 25.
_EPOCH = 1_281_167 // 25


def _siggraph17_schedule() -> Schedule:
    return Schedule(batch=25, steps=30 * _EPOCH, learning_rate=1e-4, stairs=((15 * _EPOCH, 1e-5), (25 * _EPOCH, 1e-6)))


@dataclass(frozen=True)
class Siggraph17Run(TrainConfig):
    """What both networks of Zhang et al. 2017 share: the schedule of the authors' PyTorch program."""

    data: PublishedData = field(default_factory=PublishedData)
    schedule: Schedule = field(default_factory=_siggraph17_schedule)


@dataclass(frozen=True)
class Siggraph17Config(Siggraph17Run):
    """Zhang et al. 2017 with local hints.

    Attributes:
        mask_cent: what is taken off the mask of the hints, 0 or 0.5; to be told again when the weights are imported.
        classification_steps: length of the first stage, in which no hints are given and the distribution teaches the
            trunk; in the second one the regression with hints does.
        all_shown: share of the pictures, in the second stage, of which all colours are shown.
    """

    network: str = field(default="siggraph17", init=False)
    output: str = "runs/siggraph17"
    mask_cent: float = 0.5
    classification_steps: int = 15 * _EPOCH
    all_shown: float = 0.01

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mask_cent not in (0.0, 0.5):
            raise InputError(f"mask_cent must be 0 or 0.5, got {self.mask_cent:g}")
        _check("classification_steps", self.classification_steps, 0)
        _check("all_shown", self.all_shown, 0, 1)


@dataclass(frozen=True)
class Siggraph17GlobalConfig(Siggraph17Run):
    """Zhang et al. 2017 with global hints.

    The paper starts from trained weights at 1e-5; the part at 1e-4 before it stands for those.

    Attributes:
        global_hints: probability with which histogram and saturation are each given.
    """

    network: str = field(default="siggraph17-global", init=False)
    output: str = "runs/siggraph17-global"
    global_hints: float = 0.5

    def __post_init__(self) -> None:
        super().__post_init__()
        _check("global_hints", self.global_hints, 0, 1)
        # The norms of the global branch see one value a picture: of a single one there is no spread.
        _check("schedule.batch", self.schedule.batch, 2)


CONFIGS: Mapping[str, type[TrainConfig]] = MappingProxyType(
    {
        "compact": CompactConfig,
        "eccv16": Eccv16Config,
        "siggraph17": Siggraph17Config,
        "siggraph17-global": Siggraph17GlobalConfig,
    }
)


def read_config(path: Path) -> TrainConfig:
    """Reads a run's settings: those of the network that it names, `compact` by default.

    Raises:
        InputError: the file is missing, no TOML, or holds an unknown key or a value of the wrong type or out of range.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a training configuration: {error}") from error
    network = table.pop("network", "compact")
    if not isinstance(network, str) or network not in CONFIGS:
        raise InputError(f"{path}: network must be one of {', '.join(CONFIGS)}, got {network!r}")
    try:
        config: TrainConfig = _filled(CONFIGS[network](), table)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if not config.data.train:
        raise InputError(f"{path}: data.train is empty; name folders of images or tar shards")
    return config


def _filled(default: Any, table: dict[str, Any], prefix: str = "") -> Any:
    """The default settings with those of the table in their places."""
    kinds = get_type_hints(type(default))
    known = [f.name for f in fields(default)]
    values = {}
    for key, value in table.items():
        if key not in known:
            raise InputError(f"unknown setting {prefix + key!r}; known are {', '.join(known)}")
        values[key] = _typed(value, kinds[key], getattr(default, key), prefix + key)
    return replace(default, **values)


def _typed(value: Any, kind: Any, default: Any, name: str) -> Any:
    """The value as the setting's type, where that loses nothing."""
    if is_dataclass(default) and isinstance(value, dict):
        return _filled(default, value, f"{name}.")
    if kind == tuple[str, ...] and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if kind == tuple[tuple[int, float], ...] and isinstance(value, list) and all(map(_is_stair, value)):
        return tuple((step, float(rate)) for step, rate in value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not kind:
        raise InputError(f"{name} must be {_in_words(kind)}, got {value!r}")
    return value


def _is_stair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and type(value[0]) is int and type(value[1]) in (int, float)


def _in_words(kind: Any) -> str:
    if get_args(kind):
        return "a list of strings" if kind == tuple[str, ...] else "a list of pairs [step, rate]"
    return {str: "a string", bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "a table")


def _check(name: str, value: float, low: float, high: float = math.inf) -> None:
    if not low <= value <= high or math.isinf(value):
        span = f"lie in [{low:g}, {high:g}]" if high < math.inf else f"be at least {low:g}"
        raise InputError(f"{name} must {span}, got {value:g}")
