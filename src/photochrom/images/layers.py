"""Colours as a layer for picture editors: alone, or over the photograph in an OpenRaster file.

A layer in the blend mode "color" gives hue and chroma and leaves the lightness below it (W3C Compositing and Blending
Level 1, section 10.2.2). The layer is the coloured picture itself: with the photograph's own lightness in it the blend
gives that picture back, whereas colours at one even lightness would come out stronger in the shadows.
"""

import io
import os
import zipfile
from pathlib import Path
from typing import IO, BinaryIO
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..errors import UnsupportedFormat
from . import xmp
from .atomic import whole_file
from .encode import spare_the_input
from .icc import srgb_profile
from .photograph import Photograph
from .png_texts import XMP_KEY

__all__ = ["write_layer"]

# OpenRaster's baseline: https://www.openraster.org, version 0.0.6 of the specification.
_VERSION = "0.0.6"
_THUMBNAIL_SIDE = 256
# The earliest date that a zip archive can hold: the same input gives the same bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def write_layer(
    colours: Image.Image,
    photograph: Photograph,
    destination: str | os.PathLike[str] | BinaryIO,
    *,
    overwrite: bool = False,
    software: str = "photochrom",
    model: str | None = None,
) -> None:
    """Writes colours as a layer, whole or not at all; its XMP says that an algorithm made them.

    Args:
        colours: the coloured picture, RGB, as large as the photograph.
        photograph: what was coloured; its transparency is the layer's.
        destination: a path ending in .png (the colours alone) or .ora (the photograph and over it the colours), or a
            binary stream, which gets the PNG.
        overwrite: whether an existing file may be replaced. The photograph's own file never is.
        software: the program's name and version, for the XMP.
        model: the model's name, for the XMP.

    Raises:
        UnsupportedFormat: the path ends otherwise.
        OutputExists: the file exists and `overwrite` is false, or it is the photograph read.
        InputError: the folder is missing or not writable.
    """
    statement = PngInfo()
    statement.add_itxt(XMP_KEY, xmp.colorized(None, software=software, model=model).decode())
    if not isinstance(destination, (str, os.PathLike)):
        _png(colours, photograph, destination, statement)
        return
    path = Path(destination)
    writers = {".png": _png, ".ora": _open_raster}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UnsupportedFormat(f"{path} does not end like a layer that is written here: choose {' or '.join(writers)}")
    spare_the_input(path, photograph.metadata.path)
    with whole_file(path, overwrite=overwrite) as stream:
        writer(colours, photograph, stream, statement)


def _open_raster(colours: Image.Image, photograph: Photograph, stream: IO[bytes], statement: PngInfo) -> None:
    """The photograph, in 8 bits, and over it the colours in blend mode "color"."""
    size = {"w": str(photograph.width), "h": str(photograph.height)}
    if photograph.metadata.dpi:
        size |= {name: str(round(dpi)) for name, dpi in zip(("xres", "yres"), photograph.metadata.dpi, strict=True)}
    image = ElementTree.Element("image", {"version": _VERSION, **size})
    stack = ElementTree.SubElement(image, "stack")
    layers = {
        "data/colours.png": {"name": "Colours", "composite-op": "svg:color"},
        "data/photograph.png": {"name": "Photograph", "composite-op": "svg:src-over"},
    }
    for source, about in layers.items():
        ElementTree.SubElement(stack, "layer", {**about, "src": source, "x": "0", "y": "0", "opacity": "1.0"})
    thumbnail = colours.copy()
    thumbnail.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE))
    with zipfile.ZipFile(stream, "w") as archive:
        # First and not compressed, so that a file's first bytes tell what it is.
        archive.writestr(_entry("mimetype"), b"image/openraster")
        archive.writestr(_entry("stack.xml"), ElementTree.tostring(image, encoding="UTF-8", xml_declaration=True))
        pictures = {
            "data/colours.png": (colours, statement),
            "data/photograph.png": (_gray(photograph), None),
            "mergedimage.png": (colours, statement),
        }
        for name, (picture, said) in pictures.items():
            with archive.open(_entry(name), "w", force_zip64=True) as file:
                _png(picture, photograph, file, said)
        archive.writestr(_entry("Thumbnails/thumbnail.png"), _thumbnail_png(thumbnail))


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, _NO_DATE)


def _gray(photograph: Photograph) -> Image.Image:
    gray = photograph.gray
    levels = gray if gray.dtype == np.uint8 else np.rint(gray / np.float32(257)).astype(np.uint8)
    return Image.fromarray(levels).convert("RGB")


def _png(picture: Image.Image, photograph: Photograph, stream: IO[bytes], statement: PngInfo | None) -> None:
    alpha = photograph.alpha
    if alpha is not None:
        opacity = alpha if alpha.dtype == np.uint8 else np.rint(alpha / np.float32(257)).astype(np.uint8)
        picture = picture.copy()
        picture.putalpha(Image.fromarray(opacity))
    picture.save(stream, "PNG", compress_level=3, icc_profile=srgb_profile(), pnginfo=statement)


def _thumbnail_png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()
