"""TIFF of 8 or 16 bits with everything that came with the photograph in its directories (TIFF 6.0, EXIF 2.3)."""

import io
import struct
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from ..processors import processors
from . import exif, photoshop
from .photograph import Metadata

__all__ = ["write_tiff"]

_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG = 700, 33723, 34377
_BYTE, _UNDEFINED = 1, 7
_STRIP_BYTES = 1 << 20
_LEVEL = 3
_MAX_THREADS = 8
_PREDICTOR_HORIZONTAL = 2


def write_tiff(
    rows: Callable[[int, int], npt.NDArray[Any]],
    shape: tuple[int, int, int],
    depth: type[np.uint8] | type[np.uint16],
    metadata: Metadata,
    *,
    profile: bytes,
    packet: bytes,
    stream: BinaryIO,
) -> None:
    """Writes strips of RGB or RGBA, deflated with a predictor, which every reader of the last twenty years knows.

    The strips are deflated here, not by tifffile, so that the bytes do not depend on whether imagecodecs is installed.

    Args:
        rows: (top, bottom) -> (bottom - top, width, samples).
        shape: height, width, samples (3, or 4 with straight alpha).
        depth: type of the samples.
        metadata: EXIF, IPTC and resolution are taken from it.
        profile: ICC profile to embed.
        packet: XMP.
        stream: seekable, empty.
    """
    import tifffile

    height, width, samples = shape
    step = max(1, min(height, _STRIP_BYTES // (width * samples * np.dtype(depth).itemsize)))
    directory = exif.block_directory(metadata.exif) if metadata.exif else exif.Directory("<", {})
    tifffile.imwrite(
        tifffile.FileHandle(stream, name="the result", offset=0, size=0),  # see deep_tiff on names
        _deflated(rows, height, step),
        shape=shape,
        dtype=np.dtype(depth).newbyteorder("<"),
        byteorder="<",
        photometric="rgb",
        extrasamples=["unassalpha"] if samples == 4 else None,
        rowsperstrip=step,
        compression="zlib",
        predictor=_PREDICTOR_HORIZONTAL,
        metadata=None,
        software=False,
        resolution=metadata.dpi,
        resolutionunit="inch" if metadata.dpi else None,
        iccprofile=profile,
    )
    _describe(stream, directory, metadata, packet)


def _deflated(rows: Callable[[int, int], npt.NDArray[Any]], height: int, step: int) -> Iterator[bytes]:
    """Yield deflated strips, while the next few are made: deflating takes longer than all the rest."""
    threads = min(processors(), _MAX_THREADS)
    ahead: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for top in range(0, height, step):
            ahead.append(pool.submit(_deflate, rows(top, min(top + step, height))))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _deflate(strip: npt.NDArray[Any]) -> bytes:
    little = strip.astype(strip.dtype.newbyteorder("<"))
    little[:, 1:] -= strip[:, :-1]
    return zlib.compress(little.tobytes(), _LEVEL)


def _describe(stream: BinaryIO, directory: exif.Directory, metadata: Metadata, packet: bytes) -> None:
    """Puts a fuller first directory at the file's end: tifffile writes neither EXIF nor GPS directories."""
    written = exif.read_tiff(stream)
    described = exif.in_order(directory, "<")
    entries = {tag: entry for tag, entry in described.entries.items() if tag not in exif.STORAGE_TAGS}
    entries.update(written.entries)
    entries[_XMP_TAG] = exif.Entry(_XMP_TAG, _BYTE, len(packet), packet)
    resources = metadata.photoshop or b""
    for tag, kind, data in (
        (_IPTC_TAG, _UNDEFINED, photoshop.iptc(resources)),
        (_PHOTOSHOP_TAG, _BYTE, photoshop.without_iptc(resources)),
    ):
        if data:
            entries[tag] = exif.Entry(tag, kind, len(data), data)
    place = stream.seek(0, io.SEEK_END)
    if place % 2:
        place += stream.write(b"\0")
    stream.write(exif.serialised(exif.Directory("<", entries, described.children), place))
    stream.seek(4)
    stream.write(struct.pack("<L", place))
    stream.seek(0, io.SEEK_END)
