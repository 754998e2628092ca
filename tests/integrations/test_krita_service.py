"""The Krita plug-in's client, against the service and against worse ones. Needs no Krita."""

import ast
import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from photochrom_layer.service import Cancelled, Client, Limits, ServiceError, Settings
from PIL import Image
from running_service import Service, free_port, picture, running

from photochrom import Colorizer, Hint
from photochrom.web.limits import SERVE

PNG = b"\x89PNG\r\n\x1a\n"
ABOUT = json.dumps({"limits": {"bytes": 1, "pixels": 2, "side": 3}}).encode()
BUSY = json.dumps({"detail": "too many requests are waiting; try again"}).encode()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running("--token", "secret") as service:
        yield service


@contextlib.contextmanager
def answering(*answers: tuple[int, bytes]) -> Iterator[tuple[str, list[BaseHTTPRequestHandler]]]:
    """A server that gives these answers in turn, the last of them again and again; and what it was asked."""
    asked: list[BaseHTTPRequestHandler] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, content = answers[min(len(asked), len(answers) - 1)]
            asked.append(self)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Retry-After", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


def test_colours_are_those_of_the_package(service: Service, tmp_path: Path) -> None:
    data = picture()
    client = Client(f" {service.url}/ ", " secret ")
    work = Colorizer().open(io.BytesIO(data))
    for settings, expected in (
        (Settings(), work.render()),
        (Settings("accurate", 0.1 + 0.2), work.render(decode="accurate", saturation=0.1 + 0.2)),
    ):
        with Image.open(io.BytesIO(client.colorize(data, settings))) as coloured:
            assert np.array_equal(np.asarray(coloured), np.asarray(expected.image))


def test_session_decides_alone(service: Service) -> None:
    data = picture()
    work = Colorizer().open(io.BytesIO(data))
    expected = work.render([Hint(0.5, 0.5, "#406030", 0.1)], saturation=0.5)
    session = json.dumps(work.session().to_dict())
    coloured = Client(service.url, "secret").colorize(data, Settings("accurate", 3.0, session))
    with Image.open(io.BytesIO(coloured)) as image:
        assert np.array_equal(np.asarray(image), np.asarray(expected.image))


def test_limits_are_the_services_and_larger_pictures_are_refused_before_they_are_sent(service: Service) -> None:
    limits = Client(service.url, "secret").limits()
    assert limits == Limits(SERVE.upload_bytes, SERVE.pixels, SERVE.side)
    limits.check(SERVE.side, SERVE.pixels // SERVE.side)
    for width, height in ((SERVE.side + 1, 1), (SERVE.pixels, 2)):
        with pytest.raises(ServiceError, match="photochrom studio"):
            limits.check(width, height)


@pytest.mark.parametrize("token", ["", "other"])
def test_wrong_token_is_told(service: Service, token: str) -> None:
    with pytest.raises(ServiceError, match="wants the token that it was started with"):
        Client(service.url, token).limits()


def test_refusals_are_told_in_the_services_own_words(service: Service) -> None:
    client = Client(service.url, "secret")
    with pytest.raises(ServiceError, match=r"^The service refuses: .*[^.]\.$"):
        client.colorize(b"no picture", Settings())
    with pytest.raises(ServiceError, match="refuses: session: photochrom: Field required"):
        client.colorize(picture(), Settings(session="{}"))


def test_file_too_large_is_told_before_it_is_sent_and_after() -> None:
    data = picture(3000, 2000)
    assert len(data) > 4 << 20
    with running(limits="upload_bytes=1 << 20") as service:
        client = Client(service.url)
        limits = client.limits()
        limits.check_file(600 << 10)
        with pytest.raises(
            ServiceError, match=r"a file of \d+ MiB, more than the service takes \(1\).*photochrom studio"
        ):
            limits.check_file(len(data))
        with pytest.raises(
            ServiceError, match=r"does not take this picture: the body has more than.*photochrom studio"
        ):
            client.colorize(data, Settings())


def test_nobody_there_is_told_with_the_remedy() -> None:
    with pytest.raises(ServiceError, match=r"No service answers at .*refused.*Start it with: photochrom serve"):
        Client(f"http://127.0.0.1:{free_port()}").limits()


def test_busy_service_is_asked_again() -> None:
    with answering((503, BUSY), (503, BUSY), (200, ABOUT)) as (address, asked):
        assert Client(address).limits() == Limits(1, 2, 3)
        assert len(asked) == 3


def test_service_that_stays_busy_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photochrom_layer.service._BUSY_SECONDS", 3)
    with answering((503, BUSY)) as (address, asked):
        with pytest.raises(ServiceError, match="The service is busy: too many requests are waiting; try again"):
            Client(address).colorize(PNG, Settings())
        assert len(asked) > 1


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"limits": {"bytes": "many"}}'),
        (404, b'{"detail": "Not Found"}'),
        (302, b""),
    ],
)
def test_another_program_is_told_from_the_service(answer: tuple[int, bytes]) -> None:
    with answering(answer) as (address, asked):
        client = Client(address, "secret")
        for ask in (client.limits, lambda: client.colorize(PNG, Settings())):
            with pytest.raises(ServiceError, match="is not Photochrom's service"):
                ask()
        assert [handler.path for handler in asked] == ["/v1/about", "/v1/colorize"], "a redirect was followed"


