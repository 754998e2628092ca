"""ICC profiles (ISO 15076-1): tone curves and matrices exactly, at any depth; tables of colours through LittleCMS.

Gray and matrix/TRC profiles are a few numbers, and become a `LightSpace`. That keeps 16 bits, which Pillow's binding of
LittleCMS does not, and keeps the luminance of colours outside sRGB, which a conversion to sRGB pixels would clip.
"""

import io
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from ..color import linear_to_srgb, srgb_to_linear
from ..errors import UnsupportedFormat
from ..installation import install_command
from .lightness import SRGB, Curve, FloatArray, LightSpace

__all__ = [
    "BrokenProfile",
    "Profile",
    "deep_transform",
    "gamma_profile",
    "lightness_to_light",
    "parse_profile",
    "srgb_picture",
    "srgb_profile",
    "transform_to_srgb",
]

# Colorants of sRGB adapted to D50 by Bradford, columns R, G, B: the matrix of an sRGB profile (IEC 61966-2-1, ICC.1).
_SRGB_D50 = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)

# A profile this close to sRGB (in encoded units, and in matrix entries) is sRGB: tables of 16 bits differ by as much.
_SRGB_CURVE_TOLERANCE = 5e-4
_SRGB_MATRIX_TOLERANCE = 5e-3
_SRGB_GAMMA_TOLERANCE = 0.02

_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_COMPONENTS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}


class BrokenProfile(ValueError):
    """The bytes are no ICC profile of pictures that can be understood."""


@dataclass(frozen=True)
class Profile:
    """An ICC profile.

    Attributes:
        data: the profile's bytes.
        space: gray, rgb, cmyk or lab: the samples it describes.
        light: what they mean, for gray and matrix/TRC profiles; None where only LittleCMS can tell.
    """

    data: bytes
    space: str
    light: LightSpace | None


def parse_profile(data: bytes) -> Profile:
    """Reads a profile.

    Raises:
        BrokenProfile: it is cut short, malformed, or no profile of input, display, output or colour-space class.
    """
    try:
        tags = _tags(data)
        space = data[16:20]
        light = None
        if space == b"GRAY" and b"kTRC" in tags:
            light = LightSpace((_gray_curve(tags[b"kTRC"], data[20:24]),))
        elif space == b"RGB " and data[20:24] == b"XYZ " and b"A2B0" not in tags and b"rTRC" in tags:
            light = _matrix_space(tags)
        else:
            ImageCms.ImageCmsProfile(io.BytesIO(data))
    except (KeyError, IndexError, ValueError, OverflowError, struct.error, OSError, np.linalg.LinAlgError) as error:
        raise BrokenProfile(f"broken ICC profile: {error}") from error
    return Profile(data, space.decode("ascii").strip().lower(), SRGB if light and _is_srgb(light) else light)


def gamma_profile(gamma: float, layout: str) -> Profile | None:
    """What stands for a profile of samples that are light to the power of `gamma`, 0.01 to 100, with sRGB's primaries.

    None for a gamma as good as 1/2.2, by which sRGB itself is meant, and for one out of range.
    """
    if not 0.01 <= gamma <= 100 or abs(gamma * 2.2 - 1) <= _SRGB_GAMMA_TOLERANCE:
        return None
    return Profile(b"", layout, LightSpace((_parametric(0, (1 / gamma,)),)))


