"""Whatever a folder of scans may hold: a batch does the good ones, names the bad ones, and ends."""

import ctypes
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from batch_series import lines, outcome, results, run, start, unfinished, wait_until, write_series
from PIL import Image

posix = pytest.mark.skipif(sys.platform == "win32", reason="names, links and permissions of another kind there")


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """IN, with three photographs: `album 0/000.png`, `album 1/001.png`, `album 2/002.png`."""
    write_series(tmp_path / "in", 3)
    return tmp_path / "in"


def failures(out: Path) -> dict[str, str]:
    """Reasons by the photographs' names."""
    return {line["path"]: line["error"] for line in lines(out) if line["status"] == "failed"}


def bomb(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes that announces a huge picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_broken_files_fail_alone_each_with_its_reason(series: Path, tmp_path: Path) -> None:
    whole = (series / "album 0" / "000.png").read_bytes()
    (series / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (series / "bomb.png").write_bytes(bomb(200_000, 200_000))
    (series / "empty.jpg").write_bytes(b"")
    (series / "text.tif").write_text("no picture", "utf-8")
    done = run(series, tmp_path / "out", "--json")
    assert (done.returncode, outcome(done)["done"], outcome(done)["failed"]) == (3, 3, 4)
    found = failures(tmp_path / "out")
    for name, reason in (
        ("truncated.png", "cut short"),
        ("bomb.png", "more than 178,956,970 pixels"),
        ("empty.jpg", "is empty"),
        ("text.tif", "is a text"),
    ):
        assert reason in found[name] and str(series / name) in found[name]
    assert done.stderr.count("Error: ") == 4 and "Traceback" not in done.stderr
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    assert all(name in page for name in found)


def test_nothing_but_broken_files_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"\xff\xd8\xff")
    assert run(tmp_path / "in", tmp_path / "out").returncode == 1


def without_root_s_rights() -> None:
    """Takes from root, before it starts a program, the right to read and write everything."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if libc.prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
                raise OSError(ctypes.get_errno(), "the right cannot be dropped")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="drops rights as Linux has them")
def test_unreadable_file_and_folder_fail_alone(series: Path, tmp_path: Path) -> None:
    (series / "album 0" / "000.png").chmod(0)
    (series / "album 1").chmod(0)
    out = tmp_path / "out"
    try:
        done = run(series, out, preexec_fn=without_root_s_rights)
    finally:
        (series / "album 1").chmod(0o700)
    assert done.returncode == 3, done.stderr
    found = failures(out)
    assert found.keys() == {"album 0/000.png", "album 1/"}
    assert all("ermission denied" in reason for reason in found.values())
    assert results(out).keys() == {"album 2/002.png"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="drops rights as Linux has them")
def test_folder_that_is_not_ours_to_write_is_one_line(series: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(0o500)
    done = run(series, out, preexec_fn=without_root_s_rights)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1) and "ermission denied" in done.stderr


@posix
def test_names_of_any_bytes_and_of_full_length_are_kept(series: Path, tmp_path: Path) -> None:
    photograph = (series / "album 0" / "000.png").read_bytes()
    names = [
        b"\xff\xfe \xe9.png",
        b"x" * 251 + b".png",
        b"<b>&amp;'\".png",
        b"new\nline \x1b[31m.png",
        "日本.png".encode(),
    ]
    try:
        for name in names:
            Path(os.fsdecode(os.fsencode(series) + b"/" + name)).write_bytes(photograph)
    except OSError:
        pytest.skip("this file system takes no such names")
    done = run(series, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {os.fsencode(name) for name in os.listdir(tmp_path / "out")} >= set(names)
    page = (tmp_path / "out" / "summary.html").read_text("utf-8")
    assert "<b>" not in page and "&lt;b&gt;&amp;amp;" in page and "日本.png" in page
    assert outcome(run(series, tmp_path / "out", "--json"))["unchanged"] == 8


@posix
def test_name_too_long_for_its_new_ending_fails_alone(series: Path, tmp_path: Path) -> None:
    Image.effect_noise((32, 24), 50).save(series / f"{'x' * 251}.bmp")
    done = run(series, tmp_path / "out")
    assert done.returncode == 3 and "too long" in done.stderr


@posix
def test_links_in_circles_pipes_and_dead_links_end(series: Path, tmp_path: Path) -> None:
    (series / "round").symlink_to(series, target_is_directory=True)
    (series / "album 0" / "up").symlink_to("..", target_is_directory=True)
    (series / "self.png").symlink_to("self.png")
    (series / "dead.png").symlink_to("nowhere.png")
    (series / "link.png").symlink_to("album 0/000.png")
    os.mkfifo(series / "pipe.png")
    done = run(series, tmp_path / "out")
    assert done.returncode == 3
    assert failures(tmp_path / "out").keys() == {"self.png", "dead.png"}
    assert len(results(tmp_path / "out")) == 4  # the link's photograph too


@posix
def test_pipe_in_a_list_does_not_hang(series: Path, tmp_path: Path) -> None:
    os.mkfifo(series / "pipe.png")
    (series / "list.txt").write_text("pipe.png\nalbum 0/000.png\nnowhere.png\n", "utf-8")
    done = run(series / "list.txt", tmp_path / "out")
    assert done.returncode == 3
    found = failures(tmp_path / "out")
    assert found.keys() == {"pipe.png", "nowhere.png"} and "a pipe" in found["pipe.png"]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("needs root, to mount a small tmpfs")
    if os.system(f"mount -t tmpfs -o size=300k tmpfs '{disk}' 2>/dev/null"):
        pytest.skip("this machine does not let us mount a tmpfs")
    yield disk
    os.system(f"umount '{disk}'")


def test_full_disk_stops_the_batch_and_a_larger_one_completes_it(tmp_path: Path, small_disk: Path) -> None:
    write_series(tmp_path / "in", 60, (300, 200))
    out = small_disk / "out"
    done = run(tmp_path / "in", out)
    assert done.returncode == 1 and "No space left" in done.stderr and "Traceback" not in done.stderr
    assert not unfinished(out) and not failures(out)  # none of the photographs is to blame
    before = {name: (path.stat().st_ino, path.stat().st_mtime_ns) for name, path in results(out).items()}
    for path in results(out).values():
        with Image.open(path) as image:
            image.load()
    assert os.system(f"mount -o remount,size=30m '{small_disk}'") == 0
    again = run(tmp_path / "in", out, "--json")
    assert again.returncode == 0 and outcome(again)["done"] + outcome(again)["unchanged"] == 60
    after = {name: (path.stat().st_ino, path.stat().st_mtime_ns) for name, path in results(out).items()}
    assert len(after) == 60 and after.items() >= before.items()


@pytest.mark.skipif(not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs root, to mount")
def test_read_only_output_is_one_line(series: Path, small_disk: Path) -> None:
    assert os.system(f"mount -o remount,ro '{small_disk}'") == 0
    done = run(series, small_disk / "out")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1) and "Read-only file system" in done.stderr


def test_folder_in_the_way_fails_alone(series: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "album 0" / "000.png").mkdir(parents=True)
    out.joinpath("album 1").write_bytes(b"a file")
    done = run(series, out)
    assert done.returncode == 3
    assert failures(out).keys() == {"album 0/000.png", "album 1/001.png"}


def test_photograph_that_changes_under_the_run_is_coloured_as_it_was_read(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 30)
    end = Event()

    def change_all_the_time() -> None:
        number = 0
        while not end.wait(0.01):
            number += 1
            for path in sorted((tmp_path / "in").rglob("*.png")):
                Image.effect_noise((96, 64 + number % 7), 50).save(path)  # half written for a moment

    out = tmp_path / "out"
    with start(tmp_path / "in", out) as process:
        wait_until(lambda: bool(results(out)), process)
        change = Thread(target=change_all_the_time)
        change.start()
        try:
            process.communicate(timeout=600)
        finally:
            end.set()
            change.join()
    assert process.returncode in (0, 3)
    again = run(tmp_path / "in", out)
    assert again.returncode == 0, again.stderr
    for line in {line["path"]: line for line in lines(out)}.values():
        with Image.open(tmp_path / "in" / line["path"]) as before, Image.open(out / line["output"]) as after:
            assert before.size == after.size
