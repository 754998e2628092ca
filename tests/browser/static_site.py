"""A page built by Vite and served as any plain web server would, under a path of its own."""

import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

FRONTEND = Path(__file__).parents[2] / "frontend"
_ISOLATION = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}


@dataclass
class Site:
    """A served folder.

    Attributes:
        address: of its index.html, ending in "/".
        sent: bytes of files that were asked for so far, headers not counted.
    """

    address: str
    server: http.server.ThreadingHTTPServer
    sent: list[int] = field(default_factory=list)

    def stop(self) -> None:
        """From now on nobody answers."""
        self.server.shutdown()
        self.server.server_close()


def built(folder: Path, *arguments: str | Path) -> Path:
    """Builds with Vite into a folder; skips the test where the page's packages are not installed."""
    vite = FRONTEND / "node_modules/.bin/vite"
    if not vite.exists():
        pytest.skip("the page's packages are not installed: npm ci --prefix frontend")
    command = [vite, "build", *arguments, "--outDir", folder, "--logLevel", "error"]
    subprocess.run(command, cwd=FRONTEND, check=True)
    return folder


@contextmanager
def served(root: Path, path: str = "", *, isolated: bool = False) -> Iterator[Site]:
    """Serves `root` on a free port; the site is at `path` in it. `isolated`: with what lets threads share memory."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            for name, value in _ISOLATION.items() if isolated else ():
                self.send_header(name, value)
            super().end_headers()

        def copyfile(self, source: object, outputfile: object) -> None:
            content = source.read()  # type: ignore[attr-defined]
            site.sent.append(len(content))
            outputfile.write(content)  # type: ignore[attr-defined]

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    site = Site(f"http://127.0.0.1:{server.server_port}/{path}", server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield site
    finally:
        site.stop()
