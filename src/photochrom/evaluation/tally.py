"""From photographs' figures to a test set's: sums gathered one record at a time, and the metrics made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from photochrom.evaluation.bootstrap import Estimate, Statistic, Sums, replicate_weights
from photochrom.evaluation.frechet import Moments, frechet_distance
from photochrom.evaluation.measure import TRUTH, Record, decode_features
from photochrom.evaluation.metrics import Floats, class_balance
from photochrom.evaluation.uncertainty import calibration_error

# Columns whose plain mean is a metric, its name, and its factor: shares are printed in percent.
_MEANS = {
    "psnr": 1.0,
    "psnr_above_gray": 1.0,
    "psnr_above_levin": 1.0,
    "psnr_above_uniform": 1.0,
    "gain_per_hint": 1.0,
    "ssim": 1.0,
    "ciede2000": 1.0,
    "colorfulness": 1.0,
    "uncertainty_correlation": 1.0,
}
# The same, of metrics that a backbone's features make.
_SEEN = {"agreement": 100.0, "perceptual": 1.0}
# Photographs without colours have no colourfulness that another could be measured by.
_COLOURLESS = 0.01


@dataclass(frozen=True)
class Entry:
    """One figure of the report: `metric` of `method` under `protocol` with so many `hints`."""

    protocol: str
    method: str
    metric: str
    hints: int
    estimate: Estimate


class Tally:
    """What a run has found so far. Its size does not depend on the number of photographs.

    Attributes:
        images: how many were measured.
        failed: names of those that could not be, and why.
    """

    def __init__(self, seed: int, backbone: str | None) -> None:
        self.images = 0
        self.failed: dict[str, str] = {}
        self._seed, self._backbone = seed, backbone
        self._sums: dict[tuple[str, str, int], Sums] = {}
        self._moments: dict[tuple[str, str], Moments] = {}

    def add(self, record: Record) -> None:
        """Takes one photograph's record into account."""
        if record.error is not None:
            self.failed[record.name] = record.error
            return
        self.images += 1
        weights = replicate_weights(self._seed, record.number)
        for protocol, method, hints, figures in record.rows:
            self._sums.setdefault((protocol, method, hints), Sums()).add(weights, figures)
        for protocol, method, text in record.features:
            features = decode_features(text)
            self._moments.setdefault((protocol, method), Moments(len(features))).add(features)

    def entries(self) -> Iterator[Entry]:
        """Every figure, in the order in which the methods came."""
        for (protocol, method, hints), sums in self._sums.items():
            for metric, estimate in self._metrics(sums):
                yield Entry(protocol, method, metric, hints, estimate)
        for (protocol, method), moments in self._moments.items():
            if method != TRUTH and moments.count > 1:
                distance = frechet_distance(moments, self._moments[protocol, TRUTH])
                yield Entry(protocol, method, f"fid_{self._backbone}", 0, Estimate(distance, None, None, None))

    def reliability(self) -> dict[str, dict[str, dict[str, list[float]]]]:
        """By protocol and method: cells, mean confidence and accuracy in each interval of confidence."""
        tables: dict[str, dict[str, dict[str, list[float]]]] = {}
        for (protocol, method, _), sums in self._sums.items():
            if "reliability" in sums:
                count, sure, right = sums.total("reliability")
                filled = np.maximum(count, 1)
                tables.setdefault(protocol, {})[method] = {
                    "cells": count.tolist(),
                    "confidence": (sure / filled).tolist(),
                    "accuracy": (right / filled).tolist(),
                }
        return tables

    def _metrics(self, sums: Sums) -> Iterator[tuple[str, Estimate]]:
        for column, factor in _MEANS.items():
            if column in sums:
                yield column, _scaled(sums.mean(column), factor)
        if "colorfulness_truth" in sums:
            yield "colorfulness_image_difference", sums.mean("colorfulness_difference")
            both = ("colorfulness", "colorfulness_truth")
            yield "colorfulness_difference", sums.statistic(_difference, both)
            if sums.mean("colorfulness_truth").value > _COLOURLESS:
                yield "colorfulness_ratio", sums.statistic(_ratio, both)
        if "areas" in sums:
            yield "auc", sums.statistic(_raw_area, ("areas", "bins"))
            yield "auc_rebalanced", sums.statistic(_balanced_area(sums.total("bins")), ("areas", "bins"))
        if "reliability" in sums:
            yield "calibration_error", sums.statistic(_calibration, ("reliability",))
        for column, factor in _SEEN.items():
            if column in sums:
                yield f"{column}_{self._backbone}", _scaled(sums.mean(column), factor)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    error, low, high = (
        None if value is None else value * factor for value in (estimate.standard_error, estimate.low, estimate.high)
    )
    return Estimate(estimate.value * factor, error, low, high)


def _difference(means: Mapping[str, Floats]) -> Floats:
    return np.abs(means["colorfulness"] - means["colorfulness_truth"])


def _ratio(means: Mapping[str, Floats]) -> Floats:
    return means["colorfulness"] / np.maximum(means["colorfulness_truth"], 1e-9)


def _calibration(means: Mapping[str, Floats]) -> Floats:
    return calibration_error(means["reliability"])


def _raw_area(means: Mapping[str, Floats]) -> Floats:
    return np.asarray(100 * means["areas"].sum(axis=-1) / means["bins"].sum(axis=-1))


def _balanced_area(counts: Floats) -> Statistic:
    """The area with every colour bin weighted by its rarity in the whole test set."""
    weights = class_balance(counts)

    def area(means: Mapping[str, Floats]) -> Floats:
        return np.asarray(100 * (means["areas"] @ weights) / (means["bins"] @ weights))

    return area
