"""Chroma beside a luma that stays: against FFmpeg's own conversion, and against the gamut."""

import numpy as np
import pytest
from skimage.color import lab2rgb

from photochrom.video.coding import LUMA_SHARES, Coding, chroma, gray_values, luma_in_bits, named_coding, reduced_gray

av = pytest.importorskip("av")

MATRICES = sorted(LUMA_SHARES)


def coding(bits: int = 8, full: bool = False, matrix: int = 1) -> Coding:
    return Coding(bits, full, 1, 1, matrix)


def decoded(luma: np.ndarray, cb: np.ndarray, cr: np.ndarray, coded: Coding) -> np.ndarray:
    """R, G, B by H.273's equations in float64, not clipped."""
    red_share, blue_share = LUMA_SHARES[coded.matrix]
    y = (luma.astype(float) - coded.black) / coded.luma_span
    b_less_y, r_less_y = (
        (plane.astype(float) - (1 << (coded.bits - 1))) / coded.chroma_span * 2 * (1 - share)
        for plane, share in ((cb, blue_share), (cr, red_share))
    )
    green = y - (red_share * r_less_y + blue_share * b_less_y) / (1 - red_share - blue_share)
    return np.stack([y + r_less_y, green, y + b_less_y])


@pytest.mark.parametrize(
    ("coded", "black", "white", "dtype"),
    [
        (coding(8, False), 16, 235, np.uint8),
        (coding(8, True), 0, 255, np.uint8),
        (coding(10, False), 64, 940, np.uint16),
        (coding(16, True), 0, 65535, np.uint16),
    ],
)
def test_black_and_white_are_where_the_standard_has_them(coded: Coding, black: int, white: int, dtype: type) -> None:
    luma: np.ndarray = np.array([[black, white]], dtype)
    gray = gray_values(luma, coded)
    assert gray.dtype == dtype and gray.tolist() == [[0, np.iinfo(dtype).max]]
    assert reduced_gray(luma, coded, (1, 1)).tolist() == [[0, 65535]]


def test_blacker_than_black_is_black() -> None:
    luma = np.array([[0, 255]], np.uint8)
    assert gray_values(luma, coding()).tolist() == [[0, 255]]
    assert reduced_gray(luma, coding(), (1, 1)).tolist() == [[0, 65535]]


def test_reduced_gray_is_the_mean_of_whole_and_cut_blocks() -> None:
    luma = np.array([[0, 100, 40], [20, 80, 60], [10, 30, 255]], np.uint8)
    mean = reduced_gray(luma, coding(8, True), (2, 2)) / 257
    assert mean == pytest.approx(np.array([[50, 50], [20, 255]]), abs=0.01)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", [1, 5])
@pytest.mark.parametrize("ab", [(0, 0), (12, 8), (-15, 20), (5, -25)])
def test_colours_are_those_that_were_asked_for(full: bool, matrix: int, ab: tuple[int, int]) -> None:
    coded = coding(8, full, matrix)
    gray = 140
    luma = np.full((16, 16), coded.black + gray / 255 * coded.luma_span).round().astype(np.uint8)
    small = reduced_gray(luma, coded, (2, 2))
    wanted = np.broadcast_to(np.array(ab, np.float32)[:, None, None], (2, 8, 8))
    cb, cr = chroma(small, wanted, luma, coded, (2, 2))
    frame = av.VideoFrame(16, 16, "yuv420p")
    for plane, numbers in zip(frame.planes, (luma, cb, cr), strict=True):
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: len(numbers), : len(numbers)] = numbers
    shown = frame.reformat(format="rgb24", src_colorspace=matrix, src_color_range=2 if full else 1).to_ndarray()[8, 8]
    lightness = 116 * np.cbrt(((gray / 255 + 0.055) / 1.055) ** 2.4) - 16
    expected = lab2rgb(np.array([lightness, *ab])) * 255
    # The same chroma at another luma is a little lighter or darker as a whole; hue and chroma are what counts.
    assert shown - shown.mean() == pytest.approx(expected - expected.mean(), abs=4)
    assert abs(shown.mean() - expected.mean()) < 8


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", MATRICES)
def test_no_pixel_leaves_the_gamut_at_its_own_luma(bits: int, full: bool, matrix: int) -> None:
    coded = coding(bits, full, matrix)
    rng = np.random.default_rng(matrix)
    dtype = np.uint8 if bits == 8 else np.uint16
    luma = rng.integers(coded.black, coded.black + coded.luma_span + 1, (60, 80)).astype(dtype)
    luma[:, :40] = luma[::2, ::2].repeat(2, 0).repeat(2, 1)[:, :40]  # flat blocks too
    ab = rng.uniform(-110, 110, (2, 30, 40)).astype(np.float32)
    cb, cr = chroma(reduced_gray(luma, coded, (2, 2)), ab, luma, coded, (2, 2))
    rgb = decoded(luma, cb.repeat(2, 0).repeat(2, 1), cr.repeat(2, 0).repeat(2, 1), coded)
    half_a_step = 2.1 * 0.5 / coded.chroma_span
    assert rgb.min() >= -half_a_step and rgb.max() <= 1 + half_a_step
    assert max(np.ptp(cb), np.ptp(cr)) > 20 << (bits - 8)


def test_no_colour_is_exactly_neutral_chroma() -> None:
    luma = np.arange(256, dtype=np.uint8).reshape(16, 16)
    cb, cr = chroma(reduced_gray(luma, coding(), (2, 2)), np.zeros((2, 8, 8), np.float32), luma, coding(), (2, 2))
    assert (cb == 128).all() and (cr == 128).all()


def test_beyond_black_and_white_there_is_no_colour() -> None:
    luma = np.repeat(np.array([[4], [250]], np.uint8), 2, axis=1).repeat(2, axis=0)
    ab = np.full((2, 2, 1), 40, np.float32)
    cb, cr = chroma(reduced_gray(luma, coding(), (2, 2)), ab, luma, coding(), (2, 2))
    assert (cb == 128).all() and (cr == 128).all()


def test_luma_in_its_own_depth_is_the_very_same_array() -> None:
    luma = np.zeros((2, 2), np.uint8)
    assert luma_in_bits(luma, coding(), 8) is luma


@pytest.mark.parametrize("full", [False, True])
def test_luma_goes_to_other_depths_by_the_standard(full: bool) -> None:
    twelve = coding(12, full)
    ends = np.array([[twelve.black, twelve.black + twelve.luma_span]], np.uint16)
    for bits in (8, 10, 16):
        other = coding(bits, full)
        assert luma_in_bits(ends, twelve, bits).tolist() == [[other.black, other.black + other.luma_span]]


def test_what_a_film_says_goes_before_what_players_assume() -> None:
    assert named_coding(8, False, 1080, 2, 2, 2) == Coding(8, False, 1, 1, 1)
    assert named_coding(8, False, 480, 2, 2, 2) == Coding(8, False, 6, 6, 6)
    assert named_coding(8, False, 576, 2, 2, 2) == Coding(8, False, 5, 6, 5)
    assert named_coding(8, True, 480, 9, 14, 9) == Coding(8, True, 9, 14, 9)
    assert named_coding(8, True, 1080, 1, 13, 0).matrix == 1
