"""Invariants of rendering and of the reduction to the network's size, over drawn pictures and colours."""

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.color import rgb2lab

from photochrom.render import render
from photochrom.resample import GrayArray, network_lightness

Floats = npt.NDArray[np.float32]

sides = st.integers(1, 23)
shapes = st.tuples(sides, sides)
grays: st.SearchStrategy[GrayArray] = st.one_of(arrays(np.uint8, shapes), arrays(np.uint16, shapes))
colors = arrays(
    np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(2)), elements=st.floats(-150, 150, width=32)
)


def lightness(rgb: npt.NDArray[np.unsignedinteger]) -> npt.NDArray[np.float64]:
    return np.asarray(rgb2lab(rgb / np.iinfo(rgb.dtype).max)[..., 0])


@settings(max_examples=60)
@given(grays, colors)
def test_lightness_is_the_photographs_own(gray: GrayArray, ab: Floats) -> None:
    truth = lightness(np.dstack([gray] * 3))
    assert np.abs(lightness(np.asarray(render(gray, ab))) - truth).max() <= 0.5
    assert np.abs(lightness(render(gray, ab, depth=16)) - truth).max() <= 0.02


@settings(max_examples=60)
@given(grays, colors)
def test_without_saturation_the_photograph_comes_back(gray: GrayArray, ab: Floats) -> None:
    depth = gray.dtype.itemsize * 8
    output = np.asarray(render(gray, ab, saturation=0.0, depth=depth))
    np.testing.assert_array_equal(output, np.dstack([gray] * 3))


@settings(max_examples=60)
@given(grays, colors, st.sampled_from([(slice(None, None, -1), slice(None)), (slice(None), slice(None, None, -1))]))
def test_a_mirrored_photograph_gets_mirrored_colours(gray: GrayArray, ab: Floats, mirror: tuple[slice, slice]) -> None:
    straight = render(gray, ab / 10, depth=16).astype(int)
    mirrored = render(gray[mirror], ab[mirror] / 10, depth=16).astype(int)
    # Sums in another order differ in float32's last digits, colours on the gamut's boundary by a step of its search.
    assert np.abs(mirrored[mirror] - straight).max() <= 65535 // 100


@settings(max_examples=60)
@given(grays, st.integers(1, 40), st.integers(1, 40))
def test_the_networks_lightness_stays_in_the_photographs_range(gray: GrayArray, height: int, width: int) -> None:
    truth = lightness(np.dstack([gray] * 3))
    reduced = network_lightness(gray, height, width)
    assert reduced.shape == (height, width)
    overshoot = 0.5 * np.ptp(truth) + 0.01  # Lanczos rings
    assert reduced.min() >= max(0, truth.min() - overshoot) and reduced.max() <= min(100, truth.max() + overshoot)
