"""Markdown of what series cost: a batch, a batch on Ray, and films."""

from typing import Any

from batch_speed import STAGES
from markdown_tables import at_most, table, verdict

Figures = dict[str, Any]


_WAYS = {"numpy": "{} x {}", "numba": "with `fast`"}


def batch(figures: Figures) -> list[str]:
    """What benchmarks/batch_speed.py measured."""
    series, bar = figures["series"], figures["bar_share"]
    columns = [(part, way, part["ways"][way]) for part in series for way in part["ways"]]
    counts = " and ".join("{} of {} x {}".format(part["photographs"], *part["size"]) for part in series)
    shares = [found["network_and_codecs_share"] for *_, found in columns]
    judged = [verdict(share >= bar) for share in shares[: len(series[0]["ways"])]]
    rows = [
        *([stage, *(f"{found[stage] * 1e3:.1f} ms" for *_, found in columns)] for stage in STAGES),
        ["`photochrom batch`", *(f"{found['batch_rate']:.2f} /s" for *_, found in columns)],
        ["share of what all four alone allow", *(f"{found['all_stages_share']:.2f}" for *_, found in columns)],
        ["share of what all but render allow", *(f"{share:.2f}" for share in shares)],
        [f"bar: at least {bar:.2f} of that", *judged, *[""] * (len(columns) - len(judged))],
        ["a process holds", *(f"{found['held_bytes'] / 1e6:.0f} MB" for *_, found in columns)],
    ]
    lines = [
        f"Photographs: {counts}; {figures['processes']} processes, medians of {figures['rounds']} rounds; each with"
        " NumPy alone and with the loops of the extra `fast`. First each stage alone, from memory to memory, in as many"
        " processes with one thread each; from its mean the rate follows that these could reach. Then the whole"
        " command, files, hashes and manifest included, over the second half of the series, when the loops are loaded;"
        f" its files lie on {figures.get('file_system', 'a disk')}, to which every result is brought before it counts."
        " Stages and command are timed at different moments: a share somewhat above 1 is the machine's unrest.",
        "",
        *table(["", *(_WAYS[way].format(*part["size"]) for part, way, _ in columns)], rows),
    ]
    if "memory" not in figures:
        return lines
    held = figures["memory"]
    early, late = (f"{held[key] / 1e6:.0f} MB" for key in ("early_bytes", "late_bytes"))
    growth, most = held["growth"], held["bar_growth"]
    return [
        *lines,
        "",
        f"Memory of all its processes together, over {held['photographs']:,} small photographs, with NumPy alone:",
        "",
        *table(
            ["around photograph 500", "over the last 200", "change", "bar", ""],
            [[early, late, f"{growth:+.1%}", f"at most {most:.0%} either way", verdict(abs(growth) <= most)]],
        ),
    ]


def ray(figures: Figures) -> list[str]:
    """What benchmarks/ray_speed.py measured."""
    bar = figures["bar_longer"]
    rows = []
    for series in figures["series"]:
        longer, slower = series["longer"], series["slower"]
        times = [f"{series[engine]['seconds']:.1f} s" for engine in ("local", "ray")]
        judged = [f"{longer:+.1%}", f"at most {bar:.0%}", verdict(longer <= bar)]
        rows.append(["{} x {}".format(*series["size"]), *times, *judged, f"{slower:+.1%}"])
    return [
        f"{figures['photographs']:,} photographs of each size on this machine, {figures['processes']} processes, both"
        f" engines in turns, {figures['rounds']} rounds. Time is that of the whole command, start and end of Ray"
        " included; the last column is of the last three quarters alone.",
        "",
        *table(["", "`--engine local`", "`--engine ray`", "longer by", "bar", "", "once under way"], rows),
    ]


def films(figures: Figures) -> list[str]:
    """What benchmarks/video_flicker.py measured."""
    rows = []
    for row in figures["rows"]:
        alone, steady = (row[way]["flicker"] for way in ("frame by frame", "steady"))
        changes = [f"{part[key]:.2f}" for key in ("along_motion", "at_pixel") for part in (alone, steady)]
        away = [f"{row[way]['error']['elsewhere']:.2f}" for way in ("frame by frame", "steady")]
        rows.append([row["film"], *changes, *at_most(row["share"], figures["bar_share"], "{:.2f}"), *away])
    at_pixel = {
        row["film"]: row["steady"]["flicker"]["at_pixel"] / row["frame by frame"]["flicker"]["at_pixel"]
        for row in figures["rows"]
    }
    worst = max(at_pixel, key=at_pixel.__getitem__)
    cuts = figures["cuts"]
    head = ["film", "flicker by itself", "steady", "same pixel by itself", "steady", "share", "bar", ""]
    return [
        f"Films of {figures['frames']} frames whose motion is known, with grain and flickering exposure. Flicker is the"
        " mean change of ab from frame to frame where lightness changes by less than 1 L, followed along the motion;"
        " then the same at the same pixel, where in a pan other things come to lie. The last columns are the mean"
        " distance of ab to that of the clean frame coloured by itself.",
        "",
        *table([*head, "distance by itself", "steady"], rows),
        "",
        "The bar is of what is followed along the motion. At the same pixel, where what moves brings other colours, the"
        f" share is up to {at_pixel[worst]:.2f} ({worst}).",
        "",
        f"Of {cuts['there']} cuts among fades, flashes, pans and zooms {len(cuts['missed'])} were missed and"
        f" {len(cuts['wrong'])} found that are none.",
    ]
