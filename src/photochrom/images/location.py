"""Where a photograph was taken: taking that out of what came with it."""

from dataclasses import replace

from . import exif, xmp
from .photograph import Metadata

__all__ = ["without_gps"]


def without_gps(metadata: Metadata) -> Metadata:
    """The metadata without GPS positions, in EXIF, XMP and a PNG's texts. XMP that cannot be read goes as a whole."""
    block = exif.without_gps(metadata.exif) if metadata.exif else None
    packet = xmp.without_gps(metadata.xmp) if metadata.xmp else None
    # ImageMagick writes what EXIF says into texts as well: exif:GPSLatitude and so on.
    texts = {key: text for key, text in metadata.texts.items() if "gps" not in key.lower()}
    return replace(metadata, exif=block, xmp=packet, texts=texts)
