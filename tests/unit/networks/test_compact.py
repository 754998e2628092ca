"""The compact network's promises that do not depend on its weights."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor

from photochrom import color
from photochrom.networks.compact import CELL, Colors, Compact, GlobalHints, Hints

HEIGHT, WIDTH = 64, 96
ROWS, COLUMNS = HEIGHT // CELL, WIDTH // CELL


@pytest.fixture(scope="module")
def model() -> Compact:
    """Random weights, also where training starts from zeros, so that every part has a say."""
    torch.manual_seed(0)
    model = Compact()
    with torch.no_grad():
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(0, 0.3)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.normal_(0, 0.1)
    return model.eval()


@pytest.fixture(scope="module", name="L")
def lightness() -> Tensor:
    return 100 * torch.rand(2, 1, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))


def hints(*each: tuple[float, float, float, float], n: int = 2, padding: int = 0) -> Hints:
    """Hints as (y, x, a, b), the same for n pictures; padding holds nonsense that the mask hides."""
    rows = torch.tensor([*each, *[(0.9, 0.1, 99.0, -99.0)] * padding]).expand(n, -1, -1)
    mask = torch.tensor([1.0] * len(each) + [0.0] * padding).expand(n, -1)
    return Hints(rows[..., :2], rows[..., 2:], mask)


def nothing_given(n: int = 2) -> GlobalHints:
    zeros = torch.zeros(n, 1)
    return GlobalHints(torch.zeros(n, 313), zeros, zeros, zeros)


def given(n: int = 2) -> GlobalHints:
    histogram = torch.zeros(n, 313)
    histogram[:, 40:60] = 0.05
    return GlobalHints(histogram, torch.ones(n, 1), torch.full((n, 1), 0.4), torch.ones(n, 1))


def colors(model: Compact, L: Tensor, hints: Hints, reference: GlobalHints | None = None) -> Colors:
    with torch.no_grad():
        found: Colors = model(L, hints, reference or nothing_given(len(L)))
    return found


def assert_close(found: Colors, expected: Colors, tolerance: float = 2e-3) -> None:
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=tolerance)


SOME = ((0.2, 0.3, 40.0, -20.0), (0.7, 0.8, -30.0, 50.0), (0.71, 0.78, 0.0, 0.0))


def test_output_has_the_documented_shapes_and_ranges(model: Compact, L: Tensor) -> None:
    found = colors(model, L, hints(*SOME))
    assert found.accurate.shape == found.vivid.shape == (2, 2, ROWS, COLUMNS)
    assert found.logits.shape == (2, 313, ROWS, COLUMNS) and found.reach.shape == (2, 1, ROWS, COLUMNS)
    assert all(torch.isfinite(part).all() for part in found)
    assert found.reach.min() >= 0 and found.reach.max() <= 1 + 1e-6


def test_no_hint_is_the_same_however_long_the_masked_list(model: Compact, L: Tensor) -> None:
    one, many = (colors(model, L, hints(padding=padding)) for padding in (1, 7))
    assert_close(one, many)
    assert not one.reach.any()


def test_masked_hints_are_the_automatic_colours(model: Compact, L: Tensor) -> None:
    found = colors(model, L, hints(padding=3))
    with torch.no_grad():
        x = model.decoder.decode_features(model.encoder(L), nothing_given())
        torch.testing.assert_close(found.accurate, model.decoder.automatic_ab(x))
        torch.testing.assert_close(found.logits, model.decoder.automatic_logits(x, nothing_given()))


def test_padding_beside_hints_changes_nothing(model: Compact, L: Tensor) -> None:
    assert_close(colors(model, L, hints(*SOME, padding=9)), colors(model, L, hints(*SOME)))


def test_order_of_hints_does_not_matter(model: Compact, L: Tensor) -> None:
    assert_close(colors(model, L, hints(*SOME[::-1])), colors(model, L, hints(*SOME)))


@pytest.mark.parametrize("cell", [(0, 0), (5, 7), (ROWS - 1, COLUMNS - 1)])
@pytest.mark.parametrize("ab", [(40.0, -20.0), (0.0, 0.0), (-60.0, 55.0)])
def test_hint_in_the_middle_of_a_cell_is_met_exactly_in_both_decodings(
    model: Compact, L: Tensor, cell: tuple[int, int], ab: tuple[float, float]
) -> None:
    place = (cell[0] + 0.5) / ROWS, (cell[1] + 0.5) / COLUMNS
    found = colors(model, L, hints((*place, *ab)))
    for field in (found.accurate, found.vivid):
        np.testing.assert_allclose(field[:, :, *cell], [ab, ab], atol=1e-3)


def test_several_hints_apart_are_all_met_exactly(model: Compact, L: Tensor) -> None:
    cells = [(1, 2, 30.0, 30.0), (8, 12, -40.0, 10.0), (14, 21, 0.0, 0.0)]
    found = colors(model, L, hints(*[((y + 0.5) / ROWS, (x + 0.5) / COLUMNS, a, b) for y, x, a, b in cells]))
    for row, column, a, b in cells:
        for field in (found.accurate, found.vivid):
            np.testing.assert_allclose(field[:, :, row, column], [(a, b)] * 2, atol=0.02)


def test_hint_draws_the_distribution_to_its_colour(model: Compact, L: Tensor) -> None:
    bins, wish = color.ab_bins(), (50.0, 40.0)
    far = torch.from_numpy(np.linalg.norm(bins - np.array(wish), axis=1))
    place = (5.5 / ROWS, 7.5 / COLUMNS)
    before, after = (
        torch.softmax(colors(model, L, h).logits[0, :, 5, 7].double(), dim=0) @ far.double()
        for h in (hints(padding=1), hints((*place, *wish)))
    )
    assert after < before


def test_pictures_of_a_batch_do_not_see_each_other(model: Compact, L: Tensor) -> None:
    together = colors(model, L, hints(*SOME), given())
    for i in range(2):
        alone = colors(model, L[i : i + 1], hints(*SOME, n=1), given(1))
        assert_close(alone, Colors(*(part[i : i + 1] for part in together)))


def test_reference_that_is_not_given_is_not_looked_at(model: Compact, L: Tensor) -> None:
    zeros = torch.zeros(2, 1)
    hidden = GlobalHints(given().histogram, zeros, given().saturation, zeros)
    assert_close(colors(model, L, hints(*SOME), hidden), colors(model, L, hints(*SOME)))


def test_given_histogram_and_given_saturation_each_change_the_colours(model: Compact, L: Tensor) -> None:
    plain, full = colors(model, L, hints(padding=1)), given()
    zeros = torch.zeros(2, 1)
    for reference in (full._replace(saturation_given=zeros), full._replace(histogram_given=zeros)):
        assert (colors(model, L, hints(padding=1), reference).accurate - plain.accurate).abs().max() > 0.1


def test_given_histogram_makes_its_bins_likelier(model: Compact, L: Tensor) -> None:
    reference = given()._replace(saturation_given=torch.zeros(2, 1))
    decoder = model.decoder
    with torch.no_grad():
        x = decoder.decode_features(model.encoder(L), reference)
        with_prior, without = (
            torch.softmax(decoder.automatic_logits(x, r), dim=1)[:, 40:60].sum() for r in (reference, nothing_given())
        )
    assert with_prior > without


def test_decoding_takes_back_a_part_of_the_rebalancing_and_raises_chroma(L: Tensor) -> None:
    torch.manual_seed(4)
    fresh = Compact().eval()
    plain = colors(fresh, L, hints(padding=1))
    fresh.decoder.log_weights.copy_(torch.linspace(-2, 2, 313))
    calmed = colors(fresh, L, hints(padding=1))
    taken = (plain.logits - calmed.logits)[0, :, 0, 0]
    share = taken[-1] / 2
    assert 0 < share < 1
    torch.testing.assert_close(taken, share * fresh.decoder.log_weights, atol=1e-4, rtol=0)
    with torch.no_grad():  # where all cells look alike, agreeing changes nothing
        even = fresh(torch.full_like(L, 50.0), hints(padding=1), nothing_given())
        mean = fresh.decoder.annealed_mean(even.logits, 0.38)
    middle = (..., ROWS // 2, COLUMNS // 2)
    assert (even.vivid[middle].norm(dim=1) > 1.05 * mean[middle].norm(dim=1)).all()


def test_annealed_mean_is_that_of_the_product() -> None:
    logits = torch.randn(2, 313, 3, 4) * 5
    found = Compact().decoder.annealed_mean(logits, 0.38)
    expected = color.annealed_mean(np.moveaxis(logits.numpy(), 1, -1), 0.38)
    np.testing.assert_allclose(np.moveaxis(found.numpy(), 1, -1), expected, atol=1e-3)


def test_untrained_global_inputs_are_the_identity(L: Tensor) -> None:
    torch.manual_seed(3)
    fresh = Compact().eval()
    plain, modulated = (colors(fresh, L, hints(padding=1), r) for r in (nothing_given(), given()))
    torch.testing.assert_close(plain.accurate, modulated.accurate)
