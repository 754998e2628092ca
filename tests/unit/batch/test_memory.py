"""How much memory a container has for photographs: the kernel's file cache in it is free."""

from pathlib import Path

import pytest

from photochrom.batch.memory import available_memory

MEMORY = 64 << 30
GIB = 1 << 30
# Version 2 and version 1 of control groups: of the limit, the usage and the figures.
VERSIONS = [
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
]


@pytest.fixture(params=VERSIONS, ids=["v2", "v1"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A container's files, not yet written, on a machine with 64 GiB."""
    monkeypatch.setattr("photochrom.batch.memory._system_memory", lambda: MEMORY)
    monkeypatch.setattr("photochrom.batch.memory._CONTROL_GROUPS", tmp_path)
    (tmp_path / "memory").mkdir()
    return [tmp_path / name for name in request.param]


def write(files: list[Path], limit: int | str, used: int, cache: int) -> None:
    """What a kernel says. In version 1 `inactive_file` leaves out what is in groups below."""
    own, whole = (0, cache) if files[0].parent.name == "memory" else (cache, 0)
    figures = f"anon 5\nfile {cache}\nactive_file 7\ninactive_file {own}\ntotal_inactive_file {whole}\n"
    for file, content in zip(files, (f"{limit}\n", f"{used}\n", figures), strict=True):
        file.write_text(content, "ascii")


def test_file_cache_that_the_kernel_gives_up_is_available(files: list[Path]) -> None:
    write(files, 8 * GIB, 7 * GIB, 6 * GIB)
    assert available_memory() == 7 * GIB


def test_container_has_no_less_than_nothing_and_no_more_than_its_limit(files: list[Path]) -> None:
    write(files, 8 * GIB, 9 * GIB, 0)
    assert available_memory() == 0
    write(files, 8 * GIB, GIB, 2 * GIB)  # the two are not counted at the same moment
    assert available_memory() == 8 * GIB


def test_without_figures_all_that_is_taken_counts(files: list[Path]) -> None:
    write(files, 8 * GIB, 7 * GIB, 6 * GIB)
    files[2].unlink()
    assert available_memory() == GIB


@pytest.mark.parametrize("limit", ["max", 2**63 - 4096])
def test_container_without_a_limit_has_what_the_system_has(files: list[Path], limit: int | str) -> None:
    assert available_memory() == MEMORY  # no container
    write(files, limit, 7 * GIB, 0)
    assert available_memory() == MEMORY
