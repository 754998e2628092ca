"""The command's frame: help, version, errors and exit codes."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner

import photochrom
from photochrom.cli import main as cli
from photochrom.errors import InputError, PhotochromError, UnknownModel


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> dict[str, BaseException]:
    """A subcommand `fail` that raises what the test puts under "error"."""
    wanted: dict[str, BaseException] = {}

    @click.command()
    def fail() -> None:
        raise wanted["error"]

    module = ModuleType("photochrom_test_command")
    module.fail = fail  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(cli.SUBCOMMANDS, "fail", cli.Subcommand(module.__name__, "fail", "Fails."))
    return wanted


@pytest.mark.parametrize("error", [InputError("a.jpg is\ncut short"), UnknownModel("no model 'x'")])
def test_expected_error_is_one_line_on_stderr_with_its_exit_code(
    failing: dict[str, BaseException], error: PhotochromError
) -> None:
    failing["error"] = error
    result = CliRunner().invoke(cli.main, ["fail"])
    assert result.exit_code == error.exit_code
    assert result.stderr == f"Error: {' '.join(str(error).split())}\n"
    assert result.stdout == ""


def test_interrupt_exits_with_130(failing: dict[str, BaseException]) -> None:
    failing["error"] = KeyboardInterrupt()
    result = CliRunner().invoke(cli.main, ["fail"])
    assert (result.exit_code, result.stderr) == (130, "Interrupted.\n")


def test_system_error_is_one_line_naming_the_file(failing: dict[str, BaseException]) -> None:
    failing["error"] = PermissionError(13, "Permission denied", "kept.png")
    result = CliRunner().invoke(cli.main, ["fail"])
    assert (result.exit_code, result.stderr) == (1, "Error: kept.png: Permission denied\n")


def test_misspelt_command_is_told_the_nearest_one() -> None:
    result = CliRunner().invoke(cli.main, ["colourise", "old.jpg"])
    expected = "Error: no command is named colourise; did you mean colorize?\n"
    assert (result.exit_code, result.stderr) == (2, expected)


def test_photograph_in_a_commands_place_is_told_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("old.jpg").touch()
    result = CliRunner().invoke(cli.main, ["old.jpg"])
    expected = "Error: no command is named old.jpg; to give it colours: photochrom colorize old.jpg\n"
    assert (result.exit_code, result.stderr) == (2, expected)


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["--nothing"],
        ["colorize"],
        ["colorize", "--nothing"],
        ["colorize", "old.jpg", "--saturation", "-1"],
        ["models", "import", "old.onnx"],
        ["batch", "in", "out", "--shard", "5/4"],
    ],
)
def test_wrong_usage_is_one_line_and_exits_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli.main, arguments)
    assert result.exit_code == 2 and not result.stdout
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1


def test_version_is_the_packages() -> None:
    result = CliRunner().invoke(cli.main, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"photochrom, version {photochrom.__version__}\n")


@pytest.mark.parametrize("name", cli.SUBCOMMANDS)
def test_summary_in_help_is_the_subcommands_own(name: str) -> None:
    entry = cli.SUBCOMMANDS[name]
    command = getattr(import_module(entry.module), entry.attribute)
    assert entry.summary == command.get_short_help_str(limit=80)
    assert name in CliRunner().invoke(cli.main, ["--help"]).stdout


def test_help_loads_neither_numpy_nor_a_network_runtime() -> None:
    script = (
        "import sys; sys.argv[1:] = ['--help']; import runpy, atexit; atexit.register(lambda: print(*sys.modules))\n"
    )
    script += "runpy.run_module('photochrom', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "photochrom.cli.main" in loaded
    assert not loaded & {"numpy", "onnxruntime", "torch", "PIL", "tifffile"}
