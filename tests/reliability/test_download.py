"""Downloads over a line that breaks, from servers that lie: whole and right, or not at all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from photochrom.errors import ModelError, WeightsCorrupt, WeightsMissing
from photochrom.models.download import Patience, download

resource = pytest.importorskip("resource", reason="needs limits of processes, as on Linux and macOS")

CONTENT = np.random.default_rng(0).bytes(300_000)
START = hashlib.sha256(CONTENT).hexdigest()[:8]
PATIENT = Patience(stall=10, pause=0.01)
HASTY = Patience(stall=0.4, pause=0.01)

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """A request, with what a test's server needs to answer it well or badly."""

    server: Server

    def do_GET(self) -> None:
        number = len(self.server.ranges)
        self.server.ranges.append(self.headers.get("Range"))
        answers = self.server.answers
        answers[min(number, len(answers) - 1)](self)

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def first(self) -> int:
        """Where the answer is to begin, as the request and its condition say."""
        asked = self.headers.get("Range")
        if asked is None or self.headers.get("If-Range") != self.server.tag:
            return 0
        return int(asked.removeprefix("bytes=").removesuffix("-"))

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers: list[Answer], tag: str) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers, self.tag = answers, tag
        self.ranges: list[str | None] = []

    def handle_error(self, request: object, client_address: object) -> None:
        """The client may hang up on a bad server."""


@dataclass
class Place:
    """Where a test downloads from and to."""

    folder: Path
    servers: list[Server] = field(default_factory=list)

    def serve(self, *answers: Answer, tag: str = '"v1"') -> str:
        server = Server(list(answers), tag)
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/weights.pth"

    @property
    def file(self) -> Path:
        return self.folder / "weights.pth"

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    for server in place.servers:
        server.shutdown()
        server.server_close()


def whole(request: Request, content: bytes = CONTENT, send: int | None = None) -> None:
    """A good server, or one that hangs up after `send` bytes."""
    first = request.first()
    rest = content[first:]
    headers = {"ETag": request.server.tag, "Content_Length": len(rest)}
    if first:
        request.head(206, Content_Range=f"bytes {first}-{len(content) - 1}/{len(content)}", **headers)
    else:
        request.head(200, **headers)
    request.wfile.write(rest[:send])


def cut(request: Request) -> None:
    whole(request, send=100_000)


def without_parts(request: Request) -> None:
    request.head(200, Content_Length=len(CONTENT))
    request.wfile.write(CONTENT)


def fetch(place: Place, url: str, sha256_start: str = START, patience: Patience = PATIENT) -> None:
    download(url, place.file, sha256_start=sha256_start, patience=patience)


