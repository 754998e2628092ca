"""Standard errors and intervals against the textbook and SciPy's bootstrap."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from photochrom.evaluation.bootstrap import Figure, Sums, replicate_weights
from photochrom.evaluation.metrics import Floats


def gathered(**columns: Sequence[Figure]) -> Sums:
    sums = Sums()
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        sums.add(replicate_weights(0, number), dict(zip(columns, values, strict=True)))
    return sums


def test_the_mean_has_the_textbooks_error_and_scipys_interval() -> None:
    values = np.random.default_rng(0).gamma(2, 3, 300)
    estimate = gathered(psnr=values.tolist()).mean("psnr")
    expected = stats.bootstrap((values,), np.mean, method="percentile", rng=np.random.default_rng(1))
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.standard_error == pytest.approx(stats.sem(values))
    width = expected.confidence_interval.high - expected.confidence_interval.low
    assert estimate.low == pytest.approx(expected.confidence_interval.low, abs=0.1 * width)
    assert estimate.high == pytest.approx(expected.confidence_interval.high, abs=0.1 * width)


def test_a_ratio_of_means_has_scipys_error_and_interval() -> None:
    rng = np.random.default_rng(2)
    truth = rng.gamma(4, 8, 300)
    ours = 0.6 * truth + rng.normal(0, 5, 300)
    sums = gathered(ours=ours.tolist(), truth=truth.tolist())
    estimate = sums.statistic(lambda means: means["ours"] / means["truth"], ("ours", "truth"))

    def ratio(x: Floats, y: Floats, axis: int) -> Floats:
        return np.asarray(x.mean(axis=axis) / y.mean(axis=axis))

    expected = stats.bootstrap((ours, truth), ratio, paired=True, method="percentile", rng=np.random.default_rng(1))
    assert estimate.value == pytest.approx(ours.mean() / truth.mean())
    assert estimate.standard_error == pytest.approx(expected.standard_error, rel=0.1)
    assert estimate.low == pytest.approx(expected.confidence_interval.low, rel=0.01)


def test_vectors_are_added_component_by_component() -> None:
    sums = gathered(bins=[[1.0, 2.0], [3.0, 4.0]])
    assert sums.total("bins").tolist() == [4, 6]


def test_images_without_a_figure_do_not_count() -> None:
    sums = gathered(correlation=[0.5, None, 0.7])
    assert sums.mean("correlation").value == pytest.approx(0.6)


def test_one_image_has_no_error() -> None:
    estimate = gathered(psnr=[25.0]).mean("psnr")
    assert (estimate.value, estimate.standard_error, estimate.low, estimate.high) == (25.0, None, None, None)


def test_weights_are_the_same_for_the_same_seed_and_number_alone() -> None:
    assert replicate_weights(1, 2).tolist() == replicate_weights(1, 2).tolist()
    assert replicate_weights(1, 2).tolist() != replicate_weights(1, 3).tolist()
    assert replicate_weights(1, 2)[0] == 1
