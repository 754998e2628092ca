"""ICC profiles give the L* that their curves and colorants say; closed forms and LittleCMS are the oracles."""

import io
import logging
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tifffile
from PIL import Image, ImageCms
from skimage.color import rgb2lab

from photochrom import images
from photochrom.errors import UnsupportedFormat

Array = npt.NDArray[Any]

# Colorants adapted to D50 by Bradford (Lindbloom, "RGB working space matrices"), columns R, G, B.
ADOBE_RGB = ((0.6097559, 0.3111242, 0.0194811), (0.2052401, 0.6256560, 0.0608902), (0.1492240, 0.0632197, 0.7448387))
DISPLAY_P3 = ((0.5151187, 0.2411892, -0.0010505), (0.2919778, 0.6922441, 0.0418791), (0.1571035, 0.0665668, 0.7840713))

SYSTEM_PROFILES = Path("/usr/share/color/icc")


def profile(space: bytes, tags: dict[bytes, bytes], connection: bytes = b"XYZ ") -> bytes:
    """A minimal ICC v2 display profile."""
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">L", 5) + b"test\0" + bytes(78), **tags}
    tags[b"wtpt"] = xyz(0.9642, 1.0, 0.8249)
    offset = 132 + 12 * len(tags)
    table, data = struct.pack(">L", len(tags)), b""
    for name, tag in tags.items():
        table += struct.pack(">4s2L", name, offset + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    header = struct.pack(">L4sL4s4s4s", offset + len(data), b"test", 0x02100000, b"mntr", space, connection)
    header += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3l", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + data


def xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3l", *(round(value * 65536) for value in values))


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">LH", 1, round(value * 256))


def sampled(values: Array) -> bytes:
    samples: Array = np.rint(values * 65535).astype(">u2")
    return b"curv" + bytes(4) + struct.pack(">L", len(values)) + samples.tobytes()


def rgb_profile(colorants: Any, curve: bytes) -> bytes:
    names = (b"r", b"g", b"b")
    tags = {name + b"XYZ": xyz(*colorant) for name, colorant in zip(names, colorants, strict=True)}
    return profile(b"RGB ", tags | {name + b"TRC": curve for name in names})


def lightness_of(luminance: Array) -> Array:
    """CIE 15."""
    f = np.where(luminance > (6 / 29) ** 3, np.cbrt(luminance), luminance / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.asarray(116 * f - 16)


def lightness(gray: Array) -> Array:
    scaled = gray / np.iinfo(gray.dtype).max
    return np.asarray(rgb2lab(np.repeat(scaled[..., np.newaxis], 3, axis=-1))[..., 0])


def png(array: Array, icc: bytes) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG", icc_profile=icc)
    return stream.getvalue()


RAMP8 = np.arange(256, dtype=np.uint8).reshape(4, 64)
RAMP16 = np.arange(0, 65536, 7, dtype=np.uint16)[:9344].reshape(64, 146)


@pytest.mark.parametrize("ramp", [RAMP8, RAMP16], ids=["8", "16"])
@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.19921875])
def test_a_gray_gamma_has_the_lightness_of_its_power(ramp: Array, exponent: float) -> None:
    photograph = images.read(png(ramp, profile(b"GRAY", {b"kTRC": gamma(exponent)})))
    value = ramp / np.iinfo(ramp.dtype).max
    exponent = round(exponent * 256) / 256
    assert photograph.gray.dtype == np.uint16
    assert np.abs(lightness(photograph.gray) - lightness_of(value**exponent)).max() <= 0.01


