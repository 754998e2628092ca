"""The package's colour bins against the shared reference data, and the properties both must have."""

from pathlib import Path

import numpy as np

from photochrom import color


def test_bins_and_prior_are_the_reference_files(shared_dir: Path) -> None:
    np.testing.assert_array_equal(color.ab_bins(), np.load(shared_dir / "reference" / "ab_bins_313.npy"))
    np.testing.assert_array_equal(color.ab_prior(), np.load(shared_dir / "reference" / "ab_prior_313.npy"))


def test_there_are_313_bins_on_a_grid_of_ten_starting_at_minus_90_50() -> None:
    bins = color.ab_bins()
    assert bins.shape == (313, 2)
    assert bins[0].tolist() == [-90, 50]
    assert not (bins % 10).any()
    assert len(np.unique(bins, axis=0)) == 313


def test_prior_is_a_distribution_without_impossible_bins() -> None:
    np.testing.assert_allclose(color.ab_prior().sum(), 1, rtol=1e-12)
    assert color.ab_prior().min() > 0
