"""Stopping the service: what is under way is finished, nothing new is begun, and it never takes more than 20 s."""

import signal
import socket
import sys
import threading
import time

import httpx
import pytest
from running_service import Service, picture, running

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals that a process can answer")


class Request(threading.Thread):
    """A request in the background, with its answer or what came instead. While the service is held it takes long.

    Args:
        service: to ask.
        path: below the photograph's.
        asked: of it.
    """

    def __init__(self, service: Service, path: str, asked: object) -> None:
        super().__init__(daemon=True)
        self.status: int | None = None
        self._service, self._asked = service, asked
        with service.client() as client:
            self._address = f"/v1/works/{client.post('/v1/works', files={'image': picture()}).json()['id']}/{path}"

    def run(self) -> None:
        with self._service.client() as client:
            try:
                self.status = client.post(self._address, json=self._asked).status_code
            except httpx.HTTPError:
                self.status = 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_request_under_way_is_answered_and_the_service_ends_well(sent: signal.Signals) -> None:
    with running(limits="") as service:
        request = Request(service, "variants", {"count": 2})
        with service.held():
            request.start()
            service.until("photochrom_inferences", 1)
            service.process.send_signal(sent)
            time.sleep(1)  # which may be spent on stopping
            assert service.process.poll() is None and request.is_alive()
        request.join(30)
        assert request.status == 200
        assert service.process.wait(20) == 0
        assert service.process.stderr is not None
        assert service.process.stderr.read() == b""
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", service.port), timeout=1)


def test_clients_that_dawdle_do_not_hold_it_up() -> None:
    with running() as service:
        silent = socket.create_connection(("127.0.0.1", service.port))
        headless = socket.create_connection(("127.0.0.1", service.port))
        headless.sendall(b"GET /v1/about HTTP/1.1\r\nHost: loc")
        bodiless = socket.create_connection(("127.0.0.1", service.port))
        bodiless.sendall(
            b"POST /v1/works HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 99999\r\n\r\n--b"
        )
        service.until("photochrom_uploads", 1)
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(20) == 0
        for client in (silent, headless, bodiless):
            client.close()


def test_work_that_outlasts_the_time_for_it_is_given_up() -> None:
    with running(limits="stop_seconds=1, inferences=1") as service:
        request, waiting = Request(service, "variants", {"count": 2}), Request(service, "colors", {"hints": []})
        with service.held():  # longer than it may take
            request.start()
            service.until("photochrom_inferences", 1)
            waiting.start()
            service.until("photochrom_queue", 1)
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(20) == 0
            for thread in (request, waiting):
                thread.join(30)
        assert request.status in (0, 503) and waiting.status in (0, 503)
