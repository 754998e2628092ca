"""Hints and references: what is accepted, and how places and colours are told to a network."""

import json
import math

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.color import rgb2hsv, rgb2lab

from photochrom.color import ab_bins
from photochrom.errors import InvalidHint
from photochrom.hints import MAX_HINTS, Hint, Reference, check_hints, hint_places, hint_raster

Floats = npt.NDArray[np.float32]


@pytest.mark.parametrize("name", ["x", "y", "radius"])
@pytest.mark.parametrize("value", [-0.01, 1.7, math.nan, math.inf, -math.inf, 10**400, "0.5", None, True, [0.5]])
def test_place_or_radius_out_of_range_is_refused_by_name(name: str, value: object) -> None:
    values: dict[str, object] = {"x": 0.5, "y": 0.5, "radius": 0.1, name: value}
    with pytest.raises(InvalidHint, match=rf"^Hint\.{name} must "):
        Hint(**values)  # type: ignore[arg-type]


def test_refusal_names_the_range_and_the_value() -> None:
    with pytest.raises(InvalidHint, match=r"^Hint\.x must lie in \[0, 1\], got 1\.7$"):
        Hint(1.7, 0.5)


def test_radius_of_zero_is_refused() -> None:
    with pytest.raises(InvalidHint, match="radius must be above 0"):
        Hint(0.5, 0.5, radius=0)


@pytest.mark.parametrize("color", ["red", "#12345", "#1234567", "#12345g", "123456", "#ABC", "", 7, ["#123456"]])
def test_colour_that_is_no_six_digit_hex_is_refused(color: object) -> None:
    with pytest.raises(InvalidHint, match=r'Hint\.color must be "#rrggbb" or None, got '):
        Hint(0.5, 0.5, color)  # type: ignore[arg-type]


@pytest.mark.parametrize("corner", [0, 1, 0.0, 1.0])
def test_border_of_the_picture_is_inside(corner: float) -> None:
    assert Hint(corner, corner, radius=1).x == corner


@pytest.mark.parametrize("color", ["#b5651d", "#B5651D", "#000000", "#ffffff", "#0000ff", "#00ff00", "#807f81"])
def test_ab_of_a_hex_colour_is_that_of_scikit_image(color: str) -> None:
    rgb = np.frombuffer(bytes.fromhex(color[1:]), np.uint8) / 255
    np.testing.assert_allclose(Hint(0, 0, color).ab, rgb2lab(rgb)[1:], atol=0.02)


def test_neutral_hint_has_no_chroma() -> None:
    assert Hint(0.2, 0.3, None).ab == (0.0, 0.0)


def test_list_of_hints_becomes_a_tuple_in_its_order() -> None:
    hints = [Hint(0.1, 0.2), Hint(0.3, 0.4, "#ff0000")]
    assert check_hints(hints) == tuple(hints)


def test_something_else_among_hints_is_refused_by_its_type() -> None:
    with pytest.raises(InvalidHint, match="got dict"):
        check_hints([Hint(0, 0), {"x": 0, "y": 0}])  # type: ignore[list-item]


@pytest.mark.parametrize("hints", [Hint(0, 0), None, 7])
def test_what_is_no_list_of_hints_is_refused_by_its_type(hints: object) -> None:
    with pytest.raises(InvalidHint, match=rf"hints must be a list of photochrom\.Hint, got {type(hints).__name__}"):
        check_hints(hints)  # type: ignore[arg-type]


def test_numbers_of_numpy_are_numbers() -> None:
    hint = Hint(np.float32(0.5), np.int64(1), radius=np.float16(0.25))  # type: ignore[arg-type]
    assert hint == Hint(0.5, 1, radius=0.25)
    assert json.dumps([hint.x, hint.y, hint.radius]) == "[0.5, 1, 0.25]"
    assert json.dumps(Reference(saturation=np.float32(0.5)).saturation) == "0.5"  # type: ignore[arg-type]


