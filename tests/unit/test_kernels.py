"""Compiled loops give NumPy's bytes, and are loaded where they pay."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

import photochrom
from photochrom import fast
from photochrom.pins import Pins
from photochrom.render import render, render_rows
from photochrom.resample import network_lightness
from photochrom.upsample import ColorField, fill_level

Grays = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


def with_and_without(work: Callable[[], object]) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]]:
    """What a function gives with the loops and without."""
    pytest.importorskip("numba")
    before = fast._loops
    try:
        fast._loops = fast._Loops(0)
        fast._loops.load()
        assert fast.loops() is not None
        compiled = np.asarray(work())
        fast._loops = fast._Loops(sys.maxsize)
        return compiled, np.asarray(work())
    finally:
        fast._loops = before


def photograph(shape: tuple[int, int], kind: type[np.uint8] | type[np.uint16], seed: int = 0) -> Grays:
    """Soft forms with grain, and all of black to white."""
    rng = np.random.default_rng(seed)
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    forms = 0.5 + 0.5 * np.sin(rows / 17) * np.cos(columns / 23) + rng.normal(0, 0.1, shape)
    return (np.clip(forms, 0, 1) * np.iinfo(kind).max).astype(kind)  # type: ignore[return-value]


def colors(shape: tuple[int, int], chroma: float, seed: int = 0) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, chroma, (*shape, 2)).astype(np.float32)


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (301, 517), (40, 2500), (1700, 90)])
@pytest.mark.parametrize("chroma", [0.0, 12.0, 90.0])
def test_a_rendered_photograph_is_the_same(
    shape: tuple[int, int], kind: type[np.uint8] | type[np.uint16], depth: int, chroma: float
) -> None:
    gray, ab = photograph(shape, kind), colors((12, 16), chroma)
    compiled, numpy = with_and_without(lambda: render(gray, ab, depth=depth, saturation=1.3, temperature=4))
    np.testing.assert_array_equal(compiled, numpy)


@given(
    shape=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    grid=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    chroma=st.floats(0, 200),
    seed=st.integers(0, 99),
)
def test_any_photograph_is_the_same(shape: tuple[int, int], grid: tuple[int, int], chroma: float, seed: int) -> None:
    gray, ab = photograph(shape, np.uint8, seed), colors(grid, chroma, seed)
    compiled, numpy = with_and_without(lambda: render(gray, ab))
    np.testing.assert_array_equal(compiled, numpy)


def test_parts_of_photographs_that_cannot_be_written_to_are_the_same() -> None:
    whole = photograph((120, 200), np.uint16)
    whole.setflags(write=False)
    gray, ab = whole[10:110, 30:190:2], colors((20, 20), 40)
    compiled, numpy = with_and_without(lambda: render_rows(gray, ab)[20:70])
    np.testing.assert_array_equal(compiled, numpy)


def test_a_photograph_that_lies_column_by_column_is_the_same() -> None:
    gray, ab = photograph((70, 130), np.uint8).T, colors((20, 20), 40)
    compiled, numpy = with_and_without(lambda: render(gray, ab))
    np.testing.assert_array_equal(compiled, numpy)


def test_hints_are_held_in_the_same_colours() -> None:
    gray, ab = photograph((200, 300), np.uint8), colors((48, 64), 10)
    pins = Pins(np.array([[0.3, 0.3], [0.7, 0.6]], np.float32), np.array([[40, 10], [-20, 30]], np.float32))
    compiled, numpy = with_and_without(lambda: render(gray, ab, depth=16, pins=pins))
    np.testing.assert_array_equal(compiled, numpy)


@pytest.mark.parametrize("size", [(256, 256), (64, 96), (7, 5)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_network_sees_the_same(size: tuple[int, int], kind: type[np.uint8] | type[np.uint16]) -> None:
    gray = photograph((1100, 731), kind)
    compiled, numpy = with_and_without(lambda: network_lightness(gray, *size))
    np.testing.assert_array_equal(compiled, numpy)


def test_a_film_s_level_is_filled_with_the_same() -> None:
    lightness = photograph((90, 160), np.uint8).astype(np.float32)[:, ::2] / 2.55
    a, b = np.moveaxis(colors((22, 20), 20), -1, 0)
    field = ColorField(a, b, lightness[2::4, ::4][:22, :20], (4, 4))  # none of them in one piece
    compiled, numpy = with_and_without(lambda: fill_level(field, lightness))
    np.testing.assert_array_equal(compiled, numpy)


def loader() -> threading.Thread | None:
    return next((thread for thread in threading.enumerate() if thread.name == "photochrom-loops"), None)


def test_the_loops_are_loaded_beside_the_work_when_enough_pixels_have_come() -> None:
    pytest.importorskip("numba")
    loops = fast._Loops(1000)
    loops.count(600)
    assert loader() is None
    loops.count(600)
    if thread := loader():
        thread.join()
    assert loops.loaded is not None
    loops.count(600)
    assert loader() is None


def test_nobody_waits_while_they_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    loops, end = fast._Loops(10), threading.Event()
    monkeypatch.setattr(loops, "load", lambda: end.wait(60))
    loops.count(10)
    thread = loader()
    assert thread is not None
    loops.count(10)
    end.set()
    thread.join()


@pytest.mark.parametrize(("value", "loads"), [("0", True), ("1", False)])
def test_whoever_disables_numba_gets_numpy(monkeypatch: pytest.MonkeyPatch, value: str, loads: bool) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("NUMBA_DISABLE_JIT", value)
    loops, loaded = fast._Loops(10), threading.Event()
    monkeypatch.setattr(loops, "load", loaded.set)
    loops.count(10)
    if thread := loader():
        thread.join()
    assert loaded.is_set() == loads


def test_a_numba_that_fails_is_told_of_and_done_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "photochrom.kernels", None)  # its import fails
    monkeypatch.delattr(photochrom, "kernels", raising=False)
    loops = fast._Loops(0)
    with caplog.at_level(logging.WARNING, "photochrom"):
        loops.load()
        loops.count(100)
    assert loops.loaded is None
    assert [record.getMessage() for record in caplog.records if "without Numba" in record.getMessage()] != []
    assert len(caplog.records) == 1


def test_loops_that_give_other_colours_are_told_of_and_done_without(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As after an update whose cache could not be written to its end."""
    pytest.importorskip("numba")
    from photochrom import kernels

    def pack(red: Grays, *rest: Any) -> None:
        rest[-1].fill(0)

    monkeypatch.setattr(kernels, "pack", pack)
    loops = fast._Loops(0)
    monkeypatch.setattr(fast, "_loops", loops)
    loops.load()
    assert loops.loaded is None and fast.loops() is None
    (record,) = caplog.records
    assert "give other colours than NumPy" in record.getMessage()


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"", b"rubbish"])
def test_a_damaged_cache_is_told_of_and_the_loops_are_compiled(tmp_path: Path, damage: bytes) -> None:
    pytest.importorskip("numba")
    program = (
        "import logging\n"
        "logging.basicConfig()\n"
        "from photochrom import fast\n"
        "fast._loops.load()\n"
        "assert fast.loops() is not None\n"
    )
    told = []
    for _ in range(2):
        found = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
            check=False,
        )
        assert found.returncode == 0, found.stderr
        told.append(found.stderr)
        for index in tmp_path.rglob("*.nbi"):
            index.write_bytes(damage)
    assert told[0] == "" and told[1].count("Numba's cache cannot be used") == 1


