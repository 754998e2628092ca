"""What a request's body may be: its size, its kind, its JSON."""

import contextlib
import gzip
import io
import json
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest
import tifffile
from PIL import Image

from photochrom.errors import ImageTooLarge
from photochrom.processors import processors
from photochrom.web.limits import SERVE, STUDIO
from photochrom.web.uploads import check_header

Picture = Callable[..., bytes]
Detail = Callable[[httpx.Response, int], str]
FORM = "multipart/form-data; boundary=b"


def form_around(size: int) -> Iterator[bytes]:
    """A form with a file of `size` bytes, in pieces, so that httpx sends no Content-Length."""
    yield b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    for _ in range(size >> 20):
        yield bytes(1 << 20)
    yield b"\r\n--b--\r\n"


def test_limits_are_those_promised() -> None:
    assert SERVE.upload_bytes == 32 << 20
    assert SERVE.json_bytes == 256 << 10
    assert (SERVE.pixels, SERVE.side, SERVE.hints) == (50_000_000, 65_500, 1000)
    assert (SERVE.works_bytes, SERVE.idle_seconds) == (1 << 30, 15 * 60)
    assert (SERVE.queue, SERVE.seconds) == (32, 30)
    assert SERVE.inferences == processors()
    assert SERVE.stop_seconds < 20
    assert STUDIO.pixels > 60_000_000


def test_body_announced_as_too_long_is_refused_before_it_is_sent(client: httpx.Client, detail: Detail) -> None:
    length = SERVE.upload_bytes + 1
    head = f"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: {length}"
    with socket.create_connection(("127.0.0.1", client.base_url.port or 0), timeout=10) as raw:
        raw.sendall(f"{head}\r\n\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_body_without_announced_length_is_refused_once_too_long(client: httpx.Client, detail: Detail) -> None:
    answer = client.post("/v1/works", headers={"Content-Type": FORM}, content=form_around(SERVE.upload_bytes))
    assert "33,554,432" in detail(answer, 413)


def test_body_just_below_the_limit_is_read_to_its_end(client: httpx.Client, detail: Detail) -> None:
    answer = client.post(
        "/v1/works", headers={"Content-Type": FORM}, content=form_around(SERVE.upload_bytes - (1 << 20))
    )
    assert "unknown kind" in detail(answer, 415)


@pytest.mark.parametrize("surplus", [0, 1])
def test_json_may_have_256_kib(client: httpx.Client, work: dict[str, Any], detail: Detail, surplus: int) -> None:
    text = b'{"hints":[]}'
    body = text + b" " * (SERVE.json_bytes - len(text) + surplus)
    headers = {"Content-Type": "application/json"}
    answer = client.post(f"/v1/works/{work['id']}/next-hint", content=body, headers=headers)
    assert answer.status_code == (413 if surplus else 200)


def test_second_file_is_refused(client: httpx.Client, picture: Picture, detail: Detail) -> None:
    files = [("image", ("a.png", picture())), ("image", ("b.png", picture()))]
    assert "files is 1" in detail(client.post("/v1/works", files=files), 400)
    others = [("image", ("a.png", picture())), ("other", ("b.png", picture()))]
    assert "files is 1" in detail(client.post("/v1/works", files=others), 400)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/works", "application/json"), ("/v1/works", "image/png"), ("/v1/works", ""),
        ("/v1/works", "application/x-www-form-urlencoded"), ("/v1/sessions/check", "text/plain"),
        ("/v1/sessions/check", "multipart/form-data; boundary=b"), ("/v1/sessions/check", ""),
    ],
)  # fmt: skip
def test_other_kinds_of_body_are_refused(client: httpx.Client, detail: Detail, path: str, kind: str) -> None:
    answer = client.post(path, content=b"{}", headers={"Content-Type": kind} if kind else {})
    assert "send " in detail(answer, 415)


def test_compressed_body_is_refused(client: httpx.Client, detail: Detail) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    detail(client.post("/v1/sessions/check", content=gzip.compress(b"{}"), headers=headers), 415)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
@pytest.mark.parametrize(("levels", "status"), [(99, 200), (100, 400), *((levels, 400) for levels in range(940, 980))])
def test_json_is_read_to_a_hundred_levels(
    client: httpx.Client, levels: int, status: int, opening: str, closing: str
) -> None:
    nested = opening * levels + ("1" if closing == "}" else "") + closing * levels
    content = f'{{"photochrom": 1, "further": {nested}}}'
    answer = client.post("/v1/sessions/check", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nonsense", b'{"photochrom": NaN}', b'{"photochrom": 1, "a": 1e999}',
        b'{"photochrom": 1, "photochrom": 1}',
        b"\xff\xfe", b"[" * 100_000, b'{"photochrom": ' + b"9" * 5000 + b"}", b'{"photochrom": 1, "a": -Infinity}',
    ],
)  # fmt: skip
def test_what_is_no_strict_json_is_refused(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/v1/sessions/check", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "form",
    [
        b"", b"--b", b"--b--\r\n", b"--b\r\n\r\n\r\n--b--\r\n",
        b"--c\r\nContent-Disposition: form-data\r\n\r\na\r\n--c--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="image"\r\n\r\ntext\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="../../x"\r\n\r\n\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nnever closed',
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:.*SpooledTemporaryFile:pytest.PytestUnraisableExceptionWarning")  # starlette's
def test_broken_form_is_refused(client: httpx.Client, form: bytes) -> None:
    answer = client.post("/v1/works", content=form, headers={"Content-Type": FORM})
    assert answer.status_code in (400, 415, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def png_header(width: int, height: int) -> io.BytesIO:
    """A PNG that announces a size, and little after that."""
    buffer = io.BytesIO()
    Image.new("L", (1, 1)).save(buffer, "PNG")
    head = b"IHDR" + struct.pack(">LLBBBBB", width, height, 8, 0, 0, 0, 0)
    rest = buffer.getvalue()[33:]
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + head + struct.pack(">L", zlib.crc32(head)) + rest)


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_000), (65_500, 763), (1, 65_500)])
def test_picture_within_the_limits_may_be_decoded(width: int, height: int) -> None:
    check_header(png_header(width, height), SERVE)


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_001), (65_501, 1), (1, 65_501), (2**31 - 1, 2**31 - 1)])
def test_picture_beyond_the_limits_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(ImageTooLarge):
        check_header(png_header(width, height), SERVE)


