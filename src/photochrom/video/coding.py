"""What the numbers of a frame mean (ITU-T H.273), and chroma that leaves luma alone.

A film's picture is luma Y' and two differences of colour, Cb and Cr. A frame without colour is its Y' alone, so that
colouring is to write Cb and Cr: Y' goes through bit for bit. Colours that red, green and blue cannot hold at that Y'
give up chroma.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom.color import FloatArray, gray_to_lightness
from photochrom.pixels import curve_index, curve_table, linear_rgb
from photochrom.resample import GrayArray

UNSPECIFIED = 2
FULL_RANGE, LIMITED_RANGE = 2, 1  # FFmpeg's AVColorRange
# H.273 table 4: the shares of red and blue in Y', by the code of the matrix.
LUMA_SHARES = {
    1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593),
}  # fmt: skip
_BT709, _BT601_625, _BT601_525 = 1, 5, 6
# Films of up to so many rows are of standard definition, where players take BT.601 for granted.
_SD_ROWS = 576
_SD_525_ROWS = 486


@dataclass(frozen=True)
class Coding:
    """How light became numbers.

    Attributes:
        bits: of each number, 8 to 16.
        full: whether black is 0 and white the largest number; otherwise they are 16 and 235, in 8 bits.
        primaries, transfer, matrix: codes of H.273.
    """

    bits: int
    full: bool
    primaries: int
    transfer: int
    matrix: int

    @property
    def black(self) -> int:
        """The number of black."""
        return 0 if self.full else 16 << (self.bits - 8)

    @property
    def luma_span(self) -> int:
        """From black to white."""
        return (1 << self.bits) - 1 if self.full else 219 << (self.bits - 8)

    @property
    def chroma_span(self) -> int:
        """From the lowest to the highest difference of colour."""
        return (1 << self.bits) - 1 if self.full else 224 << (self.bits - 8)


def named_coding(bits: int, full: bool, rows: int, primaries: int, transfer: int, matrix: int) -> Coding:
    """The coding of a film, where what it does not say is what players assume for that many rows of picture.

    A film in gray says nothing of its matrix, and one of RGB has none; but its colours need one.
    """
    usual = _BT709 if rows > _SD_ROWS else _BT601_525 if rows <= _SD_525_ROWS else _BT601_625

    def said(code: int, default: int) -> int:
        return default if code in (0, UNSPECIFIED, 3) else code

    # The curves of BT.601 and BT.709 are one; code 5 means another one.
    curve = _BT601_525 if usual == _BT601_625 else usual
    known = matrix if matrix in LUMA_SHARES else usual
    return Coding(bits, full, said(primaries, usual), said(transfer, curve), known)


def gray_values(luma: npt.NDArray[Any], coding: Coding) -> GrayArray:
    """Luma as gray of sRGB, 8 bits as uint8 and more as uint16: a photograph (H, W)."""
    gray: GrayArray = _gray_table(coding.bits, coding.full).take(luma, mode="clip")
    return gray


def reduced_gray(luma: npt.NDArray[Any], coding: Coding, block: tuple[int, int]) -> npt.NDArray[np.uint16]:
    """Gray of sRGB in 16 bits at chroma's size: the means of blocks of rows and columns, (ceil(H / rows), ...)."""
    mean = np.mean(_parts(luma, block), axis=0, dtype=np.float32)
    gray = (mean - np.float32(coding.black)) * np.float32(65535 / coding.luma_span)
    reduced: npt.NDArray[np.uint16] = np.rint(np.clip(gray, 0, 65535)).astype(np.uint16)
    return reduced


def luma_in_bits(luma: npt.NDArray[Any], coding: Coding, bits: int) -> npt.NDArray[Any]:
    """Luma in so many bits: itself where they are its own."""
    if bits == coding.bits:
        return luma
    factor = ((1 << bits) - 1) / ((1 << coding.bits) - 1) if coding.full else 2.0 ** (bits - coding.bits)
    scaled = np.minimum(np.rint(luma * factor), (1 << bits) - 1)
    return scaled.astype(np.uint8 if bits == 8 else np.uint16)


