"""Batches with Ray: what can be said without a cluster."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from photochrom.batch.ray_runner import _blocks
from photochrom.batch.records import Source, Stat, Task
from photochrom.cli.main import main
from photochrom.installation import install_command

MIB = 1 << 20


def tasks(*sizes: int | None) -> list[Task]:
    """Photographs with files of these sizes."""
    stats = [None if size is None else Stat(size, "") for size in sizes]
    return [Task(Source(f"{n}.png", f"{n}.png", stat), f"{n}.png") for n, stat in enumerate(stats)]


def test_small_photographs_are_handed_out_together_and_large_ones_alone() -> None:
    given = tasks(*[1000] * 80, 20 * MIB, None, 4 * MIB, 4 * MIB, *[1] * 1000)
    blocks = list(_blocks(given, 6))
    assert [task for block in blocks for task in block] == given
    assert [len(block) for block in blocks[:7]] == [32, 32, 16, 1, 1, 2, 32]


def test_blocks_get_smaller_towards_the_end_so_that_no_worker_has_much_left_when_the_others_are_done() -> None:
    sizes = [len(block) for block in _blocks(tasks(*[1000] * 600), 6)]
    assert sum(sizes) == 600 and sizes[0] == 32 and sizes[-6:] == [1] * 6
    assert sizes == sorted(sizes, reverse=True)
    left = [sum(sizes[number:]) for number in range(len(sizes))]
    assert all(size <= 1 + rest / 12 for size, rest in zip(sizes, left, strict=True))


@pytest.fixture
def series(tmp_path: Path, photograph) -> list[str]:  # type: ignore[no-untyped-def]
    """Arguments of a batch of one photograph."""
    photograph(tmp_path / "in" / "a.png")
    return ["batch", str(tmp_path / "in"), str(tmp_path / "out")]


def test_without_the_extra_it_says_what_to_install(series: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    said = CliRunner().invoke(main, [*series, "--engine", "ray"])
    assert said.exit_code == 1 and f"needs ray, which is not installed: {install_command('ray')}" in said.stderr


def test_address_without_ray_is_wrong_usage(series: list[str]) -> None:
    said = CliRunner().invoke(main, [*series, "--address", "127.0.0.1:6379"])
    assert said.exit_code == 2 and "add --engine ray" in said.stderr


def test_cluster_that_is_not_there_is_told_at_once(series: list[str]) -> None:
    pytest.importorskip("ray.data", reason="needs the extra ray")
    said = CliRunner().invoke(main, [*series, "--engine", "ray", "--address", "127.0.0.1:1"])
    assert said.exit_code == 1 and "the Ray cluster 127.0.0.1:1 cannot be reached" in said.stderr
    assert said.stderr.count("\n") == 1
