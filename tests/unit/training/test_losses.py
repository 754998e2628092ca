"""The losses against closed forms and PyTorch's own."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from photochrom.networks.compact import AB_SCALE
from photochrom.training.losses import has_color, huber, log_squared, rebalanced_cross_entropy


def ones(n: int = 1) -> torch.Tensor:
    return torch.ones(n, 1, 1, 1)


@pytest.mark.parametrize("distance", [0.0, 4.0, 9.9])
def test_huber_is_quadratic_for_small_errors(distance: float) -> None:
    truth = torch.randn(2, 2, 5, 5) * 20
    off = truth + torch.tensor([distance, 0.0])[:, None, None]
    unit = distance / AB_SCALE
    assert huber(off, truth, ones(2)).item() == pytest.approx(unit**2 / (2 * 0.2), abs=1e-6)


@pytest.mark.parametrize("distance", [10.0, 30.0, 100.0])
def test_huber_is_linear_for_large_errors(distance: float) -> None:
    truth = torch.zeros(1, 2, 3, 3)
    off = truth + torch.tensor([distance, -distance])[:, None, None]
    assert huber(off, truth, ones()).item() == pytest.approx(2 * (distance / AB_SCALE - 0.1), rel=1e-5)


def test_huber_leaves_out_pictures_of_no_weight() -> None:
    truth = torch.zeros(2, 2, 4, 4)
    off = torch.stack([truth[0] + 30, truth[1] + 5])
    weight = torch.tensor([0.0, 1.0])[:, None, None, None]
    assert huber(off, truth, weight).item() == pytest.approx(huber(off[1:], truth[1:], ones()).item())
    assert huber(off, truth, torch.zeros(2, 1, 1, 1)).item() == 0


def test_logarithm_of_the_squared_error_differs_as_psnr_does() -> None:
    truth = torch.randn(1, 2, 8, 8) * 20
    noise = torch.randn(1, 2, 8, 8)
    near, far = (log_squared(truth + size * noise, truth, ones()).item() for size in (20.0, 40.0))
    # PSNR falls by 20 log10(2) dB where errors double; the loss is natural, and errors of 2 units are as good as none.
    squares = [(size**2 * (noise**2).sum() / 64 + 2.0**2).item() for size in (20.0, 40.0)]
    assert far - near == pytest.approx(0.5 * np.log(squares[1] / squares[0]), rel=1e-4)
    assert far - near == pytest.approx(np.log(2), abs=0.01)


def test_every_coloured_picture_counts_alike_in_the_logarithm() -> None:
    truth = torch.zeros(3, 2, 4, 4)
    off = torch.stack([truth[0] + 30, truth[1] + 5, truth[2] + 90])
    weight = torch.tensor([1.0, 1.0, 0.0])[:, None, None, None]
    each = [log_squared(off[i : i + 1], truth[:1], ones()).item() for i in range(2)]
    assert log_squared(off, truth, weight).item() == pytest.approx(sum(each) / 2)
    assert log_squared(off, truth, torch.zeros(3, 1, 1, 1)).item() == 0


@pytest.fixture
def soft_targets() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits (3, 313, 4, 5), and indices and weights (3, 5, 4, 5) of five different bins, the heaviest first."""
    generator = torch.Generator().manual_seed(0)
    index = torch.rand(3, 313, 4, 5, generator=generator).argsort(dim=1)[:, :5]
    weight = torch.softmax(torch.randn(3, 5, 4, 5, generator=generator), dim=1).sort(dim=1, descending=True).values
    return torch.randn(3, 313, 4, 5, generator=generator) * 4, index, weight


def test_cross_entropy_is_that_of_pytorch_with_dense_soft_targets(
    soft_targets: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
) -> None:
    logits, index, weight = soft_targets
    dense = torch.zeros_like(logits).scatter_(1, index, weight)
    expected = functional.cross_entropy(logits, dense)
    found = rebalanced_cross_entropy(logits, index, weight, torch.ones(313), ones(3))
    torch.testing.assert_close(found, expected)


def test_cross_entropy_counts_each_cell_by_the_weight_of_its_nearest_bin(
    soft_targets: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
) -> None:
    logits, index, weight = soft_targets
    class_weights = torch.rand(313, generator=torch.Generator().manual_seed(1))
    dense = torch.zeros_like(logits).scatter_(1, index, weight)
    each = functional.cross_entropy(logits, dense, reduction="none")
    expected = (each * class_weights[dense.argmax(dim=1)]).mean()
    found = rebalanced_cross_entropy(logits, index, weight, class_weights, ones(3))
    torch.testing.assert_close(found, expected)


def test_gray_pictures_give_no_loss_for_the_distribution(
    soft_targets: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
) -> None:
    logits, index, weight = soft_targets
    logits.requires_grad_()
    colored = torch.tensor([1.0, 0.0, 1.0])[:, None, None, None]
    rebalanced_cross_entropy(logits, index, weight, torch.ones(313), colored).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert not logits.grad[1].any() and logits.grad[0].any()


def test_uniform_distribution_costs_the_logarithm_of_313() -> None:
    index = torch.arange(5)[None, :, None, None].expand(1, 5, 2, 2)
    found = rebalanced_cross_entropy(
        torch.zeros(1, 313, 2, 2), index, torch.full((1, 5, 2, 2), 0.2), torch.ones(313), ones()
    )
    assert found.item() == pytest.approx(np.log(313), rel=1e-6)


def test_picture_is_gray_if_nothing_in_it_exceeds_five_units() -> None:
    ab = torch.zeros(3, 2, 6, 6)
    ab[0] += 4.9
    ab[1, 1, 5, 0] = -5.1
    assert has_color(ab).flatten().tolist() == [0, 1, 0]
