"""`photochrom export`: what a person sees; the export itself is tested in tests/unit/training."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom.cli.main import main


def test_file_that_is_no_checkpoint_is_one_line_and_exit_code_4(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript")
    checkpoint = tmp_path / "checkpoint.safetensors"
    checkpoint.write_bytes(b"not tensors")
    result = CliRunner().invoke(main, ["export", str(checkpoint), "-o", str(tmp_path / "made")])
    assert result.exit_code == 4
    assert str(checkpoint) in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "made").exists()