@pytest.mark.parametrize("ramp", [RAMP8, RAMP16], ids=["8", "16"])
def test_a_dot_gain_curve_is_interpolated(ramp: Array) -> None:
    curve = np.linspace(0, 1, 64) ** 1.75 * 0.99 + 0.01 * np.linspace(0, 1, 64)
    photograph = images.read(png(ramp, profile(b"GRAY", {b"kTRC": sampled(curve)})))
    value = ramp / np.iinfo(ramp.dtype).max
    expected = lightness_of(np.interp(value, np.linspace(0, 1, 64), np.rint(curve * 65535) / 65535))
    assert np.abs(lightness(photograph.gray) - expected).max() <= 0.01


def test_a_gray_curve_to_lab_gives_lightness_itself() -> None:
    photograph = images.read(png(RAMP8, profile(b"GRAY", {b"kTRC": gamma(1.0)}, b"Lab ")))
    assert np.abs(lightness(photograph.gray) - RAMP8 / 2.55).max() <= 0.01


@pytest.mark.parametrize("kind", range(5))
def test_parametric_curves_agree_with_littlecms(kind: int) -> None:
    values = [
        (2.2,),
        (2.4, 1.0, -0.02),
        (2.4, 0.95, 0.001, 0.04),
        (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
        (2.2, 0.9, 0.08, 0.1, 0.05, 0.01, 0.0),
    ][kind]
    data = b"para" + bytes(4) + struct.pack(">2H", kind, 0)
    icc = profile(b"GRAY", {b"kTRC": data + struct.pack(f">{len(values)}l", *(round(v * 65536) for v in values))})
    gray = images.read(png(RAMP8, icc)).gray
    assert np.abs(lightness(gray) - rgb2lab(littlecms(RAMP8, icc))[..., 0]).max() <= 0.01


def littlecms(array: Array, icc: bytes) -> Array:
    """sRGB by LittleCMS in floating point."""
    imagecodecs = pytest.importorskip("imagecodecs")
    return np.asarray(
        imagecodecs.cms_transform(
            array / np.iinfo(array.dtype).max,
            icc,
            ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
            colorspace="gray" if array.ndim == 2 else "rgb",
            outcolorspace="rgb",
            intent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        )
    )


def in_gamut_colors() -> Array:
    """Random colours that lie within sRGB in any of the working spaces."""
    color = np.random.default_rng(5).integers(90, 200, (32, 32, 3), dtype=np.uint8)
    return np.asarray((color.mean(axis=-1, keepdims=True) * 0.6 + color * 0.4).astype(np.uint8))


@pytest.mark.parametrize("colorants", [ADOBE_RGB, DISPLAY_P3], ids=["AdobeRGB", "DisplayP3"])
def test_rgb_working_spaces_agree_with_littlecms(colorants: Any) -> None:
    icc = rgb_profile(colorants, gamma(563 / 256))
    color = in_gamut_colors()
    gray = images.read(png(color, icc)).gray
    assert np.abs(lightness(gray) - rgb2lab(littlecms(color, icc))[..., 0]).max() <= 0.02


@pytest.mark.parametrize("colorants", [ADOBE_RGB, DISPLAY_P3], ids=["AdobeRGB", "DisplayP3"])
def test_16_bit_working_spaces_agree_with_littlecms(colorants: Any) -> None:
    icc = rgb_profile(colorants, gamma(563 / 256))
    color = in_gamut_colors().astype(np.uint16) * 257
    expected = littlecms(color, icc)
    stream = io.BytesIO()
    tifffile.imwrite(stream, color, photometric="rgb", iccprofile=icc, metadata=None)
    gray = images.read(stream.getvalue()).gray
    assert np.abs(lightness(gray) - rgb2lab(expected)[..., 0]).max() <= 0.02
    read = images.read_color(stream.getvalue())
    assert np.abs(read - expected).max() <= 5e-4


def test_neutral_pixels_of_a_working_space_stay_neutral_and_follow_its_curve() -> None:
    neutral = np.repeat(RAMP8[..., np.newaxis], 3, axis=-1)
    gray = images.read(png(neutral, rgb_profile(ADOBE_RGB, gamma(563 / 256)))).gray
    assert np.abs(lightness(gray) - lightness_of((RAMP8 / 255) ** (563 / 256))).max() <= 0.01


def test_colorants_that_miss_white_a_little_make_no_step_at_neutral() -> None:
    scaled = np.array(ADOBE_RGB) * 1.015
    pixels = np.array([[[200, 200, 200], [200, 200, 201]]], np.uint8)
    gray = images.read(png(pixels, rgb_profile(scaled, gamma(563 / 256)))).gray
    expected = lightness_of(np.array((200 / 255) ** (563 / 256)))
    assert np.abs(lightness(gray) - expected).max() <= 0.05


def test_colours_outside_srgb_keep_their_own_lightness() -> None:
    green = np.full((2, 2, 3), (0, 255, 0), np.uint8)
    gray = images.read(png(green, rgb_profile(ADOBE_RGB, gamma(563 / 256)))).gray
    # Adobe RGB's green has the luminance 0.6274 (Adobe RGB (1998), 4.3.2.1), sRGB's only 0.7152 of a brighter one.
    assert np.abs(lightness(gray) - lightness_of(np.array(0.6274))).max() <= 0.1


def test_srgb_profiles_change_nothing() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for array in (RAMP8, np.repeat(RAMP8[..., np.newaxis], 3, axis=-1)):
        photograph = images.read(png(array, srgb))
        assert photograph.gray.dtype == np.uint8
        assert np.array_equal(photograph.gray, RAMP8)


def test_a_gray_picture_follows_the_neutral_axis_of_an_rgb_profile() -> None:
    gray = images.read(png(RAMP8, rgb_profile(ADOBE_RGB, gamma(1.8)))).gray
    assert np.abs(lightness(gray) - lightness_of((RAMP8 / 255) ** (461 / 256))).max() <= 0.01


def lut_profile(space: bytes, exponent: float) -> bytes:
    """A profile that has only a table of colours: device values to Lab of the neutral axis, by the mean value."""
    channels = {b"RGB ": 3, b"CMYK": 4}[space]
    points = 9
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, points)] * channels, indexing="ij"), axis=-1)
    if channels == 4:
        grid = (1 - grid[..., :3]) * (1 - grid[..., 3:])
    light = grid.mean(axis=-1) ** exponent
    lab = np.stack([light * 65280, np.full(light.shape, 32768.0), np.full(light.shape, 32768.0)], axis=-1)
    line = np.array([0, 65535], ">u2").tobytes()
    data = b"mft2" + bytes(4) + struct.pack(">4B", channels, 3, points, 0)
    data += struct.pack(">9l", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536) + struct.pack(">2H", 2, 2)
    data += line * channels + np.rint(lab).astype(">u2").tobytes() + line * 3
    return profile(space, {b"A2B0": data, b"A2B1": data}, b"Lab ")


