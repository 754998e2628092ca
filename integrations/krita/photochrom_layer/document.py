"""Between a Krita document and a picture of 8 bits: what is sent, and the layer that is laid over it."""

from __future__ import annotations

from krita import Document, Node, Selection
from PyQt5.QtCore import QBuffer, QByteArray, QIODevice
from PyQt5.QtGui import QImage

from .service import ServiceError

__all__ = ["check_model", "encoded", "lay_over", "picture_of"]

LAYER = "Colours"

_SRGB = "sRGB-elle-V2-srgbtrc.icc"
_LINEAR = "sRGB-elle-V2-g10.icc"
_NAMES = {"CMYKA": "CMYK", "LABA": "L*a*b*", "XYZA": "XYZ", "YCbCrA": "YCbCr", "A": "a mask"}


def check_model(document: Document) -> None:
    """Refuses documents in which the blend mode "Color" means nothing.

    Raises:
        ServiceError: the document is neither RGB nor gray.
    """
    model = document.colorModel()
    if model not in ("RGBA", "GRAYA"):
        raise ServiceError(
            f"This document is {_NAMES.get(model, model)}, and a layer of colours needs RGB. Convert it first: "
            "Image > Convert Image Color Space."
        )


def picture_of(document: Document) -> QImage:
    """What the document shows, in 8 bits sRGB; gray where nothing has colour."""
    document.waitForDone()
    copy = document.clone()
    copy.setBatchmode(True)
    try:
        # Flattened first: what blend modes give depends on the colour space that they work in.
        copy.flatten()
        copy.waitForDone()
        copy.setColorSpace("RGBA", "U8", _SRGB)
        copy.waitForDone()
        width, height = copy.width(), copy.height()
        pixels = copy.pixelData(copy.xOffset(), copy.yOffset(), width, height)
    finally:
        copy.close()
    # RGB32 has the same bytes and no transparency, which no colour depends on. The copy owns its memory.
    picture = QImage(pixels, width, height, 4 * width, QImage.Format_RGB32).copy()
    return picture.convertToFormat(QImage.Format_Grayscale8) if picture.isGrayscale() else picture


def encoded(picture: QImage) -> bytes:
    """The picture as a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(buffer.data())


def lay_over(document: Document, png: bytes) -> Node:
    """Lays the coloured picture over the document, in the blend mode "Color"; where something is selected, there alone.

    A gray document becomes RGB, of the same depth.

    Raises:
        ServiceError: the picture cannot be read, or is of another size.
    """
    colours = QImage.fromData(png, "PNG").convertToFormat(QImage.Format_ARGB32)
    width, height = document.width(), document.height()
    if (colours.width(), colours.height()) != (width, height):
        raise ServiceError(f"The service gave {colours.width()} x {colours.height()} pixels for {width} x {height}.")
    if document.colorModel() == "GRAYA":
        depth = document.colorDepth()
        document.setColorSpace("RGBA", depth, _SRGB if depth in ("U8", "U16") else _LINEAR)
        document.waitForDone()
    left, top = document.xOffset(), document.yOffset()
    layer = document.createNode(LAYER, "paintlayer")
    layer.setColorSpace("RGBA", "U8", _SRGB)
    layer.setPixelData(QByteArray(_masked(colours, document.selection(), left, top)), left, top, width, height)
    layer.setColorSpace("RGBA", document.colorDepth(), document.colorProfile())
    layer.setBlendingMode("color")
    # The document stays as transparent as it was.
    layer.setInheritAlpha(True)
    document.rootNode().addChildNode(layer, None)
    document.waitForDone()
    return layer


def _masked(colours: QImage, selection: Selection | None, left: int, top: int) -> bytes:
    """Krita's bytes of a layer, blue first; opaque where the selection is."""
    bits = colours.constBits()
    bits.setsize(colours.sizeInBytes())
    pixels = bytearray(bits)
    if selection is not None:
        pixels[3::4] = bytes(selection.pixelData(left, top, colours.width(), colours.height()))
    return bytes(pixels)
