"""The recipes of the published networks: what teaches which part, and that each learns."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from photochrom import color
from photochrom.networks.eccv16 import Eccv16
from photochrom.networks.global_hints import Siggraph17Global
from photochrom.networks.siggraph17 import CLASSES, Siggraph17, Trunk
from photochrom.training.config import (
    CONFIGS,
    Eccv16Config,
    PublishedData,
    Schedule,
    Siggraph17Config,
    Siggraph17GlobalConfig,
    TrainConfig,
)
from photochrom.training.loop import Trainer
from photochrom.training.recipes import Moment, Recipe, Truth, new_recipe, siggraph17
from photochrom.training.recipes.published import has_spread, regression_loss
from photochrom.training.recipes.siggraph17 import class_index
from photochrom.training.simulate import simulate_patches
from photochrom.training.tensors import BinTable, cell_means

MakePictures = Callable[[Path, int], list[Path]]
CPU = torch.device("cpu")
DATA = PublishedData(train=("pictures",), size=32, picture_size=32, validation_network_size=32, cache="cache")
EARLY, LATE = Moment(0, 0.0), Moment(10, 0.5)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def recipe_of(config: TrainConfig) -> Recipe:
    pictures = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    return new_recipe(replace(config, data=DATA), Path(), pictures, CPU)


def smooth_ab(n: int = 2) -> Tensor:
    """Colours (n, 2, 32, 32) within the gamut, each picture its own."""
    coarse = 60 * torch.rand(n, 2, 3, 3, generator=generator()) - 30
    return nn.functional.interpolate(coarse, (32, 32), mode="bilinear", align_corners=True)


def truth_of(ab: Tensor) -> Truth:
    L = 100 * torch.rand(len(ab), 1, *ab.shape[2:], generator=generator(1))
    return Truth(L, ab, cell_means(ab, 4), torch.full((len(ab), 1), 0.4))


def gradient(loss: Tensor, part: object) -> float:
    """Length of the gradient in a layer's weights; 0 where none reaches."""
    assert isinstance(part, nn.Conv2d)
    found: tuple[Tensor | None, ...] = torch.autograd.grad(loss, [part.weight], retain_graph=True, allow_unused=True)
    return 0.0 if found[0] is None else float(found[0].norm())


# --- learning


def run(config: TrainConfig, root: Path) -> list[dict[str, float]]:
    """The losses of a short run on eight pictures, all of them in every step."""
    steps: list[dict[str, float]] = []
    trainer = Trainer(config, root)
    trainer.save = lambda: None  # type: ignore[method-assign]  # half a gigabyte
    trainer.run(lambda _, terms: steps.append(terms()))
    return steps


def short(network: str, steps: int) -> Any:
    constant = ((1000, 0.0),)
    schedule = Schedule(
        batch=8, steps=steps, learning_rate=1e-3, stairs=constant, checkpoint_every=99, validate_every=99
    )
    return replace(CONFIGS[network](), data=DATA, schedule=schedule, output="run")


def test_eccv16_learns(tmp_path: Path, make_pictures: MakePictures) -> None:
    make_pictures(tmp_path / "pictures", 8)
    losses = [terms["classes"] for terms in run(short("eccv16", 20), tmp_path)]
    assert np.mean(losses[-2:]) < 0.8 * np.mean(losses[:2])


def test_siggraph17_learns_in_both_stages(tmp_path: Path, make_pictures: MakePictures) -> None:
    make_pictures(tmp_path / "pictures", 8)
    steps = run(replace(short("siggraph17", 42), classification_steps=12), tmp_path)
    # The distribution starts with all classes alike.
    assert steps[0]["classes"] == pytest.approx(math.log(CLASSES), abs=0.3)
    assert steps[11]["classes"] < 0.9 * steps[0]["classes"]
    regression = [s["regression"] for s in steps]
    assert min(regression[-2:]) < 0.8 * min(regression[:12]) < 0.8 * regression[0]


def test_network_for_global_hints_learns(tmp_path: Path, make_pictures: MakePictures) -> None:
    make_pictures(tmp_path / "pictures", 8)
    losses = [terms["regression"] for terms in run(short("siggraph17-global", 16), tmp_path)]
    assert min(losses[-2:]) < 0.65 * losses[0]


# --- what all three share


@pytest.mark.parametrize("kind", [Eccv16Config, Siggraph17Config, Siggraph17GlobalConfig])
def test_fresh_network_is_neutral_and_keeps_the_spread_of_its_features(kind: Callable[[], TrainConfig]) -> None:
    torch.manual_seed(0)
    recipe = recipe_of(kind())
    network = recipe.new_network()
    L = 100 * torch.rand(2, 1, 32, 32, generator=generator())
    zero = torch.zeros(2, 1)
    spread: list[float] = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and module.in_channels > 3:
            module.register_forward_hook(lambda _, __, y: spread.append(y.std().item()) if y.shape[1] > 9 else None)
    if isinstance(network, Eccv16):
        ab = network(L).ab
    elif isinstance(network, Siggraph17):
        ab = network(L, torch.zeros(2, 2, 32, 32), torch.zeros_like(L)).ab
    else:
        ab = network(L, torch.zeros(2, 313), zero, zero, zero)
    assert ab.abs().max() < 30
    *features, _ = sorted(spread, reverse=True)  # the least is a head's
    assert 0.2 < np.median(features) < 5


