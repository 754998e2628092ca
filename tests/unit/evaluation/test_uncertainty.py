"""Calibration and rank correlation against closed forms and simulations."""

import numpy as np
import pytest

from photochrom import color
from photochrom.evaluation.uncertainty import CONFIDENCE_BINS, calibration_error, cell_means, error_correlation
from photochrom.evaluation.uncertainty import reliability as reliability_table


def logits_for(confidence: float, shape: tuple[int, int], chosen: int) -> color.FloatArray:
    """Logits whose likeliest bin is `chosen` with this probability, the others sharing the rest."""
    shares = np.full((*shape, 313), (1 - confidence) / 312)
    shares[..., chosen] = confidence
    logits: color.FloatArray = np.log(shares).astype(np.float32)
    return logits


def test_reliability_counts_cells_confidence_and_hits_in_their_interval() -> None:
    bins = color.ab_bins()
    truth = np.broadcast_to(bins[7], (4, 5, 2)).copy()
    truth[0] = bins[200]  # a row of five that is wrong
    table = reliability_table(logits_for(0.7, (4, 5), chosen=7), truth)
    place = int(0.7 * CONFIDENCE_BINS)
    assert table[:, place] == pytest.approx([20, 14, 15])
    assert table.sum() == pytest.approx(49)


def test_calibration_error_is_the_gap_weighted_by_cells() -> None:
    table = np.zeros((3, CONFIDENCE_BINS))
    table[:, 3] = 30, 7.5, 15  # sure by 0.25, right by 0.5
    table[:, 14] = 10, 9.5, 9  # sure by 0.95, right by 0.9
    assert calibration_error(table) == pytest.approx((30 * 0.25 + 10 * 0.05) / 40)
    assert calibration_error(np.stack([table, table / 40])) == pytest.approx([0.2, 0.2])


def test_a_network_that_is_right_as_often_as_it_says_is_calibrated() -> None:
    rng = np.random.default_rng(0)
    bins, table = color.ab_bins(), np.zeros((3, CONFIDENCE_BINS))
    for confidence in (0.1, 0.3, 0.5, 0.9):
        right = rng.random((60, 60)) < confidence
        truth = np.where(right[..., None], bins[7], bins[200])
        table += reliability_table(logits_for(confidence, (60, 60), chosen=7), truth)
    assert calibration_error(table) < 0.02


def test_cell_means_are_means_of_whole_blocks() -> None:
    plane = np.random.default_rng(0).random((12, 20, 2), np.float32)
    expected = plane.reshape(4, 3, 5, 4, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(cell_means(plane, 4, 5), expected, rtol=1e-5)


def test_cell_means_keep_the_order_where_cells_do_not_divide_the_plane() -> None:
    ramp = np.broadcast_to(np.arange(256, dtype=np.float32)[:, None, None], (256, 8, 1))
    means = cell_means(ramp, 60, 8)[:, 0, 0]
    np.testing.assert_allclose(means, (np.arange(60) + 0.5) * 256 / 60 - 0.5, atol=1)


def test_error_correlation_is_1_for_any_rising_relation_and_none_without_variation() -> None:
    doubt = np.random.default_rng(0).random((6, 6)).astype(np.float32)
    truth = np.zeros((6, 6, 2), np.float32)
    ab = np.stack([np.exp(5 * doubt), np.zeros_like(doubt)], axis=-1)
    assert error_correlation(doubt, ab, truth) == pytest.approx(1)
    assert error_correlation(-doubt, ab, truth) == pytest.approx(-1)
    assert error_correlation(np.zeros_like(doubt), ab, truth) is None
