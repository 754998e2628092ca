"""Zhang, Isola, Efros 2016: rebalanced classification into 313 soft bins.

Follows the paper (5 nearest bins), and the released Caffe layers where it is silent: the distribution at stride 4 is
taught the colour of every fourth pixel, and a picture counts if one of these has an |a| or |b| above 5.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Generator, Tensor, nn

from photochrom.networks.eccv16 import STRIDE, Eccv16
from photochrom.training import losses
from photochrom.training.config import Eccv16Config
from photochrom.training.prior import class_weights
from photochrom.training.tensors import BinTable
from photochrom.training.validate import at_network_size

from .published import PublishedRecipe, initialize
from .recipe import Moment, Truth

_TEMPERATURE = 0.38  # of the annealed mean (section 2.3)


class Eccv16Recipe(PublishedRecipe[Eccv16Config]):
    """See `Recipe`."""

    sheet = ("accurate", "vivid")
    lively = "vivid"
    betas = (0.9, 0.99)

    def __init__(self, config: Eccv16Config, root: Path, pictures: npt.NDArray[np.uint8], device: torch.device) -> None:
        super().__init__(config)
        self.bins = BinTable(device)
        self.class_weights = class_weights(config, root, pictures, self.bins)

    def new_network(self) -> Eccv16:
        network = Eccv16()
        bins = network.model_out.weight.detach().clone()
        initialize(network, network.model8[-1])
        with torch.no_grad():
            network.model_out.weight.copy_(bins)
        return network

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """The bins' colours are given and do not learn."""
        assert isinstance(network, Eccv16)
        network.model_out.requires_grad_(False)
        return super().optimizer(network)

    def losses(
        self, network: nn.Module, truth: Truth, moment: Moment, generator: Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(network, Eccv16)
        network.train()
        ab = truth.ab[:, :, ::STRIDE, ::STRIDE]
        index, weight = self.bins.encode(ab)
        logits = network.logits(truth.L)
        loss = losses.rebalanced_cross_entropy(logits, index, weight, self.class_weights, losses.has_color(ab))
        return loss, {"classes": loss}

    def predictions(self, network: nn.Module, rgb: Tensor, lab: Tensor) -> dict[str, Tensor]:
        """The mean of the distribution, and its annealed mean."""
        assert isinstance(network, Eccv16)
        logits = network.logits(at_network_size(lab[:, :1], self.config.data.validation_network_size))
        return {"accurate": network.mean_ab(logits, 1.0), "vivid": network.mean_ab(logits, _TEMPERATURE)}
