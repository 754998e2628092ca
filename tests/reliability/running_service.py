"""A service in a process of its own, to be attacked, watched and stopped, and pictures to send to it."""

import contextlib
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

__all__ = ["Service", "free_port", "picture", "running"]

# What `photochrom serve` does, with other limits and less patience; works that are coloured wait while a file is there.
_SCRIPT = """
import os, sys, time
from photochrom.pipeline import Work
from photochrom.web.app import create_app
from photochrom.web.connection import Connection
from photochrom.web.limits import Limits
from photochrom.web.server import address, listen, run

render = Work.render

def held(*arguments, **settings):
    while os.path.exists({hold!r}):
        time.sleep(0.01)
    return render(*arguments, **settings)

Work.render = held
Connection.header_seconds, Connection.stalled_seconds = {patience}
listener = listen("127.0.0.1", 0)
print("Serving on", address("127.0.0.1", listener), "(test)", file=sys.stderr, flush=True)
run(create_app(Limits({limits})), listener)
"""

_TICKS = 100  # a second, in /proc on every Linux


@dataclass
class Service:
    """A running service.

    Attributes:
        process: it.
        url: where it answers.
        hold: while this file is there nothing is coloured; None: the service was started by the command.
        port: the same as in url.
    """

    process: subprocess.Popen[bytes]
    url: str
    hold: Path | None = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def figure(self, name: str) -> float:
        """A figure of /metrics."""
        lines = httpx.get(f"{self.url}/metrics", timeout=60, trust_env=False).text.splitlines()
        return float(next(line.rpartition(" ")[2] for line in lines if line.startswith(f"{name} ")))

    def until(self, name: str, value: float) -> None:
        """Waits until a figure of /metrics has a value."""
        by = time.monotonic() + 120
        while (found := self.figure(name)) != value:
            assert time.monotonic() < by, f"{name} is {found} and does not become {value}"
            time.sleep(0.02)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile whoever colours a photograph takes as long as this does, however fast the machine is."""
        assert self.hold is not None
        self.hold.touch()
        try:
            yield
        finally:
            self.hold.unlink()

    def memory(self, field: str) -> int:
        """A field of /proc/PID/status in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in status if line.startswith(f"{field}:"))

    def forget_peak(self) -> None:
        """Lets the peak of resident memory (VmHWM) begin anew at what is resident now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def temporary_files(self) -> int:
        """Files without a name that it holds open, beside what it was given when it was started."""
        count = 0
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                count += int(link.name) > 2 and os.readlink(link).endswith(" (deleted)")
        return count


def picture(width: int = 320, height: int = 240, format: str = "PNG") -> bytes:
    """Noise as a file."""
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width), np.uint8)).save(buffer, format)
    return buffer.getvalue()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    *options: str, limits: str | None = None, patience: tuple[float, float] = (10.0, 30.0)
) -> Iterator[Service]:
    """Starts a service, and ends it however it fares.

    Args:
        options: of `photochrom serve`.
        limits: arguments of `Limits`, as Python; the service is then not started by the command.
        patience: seconds for headers, and for a reader that stalls; with `limits` alone.
    """
    hold = Path(tempfile.mkdtemp(prefix="photochrom-test-"), "hold")
    if limits is None:
        words = ["-m", "photochrom", "serve", "--port", str(free_port()), *options]
    else:
        words = ["-c", _SCRIPT.format(limits=limits, patience=patience, hold=str(hold))]
    process = subprocess.Popen([sys.executable, *words], stderr=subprocess.PIPE)
    try:
        assert process.stderr is not None
        greeting = process.stderr.readline().decode()
        assert greeting.startswith("Serving on "), greeting
        service = Service(process, greeting.split()[2], None if limits is None else hold)
        by = time.monotonic() + 120
        while httpx.get(f"{service.url}/readyz", timeout=60, trust_env=False).status_code != 200:
            assert time.monotonic() < by, "the service does not get ready"
            time.sleep(0.05)
        yield service
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
        hold.parent.rmdir()
