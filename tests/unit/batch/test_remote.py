"""Batches from and to addresses, over fsspec's file system in memory."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest
from fsspec.implementations.memory import MemoryFileSystem  # type: ignore[import-untyped]

from photochrom.batch.places import open_target
from photochrom.batch.records import Record
from photochrom.batch.run import Outcome
from photochrom.batch.settings import Settings
from photochrom.errors import BackendError, InputError, OutputExists

Batch = Callable[..., tuple[Outcome, list[Record]]]


class ShareFileSystem(MemoryFileSystem):  # type: ignore[misc]
    """A file server whose writes others see half done."""

    protocol = "share"
    seen: list[str] = []  # noqa: RUF012  # of the class, as fsspec keeps what is in memory

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.removeprefix("share:/")))

    def pipe_file(self, path: str, value: bytes, **options: Any) -> None:
        type(self).seen.append(path)
        super().pipe_file(path, value, **options)


@pytest.fixture
def files(here: Path, photograph: Callable[..., Path]) -> Iterator[Any]:
    """The file system, with memory://in/a.png and memory://in/b/c.jpg."""
    files = fsspec.filesystem("memory")
    for number, name in enumerate(("a.png", "b/c.jpg")):
        files.pipe_file(f"/in/{name}", photograph(f"in/{name}", number).read_bytes())
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


def test_results_and_manifest_are_those_of_folders(files: Any, batch: Batch) -> None:
    batch("in", "out")
    outcome, _ = batch("memory://in", "memory://out")
    assert (outcome.done, outcome.failed) == (2, 0)
    for name in ("a.png", "b/c.jpg"):
        assert files.cat_file(f"/out/{name}") == Path("out", name).read_bytes()
    lines = [json.loads(line) for line in files.cat_file("/out/manifest.jsonl").splitlines()]
    assert [line["path"] for line in lines[1:]] == ["a.png", "b/c.jpg"]
    assert b"data:image/jpeg" in files.cat_file("/out/summary.html")


def test_next_run_goes_on_from_the_manifest_there(files: Any, batch: Batch) -> None:
    batch("memory://in", "memory://out")
    changed = files.info("/out/a.png")["created"]
    files.pipe_file("/in/new.png", files.cat_file("/in/a.png"))
    outcome, records = batch("memory://in", "memory://out")
    assert (outcome.done, outcome.unchanged) == (1, 2) and records[0].path == "new.png"
    assert files.info("/out/a.png")["created"] == changed
    assert len(files.cat_file("/out/manifest.jsonl").splitlines()) == 5


def test_next_run_asks_for_a_listing_and_not_for_each_file(
    files: Any, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        files.pipe_file(f"/in/{number}.png", files.cat_file("/in/a.png"))
    batch("memory://in", "memory://out")
    asked: list[str] = []
    info = MemoryFileSystem.info

    def noted_info(self: MemoryFileSystem, path: str, **options: Any) -> Any:
        asked.append(path)
        return info(self, path, **options)

    monkeypatch.setattr(MemoryFileSystem, "info", noted_info)
    outcome, records = batch("memory://in", "memory://out")
    assert (outcome.unchanged, outcome.done, records) == (22, 0, [])
    assert not [path for path in asked if path.endswith((".png", ".jpg"))]


def test_changed_result_is_kept_beside_the_new_one(files: Any, batch: Batch) -> None:
    batch("memory://in", "memory://out")
    right = files.cat_file("/out/a.png")
    files.pipe_file("/out/a.png", b"retouched")
    batch("memory://in", "memory://out")
    assert files.cat_file("/out/a.png") == right and files.cat_file("/out/a.changed-1.png") == b"retouched"


def test_folder_to_address_and_back(files: Any, batch: Batch) -> None:
    assert batch("in", "memory://there")[0].done == 2
    assert batch("memory://in", "back")[0].done == 2
    assert Path("back/a.png").read_bytes() == files.cat_file("/there/a.png")


def test_where_a_write_is_seen_half_done_a_result_takes_its_name_by_a_move(files: Any, batch: Batch) -> None:
    fsspec.register_implementation("share", ShareFileSystem, clobber=True)
    outcome, _ = batch("in", "share://out")
    assert outcome.done == 2 and fsspec.filesystem("share").cat_file("/out/a.png")
    assert ShareFileSystem.seen and all(path.endswith(".part") for path in ShareFileSystem.seen)
    assert not [path for path in files.store if path.endswith(".part")]


def test_failed_write_leaves_nothing_and_an_earlier_result_alone(files: Any) -> None:
    target = open_target("memory://out", "")
    with target.write("a.png", replace=True) as stream:
        stream.write(b"whole")
    with pytest.raises(RuntimeError), target.write("a.png", replace=True) as stream:
        stream.write(b"half")
        raise RuntimeError
    with pytest.raises(OutputExists), target.write("a.png", replace=False) as stream:
        stream.write(b"other")
    assert target.read("a.png") == b"whole" and target.names() == ["a.png"]


def test_lost_input_is_an_error_of_one_photograph(files: Any, batch: Batch) -> None:
    Path("list.txt").write_text("memory://in/a.png\nmemory://in/lost.png\n", "utf-8")
    outcome, records = batch("list.txt", "out")
    assert (outcome.done, outcome.failed) == (1, 1)
    assert "memory://in/lost.png does not exist" in (records[-1].error or "")


def test_unknown_protocol_is_one_error(here: Path, batch: Batch, photograph: Callable[..., Path]) -> None:
    photograph("in/a.png")
    with pytest.raises(InputError, match="gopher"):
        batch("in", "gopher://out", Settings())


@pytest.mark.parametrize(
    ("missing", "address", "extra"), [("s3fs", "s3://bucket/in", True), ("paramiko", "sftp://machine/in", False)]
)
def test_missing_package_of_a_protocol_is_named_and_the_extra_only_where_it_helps(
    here: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch, missing: str, address: str, extra: bool
) -> None:
    monkeypatch.delitem(sys.modules, "fsspec.implementations.sftp", raising=False)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(BackendError, match=missing) as error:
        batch(address, "out")
    assert ("[remote]" in str(error.value)) == extra
