"""What series cost, as the measurements' document tells it."""

from typing import Any

import batch_speed
import pytest
import series_tables

WAY = {
    "decode": 0.004, "network": 0.05, "render": 0.01, "encode": 0.006, "held_bytes": 150e6,
    "batch_rate": 30.0, "all_stages_rate": 28.6, "all_stages_share": 1.05,
    "network_and_codecs_rate": 33.3, "network_and_codecs_share": 0.84,
}  # fmt: skip
MEMORY = {"photographs": 10_000, "early_bytes": 500e6, "late_bytes": 526e6, "growth": 0.052, "bar_growth": 0.05}


def batch(share: float = 0.85, **more: Any) -> dict[str, Any]:
    """Figures of a batch; the share is that of small photographs with compiled loops."""
    fast = WAY | {"network_and_codecs_share": share}
    series = [
        {"size": [1024, 768], "photographs": 200, "ways": {"numpy": WAY, "numba": fast}},
        {"size": [4000, 3000], "photographs": 60, "ways": {"numpy": WAY, "numba": WAY}},
    ]
    return {"processes": 2, "rounds": 3, "bar_share": 0.85, "series": series} | more


RAY: dict[str, Any] = {
    "processes": 2, "photographs": 2000, "rounds": 1, "bar_longer": 0.1,
    "series": [
        {"size": [512, 384], "local": {"seconds": 100.0, "rate": 20.0}, "ray": {"seconds": 111.0, "rate": 19.0},
         "longer": 0.11, "slower": 0.053},
        {"size": [4000, 3000], "local": {"seconds": 1000.0, "rate": 2.0}, "ray": {"seconds": 1100.0, "rate": 1.9},
         "longer": 0.1, "slower": 0.053},
    ],
}  # fmt: skip
ROW: dict[str, Any] = {
    "film": "pan",
    "share": 0.34,
    **{
        way: {
            "flicker": {"along_motion": flicker, "at_pixel": 2.0},
            "error": {"thing": None, "uncovered": None, "elsewhere": 1.0},
        }
        for way, flicker in (("frame by frame", 1.0), ("steady", 0.34))
    },
}
FILMS = {"frames": 20, "bar_share": 1 / 3, "rows": [ROW], "cuts": {"there": 7, "missed": [], "wrong": [12]}}


def rows(lines: list[str]) -> dict[str, list[str]]:
    """Rows of all tables by their first cells; each is as long as its head."""
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("|")]
    return {row[0]: row[1:] for row in cells}


@pytest.mark.parametrize(("share", "verdict"), [(0.85, "met"), (0.849, "**missed**")])
def test_a_batch_is_judged_by_what_network_and_codecs_allow(share: float, verdict: str) -> None:
    found = rows(series_tables.batch(batch(share)))
    assert found["bar: at least 0.85 of that"] == ["**missed**", verdict, "", ""]
    assert found["share of what all four alone allow"] == ["1.05"] * 4
    assert found["render"] == ["10.0 ms"] * 4
    assert batch_speed.misses(batch(share)) == (share < 0.85)


@pytest.mark.parametrize(
    ("growth", "verdict"), [(0.05, "met"), (-0.05, "met"), (0.052, "**missed**"), (-0.06, "**missed**")]
)
def test_memory_may_neither_grow_nor_shrink(growth: float, verdict: str) -> None:
    figures = batch(memory=MEMORY | {"growth": growth})
    assert rows(series_tables.batch(figures))["500 MB"][-1] == verdict
    assert batch_speed.misses(figures) == (verdict != "met")
    assert "500 MB" not in rows(series_tables.batch(batch()))


def test_ray_is_judged_by_the_whole_command() -> None:
    found = rows(series_tables.ray(RAY))
    assert found["4000 x 3000"] == ["1000.0 s", "1100.0 s", "+10.0%", "at most 10%", "met", "+5.3%"]
    assert found["512 x 384"][2:] == ["+11.0%", "at most 10%", "**missed**", "+5.3%"]


def test_a_film_is_judged_along_the_motion() -> None:
    lines = series_tables.films(FILMS)
    assert rows(lines)["pan"] == ["1.00", "0.34", "2.00", "2.00", "0.34", "at most 0.33", "**missed**", "1.00", "1.00"]
    assert lines[-1] == "Of 7 cuts among fades, flashes, pans and zooms 0 were missed and 1 found that are none."


@pytest.mark.parametrize(
    "lines", [series_tables.batch(batch(memory=MEMORY)), series_tables.ray(RAY), series_tables.films(FILMS)]
)
def test_every_row_is_as_long_as_its_head(lines: list[str]) -> None:
    tables: list[set[int]] = [set()]
    for line in lines:
        if line.startswith("|"):
            tables[-1].add(line.count("|"))
        elif tables[-1]:
            tables.append(set())
    assert all(len(lengths) <= 1 for lengths in tables) and tables[0]