def test_tiff_of_many_samples_a_pixel_is_refused_by_its_header() -> None:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, np.zeros((4, 4, 9), np.uint16), photometric="rgb", planarconfig="contig")
    with pytest.raises(ImageTooLarge, match="bits a pixel"):
        check_header(buffer, SERVE)


def test_heic_is_taken_or_says_which_extra_it_needs(client: httpx.Client) -> None:
    head = struct.pack(">L4s4sL4s", 20, b"ftyp", b"heic", 0, b"mif1")
    answer = client.post("/v1/works", files={"image": head})
    assert answer.status_code in (415, 422)
    assert "heif" in answer.json()["detail"] or "header is broken" in answer.json()["detail"]


@pytest.mark.parametrize("cut", [30, 60, 200])
def test_truncated_picture_is_refused(client: httpx.Client, picture: Picture, detail: Detail, cut: int) -> None:
    assert "the picture" in detail(client.post("/v1/works", files={"image": picture()[:cut]}), 422)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (b"%PDF-1.7", "PDF"), (b"<svg xmlns='x'/>", "SVG"), (b"PK\x03\x04", "archive"), (b"hello", "text"),
        (b"\0" * 99, "unknown kind"),
    ],
)  # fmt: skip
def test_file_that_is_no_picture_is_named(client: httpx.Client, detail: Detail, file: bytes, said: str) -> None:
    assert said in detail(client.post("/v1/works", files={"image": file}), 415)


def hints(count: int, **changed: Any) -> str:
    return json.dumps({"hints": [{"x": 0.5, "y": 0.5, "color": "#aa3311", "radius": 0.01} | changed] * count})


@pytest.mark.parametrize(("count", "status"), [(1000, 200), (1001, 422)])
def test_a_thousand_hints_are_taken_and_no_more(
    client: httpx.Client, work: dict[str, Any], count: int, status: int
) -> None:
    address = f"/v1/works/{work['id']}/colors"
    answer = client.post(address, content=hints(count), headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"x": 1.01}, 422), ({"y": -0.01}, 422), ({"x": float("nan")}, 400), ({"y": float("inf")}, 400),
        ({"radius": 0}, 422), ({"radius": 1.5}, 422), ({"x": "0.5"}, 422), ({"x": True}, 422), ({"x": None}, 422),
        ({"color": "#12345"}, 422), ({"color": "red"}, 422), ({"color": "#aabbcc\n"}, 422),
        ({"colour": "#aabbcc"}, 422),
        ({"color": "#\ud800"}, 422), ({"\ud800": 1}, 422), ({"a\nb" * 9000: 1}, 422),
    ],
)  # fmt: skip
def test_hint_that_cannot_be_used_is_refused(
    client: httpx.Client, work: dict[str, Any], detail: Detail, changed: dict[str, Any], status: int
) -> None:
    answer = client.post(
        f"/v1/works/{work['id']}/colors", content=hints(3, **changed), headers={"Content-Type": "application/json"}
    )
    detail(answer, status)


@contextlib.contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """As on a full disk, nothing longer can be written."""
    resource = pytest.importorskip("resource", reason="needs limits of processes, as on Linux and macOS")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_full_disk_is_the_services_trouble_and_passes(client: httpx.Client, detail: Detail, picture: Picture) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (1500, 1500), np.uint8))
    file = io.BytesIO()
    noise.save(file, "PNG")
    work = client.post("/v1/works", files={"image": file.getvalue()}).json()["id"]
    export = {"session": {"photochrom": 1}, "format": "png"}
    with no_file_above(1 << 20):
        for answer in (
            client.post("/v1/works", files={"image": file.getvalue()}),
            client.post("/v1/colorize", files={"image": file.getvalue()}),
            client.post(f"/v1/works/{work}/export", json=export),
        ):
            assert "no room" in detail(answer, 503) and answer.headers["Retry-After"] == "10"
    assert client.post(f"/v1/works/{work}/export", json=export).status_code == 200