def test_something_that_speaks_no_http_is_told_from_the_service() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(ServiceError, match="is not Photochrom's service"):
            Client(f"http://127.0.0.1:{server.getsockname()[1]}").limits()
        thread.join()


def test_failure_behind_a_proxy_is_told() -> None:
    with answering((502, b"<html>Bad Gateway")) as (address, _), pytest.raises(ServiceError, match=r"fails \(502\)"):
        Client(address).limits()


def test_cancelling_ends_a_request_that_waits() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Client(f"http://127.0.0.1:{silent.getsockname()[1]}")
        timer = threading.Timer(0.3, client.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            client.limits()
        assert time.monotonic() - began < 60
        timer.join()


def test_cancelling_ends_the_pause_of_a_busy_service() -> None:
    with answering((503, BUSY)) as (address, _):
        client = Client(address)
        timer = threading.Timer(0.3, client.cancel)
        timer.start()
        with pytest.raises(Cancelled):
            client.limits()
        timer.join()


def test_no_proxy_of_the_environment_sees_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    with answering((200, ABOUT)) as (address, _):
        assert Client(address).limits() == Limits(1, 2, 3)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://[",
        "http://127.0.0.1:x",
        "http://127.0.0.1:99999",
        "http://127.0.0.1/v1",
        "http://127.0.0.1/?a",
        "http://me:secret@127.0.0.1",
        "http://bücher.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ServiceError, match=r"is no address of a service: write it like http://127\.0\.0\.1:8000"):
        Client(address)


@pytest.mark.parametrize("token", ["wörd", "a\r\nHost: b"])
def test_token_that_cannot_be_sent_is_refused(token: str) -> None:
    with pytest.raises(ServiceError, match="token"):
        Client("http://127.0.0.1:8000", token)


def test_krita_finds_the_plug_in_by_its_description(repository: Path) -> None:
    folder = repository / "integrations" / "krita"
    description = dict(
        line.split("=", 1) for line in (folder / "photochrom_layer.desktop").read_text("utf-8").splitlines()[1:]
    )
    assert description["ServiceTypes"] == "Krita/PythonPlugin"
    assert (folder / description["X-KDE-Library"] / "__init__.py").is_file()
    assert (folder / description["X-KDE-Library"] / description["X-Krita-Manual"]).is_file()


def test_plug_in_is_written_for_the_python_that_older_krita_brings(repository: Path) -> None:
    files = list((repository / "integrations" / "krita").rglob("*.py"))
    assert len(files) == 5
    for file in files:
        ast.parse(file.read_text("utf-8"), feature_version=(3, 8))
