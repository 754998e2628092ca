"""Where results go, on real folders."""

import os
from pathlib import Path
from typing import Any

import click
import pytest

from photochrom.cli.outputs import Task, check_absent, plan
from photochrom.errors import InputError, OutputExists, UnsupportedFormat


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def destinations(tasks: list[Task]) -> dict[str, str]:
    return {task.source.as_posix(): task.destination.as_posix() for task in tasks if task.source and task.destination}


def test_result_stands_beside_its_photograph_by_default(here: Path) -> None:
    put("old/a.JPG")
    assert destinations(plan(["old/a.JPG"], None)) == {"old/a.JPG": "old/a.color.JPG"}


def test_one_file_goes_to_the_file_given(here: Path) -> None:
    put("a.jpg")
    assert destinations(plan(["a.jpg"], "new.png")) == {"a.jpg": "new.png"}


@pytest.mark.parametrize("output", ["out", "out/", "made.here"])
def test_one_file_goes_into_a_folder_that_exists_or_looks_like_one(here: Path, output: str) -> None:
    put("a.jpg")
    Path("made.here").mkdir()
    assert destinations(plan(["a.jpg"], output)) == {"a.jpg": f"{output.rstrip('/')}/a.jpg"}


def test_structure_of_a_folder_is_kept(here: Path) -> None:
    put("old/a.jpg", "old/1910/b.tif", "old/1910/summer/c.png", "old/notes.txt")
    assert destinations(plan(["old"], "new")) == {
        "old/a.jpg": "new/a.jpg",
        "old/1910/b.tif": "new/1910/b.tif",
        "old/1910/summer/c.png": "new/1910/summer/c.png",
    }


@pytest.mark.parametrize("format", [None, "png", "jpeg"])
@pytest.mark.parametrize("output", [None, "new"])
def test_same_names_of_different_formats_never_meet(here: Path, format: str | None, output: str | None) -> None:
    put("old/a.jpg", "old/a.png", "old/a.jpeg", "old/a.bmp", "old/a.tif", "old/a.gif")
    tasks = plan(["old"], output, format=format)
    assert len({task.destination for task in tasks}) == 6
    if format == "png":
        assert all(task.destination and task.destination.suffix == ".png" for task in tasks)


def test_format_that_cannot_be_written_becomes_png(here: Path) -> None:
    put("a.bmp")
    assert destinations(plan(["a.bmp"], None)) == {"a.bmp": "a.bmp.color.png"}


def test_results_and_hidden_files_are_not_taken_for_photographs(here: Path) -> None:
    put("old/a.jpg", "old/a.color.jpg", "old/a.color-2.jpg", "old/.b.jpg", "old/.cache/c.jpg", "old/done/d.jpg")
    assert destinations(plan(["old"], "old/done")) == {"old/a.jpg": "old/done/a.jpg"}


def test_two_photographs_with_one_result_are_refused(here: Path) -> None:
    put("x/a.jpg", "y/a.jpg")
    with pytest.raises(InputError, match=r"x.a\.jpg and y.a\.jpg would both become new.a\.jpg"):
        plan(["x/a.jpg", "y/a.jpg"], "new")


def test_variant_that_meets_another_photographs_result_is_refused(here: Path) -> None:
    put("a.jpg", "a-1.jpg")
    assert len(plan(["a.jpg", "a-1.jpg"], "new", variants=2)) == 2
    with pytest.raises(InputError, match=r"would replace the photograph a-1\.jpg"):
        plan(["a.jpg", "a-1.jpg"], ".", variants=2)


@pytest.mark.parametrize("output", [".", "a.jpg", "b.jpg", "sub/../a.jpg", "linked.jpg"])
def test_result_never_replaces_an_input(here: Path, output: str) -> None:
    put("a.jpg", "sub/x")
    Path("b.jpg").symlink_to("a.jpg")
    os.link("a.jpg", "linked.jpg")
    with pytest.raises(InputError, match=r"would replace the photograph a\.jpg"):
        plan(["a.jpg"], output)


def test_missing_file_does_not_keep_others_from_being_planned(here: Path) -> None:
    put("a.jpg")
    assert len(plan(["a.jpg", "nowhere.jpg"], None)) == 2


def test_empty_folder_is_refused(here: Path) -> None:
    Path("empty").mkdir()
    with pytest.raises(InputError, match="empty holds no photographs"):
        plan(["empty"], None)


def test_standard_input_goes_to_standard_output_or_a_named_file(here: Path) -> None:
    assert plan(["-"], None) == plan(["-"], "-") == [Task(None, None)]
    assert plan(["-"], "new.png") == [Task(None, Path("new.png"))]


