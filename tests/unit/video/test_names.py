from pathlib import Path

import pytest

from photochrom.errors import InputError, UnsupportedFormat
from photochrom.video.names import check_film_output, film_result_name, is_film

MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + bytes(50)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)


@pytest.mark.parametrize(
    ("name", "content", "film"),
    [
        ("a.mp4", MP4, True),
        ("a", MP4, True),
        ("a.jpg", MP4, True),
        ("a.mkv", b"\x1a\x45\xdf\xa3" + bytes(50), True),
        ("a.mpg", b"\0\0\1\xba" + bytes(50), True),
        ("a.MP4", b"", True),
        ("a.mp4", PNG, False),
        ("a.png", PNG, False),
        ("a.txt", b"words", False),
        ("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64), False),
    ],
)
def test_a_film_is_known_by_its_first_bytes_and_else_by_its_ending(
    name: str, content: bytes, film: bool, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert is_film(path) is film


def test_a_missing_film_is_known_by_its_ending(tmp_path: Path) -> None:
    assert is_film(tmp_path / "none.mp4") and not is_film(tmp_path / "none.jpg")


@pytest.mark.parametrize(
    ("name", "marked", "plain"),
    [
        ("a.mp4", "a.color.mp4", "a.mp4"),
        ("a.b.WebM", "a.b.color.WebM", "a.b.WebM"),
        ("a.avi", "a.avi.color.mkv", "a.avi.mkv"),
        ("a", "a.color.mkv", "a.mkv"),
    ],
)
def test_a_result_keeps_its_container_or_becomes_matroska(name: str, marked: str, plain: str) -> None:
    assert (film_result_name(name, ".color"), film_result_name(name)) == (marked, plain)


def test_results_are_named_like_films_in_folders_that_exist(tmp_path: Path) -> None:
    check_film_output(tmp_path / "new.mkv")
    with pytest.raises(UnsupportedFormat, match=r"new.avi does not end like a film"):
        check_film_output(tmp_path / "new.avi")
    with pytest.raises(InputError, match="does not exist"):
        check_film_output(tmp_path / "none" / "new.mkv")
