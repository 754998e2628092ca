"""Markdown of each benchmark's figures: what docs/measurements.md is put together from.

Every function takes one benchmark's figures, as its --json wrote them, and returns the lines of its section.
"""

from collections.abc import Callable
from typing import Any

import series_tables
import startup
import studio_tables
from evaluation_tables import evaluation
from large_pictures import growth
from markdown_tables import at_most, table

Figures = dict[str, Any]
# Of a training run: the steps whose losses are shown.
OVERFIT_SHARES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)


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
    million = figures["total_mib"] * 2**20 / 1e6
    return [
        *table(["core package with what it needs", "installed", "bar", ""], rows),
        "",
        f"That is {million:.0f} million bytes, {'above' if million > 200 else 'within'} the bar if it is meant so, and"
        " not as `du -m` counts.",
    ]


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


def hint_reach(figures: Figures) -> list[str]:
    rows = [
        [
            row["photograph"].replace("_", " "), row["hinted"], f"{row['asked']:.0f}", f"{row['object_moved']:.1f}",
            row["kept"], f"{row['other_moved']:.1f}",
        ]
        for row in figures["rows"] if row["decode"] == "vivid"
    ]  # fmt: skip
    means = [
        [f"`{decode}`", f"{mean['object_share']:.2f}", *at_most(mean["other_moved"], figures["bar"], "{:.1f}")]
        for decode, mean in figures["means"].items()
    ]
    return [
        "One hint of a strong colour on an object of an example photograph; distances in ab (Lab units), means over"
        " places that were marked by hand on that object and on another of another kind. Below, each in `vivid`.",
        "",
        *table(["", "the object's own move, as a share of what was asked", "others moved", "bar", ""], means),
        "",
        *table(["photograph", "hinted", "asked", "moved", "another", "moved"], rows),
        "",
        f"The bar is on the mean; above it by themselves: {_above(figures) or 'none'}.",
    ]


def _above(figures: Figures) -> str:
    """Of the pairs shown, those whose other object moved by more than the bar."""
    return ", ".join(
        f"{row['kept']} beside {row['hinted']} ({row['other_moved']:.1f})"
        for row in figures["rows"]
        if row["decode"] == "vivid" and row["other_moved"] > figures["bar"]
    )


def evaluation_cost(figures: Figures) -> list[str]:
    speed, memory = figures["speed"], figures["memory"]
    minutes, growth_mb = speed["seconds"] / speed["photographs"] * 300 / 60, memory["growth_bytes"] / 1e6
    samples = [[f"{row['photographs']:,}", f"{row['bytes'] / 1e6:.0f} MB"] for row in memory["samples"]]
    return [
        f"`photochrom evaluate` by the siggraph17 protocol at {speed['counts']} counts of hints, `compact` and `levin`,"
        f" on {speed['photographs']} photographs; and its memory over {memory['photographs']:,} small photographs in a"
        f" tar archive, by the protocol `{memory['protocol']}` with `{memory['model']}`: every figure that is kept of a"
        " photograph, and the sums over all.",
        "",
        *table(
            ["", "here", "bar", ""],
            [
                ["300 photographs at this pace", *at_most(minutes, speed["bar_minutes"], "{:.1f} min")],
                ["processor time of it", f"{speed['cpu_seconds'] / speed['photographs'] * 5:.1f} min", "", ""],
                [
                    "memory at the end above that after a tenth",
                    *at_most(growth_mb, memory["bar_bytes"] / 1e6, "{:.0f} MB"),
                ],
            ],
        ),
        "",
        *table(["photographs measured", "memory"], samples),
    ]


def published_networks(figures: Figures) -> list[str]:
    """ONNX Runtime beside PyTorch, and what an import costs."""
    speed, imports = [], []
    for row in figures["networks"]:
        ours, eager, cost = row["onnxruntime"], row["pytorch"], row["import"]
        share, memory = ours["median_ms"] / eager["median_ms"], ours["peak_mb"] / eager["peak_mb"]
        times = [f"{engine['median_ms']:.0f} ms ({engine['least_ms']:.0f})" for engine in (ours, eager)]
        peaks = [f"{engine['peak_mb']:.0f} MB" for engine in (ours, eager)]
        speed.append([row["network"], *times, *at_most(share, 1.0, "{:.2f}"), *peaks, f"{memory:.2f}"])
        seconds = at_most(cost["seconds"], figures["bar_import_seconds"], "{:.0f} s")
        imports.append([row["network"], *seconds, *at_most(cost["peak_mb"], figures["bar_import_mb"], "{:.0f} MB")])
    side = figures["side"]
    head = ["", "ONNX Runtime", "eager PyTorch", "share", "bar", "", "ONNX Runtime", "eager PyTorch", "share"]
    return [
        f"One colouring of {side} x {side} pixels, median (and least) over processes that took turns, on the same"
        " processors; then the peak memory of the whole process with its libraries. Weights are random: speed does not"
        " depend on them.",
        "",
        *table(head, speed),
        "",
        "Importing a `.pth` file, from reading it to the verified ONNX file:",
        "",
        *table(["", "time", "bar", "", "peak memory", "bar", ""], imports),
    ]


def overfit(figures: Figures) -> list[str]:
    """The losses at some of the steps, beside those of the best answer that ignores the pictures."""
    rows = []
    for network, terms in figures["networks"].items():
        for term, found in terms.items():
            curve, constant = found["curve"], found["constant"]
            shown = [f"{curve[round(share * (len(curve) - 1))]:.2f}" for share in OVERFIT_SHARES]
            rows.append([f"{network}, {term}", *shown, f"{constant:.2f}", "yes" if curve[-1] < constant else "**no**"])
    steps = figures["steps"]
    lines = [
        f"Each network from random weights on {figures['pictures']} photographs of {figures['side']} x"
        f" {figures['side']} pixels, all of them in each step, by its recipe but with a learning rate of"
        f" {figures['rate']:g} falling along a cosine, {steps} steps a stage. siggraph17 has two stages: first its"
        " distribution teaches the trunk, then, with hints, its regression; of each stage the loss that teaches is"
        " shown. The last column is the best answer that is the same for all pixels: what is below it was learned from"
        " the pictures.",
        "",
    ]
    head = ["loss", *(f"step {1 + round(share * (steps - 1))}" for share in OVERFIT_SHARES)]
    return lines + table([*head, "one answer for all", "learned"], rows)


SECTIONS: dict[str, tuple[str, Callable[[Figures], list[str]]]] = {
    "colorize_speed": ("A photograph of 12 megapixels, against the plain way", colorize_speed),
    "large_pictures": ("From 1 to 100 megapixels", large_pictures),
    "lightness": ("Lightness kept", lightness),
    "startup": ("The start", startup_time),
    "install_size": ("Installed size", install_size),
    "evaluation": ("The colours of the embedded network", evaluation),
    "hint_reach": ("How far a hint goes", hint_reach),
    "evaluation_cost": ("What measuring costs", evaluation_cost),
    "upsampling_quality": ("Colour along edges", upsampling_quality),
    "render_speed": ("Rendering alone", render_speed),
    "studio_speed": ("The studio", studio_tables.studio),
    "site_speed": ("The studio in the browser alone", studio_tables.site),
    "service_load": ("The studio's service under load", studio_tables.load),
    "batch_speed": ("A series of photographs", series_tables.batch),
    "ray_speed": ("A series on Ray", series_tables.ray),
    "video_flicker": ("Films", series_tables.films),
    "published_networks": ("The published networks on ONNX Runtime and on PyTorch", published_networks),
    "overfit": ("The published networks, trained from nothing", overfit),
}
