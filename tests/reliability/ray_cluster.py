"""A Ray cluster of two nodes on this machine, apart from any other."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batch_series import ENVIRONMENT

_STORE_BYTES = 80 << 20


class RayCluster:
    """A running cluster.

    Attributes:
        address: host and port.
        environment: variables of those who may connect.
    """

    def __init__(self, folder: Path) -> None:
        self.address = f"127.0.0.1:{_free_port()}"
        self.environment = {
            **ENVIRONMENT,
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(16),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        self._folder = folder
        self._log = (folder / "nodes.log").open("wb")
        self._nodes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Starts the head, and another node."""
        port = self.address.rpartition(":")[2]
        self._start_node("--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={self._folder}")
        deadline = time.monotonic() + 300
        while not _is_open(int(port)):
            assert time.monotonic() < deadline, (self._folder / "nodes.log").read_text()
            time.sleep(0.1)
        self._start_node(f"--address={self.address}")

    def workers(self, name: str) -> list[int]:
        """Processes of actors whose class has this name."""
        return [pid for pid in self._processes() if name.encode() in _command(pid)]

    def stop(self) -> None:
        """Ends all processes that belong to it: `ray stop` would end other clusters of this machine."""
        for pid in self._processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for node in self._nodes:
            node.wait()
        self._log.close()

    def _start_node(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *arguments, "--block", "--num-cpus=1"]
        # Two nodes of one machine would want the same port.
        command += ["--dashboard-agent-listen-port=0", f"--object-store-memory={_STORE_BYTES}"]
        options = {"stdout": self._log, "stderr": self._log, "env": self.environment}
        self._nodes.append(subprocess.Popen(command, start_new_session=True, **options))  # type: ignore[call-overload]

    def _processes(self) -> list[int]:
        """All processes of the nodes' sessions."""
        sessions = {node.pid for node in self._nodes}
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        return [pid for pid in pids if _session(pid) in sessions]


@contextmanager
def ray_cluster() -> Iterator[RayCluster]:
    """Starts a cluster, and ends it whatever happens."""
    # Not pytest's folder: the names of sockets may have 107 letters.
    folder = Path(tempfile.mkdtemp(prefix="ray-"))
    cluster = RayCluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _session(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[3])
    except OSError:
        return 0


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
