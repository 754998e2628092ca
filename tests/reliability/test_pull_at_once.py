"""Two processes that pull the same model at the same time: one download, one conversion, both content."""

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

CONTENT = bytes(range(256)) * 4000

# The real pull with another address and, instead of 130 MB through PyTorch, a conversion that copies.
PULL = """
import shutil, sys, time
from photochrom.models import weights
from photochrom.models.sources import PublishedFile

def convert(state, name, destination, mask_cent):
    time.sleep(0.3)
    shutil.copyfile(state, destination)

weights.PUBLISHED = {"eccv16": PublishedFile(sys.argv[1], "", "BSD-2-Clause")}
weights._conversion = lambda: (convert, lambda source, name: source, None)
print(weights.pull("eccv16").source.sha256)
"""


class CountingHandler(BaseHTTPRequestHandler):
    served: list[str]

    def do_GET(self) -> None:
        self.served.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[tuple[str, list[str]]]:
    requests: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (CountingHandler,), {"served": requests}))
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/weights.pth", requests
    server.shutdown()
    server.server_close()


def start_pull(url: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PULL, url],
        env={"PHOTOCHROM_MODELS": str(folder), "PYTHONPATH": "", "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_pulls_at_once_download_and_convert_once(served: tuple[str, list[str]], tmp_path: Path) -> None:
    url, requests = served
    both = [start_pull(url, tmp_path) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0] != ""
    assert requests == ["/weights.pth"]
    manifest = json.loads((tmp_path / "eccv16.json").read_text("utf-8"))
    assert (tmp_path / manifest["onnx"]["name"]).read_bytes() == CONTENT
    assert not [path.name for path in tmp_path.rglob("*") if "making" in path.name or "part" in path.name]


def test_pull_that_was_killed_leaves_nothing_in_the_way_of_the_next(
    served: tuple[str, list[str]], tmp_path: Path
) -> None:
    (tmp_path / ".eccv16.making").mkdir()
    (tmp_path / ".eccv16.making" / "network.onnx").write_bytes(b"half")
    process = start_pull(served[0], tmp_path)
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert not (tmp_path / ".eccv16.making").exists()
