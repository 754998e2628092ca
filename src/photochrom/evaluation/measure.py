"""One photograph's figures: every method under every condition against the truth.

Metrics of a protocol, and the columns of figures that they need:

| metric      | columns                                                                                       |
| ----------- | --------------------------------------------------------------------------------------------- |
| psnr        | psnr, psnr_above_gray, psnr_above_levin: with the same hints, where that is measured too      |
|             | psnr_above_uniform: next_hint's above uniform's                                               |
| gain        | gain_per_hint: dB above the same method without hints, over their number                      |
| ssim        | ssim                                                                                          |
| ciede2000   | ciede2000                                                                                     |
| colorfulness| colorfulness, colorfulness_truth, colorfulness_difference                                     |
| auc         | bins, areas: pixels of each true colour bin, and their summed area under the accuracy curve   |
| agreement   | agreement: whether the classifier sees the same in result and truth                           |
| perceptual  | perceptual                                                                                    |
| uncertainty | uncertainty_correlation, reliability                                                          |
| fid         | features of results and truth, not as columns                                                 |
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from photochrom import distribution
from photochrom.evaluation import metrics
from photochrom.evaluation.attempts import GRAY, LEVIN, NEXT_HINT, UNIFORM, Attempt, attempts, predict
from photochrom.evaluation.bootstrap import Figure
from photochrom.evaluation.datasets import Example
from photochrom.evaluation.metrics import Floats
from photochrom.evaluation.protocols import Protocol
from photochrom.evaluation.scene import Scene, open_scene, to_lab
from photochrom.evaluation.uncertainty import cell_means, error_correlation, reliability
from photochrom.pipeline import Colorizer

if TYPE_CHECKING:
    from photochrom.evaluation.backbone import Backbone, Impression

_BINS = 313
TRUTH = "truth"


@dataclass(frozen=True, eq=False)
class Setup:
    """What is measured on every photograph.

    Attributes:
        protocols: each with its counts of hints.
        colorizers: the models.
        levin: whether Levin's baseline is measured too.
        backbone: for the metrics that need one; None: they are left out.
        seed: of all random numbers.
    """

    protocols: Sequence[tuple[Protocol, tuple[int, ...]]]
    colorizers: Sequence[Colorizer]
    levin: bool
    backbone: Backbone | None
    seed: int


@dataclass(eq=False)
class Record:
    """One photograph's figures, as they are kept in the file of a run not yet done.

    Attributes:
        number, name: of the photograph.
        error: why it could not be measured, or None.
        rows: protocol, method, count of hints, figures.
        features: protocol, method, features as base64 of float16.
    """

    number: int
    name: str
    error: str | None = None
    rows: list[tuple[str, str, int, dict[str, Figure]]] = field(default_factory=list)
    features: list[tuple[str, str, str]] = field(default_factory=list)


def measure(example: Example, number: int, setup: Setup) -> Record:
    """Measures one photograph.

    Raises:
        InputError: it cannot be read.
    """
    record = Record(number, example.name)
    encoded = example.read()
    scenes: dict[int, Scene] = {}
    for protocol, counts in setup.protocols:
        if protocol.side not in scenes:
            scenes[protocol.side] = open_scene(encoded, protocol.side, (setup.seed, number))
        _measure_protocol(scenes[protocol.side], protocol, counts, setup, record)
    return record


def decode_features(text: str) -> Floats:
    """The features of a `Record`, (d,)."""
    return np.frombuffer(base64.b64decode(text), "<f2").astype(np.float64)


def _measure_protocol(scene: Scene, protocol: Protocol, counts: Sequence[int], setup: Setup, record: Record) -> None:
    eye = setup.backbone if protocol.metrics & {"agreement", "perceptual", "fid"} else None
    truth = eye.look(scene.truth) if eye is not None else None
    doubts = dict(_doubts(scene, setup.colorizers)) if "uncertainty" in protocol.metrics else {}
    psnrs: dict[tuple[str, int], float] = {}
    for attempt in attempts(scene, protocol, counts, setup.colorizers, setup.levin):
        figures = _figures(attempt, scene, protocol.metrics)
        if "psnr" in protocol.metrics:
            figures |= _psnrs(attempt, scene, psnrs, "gain" in protocol.metrics)
        figures |= doubts.get(attempt.method, {})
        if eye is not None and truth is not None:
            seen = eye.look(attempt.picture)
            figures |= _impressed(seen, truth, protocol.metrics)
            if "fid" in protocol.metrics:
                record.features.append((protocol.name, attempt.method, _encoded(seen)))
        record.rows.append((protocol.name, attempt.method, attempt.hints, figures))
    if truth is not None and "fid" in protocol.metrics:
        record.features.append((protocol.name, TRUTH, _encoded(truth)))


def _figures(attempt: Attempt, scene: Scene, wanted: frozenset[str]) -> dict[str, Figure]:
    picture, truth = attempt.picture, scene.truth
    out: dict[str, Figure] = {}
    if "ssim" in wanted:
        out["ssim"] = metrics.ssim(picture, truth)
    if "colorfulness" in wanted:
        ours, theirs = metrics.colorfulness(picture), metrics.colorfulness(truth)
        out |= {"colorfulness": ours, "colorfulness_truth": theirs, "colorfulness_difference": abs(ours - theirs)}
    if wanted & {"ciede2000", "auc"}:
        lab = to_lab(picture)
        if "ciede2000" in wanted:
            out["ciede2000"] = float(metrics.ciede2000(lab, scene.lab).mean())
        if "auc" in wanted:
            areas = metrics.accuracy_area(lab[..., 1:], scene.lab[..., 1:])
            out["bins"] = np.bincount(scene.bins.ravel(), minlength=_BINS).tolist()
            out["areas"] = np.bincount(scene.bins.ravel(), areas.ravel(), _BINS).round(3).tolist()
    return out


def _psnrs(attempt: Attempt, scene: Scene, known: dict[tuple[str, int], float], gain: bool) -> dict[str, Figure]:
    """PSNR and what it is above others' of the same scene; `known` holds those so far, by method and hints."""
    method, hints = attempt.method, attempt.hints
    value = known[method, hints] = metrics.psnr(attempt.picture, scene.truth)
    out: dict[str, Figure] = {"psnr": value}
    if method != GRAY:
        out["psnr_above_gray"] = value - known[GRAY, 0]
    if method != LEVIN and (LEVIN, hints) in known:
        out["psnr_above_levin"] = value - known[LEVIN, hints]
    unguided = (method.removesuffix(NEXT_HINT) + UNIFORM, hints)
    if method.endswith(NEXT_HINT) and unguided in known:
        out["psnr_above_uniform"] = value - known[unguided]
    if gain and hints and (method, 0) in known:
        out["gain_per_hint"] = (value - known[method, 0]) / hints
    return out


