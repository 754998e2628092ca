"""Zhang et al. 2017 with local hints, in the two stages of the authors' PyTorch program.

First classification: no hints, and the trunk learns from the distribution alone. Then regression: hints are simulated,
and the trunk learns from the colours alone. In both stages the other head learns too, without gradient to the trunk.
The regression's loss is the paper's (Huber) with the program's weight; in 1 % of cases all colours are shown (paper).
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional

from photochrom.networks.siggraph17 import CLASS_STEP, CLASSES, Siggraph17
from photochrom.training.config import Siggraph17Config
from photochrom.training.simulate import simulate_patches
from photochrom.training.validate import HINT_COUNTS, at_network_size, protocol_patches

from .published import PublishedRecipe, has_spread, initialize, regression_loss
from .recipe import CELL, Moment, Truth

_CLASS_SIDE = round(CLASSES**0.5)


class Siggraph17Recipe(PublishedRecipe[Siggraph17Config]):
    """See `Recipe`."""

    sheet = ("accurate_0", "accurate_1", "accurate_10")
    lively = "accurate_0"

    def new_network(self) -> Siggraph17:
        network = Siggraph17(self.config.mask_cent)
        initialize(network, network.model_class[0], network.model_out[0])
        return network

    def losses(
        self, network: nn.Module, truth: Truth, moment: Moment, generator: Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(network, Siggraph17)
        network.train()
        classifying = moment.step < self.config.classification_steps
        if classifying:
            hint_ab, hint_mask = torch.zeros_like(truth.ab), torch.zeros_like(truth.L)
        else:
            hint_ab, hint_mask = simulate_patches(truth.ab, self.config.all_shown, generator)
        trunk = network.trunk(truth.L, hint_ab, hint_mask)
        cut = trunk.detached()
        logits = network.class_logits(trunk if classifying else cut)
        ab = network.colors(cut if classifying else trunk)
        colored = has_spread(truth.ab)
        terms = {
            "classes": _class_loss(logits, truth.ab[:, :, ::CELL, ::CELL], colored),
            "regression": regression_loss(ab, truth.ab, colored),
        }
        return terms["classes"] + terms["regression"], terms

    def predictions(self, network: nn.Module, rgb: Tensor, lab: Tensor) -> dict[str, Tensor]:
        """The regression with each number of hints."""
        size = self.config.data.validation_network_size
        L = at_network_size(lab[:, :1], size)
        found = {}
        for count in HINT_COUNTS:
            hints = [functional.interpolate(x, (size, size)) for x in protocol_patches(lab[:, 1:], count)]
            found[f"accurate_{count}"] = network(L, *hints).ab
        return found


def class_index(ab: Tensor) -> Tensor:
    """The class (N, h, w) of colours (N, 2, h, w): of a grid of 23 x 23, step 10, b runs fastest."""
    a, b = (ab / CLASS_STEP + _CLASS_SIDE // 2).round().long().clamp(0, _CLASS_SIDE - 1).unbind(1)
    index: Tensor = a * _CLASS_SIDE + b
    return index


def _class_loss(logits: Tensor, ab: Tensor, colored: Tensor) -> Tensor:
    """Cross-entropy with the nearest class, over the pictures that count."""
    each = functional.cross_entropy(logits.float(), class_index(ab), reduction="none")[:, None]
    return (each * colored).sum() / colored.expand_as(each).sum().clamp(min=1.0)
