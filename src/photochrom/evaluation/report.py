"""The report of an evaluation, as JSON holds it and as tables show it.

{"photochrom-evaluation": 1, "version", "settings", "images": {"count", "list_sha256", "failed"},
 "results": {protocol: {method: {metric: {hints: value}}}}, "standard_errors": the same, "intervals": the same with
 [low, high], "reliability": {protocol: {method: {"cells", "confidence", "accuracy"}}}}

Keys are added, never renamed or removed, while the number stays 1. The same request on the same photographs gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from photochrom import __version__
from photochrom.evaluation.published import AUTOMATIC_PSNR, PUBLISHED, SIGGRAPH17_GRAY, SIGGRAPH17_PSNR
from photochrom.evaluation.run import Run
from photochrom.evaluation.tally import Tally

_DIGITS = 6
_METRICS_IN_A_TABLE = 5
_HEAD_COLUMNS = 18
METRIC_TITLES = {
    "psnr": "PSNR (dB)",
    "psnr_above_gray": "PSNR above gray (dB)",
    "psnr_above_levin": "PSNR above Levin 2004 (dB)",
    "psnr_above_uniform": "PSNR above hints at random places (dB)",
    "gain_per_hint": "gain per hint (dB)",
    "ssim": "SSIM",
    "ciede2000": "CIEDE2000",
    "colorfulness": "colourfulness",
    "colorfulness_difference": "colourfulness: difference of means",
    "colorfulness_image_difference": "colourfulness: mean difference",
    "colorfulness_ratio": "colourfulness over the truth's",
    "auc": "AuC (%)",
    "auc_rebalanced": "AuC rebalanced (%)",
    "calibration_error": "calibration error",
    "uncertainty_correlation": "uncertainty and error: rank correlation",
}


def build_report(run: Run, tally: Tally) -> dict[str, Any]:
    """Everything that a run found, ready for JSON."""
    results: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    intervals: dict[str, Any] = {}
    for entry in tally.entries():
        place = (entry.protocol, entry.method, entry.metric, str(entry.hints))
        estimate = entry.estimate
        _put(results, place, round(estimate.value, _DIGITS))
        if estimate.standard_error is not None:
            _put(errors, place, round(estimate.standard_error, _DIGITS))
        if estimate.low is not None and estimate.high is not None:
            _put(intervals, place, [round(estimate.low, _DIGITS), round(estimate.high, _DIGITS)])
    return {
        "photochrom-evaluation": 1,
        "version": __version__,
        "settings": run.settings,
        "images": {"count": tally.images, "list_sha256": run.images, "failed": tally.failed},
        "results": results,
        "standard_errors": errors,
        "intervals": intervals,
        "reliability": tally.reliability(),
    }


def tables(report: Mapping[str, Any]) -> Iterator[str]:
    """How was measured, and the figures of a report, with the published ones below them, marked as such."""
    for protocol, methods in report["results"].items():
        yield _conditions(protocol, report)
        errors = report["standard_errors"].get(protocol, {})
        if report["settings"]["protocols"][protocol]["patch"]:
            yield from _by_hints(protocol, methods, errors)
        else:
            yield from _by_metric(protocol, methods, errors)


def _conditions(protocol: str, report: Mapping[str, Any]) -> str:
    """What the same figures on the same photographs depend on."""
    settings, images = report["settings"], report["images"]
    own = settings["protocols"][protocol]
    lines = [
        f"{protocol}: {images['count']} photographs (list {images['list_sha256'][:12]}), {settings['pictures']},"
        f" {own['side']} x {own['side']}"
    ]
    if own["patch"]:
        lines.append(
            f"hints: {own['patch']} x {own['patch']} pixels, placement {own['placement']}, seed {settings['seed']};"
            f" {settings['hints']}"
        )
    return "\n".join(lines)


def _by_hints(protocol: str, methods: Mapping[str, Any], errors: Mapping[str, Any]) -> Iterator[str]:
    """One table a metric: a row for each method, a column for each count of hints."""
    for metric in dict.fromkeys(metric for figures in methods.values() for metric in figures):
        rows = {method: figures[metric] for method, figures in methods.items() if metric in figures}
        counts = sorted({int(count) for figures in rows.values() for count in figures})
        lines = [["hints", *map(str, counts)]]
        for method, figures in rows.items():
            own = errors.get(method, {}).get(metric, {})
            lines.append([method, *(_cell(figures, own, str(count)) for count in counts)])
        for method, published in _published_curves(protocol, metric).items():
            cells = [f"{published[count]:.2f}" if count in published else "" for count in counts]
            if any(cells):
                lines.append([f"{method} (published, ctest10k)", *cells])
        yield _aligned(f"{protocol}: {_title(metric)}", lines)


def _by_metric(protocol: str, methods: Mapping[str, Any], errors: Mapping[str, Any]) -> Iterator[str]:
    """A row for each method, a column for each metric; as many tables as fit a terminal's width."""
    metrics = list(dict.fromkeys(metric for figures in methods.values() for metric in figures))
    for start in range(0, len(metrics), _METRICS_IN_A_TABLE):
        chosen = metrics[start : start + _METRICS_IN_A_TABLE]
        lines = [["", *map(_title, chosen)]]
        for method, figures in methods.items():
            own = errors.get(method, {})
            lines.append([method, *(_cell(figures.get(m, {}), own.get(m, {}), "0") for m in chosen)])
        for method, known in PUBLISHED.get(protocol, {}).items():
            cells = [f"{known[metric]:.2f}" if metric in known else "" for metric in chosen]
            if any(cells):
                lines.append([f"{method} (published)", *cells])
        yield _aligned(protocol, lines)


