"""`photochrom bench`: the figures are of this machine, so their order and sums are tested, not their size."""

import json
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom import Colorizer, speed
from photochrom.cli.main import main
from photochrom.processors import processors


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "SIZES", (0.1, 0.4))


@pytest.mark.usefixtures("small")
def test_every_stage_of_every_size_is_shown_and_written(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    began = time.perf_counter()
    result = CliRunner().invoke(main, ["bench", "--json", str(report)])
    took = time.perf_counter() - began
    assert result.exit_code == 0, result.output
    head, columns, *rows = result.stdout.splitlines()
    assert head.startswith("compact, opened in ") and head.endswith(f" ms; {processors()} processors")
    assert columns.split() == ["megapixels", "read", "encode", "edit", "render", "write", "memory"]
    assert [row.split()[0] for row in rows] == ["0.1", "0.4"]
    content = json.loads(report.read_text("utf-8"))
    assert content["model"]["sha256"] == Colorizer().engine.sha256
    assert content["machine"]["processors"] == processors()
    seconds = [value for picture in content["pictures"] for key, value in picture.items() if key.endswith("_seconds")]
    assert len(seconds) == 10 and all(value > 0 for value in seconds)
    assert sum(seconds) + content["model"]["open_seconds"] < took
    sizes = [picture["width"] * picture["height"] / 1e6 for picture in content["pictures"]]
    assert sizes == pytest.approx([0.1, 0.4], rel=0.02)


def test_a_larger_picture_takes_longer_to_read_render_and_write() -> None:
    colorizer = Colorizer()
    small, large = (speed.measure_picture(colorizer, megapixels) for megapixels in (0.1, 3))
    assert small.read < large.read and small.render < large.render and small.write < large.write


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process's peak")
def test_the_memory_is_the_most_that_was_held() -> None:
    held = bytearray(300_000_000)
    held[::4096] = b"x" * len(held[::4096])
    del held
    peak = speed.measure_picture(Colorizer(), 0.1).peak_bytes
    assert peak is not None and 300_000_000 < peak < 64 << 30


@pytest.mark.usefixtures("small")
def test_a_report_that_is_there_is_kept_unless_told_otherwise(tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    report.write_text("precious")
    result = CliRunner().invoke(main, ["bench", "--json", str(report)])
    assert result.exit_code == 1 and "exists already" in result.stderr and result.stdout == ""
    assert report.read_text() == "precious"
    assert CliRunner().invoke(main, ["bench", "--json", str(report), "--overwrite"]).exit_code == 0
    assert json.loads(report.read_text("utf-8"))["pictures"]


def test_an_unknown_model_is_one_line() -> None:
    result = CliRunner().invoke(main, ["bench", "--model", "none"])
    assert result.exit_code == 4 and "no model is named 'none'" in result.stderr and result.stderr.count("\n") == 1