def test_more_hints_than_allowed_are_refused_by_their_number() -> None:
    assert len(check_hints([Hint(0, 0)] * MAX_HINTS)) == MAX_HINTS
    with pytest.raises(InvalidHint, match=f"^{MAX_HINTS + 1} hints are too many"):
        check_hints([Hint(0, 0)] * (MAX_HINTS + 1))


def disc(hint: Hint, height: int, width: int) -> npt.NDArray[np.bool_]:
    """By brute force: which cells of a grid have their middle in the hint's disc."""
    inside = np.zeros((height, width), bool)
    for row in range(height):
        for column in range(width):
            away = math.dist((row + 0.5, column + 0.5), (hint.y * height, hint.x * width))
            inside[row, column] = away <= hint.radius * max(height, width)
    return inside


@pytest.mark.parametrize("size", [(12, 16), (16, 12), (1, 9), (7, 1), (1, 1)])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.03, 0.97), (0.61, 0.27)])
@pytest.mark.parametrize("radius", [0.01, 0.13, 0.4, 1.0])
def test_raster_covers_the_disc_and_the_cell_of_its_middle(
    size: tuple[int, int], place: tuple[float, float], radius: float
) -> None:
    hint = Hint(*place, "#b5651d", radius)
    expected = disc(hint, *size)
    expected[min(int(hint.y * size[0]), size[0] - 1), min(int(hint.x * size[1]), size[1] - 1)] = True
    ab, mask = hint_raster([hint], *size)
    np.testing.assert_array_equal(mask, expected)
    np.testing.assert_array_equal(ab, np.where(expected[..., None], np.array(hint.ab, np.float32), 0))


def test_raster_of_no_hints_is_empty() -> None:
    ab, mask = hint_raster([], 4, 6)
    assert ab.shape == (4, 6, 2) and not ab.any()
    assert mask.shape == (4, 6) and not mask.any()


def test_later_hint_lies_over_an_earlier_one() -> None:
    over, under = Hint(0.5, 0.5, "#ff0000", 0.2), Hint(0.5, 0.5, "#0000ff", 0.5)
    ab, mask = hint_raster([under, over], 20, 20)
    np.testing.assert_allclose(ab[10, 10], over.ab)
    np.testing.assert_allclose(ab[10, 2], under.ab)
    assert mask[10, 2] == 1 and mask[0, 0] == 0


@pytest.mark.parametrize("radius", [0.001, 0.05, 0.1])
def test_places_are_the_covered_cells_and_then_the_middle(radius: float) -> None:
    hint = Hint(0.31, 0.62, "#00ff00", radius)
    position, ab = hint_places([hint], 30, 40)
    np.testing.assert_allclose(position[-1], (hint.y, hint.x))
    assert (ab == np.array(hint.ab, np.float32)).all() and len(ab) == len(position)
    cells = {(int(y * 30), int(x * 40)) for y, x in position[:-1].tolist()}
    covered = {(row, column) for row, column in np.argwhere(disc(hint, 30, 40)).tolist()}
    assert cells <= covered and (len(covered) > 24 or cells == covered)


def test_wide_hint_is_told_by_few_places_spread_over_its_disc() -> None:
    position, _ = hint_places([Hint(0.5, 0.5, "#00ff00", 0.5)], 64, 64)
    assert 12 < len(position) <= 25
    assert np.ptp(position, axis=0).min() > 0.8


def test_as_many_wide_hints_as_are_allowed_stay_a_few_thousand_places() -> None:
    hints = [Hint(x, y, "#00ff00", 0.3) for x in np.linspace(0, 1, 40).tolist() for y in np.linspace(0, 1, 25).tolist()]
    assert len(hints) == MAX_HINTS
    position, _ = hint_places(hints, 64, 64)
    assert MAX_HINTS <= len(position) <= 4000
    told = {tuple(place) for place in position.tolist()}
    assert {tuple(place) for place in np.array([(h.y, h.x) for h in hints], np.float32).tolist()} <= told


