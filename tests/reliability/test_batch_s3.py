"""A batch from and to S3, over the wire: moto's server on loopback."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_series import ENVIRONMENT, outcome, results, run, start, wait_until, write_series

pytest.importorskip("s3fs")
boto3 = pytest.importorskip("boto3")
pytest.importorskip("moto.server")

COUNT = 10


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket `scans` with photographs below `in/`, and its server's address in the environment of batches."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
        monkeypatch.setitem(ENVIRONMENT, name, value)
    bucket = boto3.resource("s3").Bucket("scans")
    bucket.create()
    write_series(tmp_path / "in", COUNT)
    for path in (tmp_path / "in").rglob("*.png"):
        bucket.upload_file(str(path), f"in/{path.relative_to(tmp_path / 'in').as_posix()}")
    yield bucket
    bucket.objects.all().delete()  # moto keeps them as long as the process lives
    server.stop()


def names(bucket: Any, prefix: str) -> list[str]:
    """The results below a prefix."""
    return [entry.key for entry in bucket.objects.filter(Prefix=prefix) if entry.key.endswith(".png")]


def objects(bucket: Any, prefix: str) -> dict[str, bytes]:
    """The same with their content, by their names below the prefix."""
    return {key.removeprefix(prefix): bucket.Object(key).get()["Body"].read() for key in names(bucket, prefix)}


def test_results_in_s3_are_those_on_disk_and_the_next_run_has_nothing_to_do(bucket: Any, tmp_path: Path) -> None:
    assert run(tmp_path / "in", tmp_path / "out").returncode == 0
    expected = {name: path.read_bytes() for name, path in results(tmp_path / "out").items()}
    done = run("s3://scans/in", "s3://scans/out", "--json")
    assert (done.returncode, outcome(done)["done"]) == (0, COUNT), done.stderr
    assert objects(bucket, "out/") == expected
    before = {entry.key: entry.last_modified for entry in bucket.objects.filter(Prefix="out/album")}
    again = run("s3://scans/in", "s3://scans/out", "--json")
    assert (again.returncode, outcome(again)["unchanged"]) == (0, COUNT)
    assert {entry.key: entry.last_modified for entry in bucket.objects.filter(Prefix="out/album")} == before
    manifest = bucket.Object("out/manifest.jsonl").get()["Body"].read().splitlines()
    assert len([line for line in map(json.loads, manifest) if "path" in line]) == COUNT


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGINT to a process group")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_interrupted_and_killed_it_goes_on(bucket: Any, tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    for copy in range(60):  # more than is done while this machine is at other things
        bucket.copy({"Bucket": "scans", "Key": "in/album 0/000.png"}, f"in/copies/{copy:02}.png")
    with start("s3://scans/in", "s3://scans/out", "--workers", "1") as process:
        wait_until(lambda: len(names(bucket, "out/")) > 3, process)
        os.killpg(process.pid, number)
        process.communicate(timeout=300)
    assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL)
    done = run("s3://scans/in", "s3://scans/out", "--json")
    assert done.returncode == 0 and outcome(done)["failed"] == 0
    assert len(names(bucket, "out/")) == COUNT + 60
    if number == signal.SIGINT:
        assert outcome(done)["unchanged"] > 0


def test_bucket_that_is_not_there_is_one_line(bucket: Any, tmp_path: Path) -> None:
    for places in (("s3://nowhere/in", tmp_path / "out"), (tmp_path / "in", "s3://nowhere/out")):
        done = run(*places)
        assert done.returncode in (1, 3) and "nowhere" in done.stderr and "Traceback" not in done.stderr