def transform_to_srgb(profile: Profile, mode: str) -> ImageCms.ImageCmsTransform:
    """LittleCMS transform of 8-bit pictures of a mode (L, RGB, CMYK, LAB) to sRGB.

    Relative colorimetric with black point compensation, as is usual for pictures: paper becomes white, the deepest ink
    black.
    """
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile.data)),
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def deep_transform(profile: Profile, samples: npt.NDArray[np.uint16], name: str) -> npt.NDArray[np.uint16]:
    """Converts 16-bit samples (n, W, components) to sRGB (n, W, 3) through LittleCMS without falling to 8 bits.

    Raises:
        UnsupportedFormat: imagecodecs is not there.
    """
    try:
        import imagecodecs
    except ImportError as error:
        raise UnsupportedFormat(
            f"{name} has 16 bits and an ICC profile with tables of colours, which needs the extra `tiff`: "
            f"{install_command('tiff')}; or convert it to 8 bits or to an sRGB or gray profile"
        ) from error
    converted: npt.NDArray[np.uint16] = imagecodecs.cms_transform(
        np.ascontiguousarray(samples),
        profile.data,
        srgb_profile(),
        colorspace=profile.space,
        outcolorspace="rgb",
        outdtype=np.uint16,
        intent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        # Optimised, LittleCMS would go through a coarse table: errors of 0.16 in L* instead of 0.002.
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION | ImageCms.Flags.NOOPTIMIZE,
    )
    return converted


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """An sRGB profile, always the same bytes: LittleCMS writes the time into its own."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    data[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(data)


def _tags(data: bytes) -> dict[bytes, bytes]:
    """The tag table. Checks the header."""
    if len(data) < 132 or data[36:40] != b"acsp":
        raise ValueError("no ICC header")
    (size,) = struct.unpack_from(">I", data)
    if size > len(data):
        raise ValueError(f"{len(data)} bytes of {size}")
    if data[12:16] not in _CLASSES or data[16:20] not in _COMPONENTS:
        raise ValueError(f"no profile of pictures (class {data[12:16]!r}, space {data[16:20]!r})")
    (count,) = struct.unpack_from(">I", data, 128)
    if not 0 < count <= 100:
        raise ValueError(f"{count} tags")
    tags = {}
    for index in range(count):
        signature, offset, length = struct.unpack_from(">4sII", data, 132 + 12 * index)
        if offset + length > len(data):
            raise ValueError(f"tag {signature!r} lies outside")
        tags[signature] = data[offset : offset + length]
    return tags


def _matrix_space(tags: dict[bytes, bytes]) -> LightSpace:
    colorants = np.array([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]).T
    matrix = np.linalg.inv(_SRGB_D50) @ colorants
    sums = matrix.sum(axis=1, keepdims=True)
    if not np.allclose(sums, 1, atol=0.02):
        raise ValueError("its colorants do not add up to white")
    # Rounded colorants must not tint what is neutral.
    matrix /= sums
    curves = tuple(_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC"))
    return LightSpace(curves, matrix)


def _gray_curve(tag: bytes, connection_space: bytes) -> Curve:
    curve = _curve(tag)
    if connection_space != b"Lab ":
        return curve
    # With a Lab connection space the curve gives L* / 100.
    return lambda sample: lightness_to_light(curve(sample))


def lightness_to_light(sample: FloatArray) -> FloatArray:
    """L* / 100 to luminance (CIE 15): the curve of Lab samples."""
    f = (sample * 100 + 16) / 116
    return np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)).astype(np.float32)


def _xyz(tag: bytes) -> tuple[float, ...]:
    if tag[:4] != b"XYZ ":
        raise ValueError("colorant is no XYZ")
    return tuple(value / 65536 for value in struct.unpack_from(">3i", tag, 8))


def _curve(tag: bytes) -> Curve:
    """curveType or parametricCurveType (ICC.1:2022, 10.6 and 10.18)."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count <= 1:
            return _parametric(0, (struct.unpack_from(">H", tag, 12)[0] / 256 if count else 1.0,))
        return _sampled(np.frombuffer(tag, ">u2", count, 12) / 65535)
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        values = struct.unpack_from(f">{(1, 3, 4, 5, 7)[kind]}i", tag, 12)
        return _parametric(kind, tuple(value / 65536 for value in values))
    raise ValueError(f"unknown curve {tag[:4]!r}")


def _sampled(table: npt.NDArray[Any]) -> Curve:
    places = np.linspace(0, 1, len(table))
    return lambda sample: np.interp(sample, places, table).astype(np.float32)


def _parametric(kind: int, values: tuple[float, ...]) -> Curve:
    g, a, b, c, d, e, f = 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    if kind == 0:
        (g,) = values
    elif kind in (1, 2):
        g, a, b = values[:3]
        e = f = values[3] if kind == 2 else 0.0
        if a == 0:
            raise ValueError("curve without slope")
        d = -b / a
    elif kind == 3:
        g, a, b, c, d = values
    else:
        g, a, b, c, d, e, f = values
    if not 0 < g <= 100:
        raise ValueError(f"gamma {g}")

    def curve(sample: FloatArray) -> FloatArray:
        x = np.asarray(sample, np.float64)
        light = np.where(x >= d, np.maximum(a * x + b, 0) ** g + e, c * x + f)
        return np.clip(light, 0, 1).astype(np.float32)

    return curve


def _is_srgb(light: LightSpace) -> bool:
    levels = np.linspace(0, 1, 256, dtype=np.float32)
    curves = all(
        np.abs(linear_to_srgb(curve(levels)) - linear_to_srgb(srgb_to_linear(levels))).max() < _SRGB_CURVE_TOLERANCE
        for curve in light.curves
    )
    return curves and (light.matrix is None or bool(np.allclose(light.matrix, np.eye(3), atol=_SRGB_MATRIX_TOLERANCE)))


def srgb_picture(strip: Image.Image, transform: Any) -> Image.Image:
    """Applies a transform of `transform_to_srgb` to a picture of its mode."""
    converted = ImageCms.applyTransform(strip, transform)
    assert converted is not None  # None only for inPlace
    return converted