def _doubts(scene: Scene, colorizers: Sequence[Colorizer]) -> Iterator[tuple[str, dict[str, Figure]]]:
    """For each method with a distribution over the bins: is its uncertainty where its errors are?"""
    for colorizer in colorizers:
        prediction = predict(scene, colorizer)
        logits = prediction.logits
        if logits is None or logits.shape[-1] != _BINS:
            continue
        truth = cell_means(scene.lab[..., 1:], *logits.shape[:2])
        doubt = distribution.uncertainty(logits)
        for decode in colorizer.spec.decodes:
            ab = prediction.vivid if decode == "vivid" else prediction.accurate
            if ab is not None and ab.shape == truth.shape:
                figures: dict[str, Figure] = {"uncertainty_correlation": error_correlation(doubt, ab, truth)}
                if decode == "vivid":
                    figures["reliability"] = reliability(logits, truth).round(6).tolist()
                yield f"{colorizer.spec.name}/{decode}", figures


def _impressed(seen: Impression, truth: Impression, wanted: frozenset[str]) -> dict[str, Figure]:
    from photochrom.evaluation.backbone import perceptual_distance

    out: dict[str, Figure] = {}
    if "agreement" in wanted:
        out["agreement"] = float(seen.label == truth.label)
    if "perceptual" in wanted:
        out["perceptual"] = perceptual_distance(seen, truth)
    return out


def _encoded(seen: Impression) -> str:
    return base64.b64encode(seen.pooled.astype("<f2").tobytes()).decode("ascii")
