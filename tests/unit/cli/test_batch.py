"""`photochrom batch`, from the arguments to what a person and a script see."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from batch_series import InThisProcess, open_once
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli.main import main
from photochrom.hints import Hint
from photochrom.session import Session


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder with in/a.png and in/b.jpg; batches run in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTOCHROM_THREADS", "1")
    monkeypatch.setattr("photochrom.pipeline.open_engine", open_once)
    monkeypatch.setattr("photochrom.batch.run.open_runner", lambda *arguments: InThisProcess())
    Path("in").mkdir()
    for number, name in enumerate(("a.png", "b.jpg")):
        coarse = np.random.default_rng(number).integers(0, 256, (4, 6), np.uint8)
        Image.fromarray(coarse).resize((48, 32), Image.Resampling.BICUBIC).save(f"in/{name}")
    return tmp_path


def batch(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["batch", *arguments])


def test_words_for_people(here: Path) -> None:
    done = batch("in", "out")
    assert (done.exit_code, done.stdout) == (0, "")
    # On a slow machine there are lines about its progress too; so below.
    assert done.stderr.splitlines()[-1] == "2 photographs coloured, 0 done before, 0 failed: see out/summary.html"
    assert Path("out/summary.html").is_file()


def test_json_for_scripts(here: Path) -> None:
    Path("in/c.png").touch()
    done = batch("in", "out", "--json")
    said = json.loads(done.stdout)
    assert said.pop("seconds") > 0
    assert said == {"photographs": 3, "done": 2, "unchanged": 0, "failed": 1, "left": 0, "output": "out"}
    assert done.exit_code == 3 and "Error: in/c.png is empty; give a photograph" in done.stderr.splitlines()


def test_dry_run_says_what_would_be_done_and_does_nothing(here: Path) -> None:
    done = batch("in", "out", "--dry-run")
    assert done.stdout.splitlines() == [f"in/{name} -> {os.path.join('out', name)}" for name in ("a.png", "b.jpg")]
    assert done.exit_code == 0 and "2 to do" in done.stderr and not Path("out").exists()
    batch("in", "out", "--limit", "1")
    said = json.loads(batch("in", "out", "--dry-run", "--json").stdout)
    assert said == {"photographs": 2, "to_do": 1, "done_before": 1, "refused": 0}


def test_session_and_options_decide_about_all_photographs(here: Path) -> None:
    work = Session({}, {"name": "compact"}, (Hint(0.5, 0.5, "#b5651d", 0.2),), decode="accurate", saturation=2.0)
    work.save("s.photochrom.json")
    batch("in", "by_batch", "--hints", "s.photochrom.json", "--saturation", "0.7", "--format", "png")
    colorize = ["colorize", "in", "-o", "by_hand", "--hints", "s.photochrom.json", "--saturation", "0.7"]
    assert CliRunner().invoke(main, [*colorize, "--format", "png"]).exit_code == 0
    for name in ("a.png", "b.jpg.png"):
        assert Path("by_batch", name).read_bytes() == Path("by_hand", name).read_bytes()


def test_reference_is_used(here: Path) -> None:
    Image.new("RGB", (16, 16), (200, 40, 30)).save("ref.png")
    batch("in", "out", "--reference", "ref.png")
    CliRunner().invoke(main, ["colorize", "in", "-o", "by_hand", "--reference", "ref.png"])
    assert Path("out/a.png").read_bytes() == Path("by_hand/a.png").read_bytes()


def test_a_session_of_other_weights_is_told_of_once(here: Path, caplog: pytest.LogCaptureFixture) -> None:
    Session({}, {"name": "compact", "sha256": "00"}).save("s.photochrom.json")
    assert batch("in", "out", "--hints", "s.photochrom.json").exit_code == 0
    assert [record.getMessage() for record in caplog.records if "other weights" in record.getMessage()] == [
        "the session was made with other weights of the network 'compact'; colours can differ"
    ]


def test_json_that_nobody_can_read_is_a_failure(here: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    with full.open("w", encoding="utf-8") as standard_output:
        command = [sys.executable, "-m", "photochrom", "batch", "in", "out", "--dry-run", "--json"]
        done = subprocess.run(command, stdout=standard_output, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1 and b"No space left" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["in"], 2, "OUT"),
        (["in", "out", "--shard", "0/4"], 2, "1/4 is the first of four"),
        (["in", "out", "--shard", "5/4"], 2, "no part"),
        (["in", "out", "--shard", "x"], 2, "no part"),
        (["in", "out", "--shard", "1/" + "9" * 5000], 2, "no part"),
        (["in", "out", "--workers", "0"], 2, "--workers"),
        (["in", ""], 2, "empty"),
        (["nowhere", "out"], 1, "nowhere"),
        (["in", "in"], 1, "same folder"),
        (["in", "out", "--model", "none"], 4, "none"),
        (["in", "out", "--model", ""], 4, "''"),
        (["in", "gopher://out"], 1, "gopher"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_made(
    here: Path, arguments: list[str], code: int, words: str
) -> None:
    done = batch(*arguments)
    assert done.exit_code == code and words in done.stderr and "Traceback" not in done.output
    assert os.listdir() == ["in"] and sorted(os.listdir("in")) == ["a.png", "b.jpg"]


def test_word_merge_joins_manifests_and_a_folder_may_be_called_so(here: Path) -> None:
    for number in ("1/2", "2/2"):
        assert batch("in", "out", "--shard", number).exit_code == 0
    parts = ["out/manifest-1-of-2.jsonl", "out/manifest-2-of-2.jsonl"]
    done = batch("merge", *parts, "-o", "all.jsonl")
    assert (done.exit_code, done.stdout) == (0, "2 photographs, 0 failed, 0 double -> all.jsonl\n")
    assert batch("merge", *parts, "-o", "all.jsonl").exit_code == 1
    said = json.loads(batch("merge", parts[0], "--output=half.jsonl", "--json").stdout)
    assert said["faults"] == ["part 2/2 has no manifest here"] and said["manifest"] == "half.jsonl"
    assert "Missing option" in batch("merge", *parts).stderr
    Path("in").rename("merge")
    assert batch("merge", "new").exit_code == 0 and Path("new/a.png").is_file()
    assert batch("merge", *parts, "-o", "all.jsonl", "--overwrite").exit_code == 0


def test_name_that_a_terminal_would_obey_is_escaped(here: Path) -> None:
    Path("in/\x1b[31m.png").touch()
    assert "\x1b" not in batch("in", "out").stderr
