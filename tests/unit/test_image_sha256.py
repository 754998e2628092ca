"""The hash by which a session knows its photograph."""

import hashlib
import io
import os
import pickle
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from photochrom import images
from photochrom.pipeline import Colorizer


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer("compact")


posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")


@pytest.mark.parametrize("came", [bytes, bytearray, io.BytesIO, io.BufferedReader, pytest.param("pipe", marks=posix)])
def test_session_knows_its_photograph_however_that_came(
    colorizer: Colorizer, examples_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, came: Any
) -> None:
    path = tmp_path / "bird.jpg"
    path.write_bytes((examples_dir / "bird_on_a_wire.jpg").read_bytes())
    session = colorizer.open(path).session()
    if came == "pipe":
        os.mkfifo(tmp_path / "pipe")
        threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(path.read_bytes(),), daemon=True).start()
        source: Any = tmp_path / "pipe"
    else:
        source = path.open("rb") if came is io.BufferedReader else came(path.read_bytes())
    work = colorizer.open(source)
    if hasattr(source, "close"):
        source.close()
    with caplog.at_level("WARNING", "photochrom"):
        work.replay(session)
    assert not caplog.records
    assert work.session().image == session.image


def test_file_is_not_hashed_before_its_hash_is_asked_for(colorizer: Colorizer, examples_dir: Path) -> None:
    colorizer.engine  # noqa: B018  # hashes the weights
    with mock.patch("hashlib.sha256", side_effect=AssertionError("hashed")):
        for source in (examples_dir / "bird_on_a_wire.jpg", (examples_dir / "bird_on_a_wire.jpg").read_bytes()):
            colorizer.colorize(source)


def test_photograph_goes_to_another_process_with_its_hash(examples_dir: Path) -> None:
    content = (examples_dir / "bird_on_a_wire.jpg").read_bytes()
    for source in (content, io.BytesIO(content), examples_dir / "bird_on_a_wire.jpg"):
        assert pickle.loads(pickle.dumps(images.read(source))).sha256 == hashlib.sha256(content).hexdigest()


def test_array_is_known_by_its_values() -> None:
    gray = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    same, other = images.read(gray.copy()), images.read(gray[::-1])
    assert images.read(gray).sha256 == same.sha256 != other.sha256
