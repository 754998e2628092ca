"""Invariants of colour conversion and of the bins, over drawn colours."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st
from skimage.color import lab2rgb

from photochrom import color

unit = st.floats(0, 1, width=32)
lightness = st.floats(0, 100, width=32)
chroma = st.floats(-128, 128, width=32)


def as_float32(values: Sequence[float]) -> npt.NDArray[np.float32]:
    return np.array(values, np.float32)


ab_pair = st.tuples(chroma, chroma).map(as_float32)
srgb = st.tuples(unit, unit, unit).map(as_float32)


@given(srgb)
def test_srgb_survives_lab_and_back(rgb: npt.NDArray[np.float32]) -> None:
    np.testing.assert_allclose(color.lab_to_srgb(color.srgb_to_lab(rgb)), rgb, atol=2e-5)


@given(lightness, ab_pair)
def test_fitted_colours_are_srgb_of_the_same_hue_and_less_chroma(light: float, ab: npt.NDArray[np.float32]) -> None:
    fitted = color.fit_gamut(light, ab)
    rgb = color.lab_to_srgb(np.concatenate([as_float32([light]), fitted]))
    assert rgb.min() >= -1.4e-4 and rgb.max() <= 1 + 1e-4
    assert np.hypot(*fitted) <= np.hypot(*ab)
    np.testing.assert_allclose(fitted[0] * ab[1], fitted[1] * ab[0], rtol=1e-5, atol=1e-3)
    assert fitted @ ab >= 0


@given(lightness, ab_pair)
def test_fitting_twice_changes_nothing_more(light: float, ab: npt.NDArray[np.float32]) -> None:
    once = color.fit_gamut(light, ab)
    assert color.fit_gamut(light, once).tobytes() == once.tobytes()


@given(srgb)
def test_colours_of_srgb_are_returned_bit_unchanged(rgb: npt.NDArray[np.float32]) -> None:
    lab = color.srgb_to_lab(rgb)
    assert color.fit_gamut(lab[0], lab[1:]).tobytes() == lab[1:].tobytes()


@given(lightness, ab_pair)
def test_fitted_colours_are_in_the_gamut_of_scikit_image(light: float, ab: npt.NDArray[np.float32]) -> None:
    lab = np.concatenate([[light], color.fit_gamut(light, ab)])
    np.testing.assert_allclose(color.lab_to_srgb(lab), lab2rgb(lab), atol=1e-3)


@given(ab_pair)
def test_soft_encoding_is_a_distribution_led_by_the_nearest_bin(ab: npt.NDArray[np.float32]) -> None:
    encoded = color.soft_encode(ab)
    np.testing.assert_allclose(encoded.sum(), 1, atol=1e-6)
    assert np.count_nonzero(encoded) <= 5
    assert encoded[color.nearest_bin(ab)] == encoded.max()


@given(st.integers(0, 312), st.floats(-5, 5), st.floats(-5, 5))
def test_encoding_and_decoding_returns_the_colour(index: int, da: float, db: float) -> None:
    """Within 5: half a grid step, where the neighbours on both sides exist; at the hull the mean is drawn inwards."""
    bins = color.ab_bins()
    has_all_neighbours = sum(np.abs(bins - bins[index]).max(axis=1) <= 10) == 9
    ab = bins[index] + as_float32([da, db])
    decoded = color.annealed_mean(np.log(color.soft_encode(ab) + 1e-30), temperature=1.0)
    assert np.abs(decoded - ab).max() <= (5 if has_all_neighbours else 12)
