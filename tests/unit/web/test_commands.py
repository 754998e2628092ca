"""`photochrom serve` and `photochrom studio` as a person starts them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import httpx
import pytest
from running_service import free_port, running

from photochrom.models.weights import import_file
from photochrom.web.routes.page import page_is_built

PHOTOCHROM = [sys.executable, "-m", "photochrom"]
WITHOUT_TOKEN = {name: value for name, value in os.environ.items() if name != "PHOTOCHROM_TOKEN"}
TOKEN = "c0ffee" * 5

needs_page = pytest.mark.skipif(not page_is_built(), reason="needs the page: make studio")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PHOTOCHROM, *words], capture_output=True, text=True, timeout=60, env=WITHOUT_TOKEN | environment
    )


def get(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer, for which the network may have to be loaded first."""
    return httpx.get(url, headers=headers, timeout=60, trust_env=False)


@pytest.fixture
def taken() -> Iterator[str]:
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


def test_port_that_is_taken_is_told_in_one_line(taken: str) -> None:
    done = run("serve", "--port", taken)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"port {taken}" in done.stderr and "--port" in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.org"])
@pytest.mark.parametrize("command", ["serve", "studio"])
def test_other_hosts_need_a_token(command: str, host: str) -> None:
    done = run(command, "--host", host, "--port", str(free_port()))
    assert done.returncode == 2
    assert "PHOTOCHROM_TOKEN" in done.stderr


@pytest.mark.parametrize("token", ["", "two words", "tökén", "new\nline"])
def test_token_that_cannot_be_sent_is_refused(token: str) -> None:
    done = run("serve", "--host", "0.0.0.0", PHOTOCHROM_TOKEN=token)
    assert done.returncode == 2
    assert "token" in done.stderr


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A network of one's own: the package's under another name."""
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(tmp_path / "models"))
    with as_file(files("photochrom.models") / "data") as data:
        import_file(data / "compact.json", "mine")
    return "mine"


def test_a_network_of_one_s_own_is_used(mine: str) -> None:
    with running("--model", mine) as service:
        assert get(f"{service.url}/v1/about").json()["model"]["name"] == "mine"


@pytest.mark.parametrize("command", ["serve", "studio"])
def test_networks_that_the_page_cannot_guide_are_refused(command: str, mine: str) -> None:
    absent = run(command, "--model", "yours", PHOTOCHROM_MODELS=os.environ["PHOTOCHROM_MODELS"])
    assert absent.returncode == 4 and "yours" in absent.stderr
    automatic = run(command, "--model", "eccv16")
    assert automatic.returncode == 2 and "takes hints and references" in automatic.stderr


def test_address_that_is_not_of_this_computer_is_told_in_one_line() -> None:
    done = run("serve", "--host", "192.0.2.7", "--token", TOKEN)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "192.0.2.7" in done.stderr


def test_token_from_the_environment_is_wanted_of_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOCHROM_TOKEN", TOKEN)
    with running("--host", "0.0.0.0", "--allowed-host", "photos.example") as service:
        about = f"{service.url}/v1/about"
        assert get(about).status_code == 401
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert get(about, headers=headers).status_code == 200
        assert get(about, headers=headers | {"Host": "photos.example"}).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one address of loopback")
def test_service_listens_on_one_address_alone() -> None:
    with running() as service, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", service.port), timeout=5)


@pytest.mark.skipif(page_is_built(), reason="needs a checkout without the page")
def test_studio_without_its_page_says_how_to_build_it() -> None:
    done = run("studio", "--no-browser")
    assert done.returncode == 1
    assert "make studio" in done.stderr


def test_studio_refuses_a_picture_that_is_not_there() -> None:
    done = run("studio", "--no-browser", "nowhere.png")
    assert done.returncode == 2
    assert "nowhere.png" in done.stderr


def started(*words: str, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """A studio, and the address that it tells."""
    process = subprocess.Popen([*PHOTOCHROM, "studio", *words], stderr=subprocess.PIPE, env=WITHOUT_TOKEN | environment)
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    assert line.startswith("The studio is at "), line
    return process, line.split()[4]


def ended(process: subprocess.Popen[bytes]) -> bytes:
    """What a studio still said, which was stopped as by Ctrl-C."""
    if sys.platform == "win32":
        process.kill()
        pytest.skip("needs a signal that a process can answer")
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    assert process.stderr is not None
    with process.stderr as rest:
        return rest.read()


@needs_page
def test_studio_opens_the_browser_at_its_page_with_the_picture(tmp_path: Path) -> None:
    picture, told, browser = tmp_path / "old.png", tmp_path / "told", tmp_path / "browser"
    picture.write_bytes(b"a picture")
    browser.write_text(f'#!/bin/sh\necho "$1" > {told}.part && mv {told}.part {told}\n')
    browser.chmod(0o755)
    process, page = started(str(picture), BROWSER=f"{browser} %s")
    try:
        by = time.monotonic() + 30
        while not told.exists():
            assert time.monotonic() < by, "no browser was opened"
            time.sleep(0.05)
        assert told.read_text().strip() == page
        base, _, fragment = page.partition("/#opening=")
        assert b"<html" in get(base).content
        assert get(f"{base}/v1/opening/{fragment}").content == b"a picture"
        assert get(f"{base}/v1/opening/{fragment}").status_code == 404
        limits = get(f"{base}/v1/about").json()["limits"]
        assert limits["pixels"] > 100_000_000
        assert ended(process) == b""
    finally:
        process.kill()


@needs_page
def test_second_studio_takes_a_free_port_but_not_in_place_of_the_one_asked_for(taken: str) -> None:
    first, second = started("--no-browser"), started("--no-browser")
    try:
        assert first[1] != second[1]
        for process, page in (first, second):
            assert get(page).status_code == 200
            ended(process)
    finally:
        first[0].kill()
        second[0].kill()
    assert run("studio", "--no-browser", "--port", taken).returncode == 1
