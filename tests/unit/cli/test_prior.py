"""`photochrom prior`: what a person sees; the measurement is tested in tests/unit/training."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photochrom.cli.main import main

pytest.importorskip("torch")


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    folder = tmp_path / "photographs"
    folder.mkdir()
    for i, colour in enumerate(((200, 120, 40), (40, 90, 180))):
        Image.new("RGB", (40, 30), colour).save(folder / f"{i}.png")
    return folder


def test_prior_is_written_and_counted(photographs: Path, tmp_path: Path) -> None:
    output = tmp_path / "prior.json"
    result = CliRunner().invoke(main, ["prior", str(photographs), "-o", str(output), "--size", "16"])
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{output}: 2 of 313 colours occur in 2 photographs\n"
    assert "2 of 2 photographs" in result.stderr
    shares = json.loads(output.read_text(encoding="utf-8"))["prior"]
    assert sorted(shares)[-2:] == [0.5, 0.5]


def test_npy_holds_the_smoothed_shares(photographs: Path, tmp_path: Path) -> None:
    output = tmp_path / "prior.npy"
    assert CliRunner().invoke(main, ["prior", str(photographs), "-o", str(output), "--size", "16"]).exit_code == 0
    shares = np.load(output)
    assert shares.shape == (313,) and shares.sum() == pytest.approx(1) and (shares > 0.1).sum() >= 2


def test_other_endings_are_refused_before_anything_is_measured(photographs: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["prior", str(photographs), "-o", str(tmp_path / "prior.txt")])
    assert result.exit_code == 1 and "a .json or .npy file" in result.stderr and result.stderr.count("\n") == 1


def test_folder_without_photographs_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = CliRunner().invoke(main, ["prior", str(tmp_path / "empty"), "-o", str(tmp_path / "prior.json")])
    assert result.exit_code == 1 and "no images in" in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "prior.json").exists()


@pytest.mark.parametrize("arguments", [[], ["--size", "30", "."], ["none"]])
def test_wrong_usage_is_told(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["prior", *arguments]).exit_code == 2


def test_what_is_there_is_replaced_only_if_asked_for(photographs: Path, tmp_path: Path) -> None:
    output = tmp_path / "mine.json"
    output.write_text('{"keep": 1}')
    command = ["prior", str(photographs), "-o", str(output), "--size", "16"]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1 and "--overwrite" in refused.stderr
    assert output.read_text() == '{"keep": 1}'
    assert CliRunner().invoke(main, [*command, "--overwrite"]).exit_code == 0
    assert "photochrom_prior" in output.read_text()


def test_photographs_left_out_are_told_by_the_exit_code(
    photographs: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (photographs / "broken.jpg").write_bytes(b"no picture")
    output = tmp_path / "prior.json"
    result = CliRunner().invoke(main, ["prior", str(photographs), "-o", str(output), "--size", "16"])
    assert result.exit_code == 3 and "1 photograph failed" in result.stderr
    assert output.exists()
    assert "broken.jpg is left out: it is no picture" in caplog.text


def test_a_missing_folder_is_told_before_the_work(photographs: Path, tmp_path: Path) -> None:
    output = tmp_path / "none" / "prior.json"
    result = CliRunner().invoke(main, ["prior", str(photographs), "-o", str(output)])
    assert result.exit_code == 1 and "does not exist; make it first" in result.stderr
    assert "photographs" not in result.stdout
