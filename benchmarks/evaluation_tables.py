"""Markdown of a report of `photochrom evaluate`: the embedded network beside Levin's way, print, and bars.

The report's format is in docs/evaluation.md. Published figures are marked: they are of other photographs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markdown_tables import table, verdict

from photochrom.evaluation.published import AUTOMATIC_PSNR, PUBLISHED, SIGGRAPH17_GRAY, SIGGRAPH17_PSNR
from photochrom.evaluation.report import METRIC_TITLES

Report = dict[str, Any]

ACCURATE, VIVID = "compact/accurate", "compact/vivid"
CURVE = "images/evaluation.svg"
# Of every method without hints, as `automatic` measures it.
_AUTOMATIC = (
    "psnr", "ssim", "ciede2000", "colorfulness", "colorfulness_ratio", "colorfulness_difference",
    "perceptual_efficientnet_lite0", "fid_efficientnet_lite0", "calibration_error", "uncertainty_correlation",
)  # fmt: skip
_TITLES = METRIC_TITLES | {
    "agreement_efficientnet_lite0": "classifier's agreement (%), EfficientNet-Lite0",
    "perceptual_efficientnet_lite0": "perceptual distance, EfficientNet-Lite0",
    "fid_efficientnet_lite0": "Fréchet distance, EfficientNet-Lite0",
}


@dataclass(frozen=True)
class Bar:
    """A figure that this project wants.

    Attributes:
        what: it is about.
        value: as measured.
        least, aim: it is to lie in these spans; an open end is infinite, and no aim is None.
        unit: of the figures.
        note: what stands behind the value.
    """

    what: str
    value: float
    least: tuple[float, float]
    aim: tuple[float, float] | None
    unit: str
    note: str = ""

    def cells(self) -> list[str]:
        """The row of a table: what, value, bar, verdict, aim, verdict."""
        bars = [self.least] if self.aim is None else [self.least, self.aim]
        cells = [self.what, f"{self.value:.2f}{self.unit}{self.note}"]
        for low, high in bars:
            span = f"at least {low:.1f}{self.unit}" if high == INFINITE else f"{low:.1f} to {high:.1f}{self.unit}"
            cells += [span, verdict(low <= round(self.value, 2) <= high)]
        return cells + [""] * (6 - len(cells))


INFINITE = float("inf")


def bars(report: Report) -> list[Bar]:
    """Every bar of the model's colours.

    Raises:
        KeyError: the report lacks a protocol or a count of hints.
    """
    results, dB = report["results"], " dB"
    above_gray = results["siggraph17"][ACCURATE]["psnr_above_gray"]
    above_levin = results["siggraph17"][ACCURATE]["psnr_above_levin"]
    area = {decode: results["eccv16"][decode]["auc_rebalanced"]["0"] for decode in (VIVID, ACCURATE)}
    guided = {name: results["global"][name]["psnr"]["0"] for name in (ACCURATE, f"{ACCURATE}/histogram")}
    worst = min((count for count in above_levin if int(count) <= 50), key=above_levin.__getitem__)
    wanted = {0: (1.2, 1.6), 1: (2.0, 2.6), 10: (4.8, 5.6), 50: (6.8, 7.6), 100: (7.4, 8.3)}
    return [
        *(
            Bar(f"accurate, {_hints(count)}, above gray", above_gray[str(count)], _above(least), _above(aim), dB)
            for count, (least, aim) in wanted.items()
        ),
        Bar(
            "accurate, true histogram, above automatic",
            guided[f"{ACCURATE}/histogram"] - guided[ACCURATE],
            _above(1.5),
            _above(3.2),
            dB,
        ),
        Bar(
            "accurate, above Levin 2004, least of 1 to 50 hints",
            above_levin[worst],
            _above(1.0),
            _above(2.0),
            dB,
            f" ({_hints(int(worst))})",
        ),
        Bar(
            "vivid, automatic, colourfulness over the truth's",
            results["automatic"][VIVID]["colorfulness_ratio"]["0"],
            (0.7, 1.1),
            (0.9, 1.0),
            "",
        ),
        Bar("vivid, rebalanced AuC, above accurate's", area[VIVID] - area[ACCURATE], _above(0.0), None, " %"),
    ]


def summary(report: Report) -> list[str]:
    """How the curves are measured, their table, their picture, and the bars."""
    return [
        f"`compact` on {report['images']['count']} photographs, by the siggraph17 protocol: squashed to 256 x 256; a"
        " hint is the true mean colour of a 6 x 6 patch, placed by a normal distribution around the middle, fixed seed;"
        " PSNR over 8-bit R, G, B, mean over the photographs and its standard error. Levin 2004 has the same hints."
        " Column *published*: SIGGRAPH17's network, **not measured here and not on these photographs** (the authors'"
        " own file of results, 1,000 ImageNet photographs, ctest10k, standard error 0.14 dB).",
        "",
        *_by_hints(report),
        "",
        f"![PSNR against hints, and above the gray image, with 95 % intervals and the published curve]({CURVE})",
        "",
        *table(["bars of this project", "here", "at least", "", "aim", ""], [bar.cells() for bar in bars(report)]),
    ]


def evaluation(figures: Report) -> list[str]:
    """The whole section of docs/measurements.md."""
    report = figures["report"]
    published = [[f"{name} (published)", f"{db:.2f} dB"] for name, db in AUTOMATIC_PSNR.items()]
    return [
        *summary(report),
        "",
        "Without hints, protocol `automatic`. FID and perceptual distance by this network do not compare with print.",
        "",
        *_methods(report, "automatic", {"gray": "gray", VIVID: "vivid", ACCURATE: "accurate"}, _AUTOMATIC),
        "",
        "Automatic PSNR as published on ctest10k, whose gray photographs have"
        f" {SIGGRAPH17_GRAY:.2f} dB (Zhang et al. 2017), not measured here:",
        "",
        *table(["method", "PSNR"], [*published, ["Zhang 2017 (published)", f"{SIGGRAPH17_PSNR[0]:.2f} dB"]]),
        "",
        "Protocol `eccv16`; the published rows are of ImageNet and with its prior, and do not compare digit by digit.",
        "",
        *_methods(
            report,
            "eccv16",
            {"gray": "gray", VIVID: "vivid", ACCURATE: "accurate"},
            ("auc", "auc_rebalanced", "agreement_efficientnet_lite0"),
        ),
        "",
        "Protocol `global`: the true picture's histogram, mean saturation, or both as a reference, no hints.",
        "",
        *_methods(report, "global", _global_methods(), ("psnr", "psnr_above_gray", "colorfulness_ratio")),
        "",
        f"Does a hint help? Protocol `guided`, {figures['guided']['images']['count']} photographs: hints one after"
        " another, where the network asks for the next (`next_hint`), and as many at random places.",
        "",
        *_guided(figures["guided"]),
    ]


def _by_hints(report: Report) -> list[str]:
    results, errors = report["results"]["siggraph17"], report["standard_errors"]["siggraph17"]

    def cell(method: str, metric: str, count: str) -> str:
        value = results.get(method, {}).get(metric, {}).get(count)
        if value is None:
            return ""
        return f"{value:.2f} ± {errors[method][metric][count]:.2f}" if metric == "psnr" else f"{value:+.2f}"

    rows = [["the gray photograph", cell("gray", "psnr", "0"), *[""] * 5, f"{SIGGRAPH17_GRAY:.2f}", ""]]
    for count in results[ACCURATE]["psnr"]:
        known = SIGGRAPH17_PSNR.get(int(count))
        rows.append(
            [
                _hints(int(count)),
                *(cell(ACCURATE, metric, count) for metric in ("psnr", "psnr_above_gray", "psnr_above_levin")),
                *(cell(VIVID, metric, count) for metric in ("psnr", "psnr_above_gray")),
                cell("levin", "psnr", count),
                *(["", ""] if known is None else [f"{known:.2f}", f"{known - SIGGRAPH17_GRAY:+.2f}"]),
            ]
        )
    head = ["PSNR in dB", "accurate", "above gray", "above Levin", "vivid", "above gray", "Levin 2004"]
    return table([*head, "*published*", "*above gray*"], rows)


def _methods(report: Report, protocol: str, methods: dict[str, str], metrics: Sequence[str]) -> list[str]:
    """A row for each method, the published ones marked, and a column for each metric that was measured."""
    results, errors = report["results"][protocol], report["standard_errors"].get(protocol, {})
    metrics = [metric for metric in metrics if any(metric in figures for figures in results.values())]
    rows = []
    for method, title in methods.items():
        found, own = results[method], errors.get(method, {})
        rows.append([title, *(_with_error(found.get(m, {}).get("0"), own.get(m, {}).get("0")) for m in metrics)])
    for name, known in PUBLISHED.get(protocol, {}).items():
        rows.append([f"{name} (published)", *(f"{known[m]:.2f}" if m in known else "" for m in metrics)])
    return table([protocol, *(_TITLES[metric] for metric in metrics)], rows)


def _global_methods() -> dict[str, str]:
    conditions = {"": "automatic", "/histogram": "true histogram", "/saturation": "true saturation", "/both": "both"}
    decodes = {"accurate": ACCURATE, "vivid": VIVID}
    return {"gray": "gray"} | {
        method + suffix: f"{decode}, {title}"
        for decode, method in decodes.items()
        for suffix, title in conditions.items()
    }


def _guided(report: Report) -> list[str]:
    """What each hint brings in dB, and how much more it brings where the network asked for it."""
    results, errors = report["results"]["guided"], report["standard_errors"]["guided"]
    columns = [
        (f"{decode}: {title}", method + condition, metric)
        for decode, method in {"accurate": ACCURATE, "vivid": VIVID}.items()
        for title, condition, metric in (
            ("gain per hint at random places", "/uniform", "gain_per_hint"),
            ("where asked for", "/next_hint", "gain_per_hint"),
            ("in all, above random places", "/next_hint", "psnr_above_uniform"),
        )
    ]
    rows = [
        [
            _hints(int(count)),
            *(_with_error(results[m][metric][count], errors[m][metric][count]) for _, m, metric in columns),
        ]
        for count in results[f"{ACCURATE}/next_hint"]["gain_per_hint"]
    ]
    return table(["dB", *(title for title, _, _ in columns)], rows)


def _with_error(value: float | None, error: float | None) -> str:
    if value is None:
        return ""
    digits = 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}" + ("" if error is None else f" ± {error:.{digits}f}")


def _hints(count: int) -> str:
    return "automatic" if count == 0 else f"{count} hint{'s' if count > 1 else ''}"


def _above(least: float) -> tuple[float, float]:
    return least, INFINITE
