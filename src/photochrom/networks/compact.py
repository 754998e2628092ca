"""The compact network: automatic colours, local hints and global hints in one, on a small budget.

The encoder sees the photograph once. The decoder's first half runs once per photograph and reference:

1. *Global hints* (the 2017 paper's second network) scale and shift the features at all strides, and a given colour
   histogram also acts as a prior on the distribution.
2. *Automatic colours*, two heads as in the two papers: regression (``accurate``, 2017) and a distribution over 313 bins
   whose annealed mean is taken (``vivid``, 2016), agreed on among cells that look alike.

Its second half runs once per edit, and takes a fraction of the time:

3. *Local hints as attention*: each cell takes a mean of the hints' corrections (hint minus automatic colour at the
   hint's place), weighted by a learned affinity of embeddings and by distance, with a learned share for "none of
   them". It is the idea of Levin et al. 2004, colour follows what looks alike, with affinities learned.
4. *Refinement* of the hinted colours where hints reach, and an exact fit at the hints themselves.

The same attention weights move both heads and the distribution, so that a hint never changes the way of decoding.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from photochrom import color

from .lite0 import PYRAMID_CHANNELS, Lite0Pyramid

AB_SCALE = 50.0  # the network's own unit of ab: its outputs are then of the order of 1
EMBEDDING, HEADS = 64, 4
WIDTHS = (64, 128, 192, 192)  # decoder channels at strides 4, 8, 16, 32
CELL = 4  # stride of the output grid
# Rebalancing in training makes rare colours as loud as common ones: violet shadows, red skin. This share of it (of the
# weights' logarithm) is taken back when colours are decoded, and the mean's chroma is raised instead.
_CALM, _LIVELINESS = 0.3, 1.2
# What a hint still lacks after attention goes to the cells within this radius (in cells) that look alike ...
_FIT_RADIUS, _FIT_LIKENESS = 6.0, 12.0
# ... and what is then still missing to the hint's own cell, and hardly beyond the next.
_PIN_RADIUS = 0.75
# How alike (cosine similarity times this) and how near (as a share of the picture) cells must be to agree on a colour.
_AGREEMENT, _AGREEMENT_REACH = 30.0, 0.3
_AGREEMENT_CELLS = 4  # blocks of 4 x 4 cells speak for theirs: as good as every cell, at a sixteenth of the cost
_HINT_SPREAD = 12.0  # Lab units; width of the distribution around a colour that a hint brought


class Hints(NamedTuple):
    """A padded list of K hinted places for each of N pictures.

    Attributes:
        position: (N, K, 2), y and x as fractions of height and width, in [0, 1].
        ab: (N, K, 2), Lab units.
        mask: (N, K), 1 for a hint and 0 for padding.
    """

    position: Tensor
    ab: Tensor
    mask: Tensor


class GlobalHints(NamedTuple):
    """A reference's colour statistics; an indicator of 0 says "not given".

    Attributes:
        histogram: (N, 313), sums to 1 (or all 0 where not given). histogram_given: (N, 1), 0 or 1.
        saturation: (N, 1), mean HSV saturation in [0, 1]. saturation_given: (N, 1), 0 or 1.
    """

    histogram: Tensor
    histogram_given: Tensor
    saturation: Tensor
    saturation_given: Tensor


class Automatic(NamedTuple):
    """What there is without local hints, on the stride-4 grid (h, w).

    Attributes:
        features: (N, C, h, w), from which hints are spread.
        accurate: (N, 2, h, w), Lab units, the regression.
        vivid: (N, 2, h, w), Lab units, the annealed mean, agreed on among cells that look alike.
        logits: (N, 313, h, w), the distribution, calmed.
    """

    features: Tensor
    accurate: Tensor
    vivid: Tensor
    logits: Tensor


class Colors(NamedTuple):
    """The decoder's answer on the stride-4 grid (h, w).

    Attributes:
        accurate: (N, 2, h, w), Lab units, the regression with hints.
        vivid: (N, 2, h, w), Lab units, the annealed mean with hints.
        logits: (N, 313, h, w), the distribution, calmed, hints included.
        reach: (N, 1, h, w) in [0, 1], how far hints reach.
    """

    accurate: Tensor
    vivid: Tensor
    logits: Tensor
    reach: Tensor


def _conv(inputs: int, outputs: int, kernel: int = 3) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )


class UpBlock(nn.Module):
    """Twice the size, joined with the encoder's features by addition (as in SIGGRAPH 2017), then two convolutions."""

    def __init__(self, inputs: int, shortcut: int, outputs: int) -> None:
        super().__init__()
        self.lower, self.shortcut = (
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.Conv2d(shortcut, outputs, 1, bias=False),
        )
        self.body = nn.Sequential(nn.BatchNorm2d(outputs), nn.ReLU(), _conv(outputs, outputs), _conv(outputs, outputs))

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        y: Tensor = self.body(
            functional.interpolate(self.lower(x), scale_factor=2.0, mode="nearest") + self.shortcut(features)
        )
        return y


