"""Markdown of each benchmark's figures: what docs/measurements.md is put together from.

Every function takes one benchmark's figures, as its --json wrote them, and returns the lines of its section.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import startup
from large_pictures import growth

Figures = dict[str, Any]
PUBLISHED: Figures = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))
# Bars of the model's quality: dB above the gray photograph by hints, and colourfulness as a share of the truth's.
BAR_GAIN_DB = {0: 0.8, 10: 3.5}
BAR_COLOURFULNESS = 0.5
# Of a training run: the steps whose losses are shown; the fourth is the last of the first half.
OVERFIT_SHARES = (0.0, 0.1, 0.25, 0.49, 0.75, 1.0)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose first column is text and whose others are figures."""
    return _table(head, ["---"] + ["---:"] * (len(head) - 1), rows)


def words(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table of text."""
    return _table(head, ["---"] * len(head), rows)


def _table(head: Sequence[str], rule: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]


def verdict(met: bool) -> str:
    """What a bar's cell says."""
    return "met" if met else "**missed**"


def at_most(value: float, bar: float, form: str) -> list[str]:
    """Cells of a value, its bar from above, and the verdict; `form` is a format such as `{:.2f} s`."""
    return [form.format(value), f"at most {form.format(bar)}", verdict(value <= bar)]


def at_least(value: float, bar: float, form: str) -> list[str]:
    """Cells of a value, its bar from below, and the verdict."""
    return [form.format(value), f"at least {form.format(bar)}", verdict(value >= bar)]


def startup_time(figures: Figures) -> list[str]:
    rows = []
    for name, _, bar in startup.MEASURED:
        seconds = figures[name]
        rows.append([f"`{name}`", *(at_most(seconds, bar, "{:.3f} s") if bar else [f"{seconds:.3f} s", "", ""])])
    return table(["whole process, median", "here", "bar", ""], rows)


def install_size(figures: Figures) -> list[str]:
    parts = [(name, size) for name, size in figures["parts_mib"].items() if size >= 1]
    rows = [["in all", *at_most(figures["total_mib"], figures["bar_mib"], "{:.1f} MiB")]]
    rows += [[name, f"{size:.1f} MiB", "", ""] for name, size in parts]
    return table(["core package with what it needs", "installed", "bar", ""], rows)


def colorize_speed(figures: Figures) -> list[str]:
    ours, plain, bar = figures["photochrom"], figures["plain"], figures["bar_share"]
    lines = [
        f"A {figures['megapixels']}-megapixel JPEG of {figures['file_bytes'] / 1e6:.1f} MB, each command a process of"
        f" its own; medians of {figures['rounds']} rounds in which both took turns. The plain pipeline is"
        " [benchmarks/plain_pipeline.py](../benchmarks/plain_pipeline.py): what the demonstration of"
        " richzhang/colorization does, scikit-image at full size around ECCV 2016's network at 256 x 256 in PyTorch.",
        "",
    ]
    columns = (
        ("time", "seconds", 1, "{:.2f} s", "time_share", True),
        ("processor time", "cpu_seconds", 1, "{:.2f} s", "cpu_time_share", False),
        ("peak memory", "peak_bytes", 1e-6, "{:.0f} MB", "memory_share", True),
    )
    rows = []
    for what, key, unit, form, share, judged in columns:
        values = [form.format(row[key] * unit) for row in (ours, plain)]
        rows.append(
            [what, *values, *(at_most(figures[share], bar, "{:.2f}") if judged else [f"{figures[share]:.2f}", "", ""])]
        )
    return lines + table(["", "`photochrom colorize`", "plain pipeline", "share", "bar", ""], rows)


def large_pictures(figures: Figures) -> list[str]:
    rows = [
        [
            row["what"], f"{row['seconds']:.2f} s", f"{row['cpu_seconds']:.2f} s",
            f"{row['cpu_seconds'] / row['megapixels'] * 1e3:.0f} ms", f"{row['peak_bytes'] / 1e6:.0f} MB",
        ]
        for row in figures["rows"]
    ]  # fmt: skip
    peak = at_most(figures["peak_bytes"] / 1e6, figures["bar_peak_bytes"] / 1e6, "{:.0f} MB")
    clock, processor = (growth(figures["rows"], time) for time in ("seconds", "cpu_seconds"))
    return [
        "Whole command from process start. The start alone is what the smallest picture takes.",
        "",
        *table(["megapixels", "time", "processor time", "of it a megapixel", "peak memory"], rows),
        "",
        *table(
            ["", "here", "bar", ""],
            [
                ["largest peak", *peak],
                [
                    "processor time grows with pixels to the power of",
                    *at_most(processor, figures["bar_exponent"], "{:.2f}"),
                ],
                ["time by the clock, which others at work bend", f"{clock:.2f}", "", ""],
            ],
        ),
    ]


def lightness(figures: Figures) -> list[str]:
    photographs = ", ".join(f"{count} of {name}" for name, count in figures["photographs"].items())
    rows = [
        [name, *at_most(row["max"], row["bar"], "{:.4f}"), f"{row['mean']:.4f}", f"{row['pixels'] / 1e6:.1f} million"]
        for name, row in figures["rows"].items()
    ]
    return [
        f"CIE L* of the written file against the photograph's, over every pixel ({photographs}), by scikit-image in"
        " float64.",
        "",
        *table(["output", "largest \\|dL\\|", "bar", "", "mean \\|dL\\|", "pixels"], rows),
    ]


def render_speed(figures: Figures) -> list[str]:
    rows = []
    for row in figures["rows"]:
        if "peak_bytes" in row:
            rows.append([row["what"], f"{row['megapixels']:g}", "", "", f"{row['peak_bytes'] / 1e6:.0f} MB"])
        else:
            times = [f"{row['s']:.2f} s", f"{row['cpu_s']:.2f} s"]
            rows.append([row["what"], f"{row['megapixels']:g}", *times, ""])
    lines = [f"Rendering alone, without files and network, with {figures['threads']} threads."]
    return [*lines, "", *table(["", "megapixels", "time", "processor time", "peak memory"], rows)]


def upsampling_quality(figures: Figures) -> list[str]:
    rows = [
        [
            f"{row['method']}{', blurred grid' if row['grid_blur'] else ''}", f"{row['psnr_db']:.2f} dB",
            f"{row['edge_distance']:.2f}", f"{row['grain_noise']:.2f}", f"{row['bleed_percent']:.1f} %",
        ]
        for row in figures["rows"]
    ]  # fmt: skip
    return [
        f"True colours reduced to {figures['cells']} x {figures['cells']} cells and brought back to full size,"
        f" {figures['photographs']} photographs.",
        "",
        *table(["method", "PSNR", "ab error at edges", "noise from grain", "colour across edges"], rows),
    ]


def model_quality(figures: Figures) -> list[str]:
    return [
        f"`{figures['model']}` on {figures['images']} photographs, by the siggraph17 protocol: squashed to 256 x 256; a"
        " hint is the true mean colour of a 6 x 6 patch, placed by a normal distribution around the middle, fixed seed;"
        " PSNR over 8-bit R, G, B, mean over the photographs and its standard error. Column *published*: SIGGRAPH17's"
        " network, **not measured here and not on these photographs**"
        f" ({PUBLISHED['siggraph17']['source']}).",
        "",
        *_quality_by_hints(figures["rows"]),
        "",
        *table(["bars of this project", "here", "bar", ""], quality_bars(figures["rows"])),
        "",
        "Automatic colours as published, on ImageNet photographs, not measured here"
        f" ({PUBLISHED['automatic']['source']}):",
        "",
        *table(["method", "PSNR"], [[name, f"{db:.2f} dB"] for name, db in PUBLISHED["automatic"]["db"].items()]),
    ]


def _quality_by_hints(rows: Figures) -> list[str]:
    published, published_gray = PUBLISHED["siggraph17"]["db_by_hints"], PUBLISHED["siggraph17"]["gray_db"]
    gray = rows["psnr gray"]["mean"]
    cells = [["the gray photograph", _with_error(rows["psnr gray"]), "", "", "", f"{published_gray:.2f}", ""]]
    for count in sorted(int(name.split()[2]) for name in rows if name.startswith("psnr accurate ")):
        line = [f"{count} hints" if count else "automatic"]
        for decode in ("accurate", "vivid"):
            row = rows[f"psnr {decode} {count}"]
            line += [_with_error(row), f"{row['mean'] - gray:+.2f}"]
        known = published.get(str(count))
        line += [f"{known:.2f}", f"{known - published_gray:+.2f}"] if known else ["", ""]
        cells.append(line)
    return table(["PSNR in dB", "accurate", "over gray", "vivid", "over gray", "*published*", "*over gray*"], cells)


def quality_bars(rows: Figures) -> list[list[str]]:
    """Cells of each bar of the model's quality that these figures can judge."""
    gray = rows["psnr gray"]["mean"]
    cells = []
    for count, bar in BAR_GAIN_DB.items():
        row = rows.get(f"psnr accurate {count}")
        if row:
            what = f"accurate, {count} hints, over gray" if count else "accurate, automatic, over gray"
            cells.append([what, *at_least(row["mean"] - gray, bar, "{:.2f} dB")])
    ratio = rows["colourfulness ratio vivid"]["mean"]
    cells.append(["vivid, automatic, colourfulness over the truth's", *at_least(ratio, BAR_COLOURFULNESS, "{:.2f}")])
    return cells


def _with_error(row: Figures) -> str:
    return f"{row['mean']:.2f} ± {row['standard_error']:.2f}"


def overfit(figures: Figures) -> list[str]:
    """The losses at some of the steps, beside those of the best answer that ignores the pictures."""
    rows = []
    for network, terms in figures["networks"].items():
        for term, found in terms.items():
            curve = found["curve"]
            shown = [curve[round(share * (len(curve) - 1))] for share in OVERFIT_SHARES]
            rows.append([f"{network}, {term}", *(f"{loss:.2f}" for loss in (*shown, found["constant"]))])
    steps = len(curve)
    lines = [
        f"Each network from random weights on {figures['pictures']} photographs of {figures['side']} x"
        f" {figures['side']} pixels, all of them in each of {steps} steps, by its recipe but with a learning rate of"
        f" {figures['rate']:g} falling along a cosine. siggraph17's distribution teaches the trunk in the first half,"
        " its regression in the second, in which the distribution is only kept up with it. The last column is the best"
        " answer that is the same for all pixels: what is below it was learned from the pictures.",
        "",
    ]
    head = ["loss", *(f"step {1 + round(share * (steps - 1))}" for share in OVERFIT_SHARES), "one answer for all"]
    return lines + table(head, rows)


SECTIONS: dict[str, tuple[str, Callable[[Figures], list[str]]]] = {
    "colorize_speed": ("A photograph of 12 megapixels, against the plain way", colorize_speed),
    "large_pictures": ("From 1 to 100 megapixels", large_pictures),
    "lightness": ("Lightness kept", lightness),
    "startup": ("The start", startup_time),
    "install_size": ("Installed size", install_size),
    "model_quality": ("The colours of the embedded network", model_quality),
    "upsampling_quality": ("Colour along edges", upsampling_quality),
    "render_speed": ("Rendering alone", render_speed),
    "overfit": ("The published networks, trained from nothing", overfit),
}
