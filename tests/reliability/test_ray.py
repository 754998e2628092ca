"""Batches on a Ray cluster of two nodes, with processes that are killed."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from batch_series import (
    ENVIRONMENT,
    line_count,
    lines,
    outcome,
    results,
    run,
    start,
    unfinished,
    wait_until,
    write_series,
)
from PIL import Image
from ray_cluster import RayCluster, ray_cluster
from test_batch_workers import MIB, memory

pytest.importorskip("ray.data", reason="needs the extra ray")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")]
COUNT = 48


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with ray_cluster() as started:
        yield started


@pytest.fixture
def on_ray(cluster: RayCluster, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Options of a batch on the cluster."""
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.setitem(ENVIRONMENT, name, cluster.environment[name])
    return ["--engine", "ray", "--address", cluster.address]


def test_worker_killed_on_the_way_loses_nothing_and_the_next_run_goes_on(
    cluster: RayCluster, on_ray: list[str], tmp_path: Path
) -> None:
    write_series(tmp_path / "in", COUNT)
    assert run(tmp_path / "in", tmp_path / "local").returncode == 0
    out = tmp_path / "out"
    first = run(tmp_path / "in", out, *on_ray, "--limit", "6", "--json")
    assert (first.returncode, first.stderr.count("Error"), outcome(first)["done"]) == (0, 0, 6), first.stderr
    before = {name: path.stat().st_mtime_ns for name, path in results(out).items()}
    with start(tmp_path / "in", out, *on_ray, "--json") as process:
        wait_until(lambda: len(results(out)) > 10, process)
        os.kill(cluster.workers("Colourist")[0], signal.SIGKILL)
        said, complained = process.communicate(timeout=600)
    assert process.returncode == 0, complained
    assert f'"done": {COUNT - 6}, "unchanged": 6, "failed": 0, "left": 0' in said
    assert not unfinished(out)
    local = results(tmp_path / "local")
    assert {name: path.read_bytes() for name, path in results(out).items()} == {
        name: path.read_bytes() for name, path in local.items()
    }
    assert sorted(line["path"] for line in lines(out)) == sorted(local), "one line each"
    assert all(results(out)[name].stat().st_mtime_ns == changed for name, changed in before.items())


def test_photograph_that_kills_its_worker_twice_fails_alone(
    cluster: RayCluster, on_ray: list[str], tmp_path: Path
) -> None:
    write_series(tmp_path / "in", 12)
    Image.new("L", (9000, 9000), 128).save(tmp_path / "in" / "album 1" / "large.png", compress_level=1)
    out, end = tmp_path / "out", Event()

    def kill_who_takes_too_much() -> None:
        while not end.wait(0.005):
            for pid in cluster.workers("Colourist"):
                if memory(pid) > 600 * MIB:
                    os.kill(pid, signal.SIGKILL)

    watch = Thread(target=kill_who_takes_too_much)
    watch.start()
    done = run(tmp_path / "in", out, *on_ray, "--json")
    end.set()
    watch.join()
    assert done.returncode == 3, done.stderr
    assert outcome(done)["done"] == 12 and outcome(done)["failed"] == 1
    (failed,) = (line for line in lines(out) if line["status"] == "failed")
    assert failed["path"] == "album 1/large.png" and "died twice" in failed["error"]
    assert len(results(out)) == 12 and not unfinished(out)


def test_interrupted_it_ends_with_130_a_usable_manifest_and_no_process_of_its_own_cluster(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 400)
    out = tmp_path / "out"
    for _ in range(3):  # Ray gives its own processes 30 s to start, which on a busy machine may be too few
        with start(tmp_path / "in", out, "--engine", "ray") as process:
            wait_until(lambda: line_count(out) > 1, process)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all of them
            _, complained = process.communicate(timeout=300)  # until the last process is gone: they hold the pipes
        if "Ray cannot be started" not in complained:
            break
    assert process.returncode == 130, complained
    assert complained.endswith("Interrupted.\n") and "Traceback" not in complained
    recorded = lines(out)
    assert 0 < len(recorded) < 400 and not unfinished(out)
    assert all((out / line["output"]).stat().st_size == line["size_out"] for line in recorded)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
