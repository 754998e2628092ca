"""docs/compare.md shows what its command writes, of photographs whose authors are named."""

import importlib.util
import re
from pathlib import Path

from PIL import Image


def test_page_shows_every_sheet_that_the_command_writes_and_no_other(repository: Path) -> None:
    images = repository / "docs" / "images"
    spec = importlib.util.spec_from_file_location("compare_sheets", images / "compare.py")
    assert spec and spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    page = (repository / "docs" / "compare.md").read_text("utf-8")
    shown = set(re.findall(r"\]\(images/(\S+?)\)", page))
    assert shown == {f"compare_{name}.webp" for name in (*script.SHEETS, "old")}
    assert shown == {path.name for path in images.glob("compare_*.webp")}
    used = {name for names in script.SHEETS.values() for name in names}
    assert used == {path.stem for path in (images / "originals").iterdir()}


def test_every_original_is_an_example_in_colour(repository: Path, examples_dir: Path) -> None:
    originals = sorted((repository / "docs" / "images" / "originals").iterdir())
    assert [path.stem for path in originals] == sorted(path.stem for path in examples_dir.glob("*.jpg"))
    page = (repository / "docs" / "compare.md").read_text("utf-8")
    for original in originals:
        with Image.open(original) as image, Image.open(examples_dir / f"{original.stem}.jpg") as gray:
            assert image.mode == "RGB" and image.size == gray.size
            assert gray.getexif()[0x013B] in page
