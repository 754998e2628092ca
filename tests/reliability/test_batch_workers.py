"""Workers that die: of memory, by a signal, or before they have begun."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from batch_series import ENVIRONMENT, lines, outcome, results, run, start, unfinished, wait_until, write_series
from PIL import Image

resource = pytest.importorskip("resource", reason="needs limits of processes, as on Linux")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
MIB = 1 << 20


def workers(parent: int) -> list[int]:
    """The worker processes of a batch."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            stat = (entry / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            if entry.name.isdigit() and int(stat[1]) == parent and b"spawn_main" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def memory(pid: int) -> int:
    """Bytes that a process holds."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


@contextmanager
def memory_of(limit: int, parent: int) -> Iterator[None]:
    """Does as the kernel when memory runs out: kills the workers that take more than there is."""
    end = Event()

    def watch() -> None:
        while not end.wait(0.002):
            for pid in workers(parent):
                if memory(pid) > limit:
                    os.kill(pid, signal.SIGKILL)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        end.set()
        watcher.join()


def test_photograph_that_kills_its_worker_twice_fails_alone(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 12)
    Image.new("L", (9000, 9000), 128).save(tmp_path / "in" / "album 1" / "large.png", compress_level=1)
    out = tmp_path / "out"
    with start(tmp_path / "in", out, "--json") as process, memory_of(420 * MIB, process.pid):
        said, complained = process.communicate(timeout=600)
    assert process.returncode == 3, complained
    assert '"done": 12' in said and '"failed": 1' in said
    (failed,) = (line for line in lines(out) if line["status"] == "failed")
    assert failed["path"] == "album 1/large.png" and "died twice (SIGKILL" in failed["error"]
    assert len(results(out)) == 12 and not unfinished(out)


def test_photograph_that_needs_more_memory_than_allowed_fails_alone(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 6)
    Image.new("L", (14000, 12000), 128).save(tmp_path / "in" / "album 1" / "large.png", compress_level=1)
    out, limit = tmp_path / "out", 800 * MIB

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    done = run(tmp_path / "in", out, "--json", "--workers", "1", preexec_fn=limited)
    assert done.returncode == 3, done.stderr
    assert outcome(done)["done"] == 6 and outcome(done)["failed"] == 1
    (failed,) = (line for line in lines(out) if line["status"] == "failed")
    assert failed["path"] == "album 1/large.png"
    assert len(results(out)) == 6 and not unfinished(out)


def test_worker_killed_once_loses_nothing(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 120)
    out = tmp_path / "out"
    with start(tmp_path / "in", out, "--json") as process:
        wait_until(lambda: len(results(out)) > 3, process)
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        said, complained = process.communicate(timeout=600)
    assert process.returncode == 0, complained
    assert '"done": 120' in said
    assert len(results(out)) == 120 and not unfinished(out)


# Run by every Python at its start: a worker goes as when memory runs out at once.
DIE_AS_A_WORKER = """
import os, signal, sys
if "--multiprocessing-fork" in sys.orig_argv:
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_that_cannot_begin_end_the_batch_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_series(tmp_path / "in", 3)
    (tmp_path / "sitecustomize.py").write_text(DIE_AS_A_WORKER, "utf-8")
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", str(tmp_path))
    done = run(tmp_path / "in", tmp_path / "out")
    assert done.returncode == 1 and "die at their start" in done.stderr and done.stderr.count("\n") == 1
