"""`photochrom colorize` among closed streams, gone readers, odd names and signals, in processes of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

posix = pytest.mark.skipif(sys.platform == "win32", reason="streams and signals of another kind there")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A current folder with one photograph, a.png."""
    monkeypatch.chdir(tmp_path)
    Image.effect_noise((48, 32), 64).save("a.png")
    yield tmp_path
    assert not list(tmp_path.rglob("*.part"))


def shell(script: str) -> subprocess.CompletedProcess[bytes]:
    """Runs a script in which `photochrom` is the command."""
    function = f'photochrom() {{ "{sys.executable}" -m photochrom "$@"; }}\n'
    return subprocess.run(["bash", "-c", function + script], capture_output=True, check=False, stdin=subprocess.DEVNULL)


@posix
@pytest.mark.parametrize(
    ("script", "word"),
    [("colorize - -o new.png <&-", "standard input is closed"), ("colorize a.png -o - >&-", "output is closed")],
)
def test_closed_standard_stream_is_one_line(here: Path, script: str, word: str) -> None:
    done = shell(f"photochrom {script}")
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert word in done.stderr.decode()


@posix
@pytest.mark.parametrize("output", [">&-", "> /dev/full", "| true"])
def test_nobody_hears_the_lines_and_all_is_done(here: Path, output: str) -> None:
    if "/dev/full" in output and not Path("/dev/full").exists():
        pytest.skip("no such device here")
    Path("old").mkdir()
    for name in "bcd":
        Path("old", f"{name}.png").write_bytes(Path("a.png").read_bytes())
    done = shell(f"set -o pipefail; photochrom colorize old -o new {output}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert sorted(os.listdir("new")) == ["b.png", "c.png", "d.png"]


@posix
@pytest.mark.parametrize("script", ["- -o a.png --overwrite < a.png", "a.png -o - >> a.png"])
def test_photograph_on_a_standard_stream_is_not_replaced_either(here: Path, script: str) -> None:
    before = Path("a.png").read_bytes()
    done = shell(f"photochrom colorize {script}")
    assert done.returncode == 1 and b"would replace the photograph" in done.stderr
    assert Path("a.png").read_bytes() == before


@posix
def test_names_that_a_terminal_would_obey_or_cannot_show_are_escaped(here: Path) -> None:
    name = b"\x1b[31m \xff \xe6\x97\xa5\n.png"
    try:
        os.link(b"a.png", name)
    except OSError:
        pytest.skip("this filesystem takes no such names")
    command = [sys.executable, "-m", "photochrom", "colorize", os.fsdecode(name), "-o", "new.png"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == rb"\x1b[31m \udcff \u65e5\n.png -> new.png" + b"\n"


@pytest.mark.parametrize("value", ["nan", "inf", "1e9", "-1"])
def test_saturation_out_of_range_is_wrong_usage_before_any_work(here: Path, value: str) -> None:
    command = [sys.executable, "-m", "photochrom", "colorize", "a.png", "none.png", "--saturation", value]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2 and b"is not in the range 0 to 100" in done.stderr


@contextmanager
def usual_signal(number: int) -> Iterator[None]:
    """For a process that is started meanwhile: it would go on ignoring a signal that is ignored here (nohup)."""
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


@posix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_any_signal_while_writing_leaves_nothing_behind(here: Path, name: str) -> None:
    number = getattr(signal, name)
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000), np.uint8)
    Image.fromarray(noise).save("large.png", compress_level=1)
    Path("new").mkdir()
    command = [sys.executable, "-m", "photochrom", "colorize", "large.png", "-o", "new/large.png"]
    with usual_signal(number):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    with process:
        deadline = time.monotonic() + 300
        while not list(Path("new").glob(".*.part")) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=300)
    assert (process.returncode, stderr) == (130, b"Interrupted.\n")
    assert os.listdir("new") == []
