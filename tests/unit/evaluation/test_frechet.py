"""Fréchet distance against its definition with SciPy's matrix root, and the closed form of Gaussians."""

import numpy as np
import pytest
from scipy.linalg import sqrtm

from photochrom.evaluation.frechet import Moments, frechet_distance
from photochrom.evaluation.metrics import Floats


def gathered(vectors: Floats) -> Moments:
    moments = Moments(vectors.shape[1])
    for vector in vectors:
        moments.add(vector)
    return moments


def test_moments_are_numpys() -> None:
    vectors = 1000 + np.random.default_rng(0).normal(size=(50, 6))
    moments = gathered(vectors)
    np.testing.assert_allclose(moments.mean, vectors.mean(axis=0))
    np.testing.assert_allclose(moments.covariance, np.cov(vectors.T), rtol=1e-9)


def test_distance_is_its_definition() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(80, 5)), rng.normal(1, 2, size=(90, 5)) @ rng.normal(size=(5, 5))
    one, other = np.cov(first.T), np.cov(second.T)
    squared = ((first.mean(axis=0) - second.mean(axis=0)) ** 2).sum()
    expected = squared + np.trace(one + other - 2 * np.real(sqrtm(one @ other)))
    assert frechet_distance(gathered(first), gathered(second)) == pytest.approx(expected)


def test_a_shift_costs_its_squared_length_even_with_fewer_vectors_than_dimensions() -> None:
    vectors = np.random.default_rng(0).normal(size=(10, 40))
    shift = np.full(40, 0.5)
    assert frechet_distance(gathered(vectors), gathered(vectors + shift)) == pytest.approx(10, rel=1e-6)
    assert frechet_distance(gathered(vectors), gathered(vectors)) == pytest.approx(0, abs=1e-6)
