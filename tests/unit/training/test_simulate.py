"""Simulated hints against the published recipe: how many, where, and that their colours are true."""

import pytest
import torch

from photochrom.networks.compact import Hints
from photochrom.training import simulate
from photochrom.training.simulate import no_global_hints, recolor, simulate_global_hints, simulate_hints
from photochrom.training.tensors import BinTable


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_number_of_points_is_geometric_up_to_twenty_and_none_in_an_eighth() -> None:
    g = generator()
    counts = simulate._counts(20_000, False, g).double()
    assert (counts == 0).double().mean().item() == pytest.approx(1 / 8, abs=0.01)
    # The longest series are cut at 20: the mean of min(n, 20) is 7 (1 - (7/8)**20).
    assert counts.mean().item() == pytest.approx(7 * (1 - (7 / 8) ** 20), abs=0.12)
    assert counts.max() == 20


def test_few_batches_have_many_hints() -> None:
    ab = torch.zeros(1, 2, 32, 32)
    g = generator()
    most = max(simulate_hints(ab, g).mask.sum().item() for _ in range(300))
    assert most > 30


def test_positions_lie_inside_and_around_the_middle_more_than_at_the_border() -> None:
    g = generator()
    places = simulate._places((5000, 1), g)[:, 0]
    assert places.min() >= 0 and places.max() < 1
    central = ((places - 0.5).abs() < 0.25).all(dim=1).double().mean().item()
    # Half are uniform (a quarter of them central), half normal with a deviation of a quarter (0.683 ** 2 central).
    assert central == pytest.approx(0.5 * 0.25 + 0.5 * 0.683**2, abs=0.03)


def smooth_picture() -> torch.Tensor:
    """a grows to the right from -50 to 50, b downwards: colours that tell their place."""
    ramp = torch.linspace(-50, 50, 64)
    return torch.stack([ramp.expand(64, 64), ramp[:, None].expand(64, 64)])[None].repeat(8, 1, 1, 1)


def all_hints(seeds: int) -> list[Hints]:
    ab = smooth_picture()
    return [simulate_hints(ab, generator(seed)) for seed in range(seeds)]


def test_hint_has_the_true_colour_of_its_place() -> None:
    for hints in all_hints(20):
        true = (hints.position.flip(2) - 0.5) * 100
        error = (hints.ab - true).abs().amax(dim=2)[hints.mask > 0]
        # A stroke has one colour, from points up to 15 units apart; a patch at the border is cut.
        assert error.numel() == 0 or error.max() < 17
        assert error.numel() == 0 or error.median() < 3


def test_list_is_padded_and_padding_is_masked_at_the_end() -> None:
    for hints in all_hints(20):
        n, k = hints.mask.shape
        assert n == 8 and k >= 1
        assert hints.position.shape == hints.ab.shape == (8, k, 2)
        assert (hints.mask.diff(dim=1) <= 0).all() and set(hints.mask.flatten().tolist()) <= {0.0, 1.0}
        assert not hints.ab[hints.mask == 0].any()


def test_strokes_share_a_colour_and_stop_at_edges() -> None:
    """Two halves, far apart in colour: a stroke that crosses the border keeps to its start's half."""
    ab = torch.full((16, 2, 64, 64), 40.0)
    ab[:, :, :, 32:] = -40.0
    strokes = 0
    for seed in range(20):
        hints = simulate_hints(ab, generator(seed))
        at, colors, shown = hints.position[..., 1] * 64, hints.ab[..., 0], hints.mask > 0
        clear = shown & ((at - 32).abs() > 2)  # a patch on the border mixes both halves
        wrong = clear & (colors.sign() != torch.where(at < 32, 1.0, -1.0))
        assert not wrong.any()
        strokes += int((hints.position.diff(dim=1).norm(dim=2)[shown[:, 1:]] < 0.045).sum())
    assert strokes > 20


def test_same_seed_gives_the_same_hints() -> None:
    first, second = (simulate_hints(smooth_picture(), generator(3)) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (8, 8)])
def test_pictures_of_any_size_give_finite_colours(size: tuple[int, int]) -> None:
    ab = torch.full((4, 2, *size), 7.0)
    for seed in range(10):
        hints = simulate_hints(ab, generator(seed))
        torch.testing.assert_close(hints.ab[hints.mask > 0], torch.full_like(hints.ab[hints.mask > 0], 7.0))


