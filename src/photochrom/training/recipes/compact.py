"""The compact network: both papers' losses on one network, hints simulated, lightness aged."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Generator, Tensor, nn

from photochrom.networks.compact import Compact
from photochrom.networks.lite0 import load_published_weights
from photochrom.training import augment, losses
from photochrom.training.checkpoint import mean_weights
from photochrom.training.config import CompactConfig
from photochrom.training.embedded import load_embedded
from photochrom.training.prior import class_weights
from photochrom.training.simulate import no_global_hints, recolor, simulate_global_hints, simulate_hints
from photochrom.training.tensors import BinTable, cell_means, mean_saturation, rgb_to_lab
from photochrom.training.validate import HINT_COUNTS, at_network_size, protocol_hints

from .recipe import CELL, Moment, Truth


class CompactRecipe:
    """See `Recipe`. Two groups of parameters: the decoder's, and those of the pretrained encoder."""

    sheet = ("accurate_0", "vivid_0", "accurate_10")
    lively = "vivid_0"

    def __init__(
        self, config: CompactConfig, root: Path, pictures: npt.NDArray[np.uint8], device: torch.device
    ) -> None:
        self.config, self._root = config, root
        self.bins = BinTable(device)
        self.class_weights = class_weights(config, root, pictures, self.bins)

    def new_network(self) -> Compact:
        network = Compact()
        match self.config.start:
            case "imagenet":
                network.encoder.pyramid.load_imagenet(load_published_weights())
            case "embedded":
                load_embedded(network)
            case path:
                network.load_state_dict(mean_weights(self._root / path))
        network.decoder.log_weights.copy_(self.class_weights.log())
        return network

    def optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        assert isinstance(network, Compact)
        if self.config.only_hints:
            network.requires_grad_(False)
            for part in network.decoder.hint_parts():
                part.requires_grad_(True)
        pyramid = network.encoder.pyramid
        for part in (pyramid.stem, *pyramid.stages[: self.config.schedule.frozen_stages]):
            part.requires_grad_(False)
        encoder = [p for p in network.encoder.parameters() if p.requires_grad]
        return torch.optim.AdamW(
            [{"params": [p for p in network.decoder.parameters() if p.requires_grad]}, {"params": encoder}],
            betas=(0.9, 0.99),
            weight_decay=self.config.schedule.weight_decay,
        )

    def rate_shares(self, moment: Moment) -> tuple[float, float]:
        return 1.0, 0.0 if self._frozen(moment) else self.config.schedule.encoder_rate

    def truth(self, rgb: Tensor, generator: Generator) -> Truth:
        rgb = augment.crop_and_flip(rgb, self._side(generator), generator)
        lab = rgb_to_lab(rgb)
        L = augment.age(lab[:, :1], generator).contiguous(memory_format=torch.channels_last)
        return Truth(L, lab[:, 1:], cell_means(lab[:, 1:], CELL), mean_saturation(rgb))

    def losses(
        self, network: nn.Module, truth: Truth, moment: Moment, generator: Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        assert isinstance(network, Compact)
        # The encoder keeps ImageNet's statistics in its norms: batches here are small and gray.
        network.eval()
        network.decoder.train(not self.config.only_hints)
        decoder = network.decoder
        with torch.set_grad_enabled(not self._frozen(moment)):
            features = network.encoder(truth.L)
        global_hints = simulate_global_hints(
            truth.ab_cells, truth.saturation, self.bins, self.config.global_hints, generator
        )
        told = recolor(truth.L, truth.ab, self.config.recolored, generator)
        hints = simulate_hints(told.ab, generator, told)
        told_cells = cell_means(told.ab, CELL)
        x = decoder.decode_features(features, global_hints)
        ab = decoder.automatic_ab(x)
        (accurate,), _ = decoder.hinted(x, (ab,), hints)
        colored = losses.has_color(truth.ab_cells)
        # A quarter of the cells teaches the distribution as well and costs a quarter of its 313 planes.
        i, j = torch.randint(0, 2, (2,), generator=generator).tolist()
        logits = decoder.automatic_logits(x[:, :, i::2, j::2], global_hints)
        index, weight = self.bins.encode(truth.ab_cells[:, :, i::2, j::2])
        terms = {
            "classes": losses.rebalanced_cross_entropy(logits, index, weight, self.class_weights, colored),
            "automatic": losses.huber(ab, truth.ab_cells, colored),
            "hinted": losses.huber(accurate, told_cells, colored),
            "automatic_log": losses.log_squared(ab, truth.ab_cells, colored),
            "hinted_log": losses.log_squared(accurate, told_cells, colored),
        }
        counted = asdict(self.config.losses)
        return torch.stack([counted[name] * value for name, value in terms.items()]).sum(), terms

    def predictions(self, network: nn.Module, rgb: Tensor, lab: Tensor) -> dict[str, Tensor]:
        """`accurate` and `vivid` with each number of hints."""
        assert isinstance(network, Compact)
        features = network.encoder(at_network_size(lab[:, :1], self.config.data.validation_network_size))
        found: dict[str, Tensor] = {}
        for count in HINT_COUNTS:
            hints = protocol_hints(lab[:, 1:], count)
            colors = network.decoder(features, hints, no_global_hints(len(rgb), rgb.device))
            found |= {f"accurate_{count}": colors.accurate, f"vivid_{count}": colors.vivid}
        return found

    def _side(self, generator: Generator) -> int:
        """A batch's own side, a multiple of what the network divides by."""
        data = self.config.data
        more = max(data.largest_size - data.size, 0) // data.MULTIPLE
        return data.size + data.MULTIPLE * int(torch.randint(0, more + 1, (), generator=generator))

    def _frozen(self, moment: Moment) -> bool:
        return moment.done < self.config.schedule.frozen_share
