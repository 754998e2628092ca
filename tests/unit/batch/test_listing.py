"""What a batch takes for its photographs, and which part of them."""

import os
from collections.abc import Callable
from pathlib import Path

import fsspec  # type: ignore[import-untyped]
import pytest

from photochrom.batch.listing import in_shard, list_photographs
from photochrom.batch.manifest import Shard
from photochrom.errors import BackendError, InputError

Photograph = Callable[..., Path]


def names(given: str, output: str = "out") -> list[str]:
    return [source.name for source in list_photographs(given, output).sources]


def test_folder_gives_photographs_and_nothing_else(here: Path, photograph: Photograph) -> None:
    for name in ("b.jpg", "a.PNG", "deep/er/c.tiff", ".hidden.png", ".thumbs/d.png", "a.color.png", "e.color-2.jpg"):
        photograph(f"in/{name}")
    Path("in/notes.txt").write_text("notes", "utf-8")
    assert names("in") == ["a.PNG", "b.jpg", "deep/er/c.tiff"]


def test_list_names_files_of_its_own_folder_and_of_others(here: Path, photograph: Photograph) -> None:
    for name in ("lists/a.png", "lists/b/c.png", "else where/d.png"):
        photograph(name)
    outside = here / "else where" / "d.png"
    lines = ["a.png", "./b/../b/c.png", "", "../else where/d.png", str(outside), "s3://bucket/e.png", "missing.png"]
    Path("lists/album.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    place = outside.relative_to(outside.anchor).as_posix()
    found = list_photographs("lists/album.txt", "out").sources
    assert [source.name for source in found] == sorted(["a.png", "b/c.png", place, "bucket/e.png", "missing.png"])
    by_name = {source.name: source for source in found}
    assert os.path.samefile(by_name[place].address, outside)
    assert by_name["missing.png"].stat is None and by_name["bucket/e.png"].address == "s3://bucket/e.png"


def test_different_files_of_one_name_are_all_listed(here: Path, photograph: Photograph) -> None:
    outside, within = photograph(here / "a.png", 1), here.relative_to(here.anchor) / "a.png"
    photograph(within, 2)
    places = ["s3://b/a.jpg", "http://b/a.jpg", "s3://b/a.jpg", str(outside), str(within), f"./{within}", "x/../no.png"]
    Path("list.txt").write_text("\n".join([*places, "no.png"]), "utf-8")
    found = list_photographs("list.txt", "out").sources
    assert [source.address for source in found if source.name == "b/a.jpg"] == ["s3://b/a.jpg", "http://b/a.jpg"]
    twins = [source.address for source in found if source.name == within.as_posix()]
    assert [Path(twin).read_bytes() for twin in twins] == [outside.read_bytes(), within.read_bytes()]
    assert len(found) == 5


def test_list_in_utf16_is_refused_with_what_to_do(here: Path) -> None:
    Path("list.txt").write_text("a.png\nb.png\n", "utf-16")
    with pytest.raises(InputError, match=r"list\.txt is no list.*UTF-8"):
        names("list.txt")


def test_listed_names_never_lead_out_of_the_output(here: Path) -> None:
    Path("list.txt").write_text("../../../../../../../etc/a.png\ns3://b/../../c.png\n/../x.png\n", "utf-8")
    for name in names("list.txt"):
        assert not name.startswith(("/", "..")) and "/../" not in name


def test_listed_names_may_be_any_bytes(here: Path) -> None:
    Path("list.txt").write_bytes(b"\xff.png\n")
    assert names("list.txt") == ["\udcff.png"]


def test_address_gives_its_photographs_and_not_those_of_the_output() -> None:
    files = fsspec.filesystem("memory")
    for name in ("in/a.jpg", "in/b/c.png", "in/.d/e.png", "in/notes.txt", "in/colour/a.jpg", "inner/f.png"):
        files.pipe_file(f"/list/{name}", b"x")
    assert names("memory://list/in", "memory://list/in/colour") == ["a.jpg", "b/c.png"]
    (first, _) = list_photographs("memory://list/in/", "memory://list/in/colour").sources
    assert fsspec.open(first.address).fs.cat_file(first.address) == b"x"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("nowhere", "does not exist"),
        ("empty", "holds no photographs"),
        ("one.png", "neither a folder nor a list"),
        ("nothing.txt", "cannot be read"),
        ("memory://nowhere", "memory://nowhere"),
        ("gopher://host/in", "gopher"),
    ],
)
def test_nothing_to_colour_is_refused_with_its_name(here: Path, photograph: Photograph, given: str, words: str) -> None:
    Path("empty").mkdir()
    photograph("one.png")
    with pytest.raises((InputError, BackendError), match=words):
        list_photographs(given, "out")


def test_same_address_is_refused() -> None:
    with pytest.raises(InputError, match="same address"):
        list_photographs("memory://list/same", "memory://list/same/")


@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_every_photograph_is_in_exactly_one_part(count: int) -> None:
    photographs = [f"album/{number}.jpg" for number in range(2000)]
    parts = [[name for name in photographs if in_shard(name, Shard(part, count))] for part in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == sorted(photographs)
    assert min(map(len, parts)) > 0.5 * 2000 / count


def test_part_of_a_photograph_is_the_same_everywhere_and_for_ever() -> None:
    assert [in_shard(name, Shard(2, 3)) for name in ("a.jpg", "b/c.png", "\udcff.tif")] == [True, True, False]
