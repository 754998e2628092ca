"""Files that are small to send and vast to decode are refused at once, and cost next to nothing."""

import io
import struct
import sys
import zlib
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import tifffile
from PIL import Image
from running_service import Service, running

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the process's figures from /proc")

MOST_BYTES = 100 << 20
MOST_SECONDS = 0.25


def encoded(format: str, side: int = 64) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (side, side), 90).save(buffer, format)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    head = struct.pack(">LLBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(mebibytes: int) -> bytes:
    """Zeros in zlib's format, a thousandth as long."""
    packer = zlib.compressobj()
    return b"".join([packer.compress(bytes(1 << 20)) for _ in range(mebibytes)]) + packer.flush()


def vast_png() -> bytes:
    return png(60_000, 60_000, chunk(b"IDAT", zeros(100)))


def png_with_a_vast_profile() -> bytes:
    return png(8, 8, chunk(b"iCCP", b"x\0\0" + zeros(300)), chunk(b"IDAT", zlib.compress(bytes(8 * 33))))


def png_with_vast_texts() -> bytes:
    text = chunk(b"zTXt", b"x\0\0" + zeros(50))
    return png(8, 8, *[text] * 8, chunk(b"IDAT", zlib.compress(bytes(8 * 33))))


def vast_jpeg() -> bytes:
    file = bytearray(encoded("JPEG"))
    at = file.index(b"\xff\xc0")
    file[at + 5 : at + 9] = struct.pack(">HH", 65_500, 65_500)
    return bytes(file)


def vast_gif() -> bytes:
    file = bytearray(encoded("GIF"))
    file[6:10] = struct.pack("<HH", 65_500, 65_500)
    return bytes(file)


def vast_bmp() -> bytes:
    file = bytearray(encoded("BMP"))
    file[18:26] = struct.pack("<LL", 60_000, 60_000)
    return bytes(file)


def vast_tiff() -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, shape=(64, 64), dtype="u1", data=iter([bytes(4096)]), compression="zlib", rowsperstrip=64)
    file = bytearray(buffer.getvalue())
    for tag, value in ((256, 60_000), (257, 60_000)):
        at = file.index(struct.pack("<H", tag), 8)
        kind = struct.unpack_from("<H", file, at + 2)[0]
        struct.pack_into("<H" if kind == 3 else "<L", file, at + 8, value)
    return bytes(file)


def tiff_of_many_samples() -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((700, 700, 200), np.uint16), photometric="rgb", compression="zlib")
    return buffer.getvalue()


def vast_webp() -> bytes:
    canvas = (16_382).to_bytes(3, "little") * 2
    body = encoded("WEBP")[12:]
    return riff(b"VP8X" + struct.pack("<L", 10) + bytes(4) + canvas + body)


def riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<L", 4 + len(body)) + b"WEBP" + body


def vast_avif() -> bytes:
    file = bytearray(encoded("AVIF"))
    at = file.index(b"ispe")
    file[at + 8 : at + 16] = struct.pack(">LL", 30_000, 30_000)
    return bytes(file)


BOMBS: list[Callable[[], bytes]] = [
    vast_png, png_with_a_vast_profile, png_with_vast_texts, vast_jpeg, vast_gif, vast_bmp, vast_tiff,
    tiff_of_many_samples, vast_webp, vast_avif,
]  # fmt: skip


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service, service.client() as client:
        for format in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "BMP", "GIF"):  # everything is loaded once
            assert client.post("/v1/works", files={"image": encoded(format)}).status_code == 201
        yield service


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
@pytest.mark.parametrize("path", ["/v1/works", "/v1/references", "/v1/colorize"])
def test_bomb_is_refused_within_250_ms_and_100_mb(service: Service, bomb: Callable[[], bytes], path: str) -> None:
    file = bomb()
    assert len(file) < 4 << 20
    service.forget_peak()
    memory, seconds = service.memory("VmRSS"), service.processor_seconds()
    with service.client() as client:
        answer = client.post(path, files={"image": file})
    # Processor time: what the clock on the wall says depends on who else is at work.
    spent, grown = service.processor_seconds() - seconds, service.memory("VmHWM") - memory
    assert answer.status_code in (413, 415, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert spent <= MOST_SECONDS
    assert grown <= MOST_BYTES
