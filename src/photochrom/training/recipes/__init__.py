"""How each network is trained: a recipe builds the network, computes its losses and shows what it has learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from photochrom.training.config import (
    CompactConfig,
    Eccv16Config,
    Siggraph17Config,
    Siggraph17GlobalConfig,
    TrainConfig,
)

from .compact import CompactRecipe
from .eccv16 import Eccv16Recipe
from .global_hints import Siggraph17GlobalRecipe
from .recipe import Moment, Recipe, Truth
from .siggraph17 import Siggraph17Recipe

__all__ = ["Moment", "Recipe", "Truth", "new_recipe"]


def new_recipe(config: TrainConfig, root: Path, pictures: npt.NDArray[np.uint8], device: torch.device) -> Recipe:
    """The recipe of the configuration's network.

    Args:
        config: one of the networks' own.
        root: folder to which the configuration's paths are relative.
        pictures: (N, S, S, 3), the training pictures, from which the colour prior may be measured.
        device: where the network is.

    Raises:
        InputError: the file of the colour prior cannot be used.
        TypeError: the configuration is of no network.
    """
    match config:
        case CompactConfig():
            return CompactRecipe(config, root, pictures, device)
        case Eccv16Config():
            return Eccv16Recipe(config, root, pictures, device)
        case Siggraph17Config():
            return Siggraph17Recipe(config)
        case Siggraph17GlobalConfig():
            return Siggraph17GlobalRecipe(config, device)
    raise TypeError(f"no recipe for {type(config).__name__}")
