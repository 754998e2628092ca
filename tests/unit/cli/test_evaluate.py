"""`photochrom evaluate`: what it prints and writes, and what it refuses."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli.main import main
from photochrom.evaluation.journal import Journal
from photochrom.evaluation.protocols import PROTOCOLS
from photochrom.evaluation.run import Request, prepare


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """A folder of two small colour pictures."""
    folder = tmp_path / "photographs"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        Image.fromarray(rng.integers(40, 216, (16, 16, 3), np.uint8)).save(folder / name)
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["evaluate", *map(str, arguments)])


def test_it_prints_tables_and_writes_json_and_plot(photographs: Path, tmp_path: Path) -> None:
    out, curve = tmp_path / "report.json", tmp_path / "curve.png"
    arguments = (photographs, "--protocol", "siggraph17", "--hints", "1,0,1", "--json", out, "--plot", curve)
    first = run(*arguments)
    assert first.exit_code == 0, first.output
    assert "siggraph17: PSNR (dB)" in first.output
    assert "(published, ctest10k)" in first.output
    report = json.loads(out.read_text("utf-8"))
    assert report["photochrom-evaluation"] == 1
    assert set(report["results"]["siggraph17"]["compact/accurate"]["psnr"]) == {"0", "1"}
    assert report["settings"]["protocols"]["siggraph17"]["hints"] == [0, 1]
    assert report["images"]["count"] == 2
    assert curve.stat().st_size > 1000
    assert {path.name for path in tmp_path.iterdir()} == {"photographs", "report.json", "curve.png"}
    content = out.read_bytes()
    assert run(*arguments, "--overwrite").exit_code == 0
    assert out.read_bytes() == content


def test_a_failed_photograph_is_told_by_the_exit_code(photographs: Path) -> None:
    (photographs / "a.png").write_bytes(b"no picture")
    done = run(photographs, "--model", "levin", "--protocol", "siggraph17", "--hints", "1")
    assert done.exit_code == 3
    assert "1 photograph measured, 1 failed." in done.stderr


def test_a_name_that_is_no_utf_8_is_escaped_in_the_json_and_comes_back(photographs: Path, tmp_path: Path) -> None:
    name, out = os.fsdecode(b"m\xe9re.png"), tmp_path / "report.json"
    (photographs / "a.png").write_bytes(b"no picture")
    with tarfile.open(tmp_path / "shard.tar", "w") as tar:
        tar.add(photographs / "a.png", name)
        tar.add(photographs / "a.png", "é.png")
        tar.add(photographs / "b.png", "b.png")
    done = run(tmp_path / "shard.tar", "--model", "levin", "--protocol", "siggraph17", "--hints", "1", "--json", out)
    assert done.exit_code == 3, done.output
    content = out.read_text("utf-8")
    assert list(json.loads(content)["images"]["failed"]) == [name, "é.png"]
    assert "m\\udce9re.png" in content and '"é.png"' in content


def test_a_second_run_of_the_same_is_refused_while_the_first_is_at_work(photographs: Path, tmp_path: Path) -> None:
    arguments = (photographs, "--model", "levin", "--protocol", "siggraph17", "--json", tmp_path / "report.json")
    key = prepare(Request(photographs, ("levin",), ("siggraph17",))).key
    with Journal(tmp_path / f"report.json.{key[:12]}.partial"):
        done = run(*arguments)
    assert done.exit_code == 1 and "is in use" in done.stderr and not (tmp_path / "report.json").exists()
    assert run(*arguments).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["--model", "nonsense"], 4, "nonsense"),
        (["--hints", "1,two"], 2, "'1,two' is no list of whole numbers"),
        (["--hints", "-1"], 2, "not negative"),
        (["--protocol", "nonsense"], 2, "nonsense"),
        (["--hints", "1,2000"], 1, "1000 hints at most"),
        (["--json", "missing/report.json"], 1, "missing"),
        (["--plot", "curve.jpeg"], 1, "curve.jpeg"),
        (["--protocol", "automatic", "--plot", "curve.png"], 1, "several counts"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    photographs: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], exit_code: int, message: str
) -> None:
    monkeypatch.chdir(photographs)
    done = run(photographs, *arguments)
    assert done.exit_code == exit_code
    assert message in done.stderr.splitlines()[-1]


def test_a_file_that_is_there_is_left_alone(photographs: Path) -> None:
    before = (photographs / "a.png").read_bytes()
    done = run(photographs, "--json", photographs / "a.png")
    assert done.exit_code == 1
    assert "--overwrite" in done.stderr
    assert (photographs / "a.png").read_bytes() == before


def test_the_choices_are_the_protocols_and_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from photochrom.cli.evaluate import evaluate;"
        "print(*next(p.type.choices for p in evaluate.params if p.name == 'protocols'));"
        "sys.exit(bool({'onnxruntime', 'scipy', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert done.stdout.split() == list(PROTOCOLS)


def test_what_is_measured_is_never_replaced(photographs: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("photographs/a.png\n")
    before = (photographs / "a.png").read_bytes()
    for dataset, report in ((photographs, photographs / "a.png"), (listed, listed)):
        refused = run(dataset, "--protocol", "siggraph17", "--hints", "0", "--json", report, "--overwrite")
        assert refused.exit_code == 1 and "would replace what is read" in refused.stderr
    assert (photographs / "a.png").read_bytes() == before
    assert listed.read_text() == "photographs/a.png\n"


def test_numbers_of_hints_need_a_protocol_that_has_some(photographs: Path) -> None:
    refused = run(photographs, "--protocol", "automatic", "--protocol", "eccv16", "--hints", "3")
    assert refused.exit_code == 2 and "automatic and eccv16" in refused.stderr