def test_standard_input_stands_alone_and_needs_a_name(here: Path) -> None:
    put("a.jpg")
    with pytest.raises(InputError, match="stands alone"):
        plan(["-", "a.jpg"], None)
    with pytest.raises(InputError, match="has no name"):
        plan(["-"], "folder/")


def test_standard_output_takes_one_photograph(here: Path) -> None:
    put("a.jpg", "b.jpg")
    assert plan(["a.jpg"], "-") == [Task(Path("a.jpg"), None)]
    with pytest.raises(InputError, match="takes one photograph, got 2"):
        plan(["a.jpg", "b.jpg"], "-")


@pytest.mark.parametrize("source", ["a.jpg", "-"])
def test_output_file_with_an_unusable_name_is_refused_early(here: Path, source: str) -> None:
    put("a.jpg")
    with pytest.raises(UnsupportedFormat, match=r"new\.xyz does not end like"):
        plan([source], "new.xyz")
    with pytest.raises(InputError, match="named like a png, but --format says webp"):
        plan([source], "new.png", format="webp")
    with pytest.raises(InputError, match="the folder none does not exist"):
        plan([source], "none/new.png")


@pytest.mark.parametrize(("inputs", "output"), [([""], None), (["a.jpg", ""], None), (["a.jpg"], "")])
def test_empty_name_is_no_folder(here: Path, inputs: list[str], output: str | None) -> None:
    put("a.jpg")
    with pytest.raises(click.UsageError, match="a name is empty"):
        plan(inputs, output)


@pytest.mark.parametrize("inputs", [["a.jpg", "b.jpg"], ["."]])
def test_several_photographs_do_not_go_into_a_folder_named_like_a_picture(here: Path, inputs: list[str]) -> None:
    put("a.jpg", "b.jpg")
    with pytest.raises(InputError, match=r"new\.jpg is named like one picture"):
        plan(inputs, "new.jpg")
    assert len(plan(inputs, "new.jpg/")) == 2


@pytest.mark.parametrize("inputs", [["a.jpg"], ["a.jpg", "b.jpg"], ["old"]])
def test_file_in_the_place_of_a_folder_is_named(here: Path, inputs: list[str]) -> None:
    put("a.jpg", "b.jpg", "old/c.jpg", "notes")
    with pytest.raises(InputError, match="notes is a file, but a folder is needed"):
        plan(inputs, "notes")


def test_photograph_given_twice_is_done_once(here: Path) -> None:
    put("old/a.jpg")
    assert len(plan(["old/a.jpg", "./old/a.jpg"], None)) == len(plan(["old", "old/a.jpg"], "new")) == 1


def test_result_replaces_no_other_file_that_is_read(here: Path) -> None:
    put("a.jpg", "palette.png")
    with pytest.raises(InputError, match=r"palette\.png would replace palette\.png"):
        plan(["a.jpg"], "palette.png", also_read=[Path("palette.png")])


@pytest.mark.skipif(os.name == "nt", reason="names are shorter there")
def test_name_too_long_for_a_result_does_not_keep_others_from_being_planned(here: Path) -> None:
    put("old/a.jpg", f"old/{'x' * 251}.jpg")
    assert len(plan(["old"], None)) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_in_a_folder_are_left_alone_and_dead_links_are_not(here: Path) -> None:
    put("old/a.jpg")
    os.mkfifo("old/b.jpg")
    Path("old/c.jpg").symlink_to("nowhere.jpg")
    assert set(destinations(plan(["old"], "new"))) == {"old/a.jpg", "old/c.jpg"}


def test_folder_that_cannot_be_read_is_told_of(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put("old/a.jpg", "old/locked/b.jpg")
    scandir = os.scandir

    def locked(path: str) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    told: list[OSError] = []
    assert len(plan(["old"], "new", on_unreadable=told.append)) == 1
    assert [str(error.filename) for error in told] == [os.path.join("old", "locked")]


def test_variants_are_numbered_from_one() -> None:
    task = Task(Path("a.jpg"), Path("new/a.jpg"))
    assert [task.variant(number, 3) for number in (1, 3)] == [Path("new/a-1.jpg"), Path("new/a-3.jpg")]
    assert task.variant(1, 1) == Path("new/a.jpg")


def test_existing_result_is_refused_unless_overwriting(here: Path) -> None:
    put("a.jpg")
    with pytest.raises(OutputExists, match="--overwrite"):
        check_absent(Path("a.jpg"), overwrite=False)
    check_absent(Path("a.jpg"), overwrite=True)
    check_absent(Path("b.jpg"), overwrite=False)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_a_result_s_place_is_refused_before_any_work(here: Path) -> None:
    os.mkfifo("pipe.jpg")
    with pytest.raises(InputError, match="no file that could be replaced"):
        check_absent(Path("pipe.jpg"), overwrite=True)
