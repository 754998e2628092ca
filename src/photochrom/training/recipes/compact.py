"""The compact network: both papers' losses on one network, hints simulated, lightness aged."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Generator, Tensor, nn

from photochrom.errors import WeightsCorrupt
from photochrom.networks.compact import Compact, GlobalHints
from photochrom.networks.lite0 import load_published_weights
from photochrom.training import augment, losses
from photochrom.training.checkpoint import mean_weights
from photochrom.training.config import CompactConfig
from photochrom.training.embedded import load_embedded
from photochrom.training.prior import class_weights
from photochrom.training.simulate import no_global_hints, recolor, simulate_global_hints, simulate_hints
from photochrom.training.teachers import Teachers
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
        self.teachers = Teachers([self._with_weights(source) for source in config.teachers], device)

    def new_network(self) -> Compact:
        network = self._with_weights(self.config.start)
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
        L, unaged = (
            x.contiguous(memory_format=torch.channels_last) for x in (augment.age(lab[:, :1], generator), lab[:, :1])
        )
        return Truth(L, lab[:, 1:], cell_means(lab[:, 1:], CELL), mean_saturation(rgb), unaged)

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
        by_teachers = bool(self.config.teachers) and moment.step % 2 == 0
        global_hints = self._global_hints(truth, by_teachers, generator)
        told = recolor(truth.L, truth.ab, self.config.recolored, generator)
        hints = simulate_hints(told.ab, generator, told)
        told_cells = cell_means(told.ab, CELL)
        x = decoder.decode_features(features, global_hints)
        ab = decoder.automatic_ab(x)
        (accurate,), _ = decoder.hinted(x, (ab,), hints)
        colored = losses.has_color(truth.ab_cells)
        # A quarter of the cells teaches the distribution as well and costs a quarter of its 313 planes.
        i, j = torch.randint(0, 2, (2,), generator=generator).tolist()
        cells = slice(i, None, 2), slice(j, None, 2)
        logits = decoder.automatic_logits(x[:, :, *cells], global_hints)
        index, weight = self.bins.encode(truth.ab_cells[:, :, *cells])
        terms = {
            "classes": losses.rebalanced_cross_entropy(logits, index, weight, self.class_weights, colored),
            "automatic": losses.huber(ab, truth.ab_cells, colored),
            "hinted": losses.huber(accurate, told_cells, colored),
            "automatic_log": losses.log_squared(ab, truth.ab_cells, colored),
            "hinted_log": losses.log_squared(accurate, told_cells, colored),
        }
        if by_teachers:
            taught = self._against_teachers(truth, cells, ab, logits)
            terms |= {name: torch.lerp(terms[name], value, self.config.taught) for name, value in taught.items()}
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

    def _with_weights(self, source: str) -> Compact:
        """A network with the weights that a setting names (see `CompactConfig.start`)."""
        network = Compact()
        match source:
            case "imagenet":
                network.encoder.pyramid.load_imagenet(load_published_weights())
            case "embedded":
                load_embedded(network)
            case path:
                _load(network, self._root / path)
        return network

    def _global_hints(self, truth: Truth, by_teachers: bool, generator: Generator) -> GlobalHints:
        """A reference's statistics. Teachers are asked without one: theirs is every second step, the others have it."""
        if by_teachers:
            return no_global_hints(len(truth.L), truth.L.device)
        given = min(1.0, self.config.global_hints * (2 if self.config.teachers else 1))
        return simulate_global_hints(truth.ab_cells, truth.saturation, self.bins, given, generator)

    def _against_teachers(
        self, truth: Truth, cells: tuple[slice, slice], ab: Tensor, logits: Tensor
    ) -> dict[str, Tensor]:
        """The losses of automatic colours, with what teachers say in the truth's place."""
        taught = self.teachers(truth.L if truth.unaged is None else truth.unaged, cells)
        all_count = torch.ones_like(ab[:, :1, :1, :1])
        return {
            "classes": losses.cross_entropy(logits, taught.shares),
            "automatic": losses.huber(ab, taught.ab, all_count),
            "automatic_log": losses.log_squared(ab, taught.ab, all_count),
        }

    def _side(self, generator: Generator) -> int:
        """A batch's own side, a multiple of what the network divides by."""
        data = self.config.data
        more = max(data.largest_size - data.size, 0) // data.MULTIPLE
        return data.size + data.MULTIPLE * int(torch.randint(0, more + 1, (), generator=generator))

    def _frozen(self, moment: Moment) -> bool:
        return moment.done < self.config.schedule.frozen_share


def _load(network: Compact, checkpoint: Path) -> None:
    weights = mean_weights(checkpoint)
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise WeightsCorrupt(f"{checkpoint}: not a checkpoint of the compact network") from error
    if not all(value.isfinite().all() for value in weights.values()):
        raise WeightsCorrupt(f"{checkpoint}: holds values that are not finite")
