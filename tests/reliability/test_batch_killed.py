"""A batch that is killed again and again, at any moment, ends as if nothing had happened."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from batch_series import line_count, lines, outcome, results, run, start, unfinished, wait_until, write_series

KILLS = 50
# Photographs that a run finds to do, at first: more than it does before it is killed.
AHEAD = 40
# Kinds of photographs that the series repeats: a name leaves no trace in a result, so equal ones become equal.
KINDS = 6

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and process groups")


def kill_at_a_random_moment(process: "subprocess.Popen[str]", out: Path, turn: int) -> bool:
    """Kills the whole group, as a power cut does, or the parent alone, as the kernel may when memory runs out.

    Four times of five among the photographs, and else at any time from its start. Says whether it was still running.
    """
    if turn % 5:
        before = len(results(out))
        wait_until(lambda: len(results(out)) > before, process)
        time.sleep(random.uniform(0, 0.4))
    else:
        time.sleep(random.uniform(0, 3))
    if turn % 2:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate(timeout=300)  # until the last worker is gone: they hold the pipes
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


@pytest.mark.slow
def test_killed_at_50_random_moments_leaves_whole_files_and_completes(tmp_path: Path) -> None:
    write_series(tmp_path / "kinds", KINDS, (48, 32))
    assert run(tmp_path / "kinds", tmp_path / "whole").returncode == 0
    kinds, whole = results(tmp_path / "kinds"), results(tmp_path / "whole")
    out, expected = tmp_path / "out", dict[str, bytes]()
    settled: dict[str, tuple[int, int]] = {}

    def add_photograph() -> None:
        kind = sorted(kinds)[len(expected) % KINDS]
        name = f"album {len(expected) % 3}/{len(expected):04}.png"
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(kinds[kind], tmp_path / "in" / name)
        expected[name] = whole[kind].read_bytes()

    def check() -> None:
        for name, path in results(out).items():
            assert path.read_bytes() == expected[name], f"{name} is not whole"
            identity = path.stat().st_ino, path.stat().st_mtime_ns
            assert settled.setdefault(name, identity) == identity, f"{name} was written again"

    kills, ahead = 0, AHEAD
    while kills < KILLS:
        while len(expected) < len(settled) + ahead:
            add_photograph()
        with start(tmp_path / "in", out, "--workers", "2") as process:
            if kill_at_a_random_moment(process, out, kills):
                kills += 1
            else:  # it came to its end: a fast machine
                ahead *= 2
        check()
    done = run(tmp_path / "in", out, "--json")
    assert done.returncode == 0 and outcome(done)["left"] == 0
    check()
    assert results(out).keys() == expected.keys()
    assert not unfinished(out)
    assert {line["path"] for line in lines(out)} == expected.keys()


def interrupt(process: "subprocess.Popen[str]", number: str) -> float:
    """Sends the signal; returns the seconds until the batch has ended, as it should."""
    began = time.monotonic()
    if number == "SIGINT":
        os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all of them
    else:
        process.terminate()
    said, complained = process.communicate(timeout=60)
    seconds = time.monotonic() - began
    assert (process.returncode, said) == (130, "")
    # On a slow machine lines about its progress come before.
    assert complained.endswith("Interrupted.\n") and "Traceback" not in complained
    return seconds


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_interrupted_it_ends_within_2_seconds_with_130_and_a_usable_manifest(tmp_path: Path, number: str) -> None:
    write_series(tmp_path / "in", 24, (1600, 1200))
    seconds: list[float] = []
    # Who else is at work on this machine may hold it up; what is its own fault would hold it up every time.
    while not seconds or (min(seconds) >= 2 and len(seconds) < 5):
        out = tmp_path / f"out {len(seconds)}"
        with start(tmp_path / "in", out) as process:
            wait_until(partial(lambda out: line_count(out) > 2, out), process)
            seconds.append(interrupt(process, number))
        assert not unfinished(out)
        recorded = lines(out)
        assert all((out / line["output"]).stat().st_size == line["size_out"] for line in recorded)
    assert min(seconds) < 2
    before = {name: path.stat().st_mtime_ns for name, path in results(out).items()}
    again = outcome(run(tmp_path / "in", out, "--json"))
    assert again["unchanged"] >= len(recorded) and again["done"] + again["unchanged"] == 24
    assert all(results(out)[name].stat().st_mtime_ns == changed for name, changed in before.items())


def test_torn_last_line_is_repaired(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 4)
    out = tmp_path / "out"
    run(tmp_path / "in", out)
    manifest = out / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-30])
    done = run(tmp_path / "in", out, "--json")
    assert done.returncode == 0 and outcome(done)["done"] == 1
    assert {line["path"] for line in lines(out)} == results(out).keys()


def test_second_batch_of_the_same_part_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 40)
    out = tmp_path / "out"
    with start(tmp_path / "in", out) as first:
        wait_until(lambda: bool(results(out)), first)
        os.killpg(first.pid, signal.SIGSTOP)  # so that it does not end before the second begins
        second = run(tmp_path / "in", out)
        os.killpg(first.pid, signal.SIGCONT)
        assert (second.returncode, second.stderr.count("\n")) == (1, 1) and "is in use" in second.stderr
        first.communicate(timeout=300)
    assert first.returncode == 0
