"""A batch over a folder: what is written, what is done again, and what is never touched."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from photochrom.batch.manifest import Shard
from photochrom.batch.merge import merge_manifests
from photochrom.batch.records import Record
from photochrom.batch.run import Order, Outcome, plan_batch
from photochrom.batch.settings import Settings
from photochrom.errors import BackendError, InputError, UnknownModel
from photochrom.hints import Hint, Reference
from photochrom.pipeline import Colorizer

Batch = Callable[..., tuple[Outcome, list[Record]]]
Photograph = Callable[..., Path]


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.done, outcome.unchanged, outcome.failed


def identities(folder: str) -> dict[str, tuple[int, int]]:
    """Inode and time of change of every result."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in Path(folder).rglob("*")
        if path.suffix in (".png", ".jpg") and ".photochrom" not in path.parts
    }


def warmth(path: str) -> float:
    """How much more red than blue a picture has."""
    with Image.open(path) as image:
        red, _, blue = np.asarray(image.convert("RGB"), np.float32).mean(axis=(0, 1))
    return float(red - blue)


@pytest.fixture
def series(here: Path, photograph: Photograph) -> Path:
    """IN, with a.png and deeper/b.jpg."""
    photograph("in/a.png", 1)
    photograph("in/deeper/b.jpg", 2)
    return here


def test_results_are_those_of_a_single_photograph_in_the_same_structure(series: Path, batch: Batch) -> None:
    settings = Settings(decode="accurate", saturation=1.5, temperature=4.0, hints=(Hint(0.5, 0.5, "#b5651d", 0.1),))
    outcome, _ = batch("in", "out", settings)
    assert counts(outcome) == (2, 0, 0)
    work = Colorizer().open("in/deeper/b.jpg")
    work.render(settings.hints, None, "accurate", 1.5, 4.0).save("alone.jpg")
    assert Path("out/deeper/b.jpg").read_bytes() == Path("alone.jpg").read_bytes()
    assert Path("out/a.png").is_file()


def test_reference_gives_the_whole_series_its_palette(series: Path, batch: Batch) -> None:
    red = Reference.from_picture(np.full((8, 8, 3), (200, 60, 40), np.uint8))
    batch("in", "plain")
    batch("in", "red", Settings(reference=red))
    for name in ("a.png", "deeper/b.jpg"):
        assert warmth(f"red/{name}") > warmth(f"plain/{name}")


def test_manifest_has_a_line_for_the_run_and_for_each_photograph(series: Path, batch: Batch) -> None:
    import hashlib

    batch("in", "out")
    run, *lines = map(json.loads, Path("out/manifest.jsonl").read_text("utf-8").splitlines())
    assert run["photochrom_batch"] == 1 and run["photographs"] == 2 and run["model"]["name"] == "compact"
    assert [line["path"] for line in lines] == ["a.png", "deeper/b.jpg"]
    for line in lines:
        assert line["sha256_in"] == hashlib.sha256(Path("in", line["path"]).read_bytes()).hexdigest()
        assert line["sha256_out"] == hashlib.sha256(Path("out", line["output"]).read_bytes()).hexdigest()
        assert line["model_sha256"] == run["model"]["sha256"] and line["settings"] == run["settings"]
        assert line["status"] == "done" and line["error"] is None and line["milliseconds"] > 0


def test_second_run_touches_nothing(series: Path, batch: Batch) -> None:
    batch("in", "out")
    before = identities("out")
    outcome, records = batch("in", "out")
    assert counts(outcome) == (0, 2, 0) and not records
    assert identities("out") == before


def test_new_photograph_alone_is_done(series: Path, batch: Batch, photograph: Photograph) -> None:
    batch("in", "out")
    photograph("in/c.png", 3)
    outcome, records = batch("in", "out")
    assert counts(outcome) == (1, 2, 0) and [record.path for record in records] == ["c.png"]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(decode="accurate"),
        Settings(saturation=0.5),
        Settings(temperature=10.0),
        Settings(hints=(Hint(0.5, 0.5, "#ff0000"),)),
        Settings(reference=Reference(saturation=0.9)),
    ],
)
def test_other_settings_make_everything_anew(series: Path, batch: Batch, settings: Settings) -> None:
    batch("in", "out")
    before = {name: Path("out", name).read_bytes() for name in ("a.png", "deeper/b.jpg")}
    assert counts(batch("in", "out", settings)[0]) == (2, 0, 0)
    assert all(Path("out", name).read_bytes() != content for name, content in before.items())
    assert counts(batch("in", "out", settings)[0]) == (0, 2, 0)


