"""`photochrom train`: what a person sees; the training itself is tested in tests/unit/training."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom.cli.main import main


def test_missing_extra_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "run.toml"
    config.write_text("")
    for name in [name for name in sys.modules if name.startswith("photochrom.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = CliRunner().invoke(main, ["train", str(config)])
    assert result.exit_code == 1
    assert (
        result.stderr.startswith("Error: Training needs torch") and "pip install 'photochrom[train]'" in result.stderr
    )


def test_faulty_configuration_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    config = tmp_path / "run.toml"
    config.write_text("sead = 3\n")
    result = CliRunner().invoke(main, ["train", str(config)])
    assert result.exit_code == 1
    assert "sead" in result.stderr and result.stderr.count("\n") == 1


def test_missing_configuration_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["train", str(tmp_path / "none.toml")]).exit_code == 2
