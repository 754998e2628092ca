"""Pictures for training: found in folders and archives, decoded once, broken ones left out."""

import io
import logging
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom.errors import InputError
from photochrom.training import data
from photochrom.training.data import decode_square, decoded, find_images, shuffled

MakePictures = Callable[[Path, int], list[Path]]


def archive(path: Path, members: list[Path], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for member in members:
            tar.add(member, member.name)
    return path


def test_folder_is_searched_recursively_in_a_fixed_order(tmp_path: Path, make_pictures: MakePictures) -> None:
    paths = make_pictures(tmp_path / "b", 2) + make_pictures(tmp_path / "a" / "deep", 2)
    (tmp_path / "a" / "notes.txt").write_text("none", encoding="utf-8")
    assert [m.path for m in find_images([tmp_path])] == sorted(paths)


def test_archive_gives_the_bytes_of_its_images_only(tmp_path: Path, make_pictures: MakePictures) -> None:
    paths = make_pictures(tmp_path / "in", 3)
    (tmp_path / "in" / "000.json").write_text("{}", encoding="utf-8")
    shard = archive(tmp_path / "shard.tar", [paths[0], tmp_path / "in" / "000.json", *paths[1:]])
    assert [m.read() for m in find_images([shard])] == [p.read_bytes() for p in paths]


def test_folder_archives_and_archives_in_folders_are_mixed(tmp_path: Path, make_pictures: MakePictures) -> None:
    paths = make_pictures(tmp_path / "in", 5)
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "loose.png").write_bytes(paths[0].read_bytes())
    archive(folder / "shard-0.tar", paths[1:3])
    members = find_images([folder, archive(tmp_path / "other.tar", paths[3:])])
    assert [m.read() for m in members] == [p.read_bytes() for p in paths]


@pytest.mark.parametrize("kind", ["text", "compressed"])
def test_source_that_is_neither_folder_nor_archive_is_named(
    tmp_path: Path, make_pictures: MakePictures, kind: str
) -> None:
    source = tmp_path / "source.tar"
    if kind == "text":
        source.write_text("not an archive" * 100, encoding="utf-8")
    else:
        archive(source, make_pictures(tmp_path / "in", 1), "w:gz")
    with pytest.raises(InputError, match=r"source\.tar: neither a folder nor an uncompressed tar"):
        find_images([source])


def test_missing_source_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"photographs does not exist; put photographs there, or correct the path"):
        find_images([tmp_path / "photographs"])


def test_sources_without_images_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no images in"):
        find_images([tmp_path])


def test_middle_square_is_cut_out_and_the_whole_is_squashed() -> None:
    picture = np.zeros((20, 60, 3), np.uint8)
    picture[:, 20:40] = (255, 0, 0)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "PNG")
    cut = decode_square(stream.getvalue(), 20)
    assert (cut == (255, 0, 0)).all()
    squashed = decode_square(stream.getvalue(), 60, squash=True)
    assert (squashed[30, 25:35] == (255, 0, 0)).all() and not squashed[30, :10].any()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 30, 60)).convert(mode).save(stream, "TIFF")
    found = decode_square(stream.getvalue(), 16)
    assert found.shape == (16, 16, 3) and found.dtype == np.uint8


def test_picture_taken_sideways_is_turned_upright() -> None:
    picture = np.zeros((32, 32, 3), np.uint8)
    picture[:, :16] = 255
    image, stream = Image.fromarray(picture), io.BytesIO()
    exif = image.getexif()
    exif[0x0112] = 6  # the left edge, as stored, is the top
    image.save(stream, "PNG", exif=exif)
    found = decode_square(stream.getvalue(), 32)
    assert (found[:16] == 255).all() and not found[16:].any()


def test_pictures_are_decoded_once_and_then_mapped(
    tmp_path: Path, make_pictures: MakePictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = find_images([tmp_path / "in"]) if make_pictures(tmp_path / "in", 4) else []
    first = np.array(decoded(members, 32, tmp_path / "cache"))
    assert first.shape == (4, 32, 32, 3)
    np.testing.assert_array_equal(first, [decode_square(m.read(), 32) for m in members])

    calls = []
    monkeypatch.setattr(data, "decode_square", lambda *_, **__: calls.append(1))
    again = decoded(members, 32, tmp_path / "cache")
    assert isinstance(again, np.memmap)
    np.testing.assert_array_equal(again, first)
    assert not calls
    with pytest.raises(InputError):
        decoded(members, 64, tmp_path / "cache")
    assert len(calls) == 4


def test_broken_images_are_left_out_with_a_warning_and_the_others_keep_their_order(
    tmp_path: Path, make_pictures: MakePictures, caplog: pytest.LogCaptureFixture
) -> None:
    paths = make_pictures(tmp_path / "in", 5)
    expected = [decode_square(p.read_bytes(), 32) for i, p in enumerate(paths) if i not in (1, 3)]
    paths[1].write_bytes(b"")
    paths[3].write_bytes(paths[3].read_bytes()[:200])
    with caplog.at_level(logging.WARNING, "photochrom"):
        found = decoded(find_images([tmp_path / "in"]), 32, tmp_path / "cache")
    np.testing.assert_array_equal(found, expected)
    assert sorted(r.getMessage().split(" ")[0] for r in caplog.records) == [str(paths[1]), str(paths[3])]
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_no_broken_bytes_stop_a_run(tmp_path: Path, make_pictures: MakePictures, format: str) -> None:
    good = make_pictures(tmp_path / "in", 1)[0]
    stream = io.BytesIO()
    Image.open(good).save(stream, format)
    rng = random.Random(5)
    for i in range(60):
        content = bytearray(stream.getvalue())
        for _ in range(rng.randint(1, 6)):
            content[rng.randrange(min(len(content), 300))] = rng.randrange(256)
        (tmp_path / "in" / f"broken-{i:02}.png").write_bytes(content)
    members = find_images([tmp_path / "in"])
    assert len(members) == 61
    assert 1 <= len(decoded(members, 32, tmp_path / "cache")) <= 61


def test_only_broken_images_are_an_error_and_leave_no_cache(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"nothing")
    for _ in range(2):
        with pytest.raises(InputError, match="none of the 1 images can be decoded"):
            decoded(find_images([tmp_path / "in"]), 32, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_order_of_an_epoch_is_a_permutation_that_is_the_same_again_and_differs_by_epoch_and_seed() -> None:
    order = shuffled(100, 3, 1)
    assert sorted(order.tolist()) == list(range(100))
    np.testing.assert_array_equal(order, shuffled(100, 3, 1))
    assert (order != shuffled(100, 4, 1)).any() and (order != shuffled(100, 3, 2)).any()