def test_default_decoding_by_name_is_no_other_setting(series: Path, batch: Batch) -> None:
    batch("in", "out")
    assert counts(batch("in", "out", Settings(decode="vivid"))[0]) == (0, 2, 0)


def test_changed_photograph_is_done_again(series: Path, batch: Batch, photograph: Photograph) -> None:
    batch("in", "out")
    before = Path("out/a.png").read_bytes()
    photograph("in/a.png", 9)
    outcome, records = batch("in", "out")
    assert counts(outcome) == (1, 1, 0) and records[0].path == "a.png"
    assert Path("out/a.png").read_bytes() != before


def test_photograph_that_was_copied_anew_is_recognised_by_its_content(series: Path, batch: Batch) -> None:
    batch("in", "out")
    before = identities("out")
    os.utime("in/a.png", (1e9, 1e9))
    outcome, records = batch("in", "out")
    assert counts(outcome) == (0, 2, 0) and records[0].status == "unchanged"
    assert identities("out") == before
    assert batch("in", "out")[1] == []  # and the new time is known now


def test_missing_result_is_made_again(series: Path, batch: Batch) -> None:
    batch("in", "out")
    Path("out/a.png").unlink()
    assert counts(batch("in", "out")[0]) == (1, 1, 0)
    assert Path("out/a.png").is_file()


def thumbnails() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("out/.photochrom").glob("*.jpg")}


def test_missing_thumbnail_alone_is_made_again(series: Path, batch: Batch) -> None:
    batch("in", "out")
    results, shown = identities("out"), thumbnails()
    shutil.rmtree("out/.photochrom")
    outcome, records = batch("in", "out")
    assert counts(outcome) == (0, 2, 0) and [record.status for record in records] == ["unchanged"] * 2
    assert identities("out") == results and thumbnails() == shown and len(shown) == 2
    assert Path("out/summary.html").read_text("utf-8").count("<figure>") == 2
    assert batch("in", "out")[1] == []