def test_good_server_gives_the_file_and_progress_ends_at_its_size(place: Place) -> None:
    seen: list[tuple[int, int | None]] = []
    url = place.serve(whole)
    download(url, place.file, sha256_start=START, progress=lambda have, total: seen.append((have, total)))
    assert place.file.read_bytes() == CONTENT
    assert place.left() == ["weights.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_line_that_breaks_again_and_again_is_resumed_where_it_ended(place: Place) -> None:
    fetch(place, place.serve(cut))
    assert place.file.read_bytes() == CONTENT
    assert place.servers[0].ranges == [None, "bytes=100000-", "bytes=200000-"]


def test_next_run_goes_on_where_one_gave_up(place: Place) -> None:
    def silence(request: Request) -> None:
        request.head(206, Content_Range=f"bytes 100000-299999/{len(CONTENT)}", Content_Length=200_000)

    with pytest.raises(WeightsMissing, match=r"ended after 100000 of 300000 bytes; run the same command again"):
        fetch(place, place.serve(cut, silence))
    assert not place.file.exists()
    fetch(place, place.serve(whole))
    assert place.file.read_bytes() == CONTENT
    assert place.servers[1].ranges == ["bytes=100000-"]


def test_server_without_parts_gives_the_whole_again(place: Place) -> None:
    fetch(place, place.serve(cut, without_parts))
    assert place.file.read_bytes() == CONTENT


def test_file_that_changed_between_attempts_is_taken_anew(place: Place) -> None:
    changed = CONTENT[::-1]

    def change_and_answer(request: Request) -> None:
        request.server.tag = '"v2"'
        whole(request, changed)

    fetch(place, place.serve(cut, change_and_answer), sha256_start="")
    assert place.file.read_bytes() == changed


def test_part_that_was_not_asked_for_is_not_mixed_in(place: Place) -> None:
    def other_part(request: Request) -> None:
        request.head(206, Content_Range=f"bytes 50000-299999/{len(CONTENT)}", Content_Length=250_000)
        request.wfile.write(CONTENT[50_000:])

    fetch(place, place.serve(cut, other_part, whole))
    assert place.file.read_bytes() == CONTENT


def test_server_that_falls_silent_is_left_and_asked_again(place: Place) -> None:
    def fall_silent(request: Request) -> None:
        whole(request, send=100_000)
        request.wfile.flush()
        time.sleep(60)

    began = time.monotonic()
    fetch(place, place.serve(fall_silent, whole), patience=HASTY)
    assert place.file.read_bytes() == CONTENT
    assert time.monotonic() - began < 30


def test_server_that_trickles_counts_as_silent(place: Place) -> None:
    def trickle(request: Request) -> None:
        request.head(200, ETag='"v1"', Content_Length=len(CONTENT))
        for byte in CONTENT[:1200]:
            request.wfile.write(bytes([byte]))
            request.wfile.flush()
            time.sleep(0.05)

    began = time.monotonic()
    fetch(place, place.serve(trickle, whole), patience=HASTY)
    assert place.file.read_bytes() == CONTENT
    assert time.monotonic() - began < 30


def test_length_announced_too_long_is_found_out_by_asking_for_the_rest(place: Place) -> None:
    def too_long(request: Request) -> None:
        if request.headers.get("Range"):
            request.head(416, Content_Range=f"bytes */{len(CONTENT)}", Content_Length=0)
            return
        request.head(200, ETag='"v1"', Content_Length=len(CONTENT) + 1000)
        request.wfile.write(CONTENT)

    fetch(place, place.serve(too_long))
    assert place.file.read_bytes() == CONTENT


def test_length_announced_too_short_leaves_nothing(place: Place) -> None:
    def too_short(request: Request) -> None:
        request.head(200, Content_Length=1000)
        request.wfile.write(CONTENT)

    with pytest.raises(WeightsCorrupt, match="not the published file"):
        fetch(place, place.serve(too_short))
    assert place.left() == []


def test_garbage_leaves_nothing_and_the_old_file_as_it_was(place: Place) -> None:
    def login_page(request: Request) -> None:
        request.head(200, Content_Type="text/html", Content_Length=18)
        request.wfile.write(b"<h1>Sign in</h1>\r\n")

    place.file.write_bytes(b"old")
    with pytest.raises(WeightsCorrupt, match=f"not {START}"):
        fetch(place, place.serve(login_page))
    assert place.left() == ["weights.pth"] and place.file.read_bytes() == b"old"


def test_absurd_size_is_refused_before_it_is_received(place: Place) -> None:
    def huge(request: Request) -> None:
        request.head(200, Content_Length=10**13)

    with pytest.raises(WeightsCorrupt, match="announces 10000000000000 bytes"):
        fetch(place, place.serve(huge))
    assert place.left() == []


def test_missing_file_is_one_line_and_not_asked_for_again(place: Place) -> None:
    def missing(request: Request) -> None:
        request.head(404, Content_Length=0)

    url = place.serve(missing)
    with pytest.raises(WeightsMissing, match=r"answered 404 Not Found; get the file elsewhere") as caught:
        fetch(place, url)
    assert "\n" not in str(caught.value) and place.servers[0].ranges == [None]


def test_full_disk_is_told_at_once_and_is_no_broken_line(place: Place) -> None:
    url = place.serve(whole)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(ModelError, match=r"cannot be written \(.*make room.*PHOTOCHROM_MODELS") as caught:
            fetch(place, url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "\n" not in str(caught.value) and place.servers[0].ranges == [None]
    fetch(place, url)
    assert place.file.read_bytes() == CONTENT and place.servers[0].ranges[1] is not None


def test_server_in_trouble_is_asked_again(place: Place) -> None:
    def trouble(request: Request) -> None:
        request.head(503, Content_Length=0)

    fetch(place, place.serve(trouble, trouble, whole))
    assert place.file.read_bytes() == CONTENT


def test_server_that_is_not_there_is_one_line(place: Place) -> None:
    url = place.serve(whole)
    place.servers[0].shutdown()
    place.servers[0].server_close()
    with pytest.raises(WeightsMissing, match="the connection failed") as caught:
        fetch(place, url)
    assert "\n" not in str(caught.value)
    place.servers.clear()
