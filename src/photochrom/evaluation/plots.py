"""Curves of quality against hints, with the published one beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom.errors import InputError, UnsupportedFormat
from photochrom.evaluation.published import SIGGRAPH17_GRAY, SIGGRAPH17_PSNR
from photochrom.images.atomic import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".png", ".svg", ".pdf")
_PANELS = {"psnr": "PSNR (dB)", "psnr_above_gray": "PSNR above the gray image (dB)"}
_INCHES = (6.0, 4.5)
# Between these counts of hints the axis is linear, beyond it logarithmic.
_LINEAR = 1.0


def check_plot(path: Path, protocols: Mapping[str, Any]) -> None:
    """Refuses, before anything is measured, a plot that cannot be drawn.

    Args:
        path: the picture's file.
        protocols: counts of hints by protocol.

    Raises:
        UnsupportedFormat: the file's ending.
        InputError: no protocol has several counts of hints.
    """
    if path.suffix.lower() not in FORMATS:
        raise UnsupportedFormat(f"{path}: a plot ends in {', '.join(FORMATS)}")
    if not any(len(counts) > 1 for counts in protocols.values()):
        raise InputError("a plot needs several counts of hints: add --protocol siggraph17, icolorit or guided")


def plot(report: Mapping[str, Any], path: Path) -> None:
    """Draws each protocol's PSNR against the count of hints: as it is, and above the gray image.

    The second panel is the one to compare with published figures, which are of other photographs.

    Raises:
        InputError: the file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    curves = {name: s["hints"] for name, s in report["settings"]["protocols"].items() if len(s["hints"]) > 1}
    size = _INCHES[0] * len(_PANELS), _INCHES[1] * len(curves)
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(curves), len(_PANELS), squeeze=False)
    for axes_row, protocol in zip(grid, curves, strict=True):
        for axes, (metric, title) in zip(axes_row, _PANELS.items(), strict=True):
            _draw_methods(axes, report, protocol, metric)
            if protocol == "siggraph17":
                _draw_published(axes, metric, max(curves[protocol]))
            _label(axes, protocol, title, curves[protocol])
    # Without the date, and with fixed identifiers, the same report gives the same file.
    undated = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[path.suffix.lower()]
    with whole_file(path, overwrite=True) as file, rc_context({"svg.hashsalt": "photochrom"}):
        figure.savefig(file, format=path.suffix[1:].lower(), dpi=150, metadata=undated)


def _draw_methods(axes: Axes, report: Mapping[str, Any], protocol: str, metric: str) -> None:
    for method, figures in report["results"][protocol].items():
        values = figures.get(metric, {})
        if method == "gray" and metric == "psnr":
            axes.axhline(values["0"], color="gray", linestyle=":", label="gray")
        elif values:
            counts = sorted(map(int, values))
            heights = [values[str(count)] for count in counts]
            bounds = report["intervals"].get(protocol, {}).get(method, {}).get(metric)
            (line,) = axes.plot(counts, heights, marker="o", markersize=3, label=method)
            if bounds:
                low, high = zip(*(bounds[str(count)] for count in counts), strict=True)
                axes.fill_between(counts, low, high, color=line.get_color(), alpha=0.15, linewidth=0)


def _draw_published(axes: Axes, metric: str, most: int) -> None:
    base = SIGGRAPH17_GRAY if metric == "psnr_above_gray" else 0.0
    points = {count: value - base for count, value in SIGGRAPH17_PSNR.items() if count <= most}
    label = "SIGGRAPH17 as published\n(ctest10k, not measured here)"
    axes.plot(list(points), list(points.values()), color="black", linestyle="--", marker="x", label=label)


def _label(axes: Axes, protocol: str, title: str, counts: list[int]) -> None:
    axes.set_xscale("symlog", linthresh=_LINEAR)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.minorticks_off()
    axes.set(xlabel="hints", ylabel=title, title=f"{protocol} protocol")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