def test_no_hints_are_an_empty_list_of_places() -> None:
    position, ab = hint_places([], 8, 8)
    assert position.shape == ab.shape == (0, 2)


@pytest.fixture(scope="module")
def picture() -> npt.NDArray[np.uint8]:
    """256 x 256, so that nothing is resized: smooth colours and some noise."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(coarse).resize((256, 256), Image.Resampling.BICUBIC))
    return np.clip(smooth + rng.normal(0, 6, smooth.shape), 0, 255).astype(np.uint8)


def test_reference_histogram_is_the_share_of_each_nearest_bin_among_blocks_of_4_x_4(
    picture: npt.NDArray[np.uint8],
) -> None:
    ab = rgb2lab(picture)[..., 1:]
    expected = np.zeros(313)
    for row in range(0, 256, 4):
        for column in range(0, 256, 4):
            block = ab[row : row + 4, column : column + 4].reshape(-1, 2).mean(axis=0)
            expected[np.linalg.norm(ab_bins() - block, axis=1).argmin()] += 1 / 4096
    found = Reference.from_picture(picture).histogram
    assert found is not None
    # A block within rounding of the border between two bins may fall to either.
    assert np.abs(found - expected).sum() <= 4 / 4096


def test_reference_saturation_is_the_mean_of_hsv(picture: npt.NDArray[np.uint8]) -> None:
    assert Reference.from_picture(picture).saturation == pytest.approx(rgb2hsv(picture)[..., 1].mean(), abs=1e-4)


def test_reference_from_floats_is_that_from_bytes(picture: npt.NDArray[np.uint8]) -> None:
    from_bytes, from_floats = (
        Reference.from_picture(picture),
        Reference.from_picture((picture / 255).astype(np.float32)),
    )
    np.testing.assert_array_equal(from_floats.histogram, from_bytes.histogram)
    assert from_floats.saturation == from_bytes.saturation


def test_black_picture_is_a_reference_without_saturation() -> None:
    reference = Reference.from_picture(np.zeros((3, 5, 3), np.uint8))
    assert reference.saturation == 0 and reference.histogram is not None
    np.testing.assert_allclose(ab_bins()[reference.histogram.argmax()], (0, 0))


def test_histogram_is_scaled_to_sum_to_1() -> None:
    counts = np.arange(313)
    histogram = Reference(counts).histogram  # type: ignore[arg-type]
    np.testing.assert_allclose(histogram, counts / counts.sum(), rtol=1e-6)  # type: ignore[arg-type]


def test_scaled_histogram_is_not_changed_by_scaling_it_again() -> None:
    rng = np.random.default_rng(0)
    for colors in (1, 2, 3, 5, 313) * 200:
        shares = np.zeros(313)
        shares[:colors] = rng.random(colors)
        once = Reference(shares)  # type: ignore[arg-type]
        twice = Reference([float(share) for share in once.histogram])  # type: ignore[arg-type, union-attr]
        np.testing.assert_array_equal(once.histogram, twice.histogram)


@pytest.mark.parametrize(
    "histogram",
    [
        [1.0] * 312, [[1.0] * 313], 1.0, [0.0] * 313, [-1.0] + [1.0] * 312, [math.nan] + [1.0] * 312,
        [math.inf] + [1.0] * 312, [1e308] * 313, [10**400] * 313, ["a"] * 313, {"a": 1}, [None] * 313, [[1], 2] * 156,
    ],
)  # fmt: skip
def test_histogram_that_is_no_distribution_is_refused(histogram: object) -> None:
    with pytest.raises(InvalidHint, match=r"^Reference\.histogram must be "):
        Reference(histogram)  # type: ignore[arg-type]


@pytest.mark.parametrize("saturation", [-0.1, 1.1, math.nan, "1", True, 10**400])
def test_saturation_out_of_range_is_refused(saturation: object) -> None:
    with pytest.raises(InvalidHint, match=r"^Reference\.saturation must "):
        Reference(saturation=saturation)  # type: ignore[arg-type]
