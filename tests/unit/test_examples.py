"""The shipped photographs are black-and-white, and each has its author, page and licence."""

from pathlib import Path

from PIL import Image


def test_every_photograph_stands_in_the_licence_table(examples_dir: Path) -> None:
    rows = [line for line in (examples_dir / "LICENSES.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {row.split("`")[1] for row in rows}
    assert listed == {path.name for path in examples_dir.glob("*.jpg")}
    assert all("flickr.com/photos/" in row and "creativecommons.org/licenses/by/2.0/" in row for row in rows)


def test_every_author_stands_in_the_notice(repository: Path, examples_dir: Path) -> None:
    notice = " ".join((repository / "NOTICE").read_text("utf-8").split())
    for photograph in examples_dir.glob("*.jpg"):
        with Image.open(photograph) as image:
            assert image.getexif()[0x013B] in notice


def test_every_photograph_is_gray(examples_dir: Path) -> None:
    photographs = sorted(examples_dir.glob("*.jpg"))
    assert 6 <= len(photographs) <= 10
    for photograph in photographs:
        with Image.open(photograph) as image:
            assert image.mode == "L"
