"""What the service is, how it is, and the page."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import pytest

import photochrom as pc
from photochrom.web.app import create_app
from photochrom.web.limits import STUDIO
from photochrom.web.opening import Opening
from photochrom.web.routes import page

Detail = Callable[[httpx.Response, int], str]
Serve = Callable[..., AbstractContextManager[httpx.Client]]


def test_about_tells_version_model_and_limits(client: httpx.Client) -> None:
    about = client.get("/v1/about").json()
    assert about["version"] == pc.__version__
    assert about["model"] == {"name": "compact", "sha256": pc.Colorizer().engine.sha256}
    assert about["decodes"] == ["vivid", "accurate"]
    assert set(about["formats"]) == {"png", "jpeg", "webp", "avif", "tiff"}
    assert about["limits"] == {"bytes": 32 << 20, "pixels": 50_000_000, "hints": 1000, "side": 65_500}


def test_metrics_count_requests_by_route_and_status_and_name_no_work(
    client: httpx.Client, work: dict[str, str]
) -> None:
    def count(line: str) -> float:
        found = [float(value) for name, value in figures(client) if name == line]
        return found[0] if found else 0

    line = 'photochrom_requests_total{route="/v1/works/{id}",method="GET",status="200"}'
    before = count(line)
    client.get(f"/v1/works/{work['id']}")
    assert count(line) == before + 1
    client.request("BREW", "/v1/about")
    assert count('photochrom_requests_total{route="/v1/about",method="other",status="405"}') >= 1
    assert work["id"] not in client.get("/metrics").text


def test_metrics_are_well_formed(client: httpx.Client) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    names = {name.partition("{")[0] for name, _ in figures(client)}
    declared = {line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE ")}
    assert {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in names} == declared
    assert {"photochrom_inferences", "photochrom_queue", "photochrom_works_bytes", "photochrom_refused_total"} <= names
    for route in {name.split('route="')[1].split('"')[0] for name, _ in figures(client) if "_bucket" in name}:
        buckets = [float(value) for name, value in figures(client) if f'_bucket{{route="{route}"' in name]
        assert buckets == sorted(buckets)


def figures(client: httpx.Client) -> list[tuple[str, str]]:
    lines = client.get("/metrics").text.splitlines()
    return [(line.rpartition(" ")[0], line.rpartition(" ")[2]) for line in lines if not line.startswith("#")]


def test_requests_wait_while_the_network_is_loaded_and_the_service_says_that_it_is_not_ready(detail: Detail) -> None:
    async def story() -> None:
        app = create_app()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            early = asyncio.ensure_future(client.get("/v1/about"))
            answer = await client.get("/readyz")
            assert "starting" in detail(answer, 503)
            assert (await client.head("/readyz")).status_code == 503
            assert answer.headers["retry-after"]
            assert (await client.get("/healthz")).status_code == 200
            assert (await client.head("/healthz")).status_code == 200
            assert not early.done()
            await app.state.service.load()
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.head("/readyz")).status_code == 200
            assert (await early).status_code == 200

    asyncio.run(story())


def test_network_that_cannot_be_loaded_is_told(
    detail: Detail, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("photochrom.models.compact._read", lambda name: b"{}")

    async def story() -> None:
        app = create_app()
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await app.state.service.load()
            detail(await client.get("/readyz"), 503)
            assert "log" in detail(await client.get("/v1/about"), 500)

    with caplog.at_level("WARNING", "photochrom"):
        asyncio.run(story())
    assert "damaged" in caplog.text


def test_picture_to_open_is_handed_out_once_by_its_name_alone(serve: Serve, detail: Detail, tmp_path: Path) -> None:
    path = tmp_path / "old photograph äöü.png"
    path.write_bytes(b"anything")
    opening = Opening(path)
    assert len(bytes.fromhex(opening.id)) == 16
    with serve(create_app(STUDIO, opening=opening)) as client:
        detail(client.get("/v1/opening/" + "0" * 32), 404)
        answer = client.get(f"/v1/opening/{opening.id}")
        assert answer.content == b"anything"
        assert "old%20photograph%20%C3%A4%C3%B6%C3%BC.png" in answer.headers["content-disposition"]
        detail(client.get(f"/v1/opening/{opening.id}"), 404)


def test_picture_that_has_gone_meanwhile_is_told(serve: Serve, detail: Detail, tmp_path: Path) -> None:
    opening = Opening(tmp_path / "gone.png")
    with serve(create_app(STUDIO, opening=opening)) as client:
        detail(client.get(f"/v1/opening/{opening.id}"), 404)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page in place of the one that may or may not be built here."""
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<!doctype html><title>Studio</title>")
    (static / "assets" / "app-1a2b.js").write_text("export {}")
    (static / "icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "secret.txt").write_text("secret")
    (static / "way-out").symlink_to(tmp_path)
    monkeypatch.setattr(page, "STATIC", static)
    return static


@pytest.mark.usefixtures("built")
def test_page_is_always_asked_for_anew_and_its_assets_never(client: httpx.Client) -> None:
    index, script = client.get("/"), client.get("/assets/app-1a2b.js")
    assert index.headers["content-type"].startswith("text/html")
    assert index.headers["cache-control"] == "no-cache"
    assert script.headers["content-type"].startswith("text/javascript")
    assert "immutable" in script.headers["cache-control"]
    assert client.get("/icon.svg").headers["content-type"].startswith("image/svg+xml")
    assert client.head("/").status_code == 200


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt",
        "/assets//etc/passwd", "/way-out", "/assets", "/assets/", "/assets/%00", "/assets/../way-out/secret.txt",
        "/assets/%5c..%5c..%5csecret.txt", "/%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_nothing_outside_of_the_page_is_served(client: httpx.Client, detail: Detail, path: str) -> None:
    raw = httpx.URL(client.base_url).copy_with(raw_path=path.encode())
    assert "secret" not in detail(client.get(raw), 404)


def test_page_that_is_not_built_says_how(
    client: httpx.Client, detail: Detail, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "STATIC", tmp_path)
    assert "make studio" in detail(client.get("/"), 404)