def test_cmyk_goes_through_its_profile() -> None:
    icc = lut_profile(b"CMYK", 1.0)
    ink = np.random.default_rng(6).integers(0, 256, (16, 16, 4), dtype=np.uint8)
    stream = io.BytesIO()
    Image.frombytes("CMYK", (16, 16), ink.tobytes()).save(stream, "TIFF", icc_profile=icc)
    expected = ((1 - ink[..., :3] / 255) * (1 - ink[..., 3:] / 255)).mean(axis=-1) * 100
    assert np.abs(lightness(images.read(stream.getvalue()).gray) - expected).max() <= 1.0


def test_tables_of_colours_are_read_with_8_bits_through_littlecms() -> None:
    neutral = np.repeat(RAMP8[..., np.newaxis], 3, axis=-1)
    gray = images.read(png(neutral, lut_profile(b"RGB ", 1.0))).gray
    assert np.abs(lightness(gray) - RAMP8 / 2.55).max() <= 0.5


def deep_tiff_with_a_table() -> bytes:
    stream = io.BytesIO()
    color = np.repeat(RAMP16[..., np.newaxis], 3, axis=-1)
    tifffile.imwrite(stream, color, photometric="rgb", iccprofile=lut_profile(b"RGB ", 1.0), metadata=None)
    return stream.getvalue()


