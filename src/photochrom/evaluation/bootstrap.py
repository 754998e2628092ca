"""Means over a test set and how sure they are, in memory that does not grow with the set.

The bootstrap draws test sets of the same size with replacement. How often one image is drawn is nearly Poisson(1)
distributed, so that each image can be dealt to all replicates as it comes by (Chamandy et al., "Estimating uncertainty
for massive data streams", 2012), and only sums are kept. An image has the same weights for all methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from photochrom.evaluation.metrics import Floats

REPLICATES = 1000
# A figure of one image: a number, several numbers, or None where it has none.
Figure = float | list[float] | None
# From the columns' means, each (1 + REPLICATES,) or (1 + REPLICATES, m), to one value each.
Statistic = Callable[[Mapping[str, Floats]], Floats]


@dataclass(frozen=True)
class Estimate:
    """A value over the test set, its standard error, and its 95 % interval (bootstrap percentiles).

    The last three are None for a test set of one image.
    """

    value: float
    standard_error: float | None
    low: float | None
    high: float | None


def replicate_weights(seed: int, number: int) -> Floats:
    """How often the image `number` counts: (1 + REPLICATES,), first in the test set itself, then in each replicate."""
    drawn = np.random.default_rng((seed, number)).poisson(1.0, REPLICATES)
    return np.concatenate([[1.0], drawn])


class Sums:
    """Weighted sums of the columns of figures that each image gives."""

    def __init__(self) -> None:
        self._sums: dict[str, Floats] = {}
        self._weights: dict[str, Floats] = {}
        self._squares: dict[str, float] = {}

    def __contains__(self, column: object) -> bool:
        return column in self._sums

    def add(self, weights: Floats, figures: Mapping[str, Figure]) -> None:
        """Takes one image's figures into account, with the weights of `replicate_weights`."""
        for column, figure in figures.items():
            if figure is None:
                continue
            values = np.asarray(figure, np.float64)
            if column not in self._sums:
                self._sums[column] = np.zeros((len(weights), *values.shape))
                self._weights[column] = np.zeros(len(weights))
                self._squares[column] = 0.0
            self._sums[column] += np.multiply.outer(weights, values)
            self._weights[column] += weights
            if values.ndim == 0:
                self._squares[column] += float(values) ** 2

    def total(self, column: str) -> Floats:
        """The column's plain sum over the test set."""
        total: Floats = self._sums[column][0]
        return total

    def mean(self, column: str) -> Estimate:
        """The plain mean, with the textbook's standard error: standard deviation over the root of the count."""
        estimate = self.statistic(lambda means: means[column], (column,))
        count = self._weights[column][0]
        if count < 2:
            return estimate
        spread = max(self._squares[column] - count * estimate.value**2, 0.0) / (count - 1)
        return Estimate(estimate.value, float(np.sqrt(spread / count)), estimate.low, estimate.high)

    def statistic(self, function: Statistic, columns: tuple[str, ...]) -> Estimate:
        """A function of the means of some columns, with the bootstrap's standard error."""
        drawn = np.all([self._weights[column] > 0 for column in columns], axis=0)
        means = {
            column: self._sums[column][drawn] / _like(self._weights[column][drawn], self._sums[column])
            for column in columns
        }
        value, *replicates = function(means).tolist()
        if self._weights[columns[0]][0] < 2:
            return Estimate(value, None, None, None)
        low, high = np.percentile(replicates, (2.5, 97.5)).tolist()
        return Estimate(value, float(np.std(replicates, ddof=1)), low, high)


def _like(weights: Floats, sums: npt.NDArray[np.float64]) -> Floats:
    return weights.reshape(-1, *(1,) * (sums.ndim - 1))
