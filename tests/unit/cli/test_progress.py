"""What a long command shows: a bar on a terminal, plain lines elsewhere."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import time
from photochrom.cli.progress import progress
with progress(3) as (say, complain, advance):
    for number in range(3):
        time.sleep(0.6)
        (complain if number == 1 else say)(f"{number}.jpg")
        advance()
"""


def run(stderr: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True, timeout=60
    )


def test_elsewhere_results_and_failures_are_plain_lines() -> None:
    done = run(subprocess.PIPE)
    assert (done.stdout, done.stderr) == ("0.jpg\n2.jpg\n", "Error: 1.jpg\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals of POSIX")
def test_on_a_terminal_a_bar_counts_with_failures_above_it_and_the_time_left() -> None:
    here, there = os.openpty()
    with open(here, "rb", buffering=0) as terminal:
        assert run(there).stdout == ""
        os.close(there)
        shown = terminal.read(1 << 16).decode()
    drawn = [
        text.strip() for text in shown.replace("\x1b[?25l", "").replace("\x1b[?25h", "").split("\r") if text.strip()
    ]
    assert "Error: 1.jpg" in drawn
    assert [text.split()[-1] for text in drawn if text != "Error: 1.jpg"] == ["0%", "1/3", "2/3", "3/3"]
    assert any("00:00:0" in text for text in drawn)
    assert drawn[-1].count("#") == 20
