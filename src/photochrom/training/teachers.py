"""Other networks as teachers of a new one.

The mean of several networks' colours is right more often than those of any one, and too slow to use. A new network can
learn to give it: Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from photochrom.networks.compact import Compact

from .simulate import no_global_hints


class Taught(NamedTuple):
    """What teachers say of N pictures, on the stride-4 grid (h, w).

    Attributes:
        ab: (N, 2, h, w), Lab units, the mean of their regressions.
        shares: (N, 313, h', w'), the mean of their rebalanced distributions at the cells that were asked for.
    """

    ab: Tensor
    shares: Tensor


class Teachers:
    """Compact networks that have learned before, at least one.

    Args:
        networks: their weights do not change.
        device: where they are to be.
    """

    def __init__(self, networks: Sequence[Compact], device: torch.device) -> None:
        self._networks = [network.to(device).eval().requires_grad_(False) for network in networks]
        for network in self._networks:
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @torch.no_grad()
    def __call__(self, L: Tensor, cells: tuple[slice, slice]) -> Taught:
        """Their automatic colours, without any hints.

        Args:
            L: (N, 1, H, W) in [0, 100]. cells: rows and columns of the grid at which the distributions are wanted.
        """
        said = [self._said(network, L, cells) for network in self._networks]
        ab, shares = (torch.stack(parts).mean(dim=0) for parts in zip(*said, strict=True))
        return Taught(ab, shares)

    def _said(self, network: Compact, L: Tensor, cells: tuple[slice, slice]) -> Taught:
        nothing = no_global_hints(len(L), L.device)
        x = network.decoder.decode_features(network.encoder(L), nothing)
        logits = network.decoder.automatic_logits(x[:, :, cells[0], cells[1]], nothing)
        return Taught(network.decoder.automatic_ab(x), torch.softmax(logits.float(), dim=1))
