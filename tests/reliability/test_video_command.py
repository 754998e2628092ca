"""`photochrom colorize` on films that are fine, broken, missing or stopped half-way, each in a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("av")

from video_samples import read_film, still_frames, write_film

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
COMMAND = [sys.executable, "-m", "photochrom", "colorize"]
# As an installation without the extra: a finder before all others that knows of no such module.
WITHOUT_PYAV = """
import sys
sys.modules["av"] = None
from photochrom.cli.main import main
main()
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def run(*arguments: str, command: list[str] = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *arguments], capture_output=True, text=True, encoding="utf-8", check=False)


def film(name: str = "film.mp4", count: int = 5, sound: str | None = None) -> Path:
    codec = "libvpx-vp9" if name.endswith("webm") else "libx264"
    return write_film(Path(name), still_frames(count), codec=codec, pix_fmt="yuv420p", sound=sound)


def failure(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line of a failed run, which must have left no result."""
    assert done.returncode == code and done.stdout == ""
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1, done.stderr
    assert not list(Path().glob("*.color.*")) and not list(Path().glob(".*.part"))
    return done.stderr


def test_a_film_gets_colours_beside_it() -> None:
    film(sound="aac")
    done = run("film.mp4")
    assert (done.returncode, done.stdout, done.stderr) == (0, "film.mp4 -> film.color.mp4\n", "")
    assert [kind for kind, _ in read_film(Path("film.color.mp4")).kinds] == ["video", "audio"]


def test_films_and_photographs_go_in_one_run_and_into_a_folder() -> None:
    film()
    Image.new("L", (40, 30), 120).save("a.png")
    done = run("film.mp4", "a.png", "-o", "new")
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(os.listdir("new")) == ["a.png", "film.mp4"]


def test_films_in_folders_are_left_alone() -> None:
    Path("in").mkdir()
    film("in/film.mp4")
    Image.new("L", (40, 30), 120).save("in/a.png")
    assert run("in", "-o", "new").returncode == 0
    assert os.listdir("new") == ["a.png"]


def test_a_session_guides_a_film() -> None:
    film()
    Path("red.json").write_text(
        '{"photochrom": 1, "hints": [{"x": 0.5, "y": 0.5, "color": "#c02020", "radius": 0.2}],'
        ' "settings": {"saturation": 1.5}}',
        encoding="utf-8",
    )
    assert run("film.mp4", "--hints", "red.json").returncode == 0
    assert run("film.mp4", "-o", "plain.mp4").returncode == 0
    red, plain = (read_film(Path(name)).chroma[-1][1][12:20, 20:28].mean() for name in ("film.color.mp4", "plain.mp4"))
    assert red > plain + 10


def test_a_key_frames_session_guides_a_film_from_then_on() -> None:
    film(count=8)  # 25 of which are a second
    red = '{"photochrom": 1, "hints": [{"x": 0.5, "y": 0.5, "color": "#c02020", "radius": 0.2}]}'
    Path("red.json").write_text(red, encoding="utf-8")
    assert run("film.mp4", "--hints-at", "0:00.16", "red.json", "-o", "red.mp4").returncode == 0
    assert run("film.mp4", "-o", "plain.mp4").returncode == 0
    red_chroma, plain_chroma = (read_film(Path(name)).chroma for name in ("red.mp4", "plain.mp4"))
    more = [
        float(a[1][12:20, 20:28].mean()) - float(b[1][12:20, 20:28].mean())
        for a, b in zip(red_chroma, plain_chroma, strict=True)
    ]
    assert max(map(abs, more[:4])) < 2 and min(more[4:]) > 10


@pytest.mark.parametrize("time", ["-1", "1:2:3:4", "x", "", "1e3", "nan", "\u0661"])
def test_what_is_no_time_is_wrong_usage(time: str) -> None:
    film()
    Path("red.json").write_text('{"photochrom": 1}', encoding="utf-8")
    done = run("film.mp4", "--hints-at", time, "red.json")
    assert done.returncode == 2 and "no time in a film" in done.stderr


def test_hints_at_a_time_are_for_films() -> None:
    Image.new("L", (40, 30), 120).save("a.png")
    Path("red.json").write_text('{"photochrom": 1}', encoding="utf-8")
    done = run("a.png", "--hints-at", "1", "red.json")
    assert done.returncode == 2 and "--hints-at is for films" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--format", "png"], "--format is for photographs"),
        (["--variants", "2"], "--variants is for photographs"),
        (["-o", "-"], "cannot go to standard output"),
    ],
)
def test_what_makes_no_sense_for_a_film_is_wrong_usage(arguments: list[str], words: str) -> None:
    film()
    done = run("film.mp4", *arguments)
    assert done.returncode == 2 and words in done.stderr
    assert not Path("film.color.mp4").exists()


def test_a_result_needs_the_ending_of_a_film() -> None:
    film()
    assert "new.png does not end like a film that is written here" in failure(run("film.mp4", "-o", "new.png"))


def test_without_pyav_the_command_to_install_it_is_told() -> None:
    film()
    message = failure(run("colorize", "film.mp4", command=[sys.executable, "-c", WITHOUT_PYAV]))
    assert "Colouring films needs av" in message and "pip install" in message and "[video]" in message
    message = failure(run("colorize", "no.mp4", command=[sys.executable, "-c", WITHOUT_PYAV]))
    assert "no.mp4 does not exist" in message and "pip" not in message


def test_the_film_itself_and_existing_results_are_safe() -> None:
    before = film().read_bytes()
    assert "would replace" in failure(run("film.mp4", "-o", "film.mp4", "--overwrite"))
    Path("there.mp4").write_bytes(b"precious")
    assert "exists already" in failure(run("film.mp4", "-o", "there.mp4"))
    assert Path("film.mp4").read_bytes() == before and Path("there.mp4").read_bytes() == b"precious"


def garbage() -> bytes:
    return np.random.default_rng(0).bytes(50_000)


def whole() -> bytes:
    return film("whole.mp4", 30).read_bytes()


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty"),
    "garbage": (garbage, "no film that can be read"),
    "text": (lambda: b"words\n" * 500, "no film that can be read"),
    "a list of other files": (lambda: b"ffconcat version 1.0\nfile /etc/hostname\n", "no film that can be read"),
    "a playlist": (lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1:9/a.ts\n", "no film"),
    "cut before its index": (lambda: whole()[: len(whole()) // 2], "no film that can be read"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_film_says_so(kind: str) -> None:
    content, words = BROKEN[kind]
    Path("film.mp4").write_bytes(content())
    assert words in failure(run("film.mp4"))


def test_a_missing_film_says_so() -> None:
    assert "film.mp4 does not exist" in failure(run("film.mp4"))


def test_sound_alone_is_no_film() -> None:
    import av
    from video_samples import add_sine

    with av.open("song.mp4", "w") as container:
        add_sine(container, container.add_stream("aac", rate=48000), 0.5)
    assert "song.mp4 has no moving picture" in failure(run("song.mp4"))


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_film_that_breaks_off_is_refused(share: float) -> None:
    data = film("film.mkv", 50, sound="flac").read_bytes()
    Path("film.mkv").write_bytes(data[: int(share * len(data))])
    message = failure(run("film.mkv"))
    assert "cut short" in message or "damaged" in message


def test_a_film_damaged_in_the_middle_is_refused() -> None:
    data = bytearray(write_film(Path("film.mkv"), still_frames(20)).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = garbage()[:3000]
    Path("film.mkv").write_bytes(data)
    message = failure(run("film.mkv"))
    assert "damaged" in message or "cut short" in message


_LONG = 500  # frames that take some seconds, so that a stop comes amid them on a fast machine, too


def started(count: int) -> subprocess.Popen[bytes]:
    """Colours `film.mkv`, of so many frames; returns when it is at it."""
    write_film(Path("film.mkv"), still_frames(count, 320, 240), sound="flac")
    process = subprocess.Popen([*COMMAND, "film.mkv"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 300
    while not list(Path().glob(".*.part")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.5)  # muxers hold back what is written so far, so nothing to wait for is to be seen
    return process


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_nothing_behind(number: int) -> None:
    with started(_LONG) as process:
        process.send_signal(number)
        _, stderr = process.communicate(timeout=300)
    assert (process.returncode, stderr) == (130, b"Interrupted.\n")
    assert os.listdir() == ["film.mkv"]


@posix
def test_being_killed_leaves_no_result_and_the_next_run_makes_it() -> None:
    with started(_LONG) as process:
        process.kill()
    assert not Path("film.color.mkv").exists()
    assert run("film.mkv").returncode == 0
    assert len(read_film(Path("film.color.mkv")).times) == _LONG


@posix
def test_a_named_pipe_is_not_read_to_find_out_what_it_is() -> None:
    assert sys.platform != "win32"
    os.mkfifo("pipe.png")
    writer = subprocess.Popen([sys.executable, "-c", f"open('pipe.png', 'wb').write({png()!r})"])
    done = subprocess.run([*COMMAND, "pipe.png", "-o", "new.png"], capture_output=True, check=False, timeout=300)
    writer.wait(timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def png() -> bytes:
    Image.new("L", (40, 30), 120).save("a.png")
    return Path("a.png").read_bytes()


@posix
@pytest.mark.slow
def test_memory_does_not_grow_with_a_films_length(monkeypatch: pytest.MonkeyPatch) -> None:
    # The longer film alone has pixels enough for the compiled loops, and Numba would bring LLVM's memory with it.
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    peaks = []
    for count in (20, 140):
        write_film(Path(f"{count}.mkv"), still_frames(count, 640, 480))
        code = f"""
import resource, sys
from photochrom.cli.main import main
main(["colorize", "{count}.mkv"], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""
        done = run(command=[sys.executable, "-c", code])
        assert done.returncode == 0, done.stderr
        peaks.append(int(done.stderr.split()[-1]))
    # The frames alone that the longer film has more are 37 MB.
    assert peaks[1] - peaks[0] < 15_000
