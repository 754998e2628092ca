"""What the training loop asks of a network's recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, Tensor, nn

CELL = 4  # stride of the distributions, and of the statistics of colours


@dataclass(frozen=True)
class Moment:
    """Where in a run a step lies: its number, and the share of the run that is done."""

    step: int
    done: float


@dataclass(frozen=True)
class Truth:
    """A batch: what the network sees and what it should say.

    Attributes:
        L: (N, 1, H, W), as the network sees it.
        ab: (N, 2, H, W), Lab units. ab_cells: (N, 2, H / 4, W / 4), its means over cells.
        saturation: (N, 1), mean HSV saturation.
        unaged: (N, 1, H, W), L before it was aged, where that makes a difference.
    """

    L: Tensor
    ab: Tensor
    ab_cells: Tensor
    saturation: Tensor
    unaged: Tensor | None = None


class Recipe(Protocol):
    """How one network is trained.

    Attributes:
        sheet: which of the predictions the sample sheet shows.
        lively: the one whose colourfulness is compared with the truth's.
    """

    @property
    def sheet(self) -> Sequence[str]: ...

    @property
    def lively(self) -> str: ...

    def new_network(self) -> nn.Module:
        """The network as it starts."""

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimiser, with its groups of parameters."""

    def rate_shares(self, moment: Moment) -> Sequence[float]:
        """The learning rate of each group of parameters, as a share of the schedule's."""

    def truth(self, rgb: Tensor, generator: Generator) -> Truth:
        """A batch from pictures (N, 3, S, S), sRGB in [0, 1]: cropped, mirrored, aged."""

    def losses(
        self, network: nn.Module, truth: Truth, moment: Moment, generator: Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What is minimised, and its terms by name."""

    def predictions(self, network: nn.Module, rgb: Tensor, lab: Tensor) -> Mapping[str, Tensor]:
        """Colours (N, 2, h, w) for validation pictures (N, 3, 256, 256), in [0, 1] and in CIELAB, by name."""
