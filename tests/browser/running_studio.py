"""The real service of the studio, in a process of its own."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

# The machines that run tests can be slow; a test that waits this long has found something.
PATIENCE_MS = 60_000


class Studio:
    """`photochrom studio --no-browser`, or another command that serves the page, on a free port or on a given one."""

    def __init__(self, *command: str, port: int | None = None) -> None:
        self.port = port or _free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        words = [*(command or ("studio", "--no-browser")), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "photochrom", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait_until_ready()

    def kill(self) -> None:
        """As a crash would."""
        self.process.kill()
        self.process.wait()

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + 2 * PATIENCE_MS / 1000
        while not self._is_ready():
            assert self.process.poll() is None, "the studio ended by itself"
            assert time.monotonic() < end, "the studio did not get ready"
            time.sleep(0.1)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def running_studio(*command: str, port: int | None = None) -> Iterator[Studio]:
    """A studio that ends with the block, if it has not been killed before."""
    found = Studio(*command, port=port)
    try:
        yield found
    finally:
        found.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