def test_tables_of_colours_keep_16_bits_with_imagecodecs() -> None:
    pytest.importorskip("imagecodecs")
    gray = images.read(deep_tiff_with_a_table()).gray
    assert len(np.unique(gray)) > 5000
    assert np.abs(lightness(gray) - RAMP16 / 655.35).max() <= 0.05


def test_tables_of_colours_with_16_bits_name_the_extra_without_imagecodecs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "imagecodecs", None)
    with pytest.raises(UnsupportedFormat, match=r"extra `tiff`: .*pip install .*\[tiff\]"):
        images.read(deep_tiff_with_a_table())


BROKEN = {
    "noise": b"\x01\x02" * 300,
    "short": profile(b"GRAY", {b"kTRC": gamma(1.0)})[:200],
    "tag outside": profile(b"GRAY", {b"kTRC": gamma(1.0)}).replace(b"kTRC\x00\x00", b"kTRC\x7f\xff"),
    "no white": rgb_profile(((1, 0, 0), (1, 0, 0), (1, 0, 0)), gamma(2.2)),
    "unknown curve": profile(b"GRAY", {b"kTRC": b"quux" + bytes(20)}),
    "named colours": profile(b"GRAY", {b"kTRC": gamma(1.0)}).replace(b"mntr", b"nmcl"),
}


@pytest.mark.parametrize("icc", BROKEN.values(), ids=BROKEN.keys())
def test_broken_profiles_are_ignored_and_logged(icc: bytes, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "photochrom"):
        photograph = images.read(png(RAMP8, icc))
    assert np.array_equal(photograph.gray, RAMP8)
    assert "ICC" in caplog.text


def test_a_profile_of_another_layout_is_ignored_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    neutral = np.repeat(RAMP8[..., np.newaxis], 3, axis=-1)
    for icc in (profile(b"GRAY", {b"kTRC": gamma(1.0)}), lut_profile(b"CMYK", 1.0)):
        caplog.clear()
        with caplog.at_level(logging.WARNING, "photochrom"):
            assert np.array_equal(images.read(png(neutral, icc)).gray, RAMP8)
        assert "does not fit" in caplog.text


@pytest.mark.parametrize("format", sorted(images.FORMATS))
def test_outputs_say_that_they_are_srgb_and_carry_nothing_of_the_source_profile(format: str) -> None:
    photograph = images.read(png(RAMP8, profile(b"GRAY", {b"kTRC": gamma(1.0)})))
    stream = io.BytesIO()
    images.write(Image.new("RGB", (64, 4)), photograph, stream, format=format)
    icc = Image.open(stream).info["icc_profile"]
    read = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    assert ImageCms.getProfileDescription(read).startswith("sRGB")
    ramp = Image.fromarray(np.repeat(RAMP8[..., np.newaxis], 3, axis=-1))
    converted = ImageCms.profileToProfile(ramp, read, ImageCms.createProfile("sRGB"))
    assert np.array_equal(np.asarray(converted), np.asarray(ramp))


@pytest.mark.parametrize("name", ["Gray.icc", "Gray-CIE_L.icc", "compatibleWithAdobeRGB1998.icc", "LStar-RGB.icc"])
def test_profiles_of_the_system_agree_with_littlecms(name: str) -> None:
    path = SYSTEM_PROFILES / name
    if not path.is_file():
        pytest.skip("needs the Debian package icc-profiles-free")
    icc = path.read_bytes()
    color = RAMP8 if name.startswith("Gray") else in_gamut_colors()
    gray = images.read(png(color, icc)).gray
    assert np.abs(lightness(gray) - rgb2lab(littlecms(color, icc))[..., 0]).max() <= 0.02
