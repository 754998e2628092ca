"""Photographs in and out: every common format, and everything that came with the picture.

`read` gives a `Photograph`: the lightness as neutral gray, alpha, and the metadata. `write` puts colours and metadata
into a file, whole or not at all, `write_layer` colours alone for an editor. `read_color` reads reference pictures.
"""

from .encode import FORMATS, encode, output_depth, output_format, write
from .layers import write_layer
from .photograph import Gray, Metadata, Photograph
from .read import PhotographSource, read, read_color
from .source import MAX_PIXELS

__all__ = [
    "FORMATS",
    "MAX_PIXELS",
    "Gray",
    "Metadata",
    "Photograph",
    "PhotographSource",
    "encode",
    "output_depth",
    "output_format",
    "read",
    "read_color",
    "write",
    "write_layer",
]
