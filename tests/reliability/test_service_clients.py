"""Clients that leave, dawdle, flood or speak no HTTP, and what the others notice of it: nothing."""

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from running_service import Service, picture, running

FORM = "multipart/form-data; boundary=b"
SESSION = {"photochrom": 1}


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """One inference at once, three that wait as long as they must, two seconds of patience with a silent client."""
    with running(limits="inferences=1, queue=3, seconds=300", patience=(2.0, 1.0)) as service:
        yield service


@pytest.fixture(scope="module")
def hasty() -> Iterator[Service]:
    """A service that gives a request one second."""
    with running(limits="seconds=1") as service:
        yield service


@pytest.fixture
def work(service: Service) -> str:
    """The address of a photograph at work."""
    with service.client() as client:
        return f"/v1/works/{client.post('/v1/works', files={'image': picture()}).json()['id']}"


@contextlib.contextmanager
def connected(service: Service, sent: bytes = b"", receive_bytes: int | None = None) -> Iterator[socket.socket]:
    with socket.socket() as client:
        if receive_bytes is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        client.settimeout(60)
        client.connect(("127.0.0.1", service.port))
        client.sendall(sent)
        yield client


def post(path: str, body: object, close: bool = False) -> bytes:
    text = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
    )
    return head.encode() + (b"Connection: close\r\n" if close else b"") + b"\r\n" + text


def rest(client: socket.socket) -> bytes:
    """What comes until the other side closes."""
    pieces = []
    with contextlib.suppress(ConnectionResetError):
        while piece := client.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


@contextlib.contextmanager
def occupied(service: Service, work: str) -> Iterator[None]:
    """Meanwhile the one thread is busy."""
    with service.held(), connected(service, post(f"{work}/variants", {"count": 2})):
        service.until("photochrom_inferences", 1)
        yield
    service.until("photochrom_inferences", 0)


def until(true: Callable[[], bool], fault: str) -> None:
    """Waits until something is true."""
    by = time.monotonic() + 60
    while not true():
        assert time.monotonic() < by, fault
        time.sleep(0.02)


def counted(service: Service, route: str, status: str) -> float:
    name = f'photochrom_requests_total{{route="{route}",method="POST",status="{status}"}}'
    try:
        return service.figure(name)
    except StopIteration:
        return 0


def test_client_that_leaves_the_queue_is_forgotten_and_its_work_never_done(service: Service, work: str) -> None:
    route = "/v1/works/{id}/export"
    left, done = counted(service, route, "left"), counted(service, route, "200")
    with occupied(service, work):
        for _ in range(2):
            with connected(service, post(f"{work}/export", {"session": SESSION})):
                service.until("photochrom_queue", 1)
            service.until("photochrom_queue", 0)
        assert counted(service, route, "left") == left + 2
    assert counted(service, route, "200") == done


def test_upload_that_is_broken_off_leaves_no_file_behind(service: Service) -> None:
    head = f"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: 30000000\r\n\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + bytes(3 << 20)
    service.until("photochrom_uploads", 0)
    for _ in range(5):
        with connected(service, head.encode() + part):
            service.until("photochrom_uploads", 1)
            if sys.platform == "linux":
                until(lambda: service.temporary_files() == 1, "the body is not in a file")
        service.until("photochrom_uploads", 0)
        if sys.platform == "linux":
            until(lambda: service.temporary_files() == 0, "the body's file stays open")


def test_queue_that_is_full_says_when_to_come_back_and_forgets_nobody_in_it(service: Service, work: str) -> None:
    answers: list[httpx.Response] = []

    def ask() -> None:
        with service.client() as client:
            answers.append(client.post(f"{work}/colors", json={"hints": [{"x": 0.5, "y": 0.5}]}))

    refused = service.figure("photochrom_refused_total")
    threads = [threading.Thread(target=ask) for _ in range(8)]
    with occupied(service, work):
        for thread in threads:
            thread.start()
        service.until("photochrom_queue", 3)
        service.until("photochrom_refused_total", refused + 5)
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [503] * 5
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1


def test_work_that_takes_too_long_is_given_up(hasty: Service) -> None:
    with hasty.held(), hasty.client() as client:
        begun = time.monotonic()
        answer = client.post("/v1/colorize", files={"image": picture()})
        assert answer.status_code == 503
        assert "more than 1 s" in answer.json()["detail"]
        assert answer.headers["retry-after"]
        assert time.monotonic() - begun < 15
    hasty.until("photochrom_inferences", 0)


def test_body_that_drips_is_given_up(hasty: Service) -> None:
    head = (
        f"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM}\r\nContent-Length: 999999\r\n\r\n--b\r\n"
    )
    with connected(hasty, head.encode()) as client:
        stop = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not stop.wait(0.1):
                    client.sendall(b"x")

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        assert rest(client).startswith(b"HTTP/1.1 408 ")
        stop.set()
        dripping.join()
    hasty.until("photochrom_uploads", 0)


def test_headers_that_drip_are_cut_off(service: Service) -> None:
    for first in (
        b"",
        b"GET /v1/about HTTP/1.1\r\nHost: localhost\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET",
    ):
        with connected(service, first) as client:
            begun = time.monotonic()
            answer = rest(client)
            assert time.monotonic() - begun < 10
            assert answer.count(b"HTTP/1.1") == first.count(b"healthz")


def test_body_after_a_refusal_is_cut_off(service: Service) -> None:
    head = b"POST /v1/sessions/check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"
    with connected(service, head) as client:
        answer = b""
        by = time.monotonic() + 30
        with pytest.raises(OSError):  # whichever the system reports of a dead connection
            while time.monotonic() < by:
                client.sendall(b"x")
                time.sleep(0.05)
        with contextlib.suppress(OSError):
            answer = rest(client)
        assert not answer or answer.startswith(b"HTTP/1.1 415 ")


def test_reader_that_stalls_is_cut_off_and_its_answer_forgotten(service: Service) -> None:
    with service.client() as client:
        work = client.post("/v1/works", files={"image": picture(2000, 1500)}).json()
    path = f"/v1/works/{work['id']}/export"
    with connected(service, post(path, {"session": SESSION, "format": "tiff"}), receive_bytes=4096) as client:
        head, _, read = client.recv(4096).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        length = next(int(line.split()[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        if sys.platform == "linux":
            until(lambda: service.temporary_files() == 0, "the answer's file stays open")
        else:
            time.sleep(10)
        assert len(read) + len(rest(client)) < length


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBroken\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_answered_with_a_problem_and_closed(service: Service, sent: bytes) -> None:
    with connected(service, sent) as client:
        answer = rest(client)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b" ")[1] in (b"400", b"421", b"431"), answer
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == int(head.split(b" ")[1])


def test_many_idle_connections_leave_room_for_others(service: Service) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(600):
            with contextlib.suppress(OSError):
                stack.enter_context(connected(service))
        with service.client() as client:

            def answered() -> bool:
                with contextlib.suppress(httpx.HTTPError):
                    return client.get("/healthz").status_code == 200
                return False

            until(answered, "idle connections keep others out")


def test_after_all_that_nothing_is_at_work_and_all_is_well(service: Service) -> None:
    for figure in ("photochrom_inferences", "photochrom_queue", "photochrom_uploads"):
        service.until(figure, 0)
    with service.client() as client:
        assert client.post("/v1/colorize", files={"image": picture()}).status_code == 200
    assert service.process.poll() is None
