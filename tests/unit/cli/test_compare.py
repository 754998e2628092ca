"""`photochrom compare`, from the arguments to the sheets; in a process of its own where the shell's side counts."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli.main import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, and no installed models."""
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "models"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def picture(name: str, seed: int = 0) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), np.uint8)
    Image.fromarray(coarse).resize((48, 32), Image.Resampling.BICUBIC).save(path)
    return path


def compare(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments])


def test_process_writes_both_sheets(here: Path) -> None:
    for name in ("a.png", "b.jpg"):
        picture(name)
    command = [sys.executable, "-m", "photochrom", "compare", "a.png", "b.jpg"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 photographs -> comparison.png, comparison.html\n"
    with Image.open("comparison.png") as image:
        image.load()
    page = Path("comparison.html").read_text("utf-8")
    assert page.count('<section class="photograph">') == 2
    assert "compact, vivid (2016&#x27;s way)" in page and "compact, accurate (2017&#x27;s way)" in page
    assert sorted(os.listdir()) == ["a.png", "b.jpg", "comparison.html", "comparison.png"]


@pytest.mark.parametrize(
    ("output", "written"),
    [("x.png", ["x.png"]), ("x.HTML", ["x.HTML"]), ("x", ["x.html", "x.png"])],
)
def test_ending_chooses_the_sheet(here: Path, output: str, written: list[str]) -> None:
    picture("in/a.png")
    result = compare("in", "-o", output)
    assert result.exit_code == 0 and result.stdout.startswith("a.png -> ")
    assert sorted(set(os.listdir()) - {"in"}) == written


def test_same_photographs_give_the_same_bytes(here: Path) -> None:
    picture("a.png")
    assert compare("a.png", "-o", "x").exit_code == compare("a.png", "-o", "y").exit_code == 0
    for ending in (".png", ".html"):
        assert Path(f"x{ending}").read_bytes() == Path(f"y{ending}").read_bytes()


def test_existing_sheet_stays_unless_overwriting(here: Path) -> None:
    picture("a.png")
    Path("comparison.html").write_text("mine", encoding="utf-8")
    result = compare("a.png")
    assert result.exit_code == 1 and "--overwrite" in result.stderr and result.stderr.count("\n") == 1
    assert Path("comparison.html").read_text(encoding="utf-8") == "mine" and not Path("comparison.png").exists()
    assert compare("a.png", "--overwrite").exit_code == 0
    assert Path("comparison.html").read_text(encoding="utf-8") != "mine"


def test_input_is_never_replaced(here: Path) -> None:
    before = picture("a.png").read_bytes()
    for output in ("a.png", "a", "./a.png"):
        result = compare("a.png", "-o", output, "--overwrite")
        assert result.exit_code == 1 and "would replace" in result.stderr
    assert Path("a.png").read_bytes() == before and os.listdir() == ["a.png"]


def test_earlier_sheet_in_an_input_folder_is_no_input(here: Path) -> None:
    picture("a.png")
    assert compare(".").exit_code == 0
    result = compare(".", "--overwrite")
    assert (result.exit_code, result.stdout) == (0, "a.png -> comparison.png, comparison.html\n")


def test_bad_inputs_do_not_keep_the_others_from_the_sheet(here: Path) -> None:
    whole = picture("c.png").read_bytes()
    Path("b.png").write_bytes(whole[: len(whole) // 2])
    result = compare("b.png", "missing.png", "c.png", "c.png")
    assert result.exit_code == 3
    first, second, summary = result.stderr.splitlines()
    assert "b.png" in first and "missing.png" in second and summary == "1 photograph compared, 2 failed."
    assert Path("comparison.html").read_text("utf-8").count('<section class="photograph">') == 1


def test_all_failing_exits_with_1_and_leaves_no_sheet(here: Path) -> None:
    Path("a.png").write_bytes(b"no picture")
    assert compare("a.png").exit_code == compare("a.png", "missing.png").exit_code == 1
    assert os.listdir() == ["a.png"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        ([], 2, "INPUT"),
        (["a.png", "--model", "none-such"], 4, "none-such"),
        (["a.png", "--model", "siggraph17"], 4, "models pull siggraph17"),
        (["a.png", "-o", "x.jpg"], 1, ".html"),
        (["a.png", "-o", "no/x.png"], 1, "make it first"),
        (["a.png", "-o", "."], 1, "no name for a sheet"),
        (["a.png", "-o", "-"], 1, "no name for a sheet"),
        (["a.png", "-o", ""], 1, "no name for a sheet"),
        ([""], 2, "empty"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    here: Path, arguments: list[str], exit_code: int, message: str
) -> None:
    picture("a.png")
    result = compare(*arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr.splitlines()[-1]
    assert os.listdir() == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_interrupted_comparison_leaves_nothing(here: Path) -> None:
    for number in range(300):
        picture(f"in/{number}.png", number)
    command = [sys.executable, "-m", "photochrom", "compare", "missing.png", "in"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    assert process.stderr is not None and b"missing.png" in process.stderr.readline()  # the first photograph's turn
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors == b"Interrupted.\n"
    assert os.listdir() == ["in"]


def test_other_peoples_networks_stand_beside_the_embedded_one(here: Path) -> None:
    onnx = pytest.importorskip("onnx")
    picture("a.png")
    weights = onnx.numpy_helper.from_array(np.array([40, -20], np.float32).reshape(2, 1, 1, 1), "w")
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, "h", "w"])
        for name, channels in (("input", 1), ("output", 2))
    ]
    node = onnx.helper.make_node("Conv", ["input", "w"], ["output"])
    graph = onnx.helper.make_graph([node], "colorizer", ends[:1], ends[1:], [weights])
    opset = [onnx.helper.make_opsetid("", 18)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), "net.onnx")
    Path("net.json").write_text(
        '{"photochrom-model": 1, "input": {"kind": "L", "range": [0, 1]}, "output": {"kind": "ab"}}', encoding="utf-8"
    )
    assert CliRunner().invoke(main, ["models", "import", "net.onnx", "--as", "mine"]).exit_code == 0
    assert compare("a.png", "--model", "mine", "--model", "compact", "--model", "mine").exit_code == 0
    titles = re.findall(r"<figcaption>(.*?)</figcaption>", Path("comparison.html").read_text("utf-8"))
    assert [title.split(",")[0] for title in titles] == ["Input", "mine", "compact", "compact", "Original"]
