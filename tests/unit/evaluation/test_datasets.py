"""Where photographs are found, in which order, and how they are squashed."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import InputError, UnsupportedFormat
from photochrom.evaluation.datasets import find_examples, list_hash, square_picture


def archive_of(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return archive


def test_folder_archive_and_list_give_the_same_photographs(photographs: Path, tmp_path: Path) -> None:
    archive = archive_of(photographs, tmp_path / "shard.tar")
    listed = tmp_path / "set.txt"
    listed.write_text("photographs/0.png\n\nphotographs/1.png\nphotographs/2.png\n")
    sets = [find_examples(dataset) for dataset in (photographs, archive, listed)]
    assert [[example.read() for example in examples] for examples in sets] == [
        [path.read_bytes() for path in sorted(photographs.iterdir())]
    ] * 3
    assert [example.name for example in sets[1]] == ["0.png", "1.png", "2.png"]


def test_a_folder_is_searched_with_all_below_it_by_name(photographs: Path) -> None:
    (photographs / "more").mkdir()
    (photographs / "0.png").rename(photographs / "more" / "0.png")
    archive_of(photographs / "more", photographs / "shard.tar")
    (photographs / "notes.md").write_text("no photograph")
    (photographs / ".hidden.png").write_bytes(b"")
    names = [example.name for example in find_examples(photographs)]
    assert names == ["1.png", "2.png", "more/0.png", "shard.tar/0.png"]


def test_the_limit_takes_the_first(photographs: Path) -> None:
    assert [example.name for example in find_examples(photographs, limit=2)] == ["0.png", "1.png"]


def test_the_hash_depends_on_names_sizes_and_order(photographs: Path) -> None:
    examples = find_examples(photographs)
    assert list_hash(examples) == list_hash(find_examples(photographs))
    assert len({list_hash(examples), list_hash(examples[:2]), list_hash(examples[::-1])}) == 3


@pytest.mark.parametrize("name", [b"m\xc3\xa9re.png", b"m\xe9re.png"], ids=["UTF-8", "no UTF-8"])
def test_the_hash_is_of_the_bytes_of_names_whatever_they_are(photographs: Path, tmp_path: Path, name: bytes) -> None:
    whole = (photographs / "1.png").read_bytes()
    archive = tmp_path / "shard.tar"
    with tarfile.open(archive, "w") as tar:
        tar.add(photographs / "1.png", os.fsdecode(name))
    expected = hashlib.sha256(b"%s\t%d\n" % (name, len(whole))).hexdigest()
    assert list_hash(find_examples(archive)) == expected
    (tmp_path / "named").mkdir()
    try:
        (tmp_path / "named" / os.fsdecode(name)).write_bytes(whole)
    except OSError:
        pytest.skip("this file system takes no such names")
    assert list_hash(find_examples(tmp_path / "named")) == expected


@pytest.mark.parametrize("name", ["empty", "notes.md", "missing.txt", "missing"])
def test_what_holds_no_photographs_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.md").write_text("no archive")
    with pytest.raises(InputError, match=name):
        find_examples(tmp_path / name)


def test_a_list_says_which_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "set.txt").write_text("\ngone.png\n")
    with pytest.raises(InputError, match=r"set\.txt, line 2: there is no file gone\.png"):
        find_examples(tmp_path / "set.txt")


def test_a_photograph_is_squashed_to_a_square_by_pillows_bicubic() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(rgb).save(encoded, "png")
    expected = np.asarray(Image.fromarray(rgb).resize((16, 16), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(square_picture(encoded.getvalue(), 16), expected)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnsupportedFormat):
        square_picture(b"no picture at all", 16)
