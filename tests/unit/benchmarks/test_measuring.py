"""Measurements measure what they say."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hint_reach
import lightness
import numpy as np
import photographs
import plain_pipeline
import pytest
from hypothesis import given
from hypothesis import strategies as st
from large_pictures import SIZES, exponent
from PIL import Image
from processes import measure
from skimage.color import rgb2lab

from photochrom import Colorizer, Hint, images
from photochrom.hints import hint_places
from photochrom.pipeline import Result, Work

posix = pytest.mark.skipif(sys.platform == "win32", reason="wait4 is a POSIX call")


@posix
def test_a_process_costs_its_own_memory_and_time() -> None:
    cost = measure([sys.executable, "-c", "import time; b = b'x' * 300_000_000; time.sleep(0.3)"])
    assert 300e6 < cost.peak_bytes < 360e6
    assert cost.seconds > 0.3 and 0 < cost.cpu_seconds < cost.seconds


@posix
def test_a_process_is_not_charged_with_its_parents_memory() -> None:
    parents = b"x" * 300_000_000
    assert measure([sys.executable, "-c", "pass"]).peak_bytes < 100e6 < len(parents)


@posix
def test_a_failed_process_is_an_error_with_its_words() -> None:
    with pytest.raises(RuntimeError, match="no such thing"):
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"])


@given(st.floats(0.5, 2), st.floats(0.01, 5), st.floats(0, 3))
def test_exponent_of_a_power_law_is_its_power(power: float, factor: float, start: float) -> None:
    times = [(0.01, start), *((size, start + factor * size**power) for size in SIZES)]
    assert exponent(times) == pytest.approx(power, abs=1e-6)


@pytest.mark.parametrize("bits", [8, 16])
def test_a_photograph_to_measure_with_has_its_size_and_is_the_same_again(bits: int) -> None:
    picture = photographs.photograph(0.3, bits)
    assert picture.dtype == np.dtype(f"uint{bits}")
    assert picture.size == pytest.approx(0.3e6, rel=0.01)
    assert picture.shape[1] / picture.shape[0] == pytest.approx(4 / 3, rel=0.01)
    np.testing.assert_array_equal(picture, photographs.photograph(0.3, bits))


def test_the_plain_pipeline_colours_at_full_size_and_about_keeps_lightness(tmp_path: Path) -> None:
    gray = photographs.photograph(0.1, 8)
    source, destination = tmp_path / "gray.png", tmp_path / "colour.jpg"
    Image.fromarray(gray).save(source)
    plain_pipeline.colorize(source, destination)
    with Image.open(destination) as opened:
        picture = np.asarray(opened)
    assert picture.shape == (*gray.shape, 3)
    truth = rgb2lab(np.dstack([gray] * 3))[..., 0]
    assert np.abs(rgb2lab(picture)[..., 0] - truth).mean() < 1.5


def test_lightness_of_finished_pictures_is_within_the_bars(examples_dir: Path) -> None:
    report = lightness.measure(Colorizer(), sorted(examples_dir.glob("*.jpg"))[:2])
    assert {row["bar"]: row["max"] <= row["bar"] for row in report.values()} == {0.5: True, 0.02: True}


class _Darkener(Colorizer):
    """Makes every pixel darker by one step of 8 bits."""

    def colorize(self, source: Any, **settings: Any) -> Result:
        photograph = images.read(source)
        darker = photograph.gray.copy()
        step = 1 if darker.dtype == np.uint8 else 257
        darker[darker >= step] -= step
        return super().colorize(replace(photograph, gray=darker), **settings)


def test_one_step_of_difference_is_seen(examples_dir: Path) -> None:
    report = lightness.measure(_Darkener(), sorted(examples_dir.glob("*.jpg"))[:1])
    assert all(row["mean"] > 0.2 for row in report.values())
    assert report["16 bits"]["max"] > report["16 bits"]["bar"]


class _Painter(Colorizer):
    """Takes the first hint's colour for the whole picture."""

    def open(self, source: Any) -> Work:
        work = super().open(source)
        render = work.render

        def painted(hints: Sequence[Hint] = (), **settings: Any) -> Result:
            result = render(hints=hints, **settings)
            if hints:
                result.ab[:] = hint_places(hints, *result.ab.shape[:2])[1][0]
            return result

        work.render = painted  # type: ignore[assignment, method-assign]
        return work


def test_a_colour_that_goes_everywhere_is_seen() -> None:
    scene = next(scene for scene in hint_reach.SCENES if scene.hinted == "bird")
    kept, spread = (hint_reach.measure(colorizer, scene, "vivid") for colorizer in (Colorizer(), _Painter()))
    assert spread["other_moved"] > hint_reach.BAR and spread["other_moved"] > 5 * kept["other_moved"]
    assert kept["object_moved"] > 0.8 * kept["asked"]
