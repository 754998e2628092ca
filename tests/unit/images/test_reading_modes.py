"""Every kind of pixels is read as neutral gray of the same CIE L*; scikit-image's Lab is the oracle."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image
from skimage.color import rgb2lab

from photochrom import images
from photochrom.errors import InputError

Array = npt.NDArray[Any]


def lightness(gray: Array) -> Array:
    """L* of sRGB-encoded gray by scikit-image."""
    top = np.iinfo(gray.dtype).max
    return np.asarray(rgb2lab(np.repeat(gray[..., np.newaxis] / top, 3, axis=-1))[..., 0])


def assert_same_lightness(gray: Array, rgb: Array, tolerance: float = 0.01) -> None:
    expected = rgb2lab(np.asarray(rgb, np.float64))[..., 0]
    assert np.abs(lightness(gray) - expected).max() <= tolerance


def encoded(picture: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def tiff(array: Array, **options: Any) -> bytes:
    if options.get("compression") == "lzw":
        pytest.importorskip("imagecodecs", reason="tifffile writes LZW through imagecodecs")
    stream = io.BytesIO()
    tifffile.imwrite(stream, array, metadata=None, **options)
    return stream.getvalue()


@pytest.fixture(scope="module")
def ramp() -> npt.NDArray[np.uint8]:
    """(40, 64) gray that holds every 8-bit value."""
    return (np.arange(40 * 64) % 256).astype(np.uint8).reshape(40, 64)


@pytest.fixture(scope="module")
def colors() -> npt.NDArray[np.uint8]:
    """(40, 64, 3) random colours, the corners of sRGB among them."""
    picture = np.random.default_rng(3).integers(0, 256, (40, 64, 3), dtype=np.uint8)
    corners = np.array(np.meshgrid([0, 255], [0, 255], [0, 255])).reshape(3, -1).T
    picture[0, :8] = corners
    return picture


@pytest.fixture(scope="module")
def deep(colors: Array) -> npt.NDArray[np.uint16]:
    """(40, 64, 3) colours whose lower bytes matter."""
    noise = np.random.default_rng(4).integers(0, 256, colors.shape, dtype=np.uint16)
    return np.asarray(colors.astype(np.uint16) * 256 + noise, np.uint16)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "GIF", "WEBP"])
def test_neutral_8_bit_pictures_are_kept_exactly(format: str, ramp: Array) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    photograph = images.read(encoded(Image.fromarray(ramp), format, **options))
    assert photograph.gray.dtype == np.uint8
    assert np.array_equal(photograph.gray, ramp)
    assert photograph.metadata.format == format.lower()
    assert not photograph.had_color


def test_a_gray_jpeg_is_kept_as_pillow_decodes_it(ramp: Array) -> None:
    data = encoded(Image.fromarray(ramp), "JPEG")
    assert np.array_equal(images.read(data).gray, np.asarray(Image.open(io.BytesIO(data))))


def test_a_gray_scan_saved_as_rgb_stays_8_bit_and_exact(ramp: Array) -> None:
    photograph = images.read(encoded(Image.fromarray(ramp).convert("RGB"), "PNG"))
    assert photograph.gray.dtype == np.uint8
    assert np.array_equal(photograph.gray, ramp)


def test_gray_above_the_first_colour_is_exact_with_16_bits(ramp: Array) -> None:
    picture = np.repeat(np.tile(ramp, (60, 30))[..., np.newaxis], 3, axis=-1)
    picture[-1, -1] = 255, 0, 0
    gray = images.read(picture).gray
    assert gray.dtype == np.uint16
    assert np.array_equal(gray[:100], picture[:100, :, 0].astype(np.uint16) * 257)
    assert_same_lightness(gray, picture / 255)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "WEBP"])
def test_colours_become_their_lightness(format: str, colors: Array) -> None:
    options = {"lossless": True} if format == "WEBP" else {}
    photograph = images.read(encoded(Image.fromarray(colors), format, **options))
    assert photograph.gray.dtype == np.uint16
    assert photograph.had_color
    assert_same_lightness(photograph.gray, colors / 255)


def test_a_sepia_scan_is_no_colour_photograph_and_keeps_its_lightness(ramp: Array) -> None:
    tone = np.linspace(0, 1, 256)[:, np.newaxis] ** np.array([0.8, 1.0, 1.3])
    sepia = (tone[ramp] * 255).round().astype(np.uint8)
    photograph = images.read(encoded(Image.fromarray(sepia), "PNG"))
    assert not photograph.had_color
    assert_same_lightness(photograph.gray, sepia / 255)


def test_avif_is_read(colors: Array) -> None:
    data = encoded(Image.fromarray(colors), "AVIF", quality=100, subsampling="4:4:4")
    assert_same_lightness(images.read(data).gray, np.asarray(Image.open(io.BytesIO(data))) / 255)


def test_bilevel_pictures_become_black_and_white() -> None:
    bits = np.random.default_rng(1).random((9, 13)) > 0.5
    for format in ("PNG", "TIFF", "GIF"):
        gray = images.read(encoded(Image.fromarray(bits), format)).gray
        assert np.array_equal(gray, bits * np.uint8(255))


def test_palettes_are_looked_up_with_their_transparency(colors: Array) -> None:
    palette = Image.fromarray(colors).quantize(16)
    photograph = images.read(encoded(palette, "PNG", transparency=3))
    assert_same_lightness(photograph.gray, np.asarray(palette.convert("RGB")) / 255)
    assert photograph.alpha is not None
    assert np.array_equal(photograph.alpha, np.where(np.asarray(palette) == 3, 0, 255))


def test_alpha_of_gray_and_colour_is_kept(ramp: Array, colors: Array) -> None:
    for picture in (np.dstack([ramp, ramp[::-1]]), np.dstack([colors, ramp])):
        photograph = images.read(encoded(Image.fromarray(picture), "PNG"))
        assert photograph.alpha is not None and np.array_equal(photograph.alpha, picture[..., -1])


def test_premultiplied_pictures_give_straight_colours() -> None:
    picture = Image.new("RGBa", (2, 2), (64, 32, 16, 128))
    assert_same_lightness(images.read(picture).gray, np.asarray(picture.convert("RGBA"))[..., :3] / 255)


def test_a_transparent_gray_value_of_png_becomes_alpha(ramp: Array) -> None:
    photograph = images.read(encoded(Image.fromarray(ramp), "PNG", transparency=7))
    assert photograph.alpha is not None
    assert np.array_equal(photograph.alpha == 0, ramp == 7)


def test_cmyk_without_a_profile_is_read_as_ink_on_paper(colors: Array) -> None:
    for format in ("TIFF", "JPEG"):
        options = {"quality": 95} if format == "JPEG" else {}
        data = encoded(Image.fromarray(colors).convert("CMYK"), format, **options)
        expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        assert_same_lightness(images.read(data).gray, expected / 255)


def test_adobe_inverted_cmyk_is_not_read_as_a_negative() -> None:
    white_paper = encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG")
    assert b"Adobe" in white_paper[:400]
    assert np.all(images.read(white_paper).gray == 255)
    black_ink = encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 255)), "JPEG")
    assert np.all(images.read(black_ink).gray == 0)


def test_lab_pictures_give_their_own_lightness() -> None:
    lab = np.zeros((4, 101, 3), np.uint8)
    lab[..., 0] = np.rint(np.arange(101) * 2.55)
    lab[..., 1] = 40
    gray = images.read(encoded(Image.frombytes("LAB", (101, 4), lab.tobytes()), "TIFF")).gray
    assert np.abs(lightness(gray)[0] - lab[0, :, 0] / 2.55).max() <= 0.01


@pytest.mark.parametrize(
    ("format", "rest"), [("GIF", "frames"), ("PNG", "frames"), ("WEBP", "frames"), ("TIFF", "pages")]
)
def test_only_the_first_frame_of_animations_and_pages_is_read_and_that_is_logged(
    ramp: Array, caplog: pytest.LogCaptureFixture, format: str, rest: str
) -> None:
    first, second = Image.fromarray(ramp), Image.fromarray(255 - ramp)
    options = {"lossless": True} if format == "WEBP" else {}
    assert np.array_equal(images.read(encoded(first, format, **options)).gray, ramp)
    assert not caplog.messages
    data = encoded(first, format, save_all=True, append_images=[second], **options)
    assert np.array_equal(images.read(data).gray, ramp)
    assert caplog.messages == [f"the given bytes has further {rest}; the first alone is read"]


@pytest.mark.parametrize("bigtiff", [False, True])
def test_a_smaller_copy_in_a_tiff_is_no_page(ramp: Array, caplog: pytest.LogCaptureFixture, bigtiff: bool) -> None:
    for subfiletype, messages in ((1, 0), (0, 1)):
        stream = io.BytesIO()
        with tifffile.TiffWriter(stream, bigtiff=bigtiff) as file:
            file.write(ramp, photometric="minisblack")
            file.write(ramp[::2, ::2], photometric="minisblack", subfiletype=subfiletype)
        caplog.clear()
        assert np.array_equal(images.read(stream.getvalue()).gray, ramp)
        assert len(caplog.messages) == messages


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"byteorder": ">"},
        {"rowsperstrip": 7},
        {"tile": (16, 16)},
        {"bigtiff": True},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "predictor": True, "byteorder": ">"},
        {"planarconfig": "separate"},
    ],
    ids=str,
)
def test_16_bit_colour_tiffs_keep_16_bits(options: dict[str, Any], deep: Array) -> None:
    array = np.moveaxis(deep, -1, 0).copy() if "planarconfig" in options else deep
    photograph = images.read(tiff(array, photometric="rgb", **options))
    assert photograph.metadata.bits == 16
    assert_same_lightness(photograph.gray, deep / 65535)


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_16_bit_gray_tiffs_are_kept_exactly(
    byteorder: Any, photometric: str, compression: str | None, deep: Array
) -> None:
    gray = deep[..., 0].copy()
    stored = gray if photometric == "minisblack" else 65535 - gray
    data = tiff(stored, photometric=photometric, byteorder=byteorder, compression=compression)
    assert np.array_equal(images.read(data).gray, gray)


def test_8_bit_white_is_zero_tiffs_are_no_negatives(ramp: Array) -> None:
    assert np.array_equal(images.read(tiff(255 - ramp, photometric="miniswhite")).gray, ramp)


def test_16_bit_alpha_of_tiff_is_kept(deep: Array) -> None:
    picture = np.dstack([deep, deep[::-1, :, 0]])
    photograph = images.read(tiff(picture, photometric="rgb", extrasamples=["unassalpha"]))
    assert photograph.alpha is not None and np.array_equal(photograph.alpha, picture[..., 3])
    assert_same_lightness(photograph.gray, deep / 65535)


def test_premultiplied_16_bit_tiffs_give_straight_colours() -> None:
    picture = np.full((4, 4, 4), 20000, np.uint16)
    picture[..., 3] = 40000
    gray = images.read(tiff(picture, photometric="rgb", extrasamples=["assocalpha"])).gray
    assert np.abs(gray.astype(int) - 32768).max() <= 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_tiffs_are_encoded_values_from_0_to_1(dtype: Any, deep: Array) -> None:
    values = (deep / 65535).astype(dtype)
    assert_same_lightness(images.read(tiff(values, photometric="rgb")).gray, values.astype(np.float64))


def test_32_bit_integers_lose_only_their_lower_half(deep: Array) -> None:
    gray = deep[..., 0]
    assert np.array_equal(images.read(tiff(gray.astype(np.uint32) * 65537, photometric="minisblack")).gray, gray)


def test_12_bit_samples_fill_the_range() -> None:
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    even, odd = ramp[:, ::2], ramp[:, 1::2]
    packed = np.stack([even >> 4, (even & 15) << 4 | odd >> 8, odd & 255], axis=-1).astype(np.uint8)
    pytest.importorskip("imagecodecs", reason="tifffile unpacks 12 bits through imagecodecs")
    data = bytearray(tiff(packed.reshape(64, 96), photometric="minisblack", rowsperstrip=64))
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        width, bits = (file.pages.first.tags[code].valueoffset for code in (256, 258))
    struct.pack_into("<H", data, width, 64)
    struct.pack_into("<H", data, bits, 12)
    gray = images.read(bytes(data)).gray
    assert np.abs(gray - ramp * (65535 / 4095)).max() <= 0.5


def png16(array: Array) -> bytes:
    """A 16-bit PNG by imagecodecs, an encoder of its own."""
    imagecodecs = pytest.importorskip("imagecodecs")
    return bytes(imagecodecs.png_encode(array))


@pytest.mark.parametrize("samples", [1, 2, 3, 4])
def test_16_bit_pngs_keep_16_bits(samples: int, deep: Array) -> None:
    full = np.dstack([deep, deep[::-1, :, 0]])
    array = {1: full[..., 0], 2: full[..., [0, 3]], 3: deep, 4: full}[samples]
    photograph = images.read(png16(np.ascontiguousarray(array)))
    assert photograph.metadata.bits == 16
    if samples <= 2:
        assert np.array_equal(photograph.gray, full[..., 0])
    else:
        assert_same_lightness(photograph.gray, deep / 65535)
    if samples in (2, 4):
        assert photograph.alpha is not None and np.array_equal(photograph.alpha, full[..., 3])


def test_i16_pictures_of_both_byte_orders_are_read(deep: Array) -> None:
    gray = deep[..., 0]
    for mode, order in (("I;16", "<u2"), ("I;16B", ">u2")):
        picture = Image.frombytes(mode, (64, 40), gray.astype(order).tobytes())
        assert np.array_equal(images.read(picture).gray, gray)


def test_modes_i_and_f_are_read_within_their_ranges(deep: Array) -> None:
    gray = deep[..., 0]
    assert np.array_equal(images.read(Image.fromarray(gray.astype(np.int32))).gray, gray)
    assert np.array_equal(images.read(Image.fromarray((gray / 65535).astype(np.float32))).gray, gray)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -0.5, 2.0, 255.0])
def test_floats_that_are_no_samples_are_refused_with_the_range(bad: float) -> None:
    array = np.full((4, 4), 0.5, np.float32)
    array[1, 2] = bad
    for source in (array, Image.fromarray(array), tiff(array, photometric="minisblack")):
        with pytest.raises(InputError, match=r"\[0, 1\]"):
            images.read(source)


def test_a_slight_overshoot_of_floats_is_clipped() -> None:
    gray = images.read(np.array([[-0.005, 0.5, 1.005]])).gray
    assert gray.tolist() == [[0, 32768, 65535]]


def test_arrays_of_every_type_are_read(colors: Array, deep: Array) -> None:
    assert images.read(colors[..., 0]).gray.dtype == np.uint8
    assert np.array_equal(images.read(deep[..., 0]).gray, deep[..., 0])
    assert_same_lightness(images.read((colors / 255).astype(np.float32)).gray, colors / 255)
    alpha = images.read(np.dstack([colors, colors[..., 0]])).alpha
    assert alpha is not None and np.array_equal(alpha, colors[..., 0])


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (4, 4, 5), (0, 4), (2, 4, 4, 3)])
def test_arrays_of_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="shape"):
        images.read(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.complex64, object, "U1"])
def test_arrays_of_other_types_are_refused(dtype: Any) -> None:
    with pytest.raises(InputError, match="uint8, uint16 or float"):
        images.read(np.zeros((4, 4), dtype))


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1)])
def test_the_smallest_pictures_are_read(size: tuple[int, int]) -> None:
    for format in ("PNG", "JPEG", "TIFF"):
        photograph = images.read(encoded(Image.new("RGB", size, (10, 20, 30)), format))
        assert (photograph.width, photograph.height) == size


def test_paths_bytes_streams_and_pictures_give_the_same(tmp_path: Path, colors: Array) -> None:
    data = encoded(Image.fromarray(colors), "PNG")
    path = tmp_path / "picture with a wrong name.jpg"
    path.write_bytes(data)
    expected = images.read(colors).gray
    offset = io.BytesIO(b"skipped" + data)
    offset.seek(7)
    for source in (path, str(path), data, io.BytesIO(data), offset, Image.open(path)):
        assert np.array_equal(images.read(source).gray, expected)
    assert images.read(path).metadata.path == path


def test_read_color_gives_the_colours(colors: Array, deep: Array) -> None:
    assert np.array_equal(images.read_color(encoded(Image.fromarray(colors), "PNG")), colors)
    color = images.read_color(tiff(deep, photometric="rgb"))
    assert color.dtype == np.float32
    assert np.abs(color - deep / 65535).max() < 1e-6
    gray = images.read_color(colors[..., 0])
    assert np.array_equal(gray, np.repeat(colors[..., :1], 3, axis=-1))
