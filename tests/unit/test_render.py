import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.color import lab2rgb, rgb2lab

from photochrom.color import fit_gamut, gray_to_lightness
from photochrom.pins import Pins
from photochrom.render import _render, render, render_rows

Floats = npt.NDArray[np.float32]


def lightness_error(output: npt.NDArray[np.integer], gray: npt.NDArray[np.integer]) -> float:
    """The largest |dL| in CIELAB, by scikit-image in float64."""
    rgb = output / np.iinfo(output.dtype).max
    neutral = np.repeat(gray[..., None] / np.iinfo(gray.dtype).max, 3, axis=-1)
    return float(np.abs(rgb2lab(rgb)[..., 0] - rgb2lab(neutral)[..., 0]).max())


def constant(a: float, b: float) -> Floats:
    return np.array([[[a, b]]], np.float32)


def ab_disc() -> list[tuple[float, float]]:
    """Chroma from 0 to far beyond of the gamut, all hues."""
    hues = np.linspace(0, 2 * np.pi, 73)[:-1]
    return [(0.0, 0.0)] + [(c * np.cos(h), c * np.sin(h)) for c in (3, 10, 25, 45, 70, 100, 150) for h in hues]


@pytest.mark.slow
def test_lightness_of_every_gray_and_colour_is_kept_within_half_a_unit_in_8_bits() -> None:
    gray = np.arange(256, dtype=np.uint8)[None]
    worst = max(lightness_error(np.asarray(render(gray, constant(a, b))), gray) for a, b in ab_disc())
    assert worst <= 0.5


@pytest.mark.slow
def test_lightness_of_every_gray_and_colour_is_kept_within_a_fiftieth_of_a_unit_in_16_bits() -> None:
    gray = np.concatenate([np.arange(2048), np.arange(2048, 65536, 37), [65535]]).astype(np.uint16)[None]
    worst = max(lightness_error(render(gray, constant(a, b), depth=16), gray) for a, b in ab_disc())
    assert worst <= 0.02


def test_lightness_is_kept_when_16_bits_become_8_and_8_become_16() -> None:
    fine = np.arange(0, 65536, 11, dtype=np.uint16)[None]
    coarse = np.arange(256, dtype=np.uint8)[None]
    for a, b in ab_disc()[::17]:
        assert lightness_error(np.asarray(render(fine, constant(a, b))), fine) <= 0.5
        assert lightness_error(render(coarse, constant(a, b), depth=16), coarse) <= 0.02


def test_neutral_colour_gives_exactly_gray() -> None:
    coarse = np.arange(256, dtype=np.uint8).reshape(16, 16)
    fine = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    neutral = np.zeros((3, 3, 2), np.float32)
    np.testing.assert_array_equal(np.asarray(render(coarse, neutral)), np.dstack([coarse] * 3))
    np.testing.assert_array_equal(render(fine, neutral, depth=16), np.dstack([fine] * 3))


@pytest.mark.parametrize("ab", [(12.0, 8.0), (-20.0, 15.0), (5.0, -30.0)])
def test_colours_in_gamut_are_those_of_scikit_image(ab: tuple[float, float]) -> None:
    gray = np.arange(90, 200, dtype=np.uint8)[None]
    lightness = gray_to_lightness(gray)
    lab = np.dstack([lightness, np.full_like(lightness, ab[0]), np.full_like(lightness, ab[1])])
    difference = render(gray, constant(*ab), depth=16) / 65535 - lab2rgb(lab)
    assert np.abs(difference).max() < 1e-3


def test_colours_out_of_gamut_keep_their_hue() -> None:
    gray = np.arange(30, 240, dtype=np.uint8)[None]
    lab = rgb2lab(render(gray, constant(90.0, -70.0), depth=16) / 65535)
    hue = np.arctan2(lab[..., 2], lab[..., 1])
    np.testing.assert_allclose(hue, np.arctan2(-70, 90), atol=0.01)


def test_colours_out_of_gamut_keep_as_much_chroma_as_fits() -> None:
    gray = np.arange(30, 240, dtype=np.uint8)[None]
    chroma = np.hypot(*np.moveaxis(rgb2lab(render(gray, constant(90.0, -70.0), depth=16) / 65535)[..., 1:], -1, 0))
    largest = np.hypot(*np.moveaxis(fit_gamut(gray_to_lightness(gray), [90.0, -70.0]), -1, 0))
    np.testing.assert_allclose(chroma, largest, atol=0.5)


