"""Whether the published networks learn by this project's recipes: 64 small photographs, learned by heart.

Each network starts from random weights and sees the middle squares of the first 64 photographs of a folder or of a tar
archive at 32 x 32 pixels, with the losses of its recipe and a learning rate for so short a run. Its losses are compared
with those of the best single answer for all pixels, which ignores the pictures. siggraph17 has two stages, each as long
as another network's run; of each stage the loss is kept that teaches the trunk in it.

    python benchmarks/overfit.py PHOTOGRAPHS [--steps 60] [--json FILE]
"""

import argparse
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from photochrom.training import losses
from photochrom.training.checkpoint import Progress
from photochrom.training.config import (
    CONFIGS,
    PublishedData,
    Schedule,
    Siggraph17Config,
    TrainConfig,
)
from photochrom.training.data import decode_square, find_images
from photochrom.training.loop import Terms, Trainer
from photochrom.training.recipes.eccv16 import Eccv16Recipe
from photochrom.training.recipes.published import has_spread, regression_loss
from photochrom.training.recipes.siggraph17 import class_index
from photochrom.training.tensors import rgb_to_lab

PICTURES, SIDE, RATE = 64, 32, 1e-3  # all pictures in every step
NETWORKS = ("eccv16", "siggraph17", "siggraph17-global")
STRIDE = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--steps", type=int, default=60, help="of each stage")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photochrom-overfit-") as folder:
        root = Path(folder)
        (root / "pictures").mkdir()
        for i, member in enumerate(find_images([arguments.photographs])[:PICTURES]):
            Image.fromarray(decode_square(member.read(), SIDE)).save(root / "pictures" / f"{i:02}.png")
        figures: dict[str, Any] = {"pictures": PICTURES, "side": SIDE, "rate": RATE, "steps": arguments.steps}
        figures["networks"] = {name: learn(configuration(name, arguments.steps), root) for name in NETWORKS}
    text = json.dumps(figures, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text, encoding="utf-8")


def configuration(network: str, steps: int) -> TrainConfig:
    """The network's recipe on the small pictures, without decay of the weights, which would be in the way."""
    data = PublishedData(train=("pictures",), size=SIDE, picture_size=SIDE, validation_network_size=SIDE, cache="cache")
    config = replace(CONFIGS[network](), data=data, output=network)
    if isinstance(config, Siggraph17Config):
        config = replace(config, classification_steps=steps)
        steps *= 2
    never = steps + 1
    schedule = Schedule(
        batch=PICTURES, steps=steps, warmup=5, learning_rate=RATE, checkpoint_every=never, validate_every=never
    )
    return replace(config, schedule=schedule)


def learn(config: TrainConfig, root: Path) -> dict[str, Any]:
    """The losses of every step in which they teach the trunk, and those of the best single answer."""
    curves: dict[str, list[float]] = {}

    def report(progress: Progress, terms: Terms) -> None:
        found = terms()
        for name in found.keys() - {"rate"}:
            curves.setdefault(name, []).append(float(f"{found[name]:.4g}"))
        print(config.network, asdict(progress), found, flush=True)

    trainer = Trainer(config, root)
    trainer.save = lambda: None  # type: ignore[method-assign]
    trainer.run(report)
    if isinstance(config, Siggraph17Config):
        middle = config.classification_steps
        curves = {"classes": curves["classes"][:middle], "regression": curves["regression"][middle:]}
    rgb = torch.from_numpy(trainer.pictures.copy()).permute(0, 3, 1, 2).float() / 255
    ab = rgb_to_lab(rgb)[:, 1:]
    return {name: {"curve": curve, "constant": constant(name, trainer, ab)} for name, curve in curves.items()}


def constant(term: str, trainer: Trainer, ab: Tensor) -> float:
    """What the best answer that is the same for all pixels of ab (N, 2, S, S) costs."""
    if term == "regression":
        median = ab.flatten(2).transpose(0, 1).flatten(1).median(dim=1).values
        return float(regression_loss(median[None, :, None, None].expand_as(ab), ab, has_spread(ab)))
    cells = ab[:, :, ::STRIDE, ::STRIDE]
    if isinstance(trainer.recipe, Eccv16Recipe):
        recipe = trainer.recipe
        index, weight = recipe.bins.encode(cells)
        balance = (recipe.class_weights[index[:, :1]] * losses.has_color(cells)).expand_as(weight)
        shares = torch.zeros(313).index_add_(0, index.flatten(), (weight * balance).flatten())
        logits = (shares / shares.sum()).clamp(min=1e-9).log()[None, :, None, None].expand(len(cells), -1, 8, 8)
        return float(
            losses.rebalanced_cross_entropy(logits, index, weight, recipe.class_weights, losses.has_color(cells))
        )
    counted = class_index(cells)[has_spread(ab).flatten() > 0].flatten().bincount().double()
    shares = counted / counted.sum()
    return float(-(shares * shares.clamp(min=1e-12).log()).sum())


if __name__ == "__main__":
    main()
