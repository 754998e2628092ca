"""The sheet as one PNG picture, written as it goes: memory holds a row of it."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from photochrom import __version__
from photochrom.comparison.row import Label, mean_labels
from photochrom.comparison.store import RowStore, Stored
from photochrom.comparison.words import NOTE, TITLE, figure_words, mean_words
from photochrom.evaluation.datasets import Picture
from photochrom.images.png16 import sub_filtered, write_chunk
from photochrom.images.xmp import colorized

_PAPER, _INK, _QUIET = (250, 249, 246), (38, 38, 36), (104, 102, 96)
_MARGIN, _GAP = 24, 16
# Wide enough for the longest of our own titles and for the figures, also under narrow pictures.
_NARROWEST = 290
_LARGE, _TEXT, _LINE = 22, 18, 24
_TRUECOLOUR = 2


@dataclass(frozen=True)
class Layout:
    """Where things lie on a sheet, in pixels.

    Attributes:
        column: width of the columns.
        width: of the sheet.
        header, footer: heights of what stands above and below the rows.
        rows: heights of the rows.
    """

    column: int
    width: int
    header: int
    rows: tuple[int, ...]
    footer: int

    @property
    def height(self) -> int:
        """Of the sheet."""
        return self.header + sum(self.rows) + self.footer


def layout(entries: Sequence[Stored]) -> Layout:
    """Places the rows of a sheet: columns are as wide as the widest photograph."""
    column = max(_NARROWEST, *(entry.shape[2] for entry in entries))
    columns = max(entry.shape[0] for entry in entries)
    width = 2 * _MARGIN + columns * (column + _GAP) - _GAP
    notes = len(_wrapped(NOTE, width - 2 * _MARGIN, _font(_TEXT)))
    rows = tuple(_LINE + entry.shape[1] + _GAP // 2 + _caption_height(entry.labels) + _MARGIN for entry in entries)
    footer = _LINE + _caption_height(mean_labels(entry.labels for entry in entries)[1]) + _MARGIN
    return Layout(column, width, _MARGIN + _LINE * (notes + 1) + _MARGIN, rows, footer if len(entries) > 1 else 0)


def write_sheet(rows: RowStore, models: Sequence[str], stream: BinaryIO) -> None:
    """Writes a sheet: for each photograph its input, the results and the original, with figures under each.

    Args:
        rows: at least one.
        models: names of the networks, for the XMP.
        stream: written from the beginning to the end.
    """
    placed = layout(rows.entries)
    stream.write(b"\x89PNG\r\n\x1a\n")
    write_chunk(stream, b"IHDR", struct.pack(">2L5B", placed.width, placed.height, 8, _TRUECOLOUR, 0, 0, 0))
    write_chunk(stream, b"sRGB", b"\0")
    packet = colorized(None, software=f"photochrom {__version__}", model=", ".join(models))
    write_chunk(stream, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    packer = zlib.compressobj()
    for band in _bands(rows, placed):
        if data := packer.compress(sub_filtered(band)):
            write_chunk(stream, b"IDAT", data)
    write_chunk(stream, b"IDAT", packer.flush())
    write_chunk(stream, b"IEND", b"")


def _bands(rows: RowStore, placed: Layout) -> Iterator[Picture]:
    yield _header(placed)
    for row, height in zip(rows, placed.rows, strict=True):
        band, draw = _band(placed.width, height)
        draw.text((_MARGIN, 0), _shortened(row.name, placed.width - 2 * _MARGIN), _QUIET, _font(_TEXT))
        for number, picture in enumerate(row.pictures):
            band.paste(Image.fromarray(picture), (_left(placed, number), _LINE))
        _caption(draw, placed, _LINE + row.pictures.shape[1] + _GAP // 2, row.labels)
        yield np.asarray(band)
    if placed.footer:
        yield _means(rows, placed)


def _header(placed: Layout) -> Picture:
    band, draw = _band(placed.width, placed.header)
    draw.text((_MARGIN, _MARGIN), TITLE, _INK, _font(_LARGE))
    for number, line in enumerate(_wrapped(NOTE, placed.width - 2 * _MARGIN, _font(_TEXT)), 1):
        draw.text((_MARGIN, _MARGIN + number * _LINE + _GAP // 2), line, _QUIET, _font(_TEXT))
    return np.asarray(band)


def _means(rows: RowStore, placed: Layout) -> Picture:
    count, labels = mean_labels(entry.labels for entry in rows.entries)
    band, draw = _band(placed.width, placed.footer)
    draw.text((_MARGIN, 0), mean_words(count, len(rows.entries)), _INK, _font(_TEXT))
    _caption(draw, placed, _LINE, labels)
    return np.asarray(band)


def _caption(draw: ImageDraw.ImageDraw, placed: Layout, top: int, labels: Sequence[Label]) -> None:
    for number, label in enumerate(labels):
        left = _left(placed, number)
        draw.text((left, top), _shortened(label.title, placed.column), _INK, _font(_TEXT))
        for line, words in enumerate(_figure_lines(label), 1):
            draw.text((left, top + line * _LINE), words, _QUIET, _font(_TEXT))


def _caption_height(labels: Sequence[Label]) -> int:
    return _LINE * (1 + max(len(_figure_lines(label)) for label in labels))


def _figure_lines(label: Label) -> list[str]:
    return [f"{name} {value}" for name, value in figure_words(label.figures) if value]


def _left(placed: Layout, column: int) -> int:
    return _MARGIN + column * (placed.column + _GAP)


def _band(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    band = Image.new("RGB", (width, height), _PAPER)
    return band, ImageDraw.Draw(band)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font inside Pillow, the same on every machine."""
    return ImageFont.load_default(size)


def _shortened(text: str, width: int) -> str:
    """Text that fits, its middle left out if need be. The font has ASCII alone: accents go, other letters become ?."""
    font = _font(_TEXT)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = "".join(c if c.isascii() and c.isprintable() else "?" for c in plain)
    if font.getlength(plain) <= width:
        return plain
    keep = len(plain)
    while keep and font.getlength(short := f"{plain[: keep // 2]}...{plain[len(plain) - keep // 2 :]}") > width:
        keep -= 2
    return short


def _wrapped(text: str, width: int, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