def test_saturation_scales_chroma() -> None:
    gray = np.full((4, 4), 128, np.uint8)
    for factor in (0.0, 0.5, 2.0):
        lab = rgb2lab(render(gray, constant(10.0, -6.0), saturation=factor, depth=16) / 65535)
        np.testing.assert_allclose(lab[..., 1:], np.broadcast_to([10 * factor, -6 * factor], (4, 4, 2)), atol=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 997), (997, 1), (2, 3), (31, 37), (101, 103), (40, 3001), (3001, 40)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_size_in_is_size_out(shape: tuple[int, int], dtype: type[np.unsignedinteger]) -> None:
    gray = np.full(shape, 100, dtype)
    ab = np.full((48, 64, 2), 20, np.float32)
    image = render(gray, ab)
    assert (image.mode, image.size) == ("RGB", (shape[1], shape[0]))
    array = render(gray, ab, depth=16)
    assert array.dtype == np.uint16 and array.shape == (*shape, 3)
    assert len(np.unique(np.asarray(image).reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize("grid", [(1, 1), (1, 7), (7, 1), (300, 200)])
def test_a_grid_of_one_colour_colours_every_pixel_alike_whatever_its_size(grid: tuple[int, int]) -> None:
    output = np.asarray(render(np.full((53, 59), 120, np.uint8), np.full((*grid, 2), (15, 25), np.float32)))
    assert len(np.unique(output.reshape(-1, 3), axis=0)) == 1


def noisy_picture(shape: tuple[int, int]) -> tuple[npt.NDArray[np.uint8], Floats]:
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, shape, np.uint8), rng.normal(0, 30, (12, 16, 2)).astype(np.float32)


@pytest.mark.parametrize("shape", [(211, 307), (2003, 1601)])
def test_blocks_and_threads_leave_no_trace(shape: tuple[int, int]) -> None:
    gray, ab = noisy_picture(shape)
    whole = np.asarray(_render(gray, ab, 8, 1, gray.size)).tobytes()
    for threads, pixels in ((1, 1 << 14), (2, 1 << 16), (3, 1021)):
        assert np.asarray(_render(gray, ab, 8, threads, pixels)).tobytes() == whole


def test_colour_stays_on_its_side_of_a_clear_edge() -> None:
    """A dark red and a light blue half, the edge inside of a cell of 20 pixels: at most half a cell is off."""
    height, width, edge = 960, 1280, 651
    left = np.arange(width) < edge
    gray = np.broadcast_to(np.where(left, 70, 190).astype(np.uint8), (height, width))
    red, blue = np.array([35, 20], np.float32), np.array([-5, -30], np.float32)
    share = np.clip((edge - np.arange(64) * 20) / 20, 0, 1).astype(np.float32)[:, None]
    ab = np.broadcast_to(share * red + (1 - share) * blue, (48, 64, 2))
    lab = rgb2lab(render(gray, ab, depth=16)[height // 2] / 65535)
    error = np.hypot(*(lab[:, 1:] - np.where(left[:, None], red, blue)).T)
    assert (error > 5).sum() <= 10
    bilinear = np.array(
        [
            np.asarray(Image.fromarray(ab[..., i].copy()).resize((width, height), Image.Resampling.BILINEAR))[0]
            for i in (0, 1)
        ]
    )
    assert (np.hypot(*(bilinear.T - np.where(left[:, None], red, blue)).T) > 5).sum() > 20


def test_film_grain_does_not_become_colour_noise() -> None:
    rng = np.random.default_rng(0)
    smooth = np.broadcast_to(np.linspace(60, 190, 1200), (900, 1200))
    grainy = np.clip(smooth + rng.normal(0, 10, smooth.shape), 0, 255).astype(np.uint8)
    ramp = np.linspace(-20, 30, 64, dtype=np.float32)
    ab = np.broadcast_to(np.stack([ramp, ramp[::-1]], axis=-1), (48, 64, 2))
    lab = rgb2lab(render(grainy, ab, depth=16) / 65535)
    noise = lab[..., 1:] - lab[..., 1:].mean(axis=0)
    assert noise.std() < 0.5 < np.diff(ramp)[0]


def test_no_cell_shows_as_a_block() -> None:
    """Over one lightness the colour of neighbouring pixels differs by no more than the smooth ramp asks for."""
    ab = np.zeros((6, 8, 2), np.float32)
    ab[:, 4:] = 24
    lab = rgb2lab(render(np.full((480, 640), 128, np.uint8), ab, depth=16) / 65535)
    assert np.abs(np.diff(lab[..., 1:], axis=1)).max() < 24 / 40
    assert np.abs(np.diff(lab[..., 1:], axis=0)).max() < 0.05


def test_colours_never_leave_the_range_of_the_grid() -> None:
    gray, _ = noisy_picture((400, 500))
    ab = np.zeros((48, 64, 2), np.float32)
    ab[10:20, 10:30] = (20, -15)
    lab = rgb2lab(render(gray // 2 + 64, ab, depth=16) / 65535)
    assert lab[..., 1].min() > -0.1 and lab[..., 1].max() < 20.1
    assert lab[..., 2].min() > -15.1 and lab[..., 2].max() < 0.1


GRAY, AB = np.zeros((2, 2), np.uint8), np.zeros((2, 2, 2), np.float32)


def test_senseless_input_is_refused() -> None:
    with pytest.raises(TypeError, match="gray must be uint8 or uint16, got float64"):
        render(np.zeros((2, 2)), AB)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"gray must have the shape \(H, W\)"):
        render(np.zeros((0, 2), np.uint8), AB)
    with pytest.raises(ValueError, match=r"ab must have the shape \(h, w, 2\), got \(2, 2\)"):
        render(GRAY, AB[..., 0])
    with pytest.raises(ValueError, match="saturation must be at least 0, got -1"):
        render(GRAY, AB, saturation=-1)
    with pytest.raises(ValueError, match="depth must be 8 or 16, got 12"):
        render(GRAY, AB, depth=12)


def test_rows_rendered_when_asked_for_are_those_of_the_whole_picture() -> None:
    rng = np.random.default_rng(5)
    gray = rng.integers(0, 65536, (700, 211)).astype(np.uint16)
    ab = rng.normal(0, 30, (6, 4, 2)).astype(np.float32)
    pins = Pins(np.array([[0.5, 0.5]], np.float32), np.array([[20.0, -30.0]], np.float32))
    whole = render(gray, ab, depth=16, saturation=1.5, pins=pins)
    rows = render_rows(gray, ab, saturation=1.5, pins=pins)
    assert rows.shape == whole.shape
    parts = [rows[top : top + 97] for top in range(0, len(gray), 97)]  # the last is cut
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(rows[:], whole)


def test_rows_refuse_what_rendering_refuses() -> None:
    with pytest.raises(ValueError, match="saturation"):
        render_rows(np.zeros((2, 2), np.uint8), constant(0, 0), saturation=-1)
