"""The man page and the shells' completion: written from the commands, and understood by man and the shells."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from photochrom.cli.main import SUBCOMMANDS

MANUAL = Path("docs", "manual")


@pytest.fixture(scope="module")
def written(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a manual just written."""
    folder = tmp_path_factory.mktemp("manual")
    subprocess.run([sys.executable, repository / "docs" / "manual.py", folder], check=True, timeout=60)
    return folder


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def test_the_manual_is_what_the_commands_say_now(repository: Path, written: Path) -> None:
    files = sorted(written.iterdir())
    assert [file.name for file in files] == sorted(file.name for file in (repository / MANUAL).iterdir())
    for file in files:
        kept = (repository / MANUAL / file.name).read_text("utf-8")
        assert file.read_text("utf-8") == kept, "commands have changed: python docs/manual.py"


def test_man_shows_the_page_without_a_warning(written: Path) -> None:
    command = [program("man"), "--warnings", "-E", "UTF-8", "-l", str(written / "photochrom.1")]
    environment = os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": "100", "MANPAGER": "cat"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, env=environment)
    assert done.stderr == ""
    for name in SUBCOMMANDS:
        assert f"photochrom {name}" in done.stdout
    assert "--saturation X" in done.stdout


BASH = """source {script}
COMP_WORDS=({words}); COMP_CWORD={place}
compopt() {{ echo "$2"; }}
_photochrom_completion photochrom
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """compdef() {{ }}
compadd() {{ print -l -- $completions }}
_describe() {{ print -l -- $completions_with_descriptions }}
_path_files() {{ echo default }}
source {script}
words=({words}); CURRENT={place}+1
_photochrom_completion
"""
FISH = """source {script}
complete --do-complete "{words}"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="shells of POSIX")
@pytest.mark.parametrize(
    ("shell", "name", "script"),
    [("bash", "photochrom.bash", BASH), ("zsh", "_photochrom", ZSH), ("fish", "photochrom.fish", FISH)],
)
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("photochrom col", "colorize"),
        ("photochrom colorize --ref", "--reference"),
        ("photochrom colorize pho", "photo.jpg"),
    ],
)
def test_shell_completes_commands_options_and_files(
    written: Path, tmp_path: Path, shell: str, name: str, script: str, words: str, offered: str
) -> None:
    (tmp_path / "photo.jpg").touch()
    text = script.format(script=written / name, words=words, place=len(words.split()) - 1)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([program(shell), "-c", text], capture_output=True, text=True, cwd=tmp_path, env=environment)
    # For files bash and zsh are only told that they may offer their own.
    wanted = "default" if offered == "photo.jpg" and shell != "fish" else offered
    assert wanted in {line.split(":")[0].split("\t")[0] for line in done.stdout.splitlines()}, done
