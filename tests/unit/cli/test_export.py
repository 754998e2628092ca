"""`photochrom export`: what a person sees; the export itself is tested in tests/unit/training."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from photochrom.cli.main import main


@pytest.mark.parametrize(("option", "folder"), [([], "run"), (["-o", "made"], "made")])
def test_export_tells_where_the_files_are_how_large_and_how_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: list[str], folder: str
) -> None:
    export = pytest.importorskip("photochrom.training.export")
    monkeypatch.chdir(tmp_path)
    checkpoint = Path("run", "checkpoint.safetensors")
    checkpoint.parent.mkdir()
    checkpoint.write_bytes(b"")

    def written(given: Path, to: Path) -> Any:
        assert given == checkpoint
        return export.Exported(to / "compact.json", 6_470_000, 0.0021, 0.61)

    monkeypatch.setattr(export, "export_compact", written)
    monkeypatch.setattr("photochrom.training.export_weights.checkpoint_network", lambda _: "compact")
    result = CliRunner().invoke(main, ["export", str(checkpoint), *option])
    assert result.exit_code == 0
    assert str(Path(folder, "compact.json")) in result.stdout and "6.47 MB" in result.stdout
    assert "0.0021" in result.stdout and "0.61" in result.stdout


def test_file_that_is_no_checkpoint_is_one_line_and_exit_code_4(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    checkpoint = tmp_path / "checkpoint.safetensors"
    checkpoint.write_bytes(b"not tensors")
    result = CliRunner().invoke(main, ["export", str(checkpoint), "-o", str(tmp_path / "made")])
    assert result.exit_code == 4
    assert str(checkpoint) in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "made").exists()
