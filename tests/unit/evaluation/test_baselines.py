"""Levin's optimisation: exact at hints, constant in the flat, and the solution of an independent dense system."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from photochrom.color import FloatArray
from photochrom.evaluation.baselines import neighbour_weights, spread_hints


def dense_solution(L: FloatArray, ab: FloatArray, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Levin's equations written out pixel by pixel, as in the authors' code, and solved densely."""
    height, width = L.shape
    places = list(itertools.product(range(height), range(width)))
    matrix, right = np.eye(len(places)), np.zeros((len(places), 2))
    for y, x in places:
        own = y * width + x
        if known[y, x]:
            right[own] = ab[y, x]
            continue
        near = [(v, u) for v, u in places if 0 < max(abs(v - y), abs(u - x)) <= 1]
        values = np.array([L[v, u] / 100 for v, u in near], float)
        window = np.append(values, L[y, x] / 100)
        variance = max(0.6 * float(window.var()), -np.min((values - window[-1]) ** 2) / np.log(0.01), 2e-6)
        weights = np.exp(-((values - window[-1]) ** 2) / variance)
        for (v, u), weight in zip(near, weights / weights.sum(), strict=True):
            matrix[own, v * width + u] = -weight
    solution = np.asarray(np.linalg.solve(matrix, right), np.float64)
    return solution.reshape(height, width, 2)


def test_it_solves_the_equations_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    L = (100 * rng.random((9, 11))).astype(np.float32)
    ab = rng.normal(0, 30, (9, 11, 2)).astype(np.float32)
    known = rng.random((9, 11)) < 0.1
    np.testing.assert_allclose(spread_hints(L, ab, known), dense_solution(L, ab, known), atol=1e-3)


def test_hints_keep_their_exact_colour() -> None:
    rng = np.random.default_rng(1)
    L = (100 * rng.random((30, 20))).astype(np.float32)
    ab = rng.normal(0, 30, (30, 20, 2)).astype(np.float32)
    known = rng.random((30, 20)) < 0.05
    np.testing.assert_array_equal(spread_hints(L, ab, known)[known], ab[known])


def test_one_hint_fills_a_flat_picture() -> None:
    known = np.zeros((40, 30), bool)
    known[3, 4] = True
    spread = spread_hints(np.full((40, 30), 50, np.float32), np.full((40, 30, 2), (12, -34), np.float32), known)
    np.testing.assert_allclose(spread, np.broadcast_to((12, -34), spread.shape), atol=1e-3)


def test_colour_stops_at_an_edge() -> None:
    L = np.full((20, 20), 20, np.float32)
    L[:, 10:] = 80
    ab, known = np.zeros((20, 20, 2), np.float32), np.zeros((20, 20), bool)
    ab[5, 2], ab[5, 17], known[5, [2, 17]] = (40, 0), (-40, 0), True
    spread = spread_hints(L, ab, known)
    assert spread[:, :9, 0].min() > 35
    assert spread[:, 11:, 0].max() < -35


def test_without_hints_everything_is_neutral() -> None:
    spread = spread_hints(np.full((4, 5), 50, np.float32), np.ones((4, 5, 2), np.float32), np.zeros((4, 5), bool))
    assert not spread.any()


@pytest.mark.parametrize("shape", [(2, 2), (1, 7), (6, 9)])
def test_neighbour_weights_sum_to_1_and_reach_nothing_outside(shape: tuple[int, int]) -> None:
    weights = neighbour_weights(100 * np.random.default_rng(0).random(shape).astype(np.float32))
    np.testing.assert_allclose(weights.sum(axis=0), 1)
    assert not weights[:3, 0].any()
    assert not weights[5:, -1].any()
