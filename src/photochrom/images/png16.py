"""PNG of 16 bits a sample (ISO/IEC 15948), which Pillow does not write."""

import struct
import zlib
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from .photograph import DeepRows, Metadata

__all__ = ["write_png16"]

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
    packet: bytes,
    stream: BinaryIO,
) -> None:
    """Writes (H, W, 3) uint16 RGB, with (H, W) alpha or without, as it goes: memory holds a few rows.

    Args:
        pixels: sRGB.
        alpha: straight, or None.
        metadata: EXIF and resolution are taken from it.
        profile: ICC profile to embed.
        packet: XMP.
        stream: written from the beginning to the end.
    """
    height, width = pixels.shape[:2]
    kind = _TRUECOLOUR if alpha is None else _TRUECOLOUR_ALPHA
    stream.write(b"\x89PNG\r\n\x1a\n")
    _chunk(stream, b"IHDR", struct.pack(">2L5B", width, height, 16, kind, 0, 0, 0))
    _chunk(stream, b"iCCP", b"sRGB\0\0" + zlib.compress(profile))
    if metadata.dpi:
        x, y = (round(dpi / 0.0254) for dpi in metadata.dpi)
        _chunk(stream, b"pHYs", struct.pack(">2LB", x, y, 1))
    if metadata.exif:
        _chunk(stream, b"eXIf", metadata.exif)
    _chunk(stream, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 15, 9, zlib.Z_FILTERED)
    samples = 3 if alpha is None else 4
    step = max(1, _STRIP_BYTES // (2 * samples * width))
    for top in range(0, height, step):
        rows: npt.NDArray[Any] = pixels[top : top + step]
        if alpha is not None:
            rows = np.concatenate([rows, alpha[top : top + step, :, np.newaxis]], axis=-1)
        data = packer.compress(_filtered(rows))
        if data:
            _chunk(stream, b"IDAT", data)
    _chunk(stream, b"IDAT", packer.flush())
    _chunk(stream, b"IEND", b"")


def _filtered(rows: npt.NDArray[Any]) -> bytes:
    """Each row behind the filter's number; the filter Sub takes from each byte that of the pixel to the left."""
    count, width, samples = rows.shape
    data = rows.astype(">u2").view(np.uint8).reshape(count, width * samples * 2)
    out = np.empty((count, 1 + data.shape[1]), np.uint8)
    out[:, 0] = _SUB
    pixel = 2 * samples
    out[:, 1 : 1 + pixel] = data[:, :pixel]
    np.subtract(data[:, pixel:], data[:, :-pixel], out=out[:, 1 + pixel :])
    return out.tobytes()


def _chunk(stream: BinaryIO, name: bytes, data: bytes) -> None:
    checksum = zlib.crc32(data, zlib.crc32(name))
    stream.write(struct.pack(">L", len(data)) + name + data + struct.pack(">L", checksum))