def test_references_are_given_as_often_as_asked_and_are_the_truth() -> None:
    bins = BinTable(torch.device("cpu"))
    cells = torch.randn(2000, 2, 2, 2, generator=generator()) * 30
    saturation = torch.rand(2000, 1, generator=generator(1))
    found = simulate_global_hints(cells, saturation, bins, 0.3, generator(2))
    for given in (found.histogram_given, found.saturation_given):
        assert set(given.flatten().tolist()) == {0.0, 1.0}
        assert given.mean().item() == pytest.approx(0.3, abs=0.04)
    assert not torch.equal(found.histogram_given, found.saturation_given)
    torch.testing.assert_close(found.histogram.sum(dim=1, keepdim=True), found.histogram_given)
    torch.testing.assert_close(found.saturation, saturation * found.saturation_given)
    shown = found.histogram_given[:, 0] > 0
    torch.testing.assert_close(found.histogram[shown], bins.histogram(cells)[shown])


def test_nothing_given_is_all_zeros() -> None:
    assert all(not part.any() and len(part) == 3 for part in no_global_hints(3, torch.device("cpu")))


def two_things() -> tuple[torch.Tensor, torch.Tensor]:
    """Lightness and colours of six pictures, green on the left and blue on the right."""
    ab = torch.zeros(6, 2, 32, 32)
    ab[:, :, :, :16] = torch.tensor([-40.0, 30.0])[:, None, None]
    ab[:, :, :, 16:] = torch.tensor([10.0, -45.0])[:, None, None]
    return torch.full((6, 1, 32, 32), 50.0), ab


def test_one_thing_is_recoloured_by_20_to_60_units_and_the_other_stays() -> None:
    L, ab = two_things()
    told, places, changed = recolor(L, ab, 1.0, generator())
    moved = (told - ab).norm(dim=1)
    assert changed.all()
    for distance, (_, x) in zip(moved, places.tolist(), strict=True):
        this, other = (distance[:, :16], distance[:, 16:]) if x < 0.5 else (distance[:, 16:], distance[:, :16])
        assert this.min() >= 20 and this.max() <= 60.001 and this.max() - this.min() < 1e-3
        assert other.max() < 0.1
    assert torch.equal(ab, two_things()[1]), "the truth itself was changed"


def test_no_share_recolours_nothing() -> None:
    L, ab = two_things()
    told = recolor(L, ab, 0.0, generator())
    assert torch.equal(told.ab, ab) and not told.changed.any()


def test_what_is_recoloured_is_hinted() -> None:
    L, ab = two_things()
    told = recolor(L, ab, 1.0, generator(1))
    hints = simulate_hints(told.ab, generator(2), told)
    for i, (y, x) in enumerate(told.place.tolist()):
        there = ((hints.position[i] - torch.tensor([y, x])).abs().sum(dim=1) < 1e-6) & (hints.mask[i] > 0)
        assert there.any()
        wanted = told.ab[i, :, int(y * 32), int(x * 32)]
        # The hint is the mean of a patch, which can reach over the border between the two.
        assert abs(x - 0.5) < 0.1 or torch.allclose(hints.ab[i][there][0], wanted, atol=1e-3)


def test_colour_of_a_patch_is_the_mean_of_its_pixels() -> None:
    ab = torch.randn(3, 2, 24, 40, generator=generator()) * 50
    position, half = torch.rand(3, 30, 2, generator=generator(1)), 0.5 + 4 * torch.rand(3, 30, generator=generator(2))
    found = simulate._patch_means(ab, position, half)
    for i in range(3):
        for j in range(30):
            y, x = position[i, j, 0].item() * 24, position[i, j, 1].item() * 40
            r = half[i, j].item()
            top, left = min(max(0, round(y - r)), 23), min(max(0, round(x - r)), 39)
            patch = ab[i, :, top : max(top + 1, round(y + r)), left : max(left + 1, round(x + r))]
            torch.testing.assert_close(found[i, j], patch.mean(dim=(1, 2)), rtol=1e-5, atol=1e-4)
