"""One photograph compared: the figures are the evaluation's, and each method's picture is the program's own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photochrom import Colorizer
from photochrom.comparison.methods import Method, default_models, open_methods
from photochrom.comparison.row import (
    INPUT,
    LONGEST,
    ORIGINAL,
    Figures,
    Label,
    compare_photograph,
    mean_labels,
    shown_names,
)
from photochrom.errors import UnknownModel
from photochrom.evaluation import datasets
from photochrom.evaluation.report import build_report
from photochrom.evaluation.run import Request, evaluate, prepare

TITLES = ("compact, vivid (2016's way)", "compact, accurate (2017's way)")


@pytest.fixture(scope="module")
def methods() -> tuple[Method, ...]:
    return open_methods(["compact", "compact"])


def picture(path: Path, width: int, height: int, *, gray: bool = False, deep: bool = False) -> Path:
    """Smooth colours, or gray, of 8 or 16 bits."""
    coarse = np.random.default_rng(3).integers(30, 226, (3, 4, 3), np.uint8)
    image = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    if deep:
        Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257).save(path)
    else:
        (image.convert("L") if gray else image).save(path)
    return path


def test_figures_are_those_of_evaluate(tmp_path: Path, methods: tuple[Method, ...]) -> None:
    path = picture(tmp_path / "a.png", 256, 256)
    row = compare_photograph(path, "a", methods)
    request = Request(tmp_path, ("compact",), ("automatic",), None, None, 0)
    ready = prepare(request)
    measured = build_report(ready, evaluate(ready, None, lambda: None))["results"]["automatic"]
    assert datasets.square_picture(path.read_bytes(), 256).shape == row.pictures.shape[1:]
    for label, method in zip(row.labels, ("gray", "compact/vivid", "compact/accurate"), strict=False):
        figures = label.figures
        expected = [measured[method][name]["0"] for name in ("psnr", "ciede2000", "colorfulness")]
        assert [figures.psnr, figures.ciede2000, figures.colorfulness] == pytest.approx(expected, abs=1e-4)


def test_row_of_a_colour_photograph_ends_with_the_original(tmp_path: Path, methods: tuple[Method, ...]) -> None:
    path = picture(tmp_path / "a.png", 90, 60)
    row = compare_photograph(path, "a", methods)
    assert [label.title for label in row.labels] == [INPUT, *TITLES, ORIGINAL]
    assert row.pictures.shape == (4, 60, 90, 3)
    assert np.ptp(row.pictures[0], axis=-1).max() == 0
    with Image.open(path) as image:
        assert np.array_equal(row.pictures[-1], np.asarray(image))
    assert row.labels[-1].figures.psnr is None and row.labels[-1].figures.ciede2000 is None


@pytest.mark.parametrize("deep", [False, True])
def test_row_of_a_gray_photograph_has_colourfulness_alone(
    tmp_path: Path, methods: tuple[Method, ...], deep: bool
) -> None:
    path = picture(tmp_path / "a.png", 90, 60, gray=True, deep=deep)
    row = compare_photograph(path, "a", methods)
    assert [label.title for label in row.labels] == [INPUT, *TITLES]
    assert all(label.figures.psnr is None and label.figures.ciede2000 is None for label in row.labels)
    assert row.labels[0].figures.colorfulness == 0
    with Image.open(path) as image:
        levels = np.asarray(image) // 257 if deep else np.asarray(image)
    assert np.array_equal(row.pictures[0][..., 0], levels)


def test_results_are_those_of_colorize(tmp_path: Path, methods: tuple[Method, ...]) -> None:
    path = picture(tmp_path / "a.png", 90, 60, gray=True)
    row = compare_photograph(path, "a", methods)
    for number, decode in enumerate(("vivid", "accurate"), 1):
        assert np.array_equal(row.pictures[number], np.asarray(Colorizer().colorize(path, decode=decode).image))


def test_toned_print_counts_as_gray(tmp_path: Path, methods: tuple[Method, ...]) -> None:
    gray = np.asarray(Image.open(picture(tmp_path / "gray.png", 90, 60, gray=True)), np.float32)
    Image.fromarray((gray[..., None] * np.array([1, 0.9, 0.75])).astype(np.uint8)).save(tmp_path / "sepia.png")
    row = compare_photograph(tmp_path / "sepia.png", "sepia", methods)
    assert [label.title for label in row.labels] == [INPUT, *TITLES]
    assert np.ptp(row.pictures[0], axis=-1).max() == 0


@pytest.mark.parametrize(("size", "expected"), [((2000, 1000), (256, 512)), ((4, 3000), (512, 1)), ((1, 1), (1, 1))])
@pytest.mark.parametrize("gray", [True, False])
def test_pictures_are_of_bounded_size(
    tmp_path: Path, methods: tuple[Method, ...], size: tuple[int, int], expected: tuple[int, int], gray: bool
) -> None:
    row = compare_photograph(picture(tmp_path / "a.png", *size, gray=gray), "a", methods)
    assert row.pictures.shape[1:3] == expected and max(expected) <= LONGEST


def test_means_are_over_the_photographs_with_an_original() -> None:
    def labels(value: float, original: bool) -> list[Label]:
        known = Figures(value, value, value) if original else Figures(value)
        return [Label(INPUT, known), *([Label(ORIGINAL, Figures(value))] if original else [])]

    count, means = mean_labels([labels(10, True), labels(500, False), labels(20, True)])
    assert (count, means) == (2, [Label(INPUT, Figures(15, 15, 15)), Label(ORIGINAL, Figures(15))])
    assert mean_labels([labels(4, False), labels(8, False)]) == (2, [Label(INPUT, Figures(6))])


def test_names_tell_photographs_apart_and_no_more_of_the_disk(tmp_path: Path) -> None:
    assert shown_names([tmp_path / "x" / "a.png"]) == ["a.png"]
    assert shown_names([tmp_path / "x" / "a.png", tmp_path / "y" / "a.png"]) == ["x/a.png", "y/a.png"]


def test_without_published_weights_the_embedded_network_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path))
    assert default_models() == ("compact",)
    for name in ("siggraph17", "other", "eccv16"):
        (tmp_path / f"{name}.json").write_text("{}")
    assert default_models() == ("eccv16", "siggraph17", "compact")


def test_unknown_model_is_refused() -> None:
    with pytest.raises(UnknownModel, match="none-such"):
        open_methods(["none-such"])
