"""Colours come without a network: no command but `models pull` asks for an address or connects to one."""

import subprocess
import sys
from pathlib import Path

import pytest

WATCHED = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        raise AssertionError(f"{event} {arguments}")

sys.addaudithook(watch)
from photochrom.cli.main import main
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ["colorize", "{}", "-o", "new.png"],
        ["batch", "{}", "out", "--workers", "1"],
        ["compare", "{}", "-o", "new.html"],
    ],
)
def test_nothing_is_asked_of_a_network(
    words: list[str], examples_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old").mkdir()
    Path("old/a.jpg").write_bytes((examples_dir / "white_church.jpg").read_bytes())
    source = "old" if words[0] == "batch" else "old/a.jpg"
    command = [sys.executable, "-c", WATCHED, *(word.format(source) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, "AssertionError" in done.stderr) == (0, False), done.stderr


def test_the_watch_sees_a_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path))
    command = [sys.executable, "-c", WATCHED, "models", "pull", "siggraph17"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode != 0 and "socket.getaddrinfo" in done.stderr