def test_finished_photograph_that_comes_into_the_sample_gets_a_thumbnail(
    series: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photochrom.batch.thumbnails.SHOWN", 1)
    batch("in", "out")
    assert len(thumbnails()) == 1
    monkeypatch.setattr("photochrom.batch.thumbnails.SHOWN", 2)
    assert len(batch("in", "out")[1]) == 1 and len(thumbnails()) == 2
    assert batch("in", "out")[1] == []


def test_thumbnail_that_cannot_be_made_is_complained_of_until_it_can(series: Path, batch: Batch) -> None:
    Path("out").mkdir()
    Path("out/.photochrom").write_bytes(b"in the way")
    for _ in range(2):
        said = [record.warnings for record in batch("in", "out")[1]]
        assert [["does not show it" in words for words in warnings] for warnings in said] == [[True], [True]]
    Path("out/.photochrom").unlink()
    assert [record.warnings for record in batch("in", "out")[1]] == [(), ()] and len(thumbnails()) == 2


def test_result_that_somebody_changed_is_kept_beside_the_new_one(series: Path, batch: Batch) -> None:
    batch("in", "out")
    right = Path("out/a.png").read_bytes()
    Path("out/a.png").write_bytes(b"retouched by hand")
    outcome, records = batch("in", "out")
    assert counts(outcome) == (1, 1, 0) and "a.changed-1.png" in records[0].warnings[0]
    assert Path("out/a.png").read_bytes() == right
    assert Path("out/a.changed-1.png").read_bytes() == b"retouched by hand"
    Path("out/a.png").write_bytes(b"once more")
    batch("in", "out")
    assert Path("out/a.changed-2.png").read_bytes() == b"once more"


def test_same_size_and_time_hide_a_change_only_until_content_is_compared(series: Path, batch: Batch) -> None:
    batch("in", "out")
    status, right = Path("out/a.png").stat(), Path("out/a.png").read_bytes()
    Path("out/a.png").write_bytes(right[:-1] + b"?")
    os.utime("out/a.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert counts(batch("in", "out")[0]) == (0, 2, 0)
    assert counts(batch("in", "out", verify=True)[0]) == (1, 1, 0)
    assert Path("out/a.png").read_bytes() == right


def test_file_that_the_batch_did_not_write_is_not_replaced_unless_asked(series: Path, batch: Batch) -> None:
    Path("out").mkdir()
    Path("out/a.png").write_bytes(b"mine")
    outcome, records = batch("in", "out")
    assert counts(outcome) == (1, 0, 1) and "--overwrite" in (records[0].error or "")
    assert Path("out/a.png").read_bytes() == b"mine"
    assert counts(batch("in", "out", overwrite=True)[0]) == (1, 1, 0)
    assert Path("out/a.png").read_bytes() != b"mine"


def test_result_whose_line_was_lost_is_left_as_it_is(series: Path, batch: Batch) -> None:
    batch("in", "out")
    manifest, before = Path("out/manifest.jsonl"), identities("out")
    manifest.write_bytes(b"".join(manifest.read_bytes().splitlines(keepends=True)[:1]))
    assert counts(batch("in", "out")[0]) == (2, 0, 0)
    assert identities("out") == before


def test_new_result_whose_line_was_lost_is_not_taken_for_somebodys(series: Path, batch: Batch) -> None:
    batch("in", "out")
    manifest = Path("out/manifest.jsonl")
    before = manifest.read_bytes()
    batch("in", "out", Settings(decode="accurate"))
    manifest.write_bytes(before)
    written = identities("out")
    outcome, records = batch("in", "out", Settings(decode="accurate"))
    assert counts(outcome) == (2, 0, 0) and not any(record.warnings for record in records)
    assert identities("out") == written


def test_failure_is_recorded_tried_again_and_then_forgotten(series: Path, batch: Batch, photograph: Photograph) -> None:
    Path("in/broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    outcome, records = batch("in", "out")
    assert counts(outcome) == (2, 0, 1)
    (failed,) = (record for record in records if record.status == "failed")
    assert failed.path == "broken.jpg" and "in/broken.jpg" in (failed.error or "")
    assert counts(batch("in", "out")[0]) == (0, 2, 1)
    photograph("in/broken.jpg")
    assert counts(batch("in", "out")[0]) == (1, 2, 0)


def test_fail_fast_stops_at_the_first_failure(series: Path, batch: Batch) -> None:
    Path("in/a.png").write_bytes(b"")
    outcome, _ = batch("in", "out", fail_fast=True)
    assert counts(outcome) == (0, 0, 1) and outcome.left == 1


def test_limit_leaves_the_others_to_the_next_run(series: Path, batch: Batch) -> None:
    first, _ = batch("in", "out", limit=1)
    assert counts(first) == (1, 0, 0) and first.left == 1
    second, _ = batch("in", "out", limit=1)
    assert counts(second) == (1, 1, 0) and second.left == 0


def test_plan_writes_nothing(series: Path) -> None:
    plan = plan_batch(Order("in", "out", Settings()))
    assert [task.output for task in plan.tasks] == ["a.png", "deeper/b.jpg"]
    assert not Path("out").exists()


def test_same_names_of_different_formats_never_meet(series: Path, batch: Batch, photograph: Photograph) -> None:
    photograph("in/a.jpg", 5)
    assert counts(batch("in", "out", Settings(format="png"))[0]) == (3, 0, 0)
    assert sorted(identities("out")) == ["a.jpg.png", "a.png", "b.jpg.png"]


def test_second_of_two_that_would_be_one_file_is_refused(series: Path, batch: Batch, photograph: Photograph) -> None:
    photograph("in/a.jpg", 5)
    photograph("in/a.jpg.png", 6)
    outcome, records = batch("in", "out", Settings(format="png"))
    assert counts(outcome) == (3, 0, 1)
    (refused,) = (record for record in records if record.status == "failed")
    assert refused.path == "a.jpg.png" and "a.jpg becomes a.jpg.png too" in (refused.error or "")


def test_second_of_two_listed_files_of_one_name_is_refused_at_every_run(
    here: Path, batch: Batch, photograph: Photograph
) -> None:
    outside = photograph(here / "a.png", 1)
    within = photograph(here.relative_to(here.anchor) / "a.png", 2)
    Path("list.txt").write_text(f"{within}\n{outside}\n", "utf-8")
    for expected in ((1, 0, 1), (0, 1, 1)):
        outcome, records = batch("list.txt", "out")
        assert counts(outcome) == expected and outcome.left == 0
        (refused,) = (record for record in records if record.status == "failed")
        assert refused.error == f"{outside}: {within} becomes {within.as_posix()} too: rename one of them"
    merged = merge_manifests(["out/manifest.jsonl"])
    assert {path: record.status for path, record in merged.records.items()} == {
        within.as_posix(): "done",
        str(outside): "failed",
    }
    assert not merged.faults


@pytest.mark.parametrize("overwrite", [False, True])
def test_photograph_is_never_replaced_even_through_a_link(
    here: Path, batch: Batch, photograph: Photograph, overwrite: bool
) -> None:
    photograph("album/in/in/a.png", 1)
    before = photograph("album/in/a.png", 2).read_bytes()
    outcome, _ = batch("album/in", "album", overwrite=overwrite)  # OUT/in/a.png is IN/a.png
    assert Path("album/in/a.png").read_bytes() == before
    assert counts(outcome) == (1, 0, 1)


def test_output_inside_input_is_no_input(series: Path, batch: Batch) -> None:
    assert counts(batch("in", "in/colour")[0]) == (2, 0, 0)
    assert counts(batch("in", "in/colour")[0]) == (0, 2, 0)


@pytest.mark.parametrize("output", ["in", "./in/", "in/deeper/.."])
def test_input_as_output_is_refused(series: Path, batch: Batch, output: str) -> None:
    with pytest.raises(InputError, match="same folder"):
        batch("in", output)


def test_parts_together_do_everything_once(here: Path, batch: Batch, photograph: Photograph) -> None:
    for number in range(12):
        photograph(f"in/{number}.png", number)
    parts = [batch("in", "out", shard=Shard(number, 3))[1] for number in (1, 2, 3)]
    names = [record.path for part in parts for record in part]
    assert sorted(names) == sorted(f"{number}.png" for number in range(12)) and all(parts)
    assert counts(batch("in", "out")[0]) == (0, 12, 0)  # another division knows what is done


def test_model_that_is_not_there_makes_nothing(series: Path, batch: Batch) -> None:
    with pytest.raises(UnknownModel):
        batch("in", "out", Settings(model="none"))
    assert not Path("out").exists()


def test_wrong_manifest_is_not_added_to(series: Path, batch: Batch) -> None:
    Path("out").mkdir()
    Path("out/manifest.jsonl").write_text('{"somebody": "else"}\n', "utf-8")
    with pytest.raises(InputError, match="no manifest of a batch"):
        batch("in", "out")
    assert Path("out/manifest.jsonl").read_text("utf-8") == '{"somebody": "else"}\n'


def test_what_cannot_be_kept_is_said_in_the_manifest(here: Path, batch: Batch) -> None:
    Path("in").mkdir()
    exif = Image.Exif()
    exif[0x010E] = "x" * 70_000
    Image.effect_noise((40, 30), 60).save("in/a.webp", exif=exif)
    _, records = batch("in", "out", Settings(format="jpeg"))
    assert any("EXIF is too long" in warning for warning in records[0].warnings)


def test_warning_names_the_photograph(here: Path, batch: Batch) -> None:
    Path("in").mkdir()
    Image.new("L", (40, 30), 90).save("in/a.tif", save_all=True, append_images=[Image.new("L", (40, 30), 200)])
    _, records = batch("in", "out")
    assert records[0].status == "done" and records[0].warnings == (
        f"{Path('in/a.tif')} has further pages; the first alone is read",
    )


def test_temporary_files_of_a_dead_run_are_removed_and_those_of_other_parts_stay(series: Path, batch: Batch) -> None:
    Path("out/deeper").mkdir(parents=True)
    dead, alive = Path("out/deeper/.photochrom-batch1of1-w1-00.part"), Path("out/.photochrom-batch1of10-w1-00.part")
    for path in (dead, alive):
        path.write_bytes(b"half")
    batch("in", "out")
    assert not dead.exists() and alive.exists()


def test_network_that_fails_on_one_photograph_does_not_end_the_batch(
    series: Path, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Colorizer.open

    def failing(self: Colorizer, source: Any) -> Any:
        if getattr(source, "width", 0) == 40:
            raise BackendError("ONNX Runtime cannot run compact: bad allocation")
        return usual(self, source)

    monkeypatch.setattr(Colorizer, "open", failing)
    Image.effect_noise((40, 30), 60).save("in/large.png")
    outcome, _ = batch("in", "out")
    assert counts(outcome) == (2, 0, 1)
