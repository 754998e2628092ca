"""PNG of 16 bits a sample (ISO/IEC 15948), which Pillow does not write."""

import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from PIL.PngImagePlugin import PngInfo

from .photograph import DeepRows, Metadata

__all__ = ["sub_filtered", "write_chunk", "write_png16"]

_SUB = 1
_TRUECOLOUR, _TRUECOLOUR_ALPHA = 2, 6
_STRIP_BYTES = 1 << 20

# The lower bytes of a photograph are noise: higher levels take several times as long for about one part in a hundred.
_LEVEL = 3


def write_png16(
    pixels: DeepRows,
    alpha: npt.NDArray[np.uint16] | None,
    metadata: Metadata,
    *,
    profile: bytes,
    texts: PngInfo,
    stream: BinaryIO,
) -> None:
    """Writes (H, W, 3) uint16 RGB, with (H, W) alpha or without, as it goes: memory holds a few rows.

    Args:
        pixels: sRGB.
        alpha: straight, or None.
        metadata: EXIF and resolution are taken from it.
        profile: ICC profile to embed.
        texts: XMP among them.
        stream: written from the beginning to the end.
    """
    height, width = pixels.shape[:2]
    kind = _TRUECOLOUR if alpha is None else _TRUECOLOUR_ALPHA
    stream.write(b"\x89PNG\r\n\x1a\n")
    write_chunk(stream, b"IHDR", struct.pack(">2L5B", width, height, 16, kind, 0, 0, 0))
    write_chunk(stream, b"iCCP", b"sRGB\0\0" + zlib.compress(profile))
    if metadata.dpi:
        x, y = (round(dpi / 0.0254) for dpi in metadata.dpi)
        write_chunk(stream, b"pHYs", struct.pack(">2LB", x, y, 1))
    if metadata.exif:
        write_chunk(stream, b"eXIf", metadata.exif)
    for name, data, *_ in texts.chunks:
        write_chunk(stream, name, data)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    samples = 3 if alpha is None else 4
    step = max(1, _STRIP_BYTES // (2 * samples * width))
    for top in range(0, height, step):
        rows: npt.NDArray[Any] = pixels[top : top + step]
        if alpha is not None:
            rows = np.concatenate([rows, alpha[top : top + step, :, np.newaxis]], axis=-1)
        data = packer.compress(sub_filtered(rows))
        if data:
            write_chunk(stream, b"IDAT", data)
    write_chunk(stream, b"IDAT", packer.flush())
    write_chunk(stream, b"IEND", b"")


def sub_filtered(rows: npt.NDArray[Any]) -> bytes:
    """Rows (n, W, samples) of uint8 or uint16 as they are compressed, each behind the number of its filter.

    The filter Sub takes from each byte that of the pixel to the left.
    """
    count, width, samples = rows.shape
    pixel = samples * rows.itemsize
    data = rows.astype(rows.dtype.newbyteorder(">")).view(np.uint8).reshape(count, width * pixel)
    out = np.empty((count, 1 + data.shape[1]), np.uint8)
    out[:, 0] = _SUB
    out[:, 1 : 1 + pixel] = data[:, :pixel]
    np.subtract(data[:, pixel:], data[:, :-pixel], out=out[:, 1 + pixel :])
    return out.tobytes()


def write_chunk(stream: BinaryIO, name: bytes, data: bytes) -> None:
    """Writes a chunk: its length, name, data and checksum."""
    checksum = zlib.crc32(data, zlib.crc32(name))
    stream.write(struct.pack(">L", len(data)) + name + data + struct.pack(">L", checksum))
