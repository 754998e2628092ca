"""The report of an evaluation, as JSON holds it and as tables show it.

{"photochrom-evaluation": 1, "version", "settings", "images": {"count", "list_sha256", "failed"},
 "results": {protocol: {method: {metric: {hints: value}}}}, "standard_errors": the same, "intervals": the same with
 [low, high], "reliability": {protocol: {method: {"cells", "confidence", "accuracy"}}}}

Keys are added, never renamed or removed, while the number stays 1. The same request on the same photographs gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from photochrom import __version__
from photochrom.evaluation.published import PUBLISHED, SIGGRAPH17_GRAY, SIGGRAPH17_PSNR
from photochrom.evaluation.run import Run
from photochrom.evaluation.tally import Tally

_DIGITS = 6
_METRICS_IN_A_TABLE = 5
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


def tables(report: Mapping[str, Any]) -> Iterator[Table]:
    """The figures of a report, with the published ones below them, marked as such."""
    for protocol, methods in report["results"].items():
        errors = report["standard_errors"].get(protocol, {})
        if report["settings"]["protocols"][protocol]["patch"]:
            yield from _by_hints(protocol, methods, errors)
        else:
            yield from _by_metric(protocol, methods, errors)


def _by_hints(protocol: str, methods: Mapping[str, Any], errors: Mapping[str, Any]) -> Iterator[Table]:
    """One table a metric: a row for each method, a column for each count of hints."""
    for metric in dict.fromkeys(metric for figures in methods.values() for metric in figures):
        rows = {method: figures[metric] for method, figures in methods.items() if metric in figures}
        counts = sorted({int(count) for figures in rows.values() for count in figures})
        table = Table("hints", *map(str, counts), title=f"{protocol}: {_title(metric)}")
        for method, figures in rows.items():
            own = errors.get(method, {}).get(metric, {})
            table.add_row(method, *(_cell(figures, own, str(count)) for count in counts))
        published = _published_curve(protocol, metric)
        if published:
            cells = (f"{published[count]:.2f}" if count in published else "" for count in counts)
            table.add_row("SIGGRAPH17 (published, ctest10k)", *cells, style="italic")
        yield table


def _by_metric(protocol: str, methods: Mapping[str, Any], errors: Mapping[str, Any]) -> Iterator[Table]:
    """A row for each method, a column for each metric; as many tables as fit a terminal's width."""
    metrics = list(dict.fromkeys(metric for figures in methods.values() for metric in figures))
    for start in range(0, len(metrics), _METRICS_IN_A_TABLE):
        chosen = metrics[start : start + _METRICS_IN_A_TABLE]
        table = Table("", *map(_title, chosen), title=protocol)
        for method, figures in methods.items():
            own = errors.get(method, {})
            table.add_row(method, *(_cell(figures.get(m, {}), own.get(m, {}), "0") for m in chosen))
        for method, known in PUBLISHED.get(protocol, {}).items():
            cells = [f"{known[metric]:.2f}" if metric in known else "" for metric in chosen]
            if any(cells):
                table.add_row(f"{method} (published)", *cells, style="italic")
        yield table


def _published_curve(protocol: str, metric: str) -> dict[int, float]:
    if protocol != "siggraph17" or metric not in ("psnr", "psnr_above_gray"):
        return {}
    base = SIGGRAPH17_GRAY if metric == "psnr_above_gray" else 0.0
    return {count: value - base for count, value in SIGGRAPH17_PSNR.items()}


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