def test_regression_loss_is_hubers_with_delta_one_and_ten_times_in_units_of_110() -> None:
    truth = torch.zeros(2, 2, 4, 4)
    everything = torch.ones(2, 1, 1, 1)
    assert regression_loss(truth + 0.5, truth, everything).item() == pytest.approx(2 * 0.125 * 10 / 110)
    assert regression_loss(truth - 20.0, truth, everything).item() == pytest.approx(2 * 19.5 * 10 / 110)
    only_second = torch.tensor([0.0, 1.0])[:, None, None, None]
    off = torch.stack([truth[0] + 50, truth[1] + 20])
    assert regression_loss(off, truth, only_second).item() == pytest.approx(2 * 19.5 * 10 / 110)
    assert regression_loss(off, truth, torch.zeros(2, 1, 1, 1)).item() == 0


def test_pictures_without_spread_of_colour_do_not_count() -> None:
    ab = torch.zeros(4, 2, 8, 8)
    ab[0] += 40  # a tint
    ab[1, 0, 3, 3], ab[1, 1, 5, 5] = 2.0, -2.9
    ab[2, 0, 3, 3], ab[2, 1, 5, 5] = 2.0, -3.1
    ab[3, 1, 0, 0] = 10
    assert has_spread(ab).flatten().tolist() == [0, 0, 1, 1]


# --- eccv16


def test_eccv16_is_taught_every_fourth_pixel_softly_and_rebalanced() -> None:
    torch.manual_seed(0)
    recipe = recipe_of(Eccv16Config())
    network = recipe.new_network()
    assert isinstance(network, Eccv16)
    truth = truth_of(smooth_ab())
    total, terms = recipe.losses(network, truth, EARLY, generator())
    network.train()
    logits = network.logits(truth.L).detach()
    ab = truth.ab[:, :, ::4, ::4].permute(0, 2, 3, 1).numpy()
    soft = color.soft_encode(ab)
    weights = recipe.class_weights.numpy()[soft.argmax(axis=-1)]  # type: ignore[attr-defined]
    shares = torch.log_softmax(logits, dim=1).permute(0, 2, 3, 1).numpy()
    expected = (-(soft * shares).sum(axis=-1) * weights).mean()
    assert total.item() == terms["classes"].item() == pytest.approx(expected, rel=0.05)


def test_eccv16_learns_nothing_from_gray_pictures_and_keeps_the_colours_of_its_bins() -> None:
    recipe = recipe_of(Eccv16Config())
    network = recipe.new_network()
    assert isinstance(network, Eccv16)
    np.testing.assert_allclose(network.model_out.weight[:, :, 0, 0].detach().T * 110, color.ab_bins(), atol=1e-4)
    learning = [p for group in recipe.optimizer(network).param_groups for p in group["params"]]
    assert not any(p is network.model_out.weight for p in learning) and len(learning) > 40
    gray = truth_of(torch.clamp(smooth_ab(), -4.9, 4.9))
    total, _ = recipe.losses(network, gray, EARLY, generator())
    assert total.item() == 0
    assert gradient(total, network.model1[0]) == 0


# --- siggraph17


def test_class_is_the_nearest_of_the_grid_and_b_runs_fastest() -> None:
    axis = torch.arange(-110.0, 111.0, 10.0)
    ab = torch.cartesian_prod(axis, axis).T[None, :, :, None]
    assert class_index(ab)[0, :, 0].tolist() == list(range(CLASSES))
    assert torch.equal(class_index(ab + 4.9), class_index(ab)) and torch.equal(class_index(ab - 4.9), class_index(ab))
    assert class_index(torch.full((1, 2, 1, 1), 500.0)).item() == CLASSES - 1


@pytest.fixture(scope="module")
def hinted() -> tuple[Recipe, Siggraph17]:
    torch.manual_seed(0)
    recipe = recipe_of(Siggraph17Config(classification_steps=5))
    network = recipe.new_network()
    assert isinstance(network, Siggraph17)
    return recipe, network


