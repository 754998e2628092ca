"""The manifest as a file: whole lines whatever happens, one writer, any name."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photochrom.batch.manifest import Manifest, Shard, is_manifest, manifest_name, read_records
from photochrom.batch.records import Record
from photochrom.batch.target import OutputUnwritable
from photochrom.errors import InputError

BEGIN = b'{"photochrom_batch":1,"input":"in"}\n'
RECORD = Record("a.png", "a.png", "done", "0" * 64, 10, "1", "f" * 64, 20, "2", "compact", finished="2026-01-01")


def written(path: Path) -> list[Record]:
    return list(read_records(path.read_bytes()))


def test_records_come_back_as_they_were_added(tmp_path: Path) -> None:
    others = [replace(RECORD, path=name, warnings=("left out",)) for name in ("\udcff.png", "日本\n\u2028.png", '"\\')]
    with Manifest(tmp_path / "m.jsonl") as manifest:
        manifest.begin({"input": "in"})
        for record in others:
            manifest.add(record)
    assert written(tmp_path / "m.jsonl") == others
    assert (tmp_path / "m.jsonl").read_bytes().isascii()


@pytest.mark.parametrize("torn", [b"", b'{"path":"b', b'{"path":"b.png"}', b"\0" * 5000, b"x" * 200_000])
def test_what_a_power_cut_tore_is_cut_off_before_the_next_line(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(BEGIN + RECORD.to_line() + torn)
    with Manifest(path) as manifest:
        manifest.add(replace(RECORD, path="c.png"))
    assert path.read_bytes() == BEGIN + RECORD.to_line() + replace(RECORD, path="c.png").to_line()


@pytest.mark.parametrize("torn", [BEGIN[:length] for length in (0, 5, len(BEGIN) - 1)])
def test_first_line_that_a_power_cut_tore_is_written_anew(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(torn)
    with Manifest(path) as manifest:
        manifest.begin({"input": "in"})
    assert path.read_bytes() == BEGIN


@pytest.mark.parametrize(
    "content",
    [b"x", b"[1]", b'{"a": 1}', b'{"a": 1}\n{"b"', b"\xff\xd8\xff\xe0\0\x10JFIF\n\0", b"\n", b"x" * (2 << 20)],
)
def test_what_is_no_manifest_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    photograph, link = tmp_path / "photograph.jpg", tmp_path / "manifest.jsonl"
    photograph.write_bytes(content)
    link.symlink_to(photograph)
    for _ in range(2):  # a lock that is kept would be told the second time
        with pytest.raises(InputError, match="no manifest of a batch"):
            Manifest(link)
    assert photograph.read_bytes() == content


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error_but_a_newer_version(content: bytes) -> None:
    assert next(read_records(RECORD.to_line() + b"\n" + content)) == RECORD


def test_newer_version_is_refused() -> None:
    with pytest.raises(InputError, match="newer photochrom"):
        list(read_records(b'{"photochrom_batch": 2}\n'))


def test_key_of_a_later_version_is_left_out() -> None:
    line = json.dumps(json.loads(RECORD.to_line()) | {"colour": "blue"}).encode() + b"\n"
    assert list(read_records(line)) == [RECORD]


def test_second_writer_is_refused(tmp_path: Path) -> None:
    with Manifest(tmp_path / "m.jsonl"), pytest.raises(InputError, match="in use"):
        Manifest(tmp_path / "m.jsonl")
    Manifest(tmp_path / "m.jsonl").__exit__(None, None, None)


def test_every_part_has_a_manifest_of_its_own() -> None:
    names = [manifest_name(shard) for shard in (Shard(1, 1), Shard(1, 4), Shard(4, 4), Shard(1, 14))]
    assert names == ["manifest.jsonl", "manifest-1-of-4.jsonl", "manifest-4-of-4.jsonl", "manifest-1-of-14.jsonl"]
    assert all(map(is_manifest, names)) and not is_manifest("summary.html")


def test_manifest_that_is_removed_under_the_run_is_complained_of(tmp_path: Path) -> None:
    def run() -> None:
        with Manifest(tmp_path / "m.jsonl") as manifest:
            manifest.add(RECORD)
            (tmp_path / "m.jsonl").unlink()

    with pytest.raises(OutputUnwritable, match="removed"):
        run()


@pytest.mark.parametrize("odd", [b"[" * 100_000, b'{"path":"b.png","output":"b.png","status":[]}', b"\xff{"])
def test_line_that_is_no_record_is_left_out(tmp_path: Path, odd: bytes) -> None:
    path = tmp_path / "m.jsonl"
    path.write_bytes(BEGIN + odd + b"\n" + RECORD.to_line())
    assert written(path) == [RECORD]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX's")
def test_pipe_and_folder_in_the_manifests_place_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    for name in ("pipe.jsonl", "folder.jsonl"):
        with pytest.raises(InputError, match=f"{name} is no file"):
            Manifest(tmp_path / name)
