"""What the compact network learns from: the two papers' losses."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from photochrom.networks.compact import AB_SCALE

_HUBER = 0.2  # in units of AB_SCALE, so 10 Lab units: quadratic for errors that are hardly seen
_UNSEEN = 2.0  # Lab units; errors below this are hardly seen, so getting rid of them earns little
_NEAR_GRAY = 5.0  # a picture with no |ab| above this gives no loss (the 2016 paper's rule)


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts.

    Attributes:
        classes: rebalanced cross-entropy on the distribution (2016).
        automatic: Huber on the regression without hints (2017).
        hinted: the same with hints.
        automatic_log: logarithm of each picture's squared error without hints, which is what PSNR measures.
        hinted_log: the same with hints.
    """

    classes: float = 0.2
    automatic: float = 1.0
    hinted: float = 1.0
    automatic_log: float = 0.0
    hinted_log: float = 0.0


def has_color(ab: Tensor) -> Tensor:
    """1 for pictures (N, 2, h, w) in which something is coloured, else 0: (N, 1, 1, 1)."""
    return (ab.abs().amax(dim=(1, 2, 3), keepdim=True) > _NEAR_GRAY).float()


def huber(ab: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean Huber distance of colours (N, 2, h, w) in Lab units; weight broadcasts to (N, 1, h, w)."""
    each = functional.smooth_l1_loss(ab / AB_SCALE, truth / AB_SCALE, beta=_HUBER, reduction="none").sum(
        dim=1, keepdim=True
    )
    return (each * weight).sum() / weight.expand_as(each).sum().clamp(min=1.0)


def log_squared(ab: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean over pictures of half the logarithm of the squared error of colours (N, 2, h, w) in Lab units."""
    squared = ((ab - truth) ** 2).sum(dim=1).mean(dim=(1, 2)) + _UNSEEN**2
    colored = weight.flatten()
    return (0.5 * torch.log(squared / AB_SCALE**2) * colored).sum() / colored.sum().clamp(min=1.0)


def cross_entropy(logits: Tensor, shares: Tensor) -> Tensor:
    """Mean cross-entropy of logits (N, 313, h, w) against a distribution (N, 313, h, w)."""
    return -(shares * torch.log_softmax(logits.float(), dim=1)).sum(dim=1).mean()


def rebalanced_cross_entropy(
    logits: Tensor, index: Tensor, weight: Tensor, class_weights: Tensor, colored: Tensor
) -> Tensor:
    """Soft cross-entropy of logits (N, 313, h, w) against soft bins (N, 5, h, w), rebalanced by the nearest bin,
    which comes first (2016)."""
    each = torch.logsumexp(logits.float(), dim=1) - (torch.gather(logits, 1, index).float() * weight).sum(dim=1)
    balance = class_weights[index[:, 0]] * colored[:, 0]
    return (each * balance).mean()
