"""A photograph as the rest of the package sees it: its lightness, and all that came with it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["DeepRows", "Gray", "Metadata", "Photograph"]

Gray = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]


class DeepRows(Protocol):
    """A picture (H, W, 3) uint16 sRGB that gives the rows of a slice: an array, or one that makes them when asked."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(H, W, 3)."""
        ...

    def __getitem__(self, rows: slice, /) -> npt.NDArray[np.uint16]: ...


@dataclass(frozen=True)
class Metadata:
    """What a file says about its picture, ready to be written again: nothing in here speaks of the old pixels.

    Attributes:
        format: what the source was: jpeg, png, webp, tiff, avif, bmp, gif, heif, or array.
        bits: depth of the source's samples, 8 or 16; the depth that an output keeps where its format can.
        exif: TIFF-structured EXIF block without the "Exif\\0\\0" prefix, as the source holds it, with Orientation and
            ColorSpace set to 1 and without the thumbnail.
        xmp: the source's XMP packet, as it was.
        photoshop: Photoshop image resources (8BIM blocks, IPTC-IIM among them) without thumbnails and profile.
        comment: the comment of a JPEG, PNG or GIF file.
        texts: a PNG's texts by their keywords, without those that hold EXIF, XMP or IPTC.
        dpi: horizontal and vertical resolution in pixels an inch, after the rotation.
        path: the file read, by its name or through a stream or Pillow picture, so that no output replaces it.
        sha256: gives the source's sha256, whether it was a file, bytes or a stream; None for what had no file.
    """

    format: str
    bits: Literal[8, 16] = 8
    exif: bytes | None = None
    xmp: bytes | None = None
    photoshop: bytes | None = None
    comment: bytes | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    dpi: tuple[float, float] | None = None
    path: Path | None = None
    sha256: Callable[[], str] | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What to call the photograph in messages."""
        return "the photograph" if self.path is None else str(self.path)


@dataclass(frozen=True, eq=False)
class Photograph:
    """One photograph, upright, without colour.

    Attributes:
        gray: (H, W) uint8 or uint16, sRGB-encoded neutral gray that has the photograph's CIE L*. uint8 only where that
            is exact: an 8-bit neutral source that needed no conversion.
        alpha: (H, W) uint8 or uint16, 0 transparent, or None.
        had_color: whether the source showed real colours, more than the single tint of a toned or yellowed print.
        metadata: what else came with it.
    """

    gray: Gray
    alpha: Gray | None = None
    had_color: bool = False
    metadata: Metadata = field(default_factory=lambda: Metadata("array"))

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.gray.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.gray.shape[0])

    @cached_property
    def sha256(self) -> str:
        """Of the file, whether it came by its path, as bytes or as a stream; of `gray` for an array or Pillow picture.

        Raises:
            InputError: the file cannot be read any more.
        """
        given = self.metadata.sha256
        return hashlib.sha256(self.gray.tobytes()).hexdigest() if given is None else given()
