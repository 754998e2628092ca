"""Teachers: what they say, and when a network learns it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from photochrom.networks.compact import Compact, Hints
from photochrom.training import losses
from photochrom.training.config import CompactConfig, CompactData, CompactSchedule
from photochrom.training.loop import Trainer
from photochrom.training.recipes import Moment, Truth, new_recipe
from photochrom.training.recipes.compact import CompactRecipe
from photochrom.training.simulate import no_global_hints
from photochrom.training.teachers import Teachers
from photochrom.training.tensors import cell_means

MakePictures = Callable[[Path, int], list[Path]]
CPU = torch.device("cpu")
ODD, EVEN = (slice(1, None, 2),) * 2, (slice(0, None, 2),) * 2
OF_TEACHERS = ("classes", "automatic", "automatic_log")
BY_TEACHERS, BY_TRUTH = Moment(4, 0.1), Moment(5, 0.1)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def network(seed: int) -> Compact:
    torch.manual_seed(seed)
    return Compact().eval()


def lightness(n: int = 2) -> Tensor:
    return 100 * torch.rand(n, 1, 64, 64, generator=generator(1))


def no_hints(n: int) -> Hints:
    return Hints(torch.zeros(n, 1, 2), torch.zeros(n, 1, 2), torch.zeros(n, 1))


@pytest.mark.parametrize("cells", [EVEN, ODD])
def test_teachers_say_the_mean_of_their_automatic_colours_and_distributions(cells: tuple[slice, slice]) -> None:
    networks = [network(seed) for seed in (1, 2, 3)]
    L = lightness()
    with torch.no_grad():
        said = [n(L, no_hints(2), no_global_hints(2, CPU)) for n in networks]
    taught = Teachers(networks, CPU)(L, cells)
    torch.testing.assert_close(taught.ab, sum(colors.accurate for colors in said) / 3, rtol=1e-4, atol=1e-3)
    shares = sum(colors.logits[:, :, *cells].softmax(dim=1) for colors in said) / 3  # log_weights are 0 here
    torch.testing.assert_close(taught.shares, shares, rtol=1e-3, atol=1e-6)
    assert not taught.ab.requires_grad and not any(p.requires_grad for n in networks for p in n.parameters())


def test_cross_entropy_is_pytorchs_own() -> None:
    logits = torch.randn(2, 313, 4, 5, generator=generator())
    shares = torch.rand(2, 313, 4, 5, generator=generator(1)).softmax(dim=1)
    expected = torch.nn.functional.cross_entropy(logits, shares)
    torch.testing.assert_close(losses.cross_entropy(logits, shares), expected)


# --- in the recipe


def settings(taught: float, *teachers: str) -> CompactConfig:
    data = CompactData(train=("pictures",), size=32, validation_network_size=32, cache="cache")
    schedule = CompactSchedule(batch=2, steps=2, warmup=0, frozen_share=0.0)
    every = losses.LossWeights(0.2, 0.3, 0.3, 0.3, 0.3)
    return CompactConfig(
        output="run", start="embedded", teachers=teachers, taught=taught, data=data, schedule=schedule, losses=every
    )


def terms_of(recipe: CompactRecipe, ab: Tensor, moment: Moment, unaged: Tensor | None = None) -> dict[str, float]:
    truth = Truth(lightness(len(ab)), ab, cell_means(ab, 4), torch.full((len(ab), 1), 0.4), unaged)
    with torch.no_grad():
        _, terms = recipe.losses(recipe.new_network(), truth, moment, generator(5))
    return {name: value.item() for name, value in terms.items()}


def recipe_of(config: CompactConfig) -> CompactRecipe:
    pictures = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    recipe = new_recipe(config, Path(), pictures, CPU)
    assert isinstance(recipe, CompactRecipe)
    return recipe


def two_truths() -> tuple[Tensor, Tensor]:
    coarse = 80 * torch.rand(2, 2, 2, 4, 4, generator=generator(3)) - 40
    first, second = (torch.nn.functional.interpolate(c, (64, 64), mode="bilinear") for c in coarse)
    return first, second


def test_every_second_step_learns_from_teachers_and_the_others_from_the_truth() -> None:
    recipe = recipe_of(settings(1.0, "embedded"))
    first, second = two_truths()
    a, b = (terms_of(recipe, ab, BY_TEACHERS) for ab in (first, second))
    assert {name for name in a if a[name] != b[name]} == {"hinted", "hinted_log"}  # hints are the truth's
    a, b = (terms_of(recipe, ab, BY_TRUTH) for ab in (first, second))
    assert all(a[name] != b[name] for name in a)
    # A network that is its own teacher has less to learn from itself than from random colours.
    assert terms_of(recipe, first, BY_TEACHERS)["automatic"] < 0.7 * a["automatic"]


def test_truth_and_teachers_are_mixed_by_their_share() -> None:
    ab, _ = two_truths()
    half, all_taught = (terms_of(recipe_of(settings(s, "embedded")), ab, BY_TEACHERS) for s in (0.5, 1.0))
    none = terms_of(recipe_of(settings(0.0, "embedded")), ab, BY_TEACHERS)
    for name in OF_TEACHERS:
        assert half[name] == pytest.approx((none[name] + all_taught[name]) / 2, rel=1e-5)


def test_teachers_see_the_picture_as_it_was_before_it_was_aged() -> None:
    recipe, (ab, _) = recipe_of(settings(1.0, "embedded")), two_truths()
    aged, same = (terms_of(recipe, ab, BY_TEACHERS, unaged) for unaged in (lightness().flip(2), lightness()))
    assert all(aged[name] != same[name] for name in OF_TEACHERS)
    assert same == terms_of(recipe, ab, BY_TEACHERS)


def test_a_run_learns_from_checkpoints_and_from_the_embedded_network(
    tmp_path: Path, make_pictures: MakePictures
) -> None:
    make_pictures(tmp_path / "pictures", 4)
    Trainer(replace(settings(0.6), output="first"), tmp_path).run(lambda *_: None)
    seen: list[dict[str, float]] = []
    taught = settings(0.6, "embedded", "first/checkpoint.safetensors")
    Trainer(taught, tmp_path).run(lambda _, terms: seen.append(terms()))
    assert len(seen) == 2 and all(np.isfinite(list(terms.values())).all() for terms in seen)