class CompactEncoder(nn.Module):
    """Lightness to features, once per photograph.

    Input: (N, 1, H, W), L in [0, 100], H and W multiples of 32. Output: features at strides 4, 8, 16, 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pyramid = Lite0Pyramid()

    def forward(self, L: Tensor) -> tuple[Tensor, ...]:
        features: tuple[Tensor, ...] = self.pyramid((L - 50.0) / 50.0)
        return features


class GlobalInputs(nn.Module):
    """Global hints to a scale and a shift for the features of each stride; zero, so the identity, at the start."""

    def __init__(self, channels: tuple[int, ...], hidden: int = 256) -> None:
        super().__init__()
        self.channels = channels
        self.mlp = nn.Sequential(nn.Linear(313 + 1 + 1 + 1, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.out = nn.Linear(hidden, 2 * sum(channels))
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, hints: GlobalHints) -> list[tuple[Tensor, Tensor]]:
        # A histogram's 313 values are of the order of 1/313; brought to the order of 1, as the others are.
        given = torch.cat([
            torch.sqrt(hints.histogram) * 4.0 * hints.histogram_given, hints.histogram_given,
            hints.saturation * hints.saturation_given, hints.saturation_given,
        ], dim=1)  # fmt: skip
        out = self.out(self.mlp(given))[:, :, None, None]
        parts = torch.split(out, [c for c in self.channels for _ in range(2)], dim=1)
        return list(zip(parts[0::2], parts[1::2], strict=True))


class HintAttention(nn.Module):
    """Spreads the hints' corrections over the picture, along what looks alike and what lies near."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.embed = nn.Conv2d(features, EMBEDDING, 1)
        self.null = nn.Conv2d(features, HEADS, 1)
        self.mix = nn.Conv2d(features, HEADS, 1)
        self.sharpness = nn.Parameter(torch.full((HEADS,), 8.0).log())
        # Reach of the four kernels at the start, from half the picture to a fortieth of it.
        self.reach = nn.Parameter(torch.tensor([0.5, 0.2, 0.08, 0.025]).log())

    def forward(self, features: Tensor, hints: Hints, grid: Tensor, nearest: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Weights of every hint at every cell.

        Args:
            features: (N, C, h, w). grid: (h w, 2), cell centres as y, x fractions.
            nearest: (N, K), index of the cell in which each hint lies.

        Returns:
            weights (N, h w, K), summing to at most 1 over K; share (N, h w, 1), that sum; likeness (N, h w, K) of each
            cell and each hint's cell, in [-1, 1].
        """
        n, _, h, w = features.shape
        cells = self.embed(features).flatten(2).reshape(n, HEADS, EMBEDDING // HEADS, h * w)
        cells = functional.normalize(cells.float(), dim=2)
        index = nearest[:, None, None, :].expand(-1, HEADS, EMBEDDING // HEADS, -1)
        at_hints = torch.gather(cells, 3, index)
        affinity = torch.einsum("nmdi,nmdk->nmik", cells, at_hints)
        # In units of the longer side, so that a network size other than the trained one keeps the reach.
        longer = torch.sym_max(h, w)  # type: ignore[no-untyped-call]  # max() would fix the orientation on export
        distance = _squared_distance(grid, hints.position, h, w)[:, None] / longer**2
        logits = affinity * self.sharpness.exp()[:, None, None] - distance / (2 * self.reach.exp() ** 2)[:, None, None]
        logits = logits + (hints.mask[:, None, None, :] - 1.0) * 1e4
        null = self.null(features).float().flatten(2)[..., None]
        # Softmax over the hints and "none of them", without concatenation, so that K = 0 works in every engine.
        top = torch.maximum(logits.amax(dim=3, keepdim=True), null)
        odds = torch.exp(logits - top)
        odds = odds / (odds.sum(dim=3, keepdim=True) + torch.exp(null - top))
        mix = torch.softmax(self.mix(features).float().flatten(2), dim=1)[..., None]
        weights = (odds * mix).sum(dim=1)
        return weights, weights.sum(dim=2, keepdim=True), affinity.mean(dim=1)

    def agree(self, features: Tensor, ab: Tensor) -> Tensor:
        """Colours (N, 2, h, w) replaced by the mean over what looks alike to the hints' embedding, mostly nearby.

        Annealing decides cell by cell, so a doubtful surface falls apart into blotches; a hint's way of spreading is
        what holds it together. Buades et al. 2005 average alike patches of noisy pictures in the same way.
        """
        n, _, h, w = features.shape
        embedding = self.embed(features).float()
        queries = functional.normalize(embedding.reshape(n, HEADS, EMBEDDING // HEADS, -1), dim=2).flatten(1, 2)
        pooled = functional.avg_pool2d(embedding, _AGREEMENT_CELLS)
        keys = functional.normalize(pooled.reshape(n, HEADS, EMBEDDING // HEADS, -1), dim=2).flatten(1, 2)
        affinity = (queries * (_AGREEMENT / HEADS)).transpose(1, 2) @ keys
        weights = torch.softmax(affinity + _nearness(_grid(features), _grid(pooled)) / _AGREEMENT_REACH**2, dim=2)
        spoken = functional.avg_pool2d(ab, _AGREEMENT_CELLS).flatten(2)
        return (weights @ spoken.transpose(1, 2)).transpose(1, 2).reshape(n, 2, h, w)


def _squared_distance(grid: Tensor, position: Tensor, h: int, w: int) -> Tensor:
    """Squared distances (N, h w, K) of cells and hints, in cells."""
    y = (grid[None, :, None, 0] - position[:, None, :, 0]) * h
    x = (grid[None, :, None, 1] - position[:, None, :, 1]) * w
    return y * y + x * x


def _nearness(places: Tensor, others: Tensor) -> Tensor:
    """Half the squared distances of places (I, 2) and others (K, 2), negative: (I, K), for a softmax over the others.

    What all others have in common is left out, which leaves a product, where differences would need a third axis.
    """
    return places @ others.T - (others**2).sum(dim=1) / 2


class CompactDecoder(nn.Module):
    """Features, local hints and global hints to colours."""

    def __init__(self) -> None:
        super().__init__()
        w4, w8, w16, w32 = WIDTHS
        c4, c8, c16, c32 = PYRAMID_CHANNELS
        self.context = nn.Sequential(nn.Linear(c32, w32), nn.ReLU(), nn.Linear(w32, w32))
        self.enter32, self.block32 = nn.Conv2d(c32, w32, 1), _conv(w32, w32)
        self.up16, self.up8, self.up4 = UpBlock(w32, c16, w16), UpBlock(w16, c8, w8), UpBlock(w8, c4, w4)
        self.globals = GlobalInputs((w32, w16, w8, w4))
        self.to_ab = nn.Conv2d(w4, 2, 1)
        self.to_logits = nn.Conv2d(w4, 313, 1)
        self.histogram_trust = nn.Parameter(torch.tensor(0.3))
        self.attention = HintAttention(w4)
        self.refine = nn.Sequential(
            nn.Conv2d(w4 + 5, 48, 3, padding=1), nn.ReLU(), nn.Conv2d(48, 32, 3, padding=1), nn.ReLU()
        )
        self.residual = nn.Conv2d(32, 2, 3, padding=1)
        for parameter in self.residual.parameters():
            nn.init.zeros_(parameter)
        self.bins: Tensor
        self.register_buffer("bins", torch.from_numpy(color.ab_bins().copy()))
        # Logarithms of the bins' weights in the loss, which a training run sets.
        self.log_weights: Tensor
        self.register_buffer("log_weights", torch.zeros(len(self.bins)))

    def forward(
        self, features: tuple[Tensor, ...], hints: Hints, global_hints: GlobalHints, temperature: Tensor | float = 0.38
    ) -> Colors:
        return self.guided(self.automatic(features, global_hints, temperature), hints)

    def automatic(
        self, features: tuple[Tensor, ...], global_hints: GlobalHints, temperature: Tensor | float = 0.38
    ) -> Automatic:
        """Colours before local hints, once per photograph and reference."""
        x = self.decode_features(features, global_hints)
        logits = self.automatic_logits(x, global_hints) - _CALM * self.log_weights[:, None, None]
        vivid = self.attention.agree(x, _LIVELINESS * self.annealed_mean(logits, temperature))
        return Automatic(x, self.automatic_ab(x), vivid, logits)

    def guided(self, automatic: Automatic, hints: Hints) -> Colors:
        """Colours with local hints, once per edit."""
        x, ab, vivid, logits = automatic
        (accurate, vivid), reach = self.hinted(x, (ab, vivid), hints)
        return Colors(accurate, vivid, self._attract(logits, vivid, reach), reach)

    def hint_parts(self) -> tuple[nn.Module, ...]:
        """The parts that make nothing but hints spread. Agreement of automatic colours uses their embedding, too."""
        return self.attention, self.refine, self.residual

    def automatic_ab(self, x: Tensor) -> Tensor:
        """The regression without local hints, (N, 2, h, w) in Lab units."""
        ab: Tensor = self.to_ab(x).float() * AB_SCALE
        return ab

    def automatic_logits(self, x: Tensor, global_hints: GlobalHints) -> Tensor:
        """The rebalanced distribution without local hints, (N, 313, h, w)."""
        logits: Tensor = self.to_logits(x) + self._histogram_prior(global_hints)
        return logits

    def hinted(self, x: Tensor, fields: tuple[Tensor, ...], hints: Hints) -> tuple[tuple[Tensor, ...], Tensor]:
        """Moves colour fields by the hints.

        Args:
            x: features (N, C, h, w). fields: automatic colours (N, 2, h, w) each, the regression first.

        Returns:
            the fields with hints, and how far the hints reach, (N, 1, h, w) in [0, 1].
        """
        n, _, h, w = x.shape
        grid, nearest = _grid(x), _nearest_cell(hints.position, h, w)
        weights, share, likeness = self.attention(x, hints, grid, nearest)
        moves = [_spread(weights, field, hints, nearest) for field in fields]
        reach = share.transpose(1, 2).reshape(n, 1, h, w)
        seen = torch.cat([x, fields[0].detach() / AB_SCALE, moves[0] / AB_SCALE, reach], dim=1)
        residual = self.residual(self.refine(seen)).float() * AB_SCALE * reach
        distance = _squared_distance(grid, hints.position, h, w)
        alike = _at_most_one(_FIT_LIKENESS * (likeness - 1) - distance / (2 * _FIT_RADIUS**2), hints)
        pin = _at_most_one(-distance / (2 * _PIN_RADIUS**2), hints)
        moved = (field + move + residual for field, move in zip(fields, moves, strict=True))
        return tuple(_fit(_fit(field, hints, nearest, alike), hints, nearest, pin) for field in moved), reach

    def annealed_mean(self, logits: Tensor, temperature: Tensor | float) -> Tensor:
        """Mean ab (N, 2, h, w) of softmax(logits / T): between the mode (T -> 0) and the mean (T = 1).

        ECCV 2016, section 2.3.
        """
        # Bins last: a softmax over another axis takes engines many times as long.
        p = torch.softmax(logits.movedim(1, 3) / temperature, dim=3)
        return (p @ self.bins).movedim(3, 1)

    def decode_features(self, features: tuple[Tensor, ...], global_hints: GlobalHints) -> Tensor:
        f4, f8, f16, f32 = features
        at32, at16, at8, at4 = self.globals(global_hints)
        x = self.block32(self.enter32(f32) + self.context(f32.mean(dim=(2, 3)))[:, :, None, None])
        x = _modulated(x, at32)
        x = _modulated(self.up16(x, f16), at16)
        x = _modulated(self.up8(x, f8), at8)
        return _modulated(self.up4(x, f4), at4)

    def _histogram_prior(self, hints: GlobalHints) -> Tensor:
        """Log odds (N, 313, 1, 1) that a given histogram lends to its bins."""
        odds = torch.log(hints.histogram * 313.0 + 0.05)
        return (self.histogram_trust * odds * hints.histogram_given)[:, :, None, None]

    def _attract(self, logits: Tensor, ab: Tensor, reach: Tensor) -> Tensor:
        """The distribution drawn to the hinted colours, as far as hints reach: less by their squared distance."""
        pull = reach / (2 * _HINT_SPREAD**2)
        told = torch.cat([pull * ab, pull, pull * (ab**2).sum(dim=1, keepdim=True)], dim=1)
        squares = (self.bins**2).sum(dim=1, keepdim=True)
        # One product for all of 2 ab bin - bin^2 - ab^2.
        of_bins = torch.cat([2 * self.bins, -squares, -torch.ones_like(squares)], dim=1)
        return logits + functional.conv2d(told, of_bins[:, :, None, None])


def _modulated(x: Tensor, by: tuple[Tensor, Tensor]) -> Tensor:
    """Features (N, C, h, w) scaled and shifted by (N, C, 1, 1)."""
    scale, shift = by
    return x * (1 + scale) + shift


def _grid(x: Tensor) -> Tensor:
    """Centres (h w, 2) of the cells of x as fractions of height and width."""
    h, w = x.shape[2:]
    y = (torch.arange(h, device=x.device, dtype=torch.float32) + 0.5) / h
    z = (torch.arange(w, device=x.device, dtype=torch.float32) + 0.5) / w
    return torch.stack([y[:, None].expand(h, w), z[None, :].expand(h, w)], dim=2).reshape(-1, 2)


def _nearest_cell(position: Tensor, h: int, w: int) -> Tensor:
    """Index (N, K) of the cell in which each position lies."""
    y = torch.clamp((position[..., 0] * h).floor(), min=0).clamp(max=h - 1)
    x = torch.clamp((position[..., 1] * w).floor(), min=0).clamp(max=w - 1)
    return (y * w + x).long()


def _corrections(base: Tensor, hints: Hints, nearest: Tensor) -> Tensor:
    """What each hint says beyond the base colours (N, 2, h, w) at its place: (N, K, 2)."""
    at_hints = torch.gather(base.flatten(2), 2, nearest[:, None, :].expand(-1, 2, -1)).transpose(1, 2)
    return (hints.ab - at_hints) * hints.mask[..., None]


def _spread(weights: Tensor, base: Tensor, hints: Hints, nearest: Tensor) -> Tensor:
    """Weighted corrections (N, 2, h, w)."""
    n, _, h, w = base.shape
    return (weights @ _corrections(base, hints, nearest)).transpose(1, 2).reshape(n, 2, h, w)


def _at_most_one(odds: Tensor, hints: Hints) -> Tensor:
    """Weights (N, h w, K) from log odds: at most 1 in sum over the hints, 1 where a hint stands alone."""
    pull = torch.exp(odds) * hints.mask[:, None, :]
    return pull / torch.clamp(pull.sum(dim=2, keepdim=True), min=1.0)


def _fit(ab: Tensor, hints: Hints, nearest: Tensor, pin: Tensor) -> Tensor:
    """The colours corrected near each hint by what is still missing there."""
    return ab + _spread(pin, ab, hints, nearest)


class Compact(nn.Module):
    """Encoder and decoder together, for training."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = CompactEncoder()
        self.decoder = CompactDecoder()

    def forward(self, L: Tensor, hints: Hints, global_hints: GlobalHints) -> Colors:
        colors: Colors = self.decoder(self.encoder(L), hints, global_hints)
        return colors
