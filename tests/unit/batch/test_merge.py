"""Manifests of several parts as one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from photochrom.batch.manifest import Shard, read_records
from photochrom.batch.merge import merge_manifests
from photochrom.batch.records import Record
from photochrom.batch.run import Outcome
from photochrom.batch.settings import Settings
from photochrom.errors import InputError, OutputExists

Batch = Callable[..., tuple[Outcome, list[Record]]]
COUNT = 9


@pytest.fixture
def parts(here: Path, batch: Batch, photograph: Callable[..., Path]) -> list[str]:
    """The manifests of a batch in three parts."""
    for number in range(COUNT):
        photograph(f"in/{number}.png", number)
    for number in (1, 2, 3):
        batch("in", "out", shard=Shard(number, 3))
    return [f"out/manifest-{number}-of-3.jsonl" for number in (1, 2, 3)]


def test_all_parts_make_one_complete_manifest(parts: list[str], batch: Batch) -> None:
    merged = merge_manifests(parts)
    assert (len(merged.records), merged.double, merged.faults, merged.failed) == (COUNT, [], [], [])
    merged.write(Path("out/manifest.jsonl"), overwrite=False)
    lines = Path("out/manifest.jsonl").read_bytes()
    assert [record.path for record in read_records(lines)] == [f"{number}.png" for number in range(COUNT)]
    for part in parts:
        Path(part).unlink()
    assert batch("in", "out")[0].unchanged == COUNT  # a batch goes on from it


def test_missing_part_is_named(parts: list[str]) -> None:
    assert merge_manifests(parts[:2]).faults == ["part 3/3 has no manifest here"]


def test_unfinished_part_is_counted(parts: list[str]) -> None:
    content = Path(parts[0]).read_bytes().splitlines(keepends=True)
    Path(parts[0]).write_bytes(b"".join(content[:-1]) + content[-1][:40])  # the last line is torn
    (fault,) = merge_manifests(parts).faults
    assert fault.startswith(f"1 of {COUNT} photographs have no line")


def test_double_is_named_and_the_latest_counts(parts: list[str]) -> None:
    (first, *_) = read_records(Path(parts[0]).read_bytes())
    later = json.loads(first.to_line()) | {"status": "failed", "error": "gone", "finished": "2999"}
    with Path(parts[1]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(later) + "\n")
    merged = merge_manifests(parts)
    assert merged.double == [first.path] and [record.error for record in merged.failed] == ["gone"]
    assert [record.error for record in merge_manifests(parts[::-1]).failed] == ["gone"]


def test_different_settings_are_told(parts: list[str], batch: Batch) -> None:
    batch("in", "out", Settings(saturation=0.5), shard=Shard(2, 3))
    assert any("2 different settings" in fault for fault in merge_manifests(parts).faults)


def test_parts_of_different_divisions_are_told(parts: list[str], batch: Batch) -> None:
    batch("in", "out", shard=Shard(1, 2))
    (fault,) = merge_manifests([*parts, "out/manifest-1-of-2.jsonl"]).faults
    assert "2 and 3 parts" in fault


def test_existing_file_is_replaced_only_when_asked(parts: list[str]) -> None:
    before = Path(parts[0]).read_bytes()
    with pytest.raises(OutputExists):
        merge_manifests(parts).write(Path(parts[0]), overwrite=False)
    assert Path(parts[0]).read_bytes() == before


def run_line(**others: object) -> str:
    return json.dumps({"photochrom_batch": 1, "shard": "1/1", **others}) + "\n"


def record_line(**others: object) -> str:
    return json.dumps({"path": "a.png", "output": "a.png", "status": "done", **others}) + "\n"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}\n",
        '{"a": 1}\n',
        "no json\n",
        run_line() + '{"path": 1}\n',
        *(run_line(shard=shard) for shard in (None, 5, "x", "a/b", "1/0", "1/" + "9" * 5000)),
        *(run_line(photographs=count) for count in (None, "x", ["1"], -5, 1e300)),
        *(run_line() + record_line(**{key: []}) for key in ("settings", "finished", "size_in", "error")),
        run_line() + record_line(warnings=5),
    ],
)
def test_what_is_no_manifest_is_refused_by_its_name(here: Path, content: str) -> None:
    Path("odd.jsonl").write_text(content, "utf-8")
    with pytest.raises(InputError, match=r"odd\.jsonl"):
        merge_manifests(["odd.jsonl"])