def chroma(
    gray: npt.NDArray[np.uint16],
    ab: FloatArray,
    luma: npt.NDArray[Any],
    coding: Coding,
    block: tuple[int, int],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The numbers Cb and Cr of colours.

    Args:
        gray: what `reduced_gray` gives, (h, w).
        ab: colours (2, h, w) in Lab units.
        luma: Y' (H, W), as it is written.
        coding: of luma.
        block: rows and columns of luma that share a colour.

    Returns:
        Cb and Cr (h, w), uint8 or uint16. Together with each Y' of their block they give red, green and blue in [0, 1],
        up to half a step of chroma; what lies outside moves towards neutral in a straight line. Where Y' itself is
        blacker than black or whiter than white, neutral.
    """
    red_share, blue_share = LUMA_SHARES[coding.matrix]
    shares = np.array([red_share, 1 - red_share - blue_share, blue_share], np.float32)
    curve = curve_table(16)
    red, green, blue = (
        np.take(curve, curve_index(plane, 16), mode="clip").astype(np.float32) / 65535
        for plane in linear_rgb(gray_to_lightness(gray), ab[0], ab[1])
    )
    own_luma = shares[0] * red + shares[1] * green + shares[2] * blue
    # What each channel differs from Y' by is chroma; a factor common to all three scales it.
    differences = [red - own_luma, green - own_luma, blue - own_luma]
    scale = _gamut_scale(differences, *_extremes(luma, coding, block))
    cb = differences[2] * scale / np.float32(2 * (1 - blue_share))
    cr = differences[0] * scale / np.float32(2 * (1 - red_share))
    return _numbers(cb, coding), _numbers(cr, coding)


def _gamut_scale(differences: list[FloatArray], lowest: FloatArray, highest: FloatArray) -> FloatArray:
    """By how much chroma must shrink so that Y' + differences stays in [0, 1] from the lowest to the highest Y'."""
    most = np.maximum(np.maximum(*differences[:2]), differences[2])
    least = np.minimum(np.minimum(*differences[:2]), differences[2])
    tiny = np.float32(1e-6)
    room = np.minimum((1 - highest) / np.maximum(most, tiny), lowest / np.maximum(-least, tiny))
    return np.clip(room, 0, 1)


def _extremes(luma: npt.NDArray[Any], coding: Coding, block: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """The lowest and the highest Y' of each block, 0 black to 1 white."""
    parts = _parts(luma, block)
    lowest, highest = np.minimum.reduce(parts), np.maximum.reduce(parts)
    black, span = np.float32(coding.black), np.float32(coding.luma_span)
    return (lowest - black) / span, (highest - black) / span


def _parts(luma: npt.NDArray[Any], block: tuple[int, int]) -> list[npt.NDArray[Any]]:
    """The planes of each block's first, second ... pixel, all (h, w); the last row and column stand in for missing."""
    rows, columns = block
    missing = -luma.shape[0] % rows, -luma.shape[1] % columns
    if any(missing):
        luma = np.pad(luma, ((0, missing[0]), (0, missing[1])), mode="edge")
    return [luma[y::rows, x::columns] for y in range(rows) for x in range(columns)]


def _numbers(differences: FloatArray, coding: Coding) -> npt.NDArray[Any]:
    differences *= np.float32(coding.chroma_span)
    differences += np.float32(1 << (coding.bits - 1))
    numbers = np.clip(np.rint(differences), 0, (1 << coding.bits) - 1)
    return numbers.astype(np.uint8 if coding.bits == 8 else np.uint16)


@lru_cache(maxsize=4)
def _gray_table(bits: int, full: bool) -> GrayArray:
    coding = Coding(bits, full, *[UNSPECIFIED] * 3)
    most = 255 if bits == 8 else 65535
    gray = (np.arange(1 << bits) - coding.black) * (most / coding.luma_span)
    table: GrayArray = np.rint(np.clip(gray, 0, most)).astype(np.uint8 if bits == 8 else np.uint16)
    table.setflags(write=False)
    return table
