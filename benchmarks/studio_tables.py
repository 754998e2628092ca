"""Markdown of what people wait for before the studio, with a server and without, and of the service under load."""

from typing import Any

import service_load
from markdown_tables import at_most, table

Figures = dict[str, Any]


def studio(figures: Figures) -> list[str]:
    """What benchmarks/studio_speed.py measured."""
    edit, whole, rapid = figures["decoder"]["edit"], figures["decoder"]["siggraph17"], figures["rapid"]
    held = ", ".join(f"{what} {size / 1e6:.0f} MB" for what, size in rapid["bytes"].items())
    return [
        "The real service and Chromium without a graphics card share two processors. An edit is timed in the page, from"
        " the released button to the frame in which the new colours stand on the canvas of 1280 x 800: a click on the"
        f" photograph, or on another suggestion, {figures['edits']} of each on each photograph. An upload is timed from"
        " the file's choice.",
        "",
        *table(
            ["", "here", "bar", ""], [[what, *at_most(value, bar, _form(what))] for what, value, bar in judged(figures)]
        ),
        "",
        f"The network's part of an edit takes {edit['median_ms']:.0f} ms (least {edit['least_ms']:.0f}), the whole"
        f" network of SIGGRAPH 2017 {whole['median_ms']:.0f} ms ({whole['least_ms']:.0f}), in turns on the same two"
        f" processors. The last of {rapid['edits']} edits, {rapid['pause_ms']} ms apart, is seen after"
        f" {rapid['last_ms']:.0f} ms. Held at the end: {held}.",
    ]


def judged(figures: Figures) -> list[tuple[str, float, float]]:
    """What has a bar, its figure and the bar, which it must not exceed."""
    bars, rapid = figures["bars"], figures["rapid"]
    found = [
        (f"{row['photograph']}, {kind}: {name}", row[kind][key], bars[key])
        for row in figures["rows"]
        for kind in ("click", "suggestion")
        for key, name in (("median_ms", "median"), ("p95_ms", "95th percentile"))
    ]
    found.append(("longest task of the page's main thread", figures["longest_task_ms"], bars["longest_task_ms"]))
    found.append(("an edit's share of SIGGRAPH 2017's network", figures["decoder"]["share"], bars["decoder_share"]))
    found.append(
        (
            f"{figures['upload']['megapixels']} megapixels to their colours",
            figures["upload"]["median_ms"],
            bars["upload_ms"],
        )
    )
    for what, share in rapid["memory_shares"].items():
        found.append((f"memory of the {what} after 300 rapid edits / after 100", share, bars["memory_share"]))
    found.append(("rapid edits that cannot be undone", rapid["made"] - rapid["undone"], 0))
    return found


def _form(what: str) -> str:
    if "memory" in what or "share" in what:
        return "{:.2f}"
    return "{:.0f}" if what.startswith("rapid") else "{:.0f} ms"


def site(figures: Figures) -> list[str]:
    """What benchmarks/site_speed.py measured."""
    size, transferred = figures["bytes"], figures["bars"]["bytes"]
    rows = [
        ["all files of the page", *at_most(size / 1e6, transferred / 1e6, "{:.1f} MB")],
        ["click to colours, median", *at_most(figures["edit_median_ms"], figures["bars"]["edit_ms"], "{:.0f} ms")],
        ["click to colours, 95th percentile", f"{figures['edit_95th_ms']} ms", "", ""],
        ["first visit to the page that can be used", f"{figures['first_visit_ms']} ms", "", ""],
        ["sample photograph to its colours", f"{figures['first_colors_ms']} ms", "", ""],
    ]
    return [
        "The page of `make site` in Chromium without a graphics card, from a server on the same machine;"
        f" {figures['threads']} threads of WebAssembly, {figures['edits']} clicks.",
        "",
        *table(["", "here", "bar", ""], rows),
    ]


def load(figures: Figures) -> list[str]:
    """What benchmarks/service_load.py measured."""
    memory = figures["memory"]
    early, late = (memory[key] / 1e6 for key in ("after_20_bytes", "after_200_bytes"))
    lines = [
        f"Memory after 20 mixed requests {early:.0f} MB, after 200 {late:.0f} MB:"
        f" {' '.join(at_most(memory['share'], memory['bar_share'], '{:.2f}'))}.",
    ]
    for who in ("sessions", "clients"):
        row = figures[who]
        rows = [
            [kind, f"{part['requests']:,}", *(f"{1e3 * part[key]:.0f} ms" for key in ("median_s", "p95_s"))]
            for kind, part in row["kinds"].items()
        ]
        statuses = ", ".join(f"{count:,} x {status}" for status, count in row["statuses"].items())
        good = "as promised" if service_load.good(row) else "**not as promised**"
        p95 = " ".join(at_most(row["p95_s"], row["bar_p95_s"], "{:.1f} s"))
        lines += [
            "",
            f"{row['at_once']} {who} at once for {row['seconds']:.0f} s: {statuses}; lost or other than alone:"
            f" {row['lost']}; {good}. 95th percentile of all: {p95} (three times the median of one client alone, times"
            f" the queue's {service_load.QUEUE} places).",
            "",
            *table(["request", "number", "median", "95th percentile"], rows),
        ]
    return lines