def test_what_only_goes_by_numbas_name_is_no_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", ModuleType("numba"))
    loops = fast._Loops(1)
    loops.count(100)
    assert loops.loaded is None and loader() is None


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
def test_lightness_of_either_byte_order_is_the_same(kind: str) -> None:
    gray = photograph((90, 70), np.uint16)
    compiled, numpy = with_and_without(lambda: network_lightness(gray.astype(kind), 32, 32))
    np.testing.assert_array_equal(compiled, numpy)
    np.testing.assert_array_equal(compiled, network_lightness(gray, 32, 32))


def test_loops_that_are_not_to_be_compiled_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    config = pytest.importorskip("numba").config
    monkeypatch.setattr(config, "DISABLE_JIT", 1)
    loops = fast._Loops(0)
    loops.load()
    assert loops.loaded is None


def test_without_numba_nothing_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(fast, "find_spec", lambda _: None)
    loops = fast._Loops(1)
    loops.count(100)
    assert loops.loaded is None and not caplog.records


@pytest.mark.slow
def test_loops_that_cannot_be_kept_are_compiled_all_the_same(tmp_path: Path) -> None:
    """As in a container whose folders are read-only: a process of its own, in which nobody gives Numba a place."""
    pytest.importorskip("numba")
    program = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "from photochrom import fast\n"
        "fast._loops.load()\n"
        "assert fast.loops() is not None\n"
        "import numpy as np\n"
        "from photochrom.render import render\n"
        "render(np.full((60, 80), 120, np.uint8), np.zeros((4, 4, 2)))\n"
        "print('rendered')\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert found.stdout == "rendered\n", found.stderr
