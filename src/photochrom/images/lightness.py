"""From samples to neutral gray of the same CIE L*, strip by strip.

L* is a function of the luminance Y alone, and sRGB-encoded neutral gray of luminance Y is the sRGB curve of Y. So every
source goes the same way: tone curves to linear light, a weighted sum to Y, the sRGB curve back. Tables do both curves;
a strip stays within the processor's cache.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..color import linear_to_srgb, srgb_to_lab, srgb_to_linear
from .photograph import Gray

__all__ = ["SRGB", "Curve", "FloatArray", "LightSpace", "Samples", "has_color", "to_gray", "to_srgb"]

FloatArray = npt.NDArray[np.float32]
Curve = Callable[[FloatArray], FloatArray]

# Second row of the matrix from linear sRGB to XYZ (D65), as in color.py.
_SRGB_WEIGHTS = np.array([0.212671, 0.715160, 0.072169], dtype=np.float64)

# Luminances the encoding table tells apart. L* rises by at most 903.3 per unit of Y: an error of at most 0.002.
_LUMINANCES = 1 << 18

# Pixels converted at a time: three float32 planes of this many fit in a 2 MB cache.
_STRIP_PIXELS = 1 << 16

# A picture is toned, not coloured, where chroma strays from its tint (a smooth function of L) by less than this.
_TINT_SPREAD = 3.0


@dataclass(frozen=True)
class LightSpace:
    """How samples in [0, 1] become light.

    Attributes:
        curves: one tone curve for gray, three for RGB: sample in [0, 1] to linear light.
        matrix: (3, 3) from linear RGB of the source to linear sRGB; out-of-gamut colours may leave [0, 1].
    """

    curves: tuple[Curve, ...] = (srgb_to_linear,)
    matrix: npt.NDArray[np.float64] | None = None

    @property
    def luminance_weights(self) -> npt.NDArray[np.float64]:
        """(3,) share of each linear channel in Y."""
        return _SRGB_WEIGHTS if self.matrix is None else _SRGB_WEIGHTS @ self.matrix


SRGB = LightSpace()


@dataclass(frozen=True)
class Samples:
    """A decoded picture that gives its rows on demand.

    Attributes:
        width: pixels in a row.
        height: rows.
        layout: gray: one sample a pixel; rgb: three. Either may be followed by alpha.
        bits: 8 or 16, the depth of the samples that `rows` gives (uint8 or uint16, full range).
        alpha: whether the last sample is alpha.
        rows: (top, bottom) -> (bottom - top, width, samples) array.
        space: what the samples mean.
    """

    width: int
    height: int
    layout: Literal["gray", "rgb"]
    bits: Literal[8, 16]
    alpha: bool
    rows: Callable[[int, int], npt.NDArray[Any]]
    space: LightSpace = SRGB

    def strips(self) -> Iterator[tuple[slice, npt.NDArray[Any]]]:
        """The whole picture from the top, in strips of a size that suits the cache."""
        step = max(1, _STRIP_PIXELS // self.width)
        for top in range(0, self.height, step):
            bottom = min(top + step, self.height)
            yield slice(top, bottom), self.rows(top, bottom)


def to_gray(samples: Samples) -> tuple[Gray, Gray | None]:
    """Reads all rows and keeps their lightness.

    Returns:
        gray: (H, W), uint8 where the source is 8-bit, neutral and sRGB-encoded, otherwise uint16.
        alpha: (H, W) of the source's depth, or None.
    """
    shape = samples.height, samples.width
    depth: Any = np.uint8 if samples.bits == 8 else np.uint16
    alpha = np.empty(shape, depth) if samples.alpha else None
    convert = _Converter(samples.space, samples.bits)
    gray = np.empty(shape, depth if convert.neutral is None else np.uint16)
    for rows, strip in samples.strips():
        if alpha is not None:
            alpha[rows] = strip[..., -1]
        if samples.layout == "gray" or _is_neutral(strip):
            plane = strip[..., 0] if convert.neutral is None else convert.neutral[strip[..., 0]]
            gray[rows] = plane if plane.dtype == gray.dtype else np.multiply(plane, 257, dtype=np.uint16)
        else:
            if gray.dtype == np.uint8:
                # The first coloured strip: what was read so far was neutral and goes on, exactly, with 16 bits.
                gray = _widened(gray, rows.start)
            gray[rows] = convert.luminance(strip)
    return gray, alpha


def to_srgb(samples: Samples) -> npt.NDArray[np.uint8] | FloatArray:
    """Reads all rows as (H, W, 3) sRGB: uint8 from 8-bit sRGB, float32 in [0, 1] otherwise."""
    exact = samples.bits == 8 and samples.space is SRGB
    dtype: Any = np.uint8 if exact else np.float32
    picture = np.empty((samples.height, samples.width, 3), dtype)
    for rows, strip in samples.strips():
        color = strip[..., :1] if samples.layout == "gray" else strip[..., :3]
        if exact:
            picture[rows] = color
            continue
        scaled = color.astype(np.float32) / np.float32(2**samples.bits - 1)
        if samples.space is SRGB:
            picture[rows] = scaled
            continue
        curves = samples.space.curves
        linear = np.stack([curves[c % len(curves)](scaled[..., c]) for c in range(color.shape[-1])], axis=-1)
        if samples.space.matrix is not None and samples.layout == "rgb":
            linear = linear @ samples.space.matrix.T.astype(np.float32)
        picture[rows] = np.clip(linear_to_srgb(linear), 0, 1)
    return picture


def has_color(samples: Samples) -> bool:
    """Whether a sparse look at the picture finds more than one tint (gray, sepia, selenium, yellowed paper)."""
    if samples.layout == "gray":
        return False
    step = max(1, samples.height // 64)
    columns = max(1, samples.width // 64)
    rows = [samples.rows(y, y + 1)[0, ::columns, :3] for y in range(step // 2, samples.height, step)]
    lab = srgb_to_lab(np.concatenate(rows).astype(np.float32) / np.float32(2**samples.bits - 1))
    # A toned print has one ab for each L: what remains after the mean of each band of L is real colour.
    bands = np.clip((lab[:, 0] / 10).astype(np.intp), 0, 9)
    counts = np.maximum(np.bincount(bands, minlength=10), 1)
    residual = [lab[:, c] - (np.bincount(bands, lab[:, c], 10) / counts)[bands] for c in (1, 2)]
    return bool(np.sqrt(np.mean(residual[0] ** 2 + residual[1] ** 2)) > _TINT_SPREAD)


class _Converter:
    """The tables of one light space at one depth.

    `neutral` maps a neutral sample to gray of 16 bits; None where that is the identity. (An ICC profile of sRGB is
    taken as sRGB by icc.py, so the identity is `SRGB` itself.)
    """

    def __init__(self, space: LightSpace, bits: int) -> None:
        self._levels = np.linspace(0, 1, 1 << bits, dtype=np.float32)
        self._space = space
        self._channels: FloatArray | None = None
        self.neutral: npt.NDArray[np.uint16] | None = None
        if space is not SRGB:
            light = np.mean([curve(self._levels) for curve in space.curves], axis=0)
            self.neutral = np.rint(np.clip(linear_to_srgb(light), 0, 1) * 65535).astype(np.uint16)

    def luminance(self, strip: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
        """Gray of 16 bits of a strip (n, W, at least 3)."""
        if self._channels is None:
            curves = self._space.curves
            weights = self._space.luminance_weights * (_LUMINANCES - 1)
            light = [weights[c] * curves[c % len(curves)](self._levels) for c in range(3)]
            self._channels = np.asarray(light, dtype=np.float32)
        total = self._channels[0][strip[..., 0]]
        total += self._channels[1][strip[..., 1]]
        total += self._channels[2][strip[..., 2]]
        # Half a step: the cast below cuts.
        total += np.float32(0.5)
        np.clip(total, 0, _LUMINANCES - 1, out=total)
        gray: npt.NDArray[np.uint16] = _encoding()[total.astype(np.int32)]
        return gray


@lru_cache(maxsize=1)
def _encoding() -> npt.NDArray[np.uint16]:
    """The sRGB curve from `_LUMINANCES` equally spaced luminances to 16 bits."""
    luminance = np.linspace(0, 1, _LUMINANCES, dtype=np.float32)
    return np.rint(linear_to_srgb(luminance) * 65535).astype(np.uint16)


def _is_neutral(strip: npt.NDArray[Any]) -> bool:
    red = strip[..., 0]
    return bool(np.array_equal(red, strip[..., 1]) and np.array_equal(red, strip[..., 2]))


def _widened(gray: npt.NDArray[Any], rows: int) -> npt.NDArray[np.uint16]:
    wide = np.empty(gray.shape, np.uint16)
    np.multiply(gray[:rows], 257, out=wide[:rows], dtype=np.uint16)
    return wide
