"""The journal of an evaluation: one process writes it, and nothing of it stays when it is done with."""

import subprocess
import sys
from pathlib import Path

import pytest

from photochrom.errors import InputError
from photochrom.evaluation.journal import Journal

OPEN = "import sys, pathlib; from photochrom.evaluation.journal import Journal; Journal(pathlib.Path(sys.argv[1]))"


def test_second_process_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.append({"number": 0})
        before = path.read_bytes()
        second = subprocess.run([sys.executable, "-c", OPEN, path], capture_output=True, text=True)
        assert "InputError" in second.stderr and "another run measures the same" in second.stderr
        with pytest.raises(InputError, match="is in use"):
            Journal(path)
        assert path.read_bytes() == before
    with Journal(path) as journal:
        assert list(journal.replay()) == [{"number": 0}]


def test_discarded_it_leaves_nothing_and_may_begin_anew(tmp_path: Path) -> None:
    for _ in range(2):
        with Journal(tmp_path / "journal") as journal:
            assert not list(journal.replay())
            journal.append({"number": 0})
            journal.discard()
        assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_refused_and_not_kept_locked(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        Journal(path)
    path.rmdir()
    with Journal(path) as journal:
        assert not list(journal.replay())