@pytest.mark.parametrize(("moment", "teacher", "other"), [
    (EARLY, "classes", "regression"), (LATE, "regression", "classes"),
])  # fmt: skip
def test_trunk_learns_from_one_head_in_each_stage(
    hinted: tuple[Recipe, Siggraph17], moment: Moment, teacher: str, other: str
) -> None:
    recipe, network = hinted
    total, terms = recipe.losses(network, truth_of(smooth_ab()), moment, generator())
    trunk = network.model3[0]
    assert gradient(terms[teacher], trunk) > 0 and gradient(terms[other], trunk) == 0
    assert gradient(terms["classes"], network.model_class[0]) > 0
    assert gradient(terms["regression"], network.model_out[0]) > 0
    assert total.item() == pytest.approx(sum(t.item() for t in terms.values()), rel=1e-5)


def test_hints_are_given_in_the_second_stage_only(
    hinted: tuple[Recipe, Siggraph17], monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, network = hinted
    seen: list[Tensor] = []
    trunk = network.trunk

    def watched(L: Tensor, ab: Tensor, mask: Tensor) -> Trunk:
        seen.append(mask)
        return trunk(L, ab, mask)

    monkeypatch.setattr(network, "trunk", watched)
    monkeypatch.setattr(siggraph17, "simulate_patches", lambda ab, *_: (ab, torch.ones_like(ab[:, :1])))
    for moment in (EARLY, LATE):
        recipe.losses(network, truth_of(smooth_ab()), moment, generator())
    assert not seen[0].any() and seen[1].all()


def test_patches_show_mean_colours_of_squares_of_one_to_nine_pixels() -> None:
    ab = torch.randn(400, 2, 40, 56, generator=generator()) * 30
    shown, mask = simulate_patches(ab, 0.0, generator(1))
    assert mask.shape == (400, 1, 40, 56) and set(mask.flatten().tolist()) == {0.0, 1.0}
    assert not (shown * (1 - mask)).any()
    assert (mask.amax(dim=(1, 2, 3)) == 0).double().mean().item() == pytest.approx(1 / 8, abs=0.05)
    areas = mask.sum(dim=(1, 2, 3))
    one = areas[(areas == areas.sqrt().round() ** 2) & (areas > 0)].sqrt()
    assert one.min() >= 1 and 8 < one.max() <= 9 * math.sqrt(9)
    for i in range(400):
        colors = set(map(tuple, shown[i].flatten(1).T.tolist()))
        if 0 < areas[i] <= 81 and len(colors) == 2:  # one colour beside nothing
            rows, columns = (mask[i, 0].sum(dim=d).nonzero().flatten() for d in (1, 0))
            square = ab[i, :, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
            torch.testing.assert_close(shown[i, :, rows[0], columns[0]], square.mean(dim=(1, 2)))
            return
    raise AssertionError("no picture had a single patch")


def test_patches_lie_around_the_middle() -> None:
    _, mask = simulate_patches(torch.ones(300, 2, 64, 64), 0.0, generator(2))
    y = (mask.sum(dim=(0, 1, 3)) * torch.arange(64)).sum() / mask.sum()
    share = mask[:, :, 16:48, 16:48].sum() / mask.sum()
    assert y.item() == pytest.approx(31.5, abs=2) and share.item() == pytest.approx(0.683**2, abs=0.08)


def test_all_colours_are_shown_of_some_pictures() -> None:
    ab = torch.randn(600, 2, 16, 16, generator=generator())
    shown, mask = simulate_patches(ab, 0.25, generator(3))
    whole = mask.amin(dim=(1, 2, 3)) == 1
    assert whole.double().mean().item() == pytest.approx(0.25, abs=0.06)
    assert torch.equal(shown[whole], ab[whole])
    shown, mask = simulate_patches(ab, 1.0, generator())
    assert torch.equal(shown, ab) and mask.all()


# --- siggraph17-global


def test_statistics_of_the_picture_are_given_or_withheld(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipe_of(Siggraph17GlobalConfig(global_hints=0.5))
    network = recipe.new_network()
    assert isinstance(network, Siggraph17Global)
    seen: list[tuple[Tensor, ...]] = []

    def forward(L: Tensor, *given: Tensor) -> Tensor:
        seen.append(given)
        return torch.zeros(len(L), 2, *L.shape[2:], requires_grad=True)

    monkeypatch.setattr(network, "forward", forward)
    truth = truth_of(smooth_ab(4))
    for seed in range(200):
        recipe.losses(network, truth, EARLY, generator(seed))
    histogram, histogram_given, saturation, saturation_given = (torch.cat(x) for x in zip(*seen, strict=True))
    for given in (histogram_given, saturation_given):
        assert set(given.flatten().tolist()) == {0.0, 1.0} and given.mean().item() == pytest.approx(0.5, abs=0.06)
    together = (histogram_given * saturation_given).mean().item()
    assert together == pytest.approx(0.25, abs=0.06)  # independently of each other
    assert torch.equal(saturation, 0.4 * saturation_given) and not histogram[histogram_given[:, 0] == 0].any()
    expected = BinTable(CPU).histogram(truth.ab_cells).repeat(200, 1)
    shown = histogram_given[:, 0] == 1
    torch.testing.assert_close(histogram[shown], expected[shown])