def _aligned(title: str, lines: Sequence[Sequence[str]]) -> str:
    """A table as a terminal shows it, text to the left and figures to the right; the first line heads the columns."""
    head = [wrap(cell, _HEAD_COLUMNS) for cell in lines[0]]
    wrapped = list(zip_longest(*head, fillvalue=""))
    widths = [max(map(len, column)) for column in zip(*wrapped, *lines[1:], strict=True)]
    rule = ["-" * width for width in widths]
    shown = [
        "  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(row)).rstrip()
        for row in (zip(line, widths, strict=True) for line in (*wrapped, rule, *lines[1:]))
    ]
    return "\n".join((title, *shown))


def _published_curves(protocol: str, metric: str) -> dict[str, dict[int, float]]:
    """By method and count of hints."""
    if protocol != "siggraph17" or metric not in ("psnr", "psnr_above_gray"):
        return {}
    base = SIGGRAPH17_GRAY if metric == "psnr_above_gray" else 0.0
    curves = {"SIGGRAPH17": SIGGRAPH17_PSNR} | {name: {0: db} for name, db in AUTOMATIC_PSNR.items()}
    return {name: {count: db - base for count, db in curve.items()} for name, curve in curves.items()}


def _title(metric: str) -> str:
    """A metric as tables head it; a backbone's name stays with the metric."""
    if metric in METRIC_TITLES:
        return METRIC_TITLES[metric]
    kind, _, backbone = metric.partition("_")
    return f"{kind} (%), {backbone}" if kind == "agreement" else f"{kind}, {backbone}"


def _cell(figures: Mapping[str, float], errors: Mapping[str, float], count: str) -> str:
    if count not in figures:
        return ""
    error = f" ± {errors[count]:.2g}" if count in errors else ""
    return f"{figures[count]:.4g}{error}" if abs(figures[count]) >= 1 else f"{figures[count]:.3f}{error}"


def _put(tree: dict[str, Any], place: tuple[str, ...], value: object) -> None:
    for key in place[:-1]:
        tree = tree.setdefault(key, {})
    tree[place[-1]] = value
