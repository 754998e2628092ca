"""Zhang et al. 2017 with global hints: the picture's own histogram and saturation, each given or withheld at random.

The authors published the trained network only. Statistics are taken from the crop that the network sees, as from a
reference; the loss is that of the network for local hints.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor, nn

from photochrom.networks.global_hints import Siggraph17Global
from photochrom.training.config import Siggraph17GlobalConfig
from photochrom.training.simulate import simulate_global_hints
from photochrom.training.tensors import BinTable, cell_means, mean_saturation
from photochrom.training.validate import at_network_size

from .published import PublishedRecipe, has_spread, initialize, regression_loss
from .recipe import CELL, Moment, Truth

_GIVEN = {"automatic": (0.0, 0.0), "histogram": (1.0, 0.0), "saturation": (0.0, 1.0), "both": (1.0, 1.0)}


class Siggraph17GlobalRecipe(PublishedRecipe[Siggraph17GlobalConfig]):
    """See `Recipe`."""

    sheet = tuple(_GIVEN)
    lively = "automatic"

    def __init__(self, config: Siggraph17GlobalConfig, device: torch.device) -> None:
        super().__init__(config)
        self.bins = BinTable(device)

    def new_network(self) -> Siggraph17Global:
        network = Siggraph17Global()
        initialize(network, network.conv10_ab)
        return network

    def losses(
        self, network: nn.Module, truth: Truth, moment: Moment, generator: Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        network.train()
        given = simulate_global_hints(truth.ab_cells, truth.saturation, self.bins, self.config.global_hints, generator)
        loss = regression_loss(network(truth.L, *given), truth.ab, has_spread(truth.ab))
        return loss, {"regression": loss}

    def predictions(self, network: nn.Module, rgb: Tensor, lab: Tensor) -> dict[str, Tensor]:
        """Colours without a reference, and with the picture's own histogram, saturation, and both."""
        L = at_network_size(lab[:, :1], self.config.data.validation_network_size)
        histogram, saturation = self.bins.histogram(cell_means(lab[:, 1:], CELL)), mean_saturation(rgb)
        one = torch.ones_like(saturation)
        return {
            name: network(L, histogram, first * one, saturation, second * one)
            for name, (first, second) in _GIVEN.items()
        }
