"""The summary's small pictures show what was read and what was written."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom.batch.colouring import sweep
from photochrom.batch.thumbnails import before_and_after, thumbnail_name
from photochrom.hints import Hint
from photochrom.pipeline import Colorizer


@pytest.mark.parametrize(("width", "height"), [(900, 600), (600, 901), (1200, 90), (1, 1), (100, 80)])
@pytest.mark.parametrize("depth", [8, 16])
def test_both_halves_are_the_pictures_made_small(here: Path, width: int, height: int, depth: int) -> None:
    coarse = Image.fromarray(np.random.default_rng(0).integers(40, 216, (4, 6), np.uint8))
    gray = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    deep = gray.astype(np.uint16) * 257
    tifffile.imwrite("a.tif", gray if depth == 8 else deep, photometric="minisblack")
    result = Colorizer().open("a.tif").render([Hint(0.2, 0.3, "#c03020", 0.1)])
    sheet = before_and_after(result, "tiff")
    assert max(sheet.width // 2, sheet.height) == min(240, max(width, height))
    size = sheet.width // 2, sheet.height
    for left, picture in ((0, Image.fromarray(gray).convert("RGB")), (size[0], result.image)):
        shown = np.asarray(sheet.crop((left, 0, left + size[0], size[1])), np.float32)
        expected = np.asarray(picture.resize(size, Image.Resampling.LANCZOS), np.float32)
        assert np.abs(shown - expected).mean() < 2


def test_a_result_of_16_bits_is_not_rendered_a_second_time_at_full_size(here: Path) -> None:
    tifffile.imwrite("a.tif", np.full((600, 900), 30_000, np.uint16), photometric="minisblack")
    result = Colorizer().open("a.tif").render()
    before_and_after(result, "tiff")
    assert "image" not in vars(result)
    before_and_after(result, "jpeg")
    assert "image" in vars(result)


def test_what_a_dead_process_left_of_results_and_thumbnails_is_swept(tmp_path: Path) -> None:
    places = [tmp_path, tmp_path / "album", (tmp_path / thumbnail_name("album/a.jpg")).parent]
    for place in places:
        place.mkdir(exist_ok=True)
        for label in ("batch-7-", "batch-8-"):
            (place / f".photochrom-{label}1f.part").touch()
        (place / "kept.jpg").touch()
    sweep(str(tmp_path), "batch-7-", ["a.jpg", "album/a.jpg"])
    for place in places:
        assert {path.name for path in place.iterdir() if path.is_file()} == {".photochrom-batch-8-1f.part", "kept.jpg"}
