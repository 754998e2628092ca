"""What the page draws with: a rectangle of the photograph as an 8-bit gray PNG."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from photochrom.errors import InputError
from photochrom.images import Photograph

__all__ = ["View", "gray_view"]

_STRIP = 256


@dataclass(frozen=True)
class View:
    """A rectangle of a photograph, in its pixels, and the size to show it at."""

    left: int
    top: int
    right: int
    bottom: int
    width: int
    height: int

    @classmethod
    def within(
        cls,
        photograph: Photograph,
        rectangle: tuple[int | None, int | None, int | None, int | None],
        size: tuple[int | None, int | None],
        most: int,
    ) -> "View":
        """The view that was asked for.

        Args:
            photograph: what is seen.
            rectangle: left, top, right, bottom in pixels; None: the photograph's own border.
            size: width and height; None: by the other's proportion, or as large as can be. Cut to the rectangle's own.
            most: the longest side of a view.

        Raises:
            InputError: the rectangle is empty, or not within the photograph.
        """
        full = (0, 0, photograph.width, photograph.height)
        left, top, right, bottom = (own if given is None else given for given, own in zip(rectangle, full, strict=True))
        if not (left < right <= photograph.width and top < bottom <= photograph.height):
            raise InputError(
                f"the rectangle {left}, {top}, {right}, {bottom} must hold pixels and lie within the photograph of "
                f"{photograph.width} x {photograph.height}"
            )
        columns, rows = right - left, bottom - top
        width, height = size
        if width is None:
            scale = most / max(columns, rows) if height is None else height / rows
            width = round(columns * min(scale, 1))
        if height is None:
            height = round(rows * width / columns)
        return cls(
            left,
            top,
            right,
            bottom,
            *(max(1, min(side, own, most)) for side, own in ((width, columns), (height, rows))),
        )


def gray_view(photograph: Photograph, view: View) -> bytes:
    """The view as a PNG, reduced by area."""
    part = photograph.gray[view.top : view.bottom, view.left : view.right]
    if part.dtype == np.uint16:
        shallow = np.empty(part.shape, np.uint8)
        for at in range(0, len(part), _STRIP):
            shallow[at : at + _STRIP] = (part[at : at + _STRIP].astype(np.uint32) + 128) // 257
        part = shallow
    picture = Image.fromarray(np.ascontiguousarray(part))
    if picture.size != (view.width, view.height):
        picture = picture.resize((view.width, view.height), Image.Resampling.BOX)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
