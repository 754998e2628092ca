"""Who may ask, and what every answer says about itself."""

import hmac
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from photochrom.web.app import create_app
from photochrom.web.guard import hosts_of

Detail = Callable[[httpx.Response, int], str]
Serve = Callable[..., AbstractContextManager[httpx.Client]]
TOKEN = "correct-horse-battery-staple"
SESSION = {"photochrom": 1}


@pytest.fixture(scope="module")
def locked(serve: Serve) -> Iterator[httpx.Client]:
    """A service that wants a token."""
    with serve(create_app(token=TOKEN, allowed_hosts=hosts_of("0.0.0.0", ["photos.example"]))) as client:
        yield client


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "localhost:8000", "127.0.0.1:1"])
def test_loopback_may_be_called_by_its_names(client: httpx.Client, host: str) -> None:
    assert client.get("/v1/about", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "evil@localhost", "0.0.0.0"]
)
@pytest.mark.parametrize("path", ["/v1/about", "/", "/metrics"])
def test_other_hosts_are_refused(client: httpx.Client, detail: Detail, host: str, path: str) -> None:
    assert "--allowed-host" in detail(client.get(path, headers={"Host": host}), 421)


def test_host_may_be_added(locked: httpx.Client) -> None:
    headers = {"Host": "photos.example", "Authorization": f"Bearer {TOKEN}"}
    assert locked.get("/v1/about", headers=headers).status_code == 200
    assert locked.get("/v1/about", headers=headers | {"Host": "0.0.0.0"}).status_code == 421


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        TOKEN,
        "Bearer \xe4\xf6",
    ],
)
@pytest.mark.parametrize("path", ["/v1/about", "/v1/nothing", "/metrics", "/v1/openapi.json"])
def test_without_the_token_the_interface_is_closed(
    locked: httpx.Client, detail: Detail, authorization: str | None, path: str
) -> None:
    headers = {} if authorization is None else {b"Authorization": authorization.encode("latin-1")}
    answer = locked.get(path, headers=headers)
    detail(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_with_the_token_it_is_open(locked: httpx.Client) -> None:
    for authorization in (f"Bearer {TOKEN}", f"bearer {TOKEN}"):
        assert locked.get("/v1/about", headers={"Authorization": authorization}).status_code == 200


def test_a_guess_at_the_token_is_compared_in_constant_time(
    locked: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []
    constant_time = hmac.compare_digest

    def watched(given: bytes, true: bytes) -> bool:
        compared.append((given, true))
        return constant_time(given, true)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    guesses = ("c", TOKEN[:-1], f"{TOKEN}x")
    for guess in guesses:
        assert locked.get("/v1/about", headers={"Authorization": f"Bearer {guess}"}).status_code == 401
    assert compared == [(guess.encode(), TOKEN.encode()) for guess in guesses]


def test_health_is_told_to_whoever_asks(locked: httpx.Client) -> None:
    for path in ("/healthz", "/readyz"):
        answer = locked.get(path, headers={"Host": "10.1.2.3"})
        assert (answer.status_code, answer.text) == (200, "ok\n")


def test_requests_of_other_sites_pages_are_refused(client: httpx.Client, detail: Detail) -> None:
    own = str(client.base_url).rstrip("/")
    foreign: list[dict[str, str]] = [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": own},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": ""},
        {"Origin": "http://localhost:1"},
    ]
    for headers in foreign:
        detail(client.post("/v1/sessions/check", json=SESSION, headers=headers), 403)
        detail(client.delete("/v1/works/" + "0" * 32, headers=headers), 403)
        detail(client.get("/v1/about", headers=headers), 403)


def test_requests_of_the_own_page_and_of_programs_are_taken(client: httpx.Client) -> None:
    own = str(client.base_url).rstrip("/")
    domestic: list[dict[str, str]] = [
        {}, {"Sec-Fetch-Site": "same-origin", "Origin": own}, {"Sec-Fetch-Site": "none"}, {"Origin": own},
    ]  # fmt: skip
    for headers in domestic:
        assert client.post("/v1/sessions/check", json=SESSION, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v1/about", "/v1/nothing", "/healthz", "/metrics", "/", "/assets/x.js"])
def test_every_answer_is_strict_with_browsers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert not any("unsafe-inline" in part or "*" in part or "http" in part for part in policy.values())
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/v1/about", "/v1/nothing", "/healthz", "/metrics", "/assets/x.js"])
def test_answers_are_kept_by_no_cache_unless_they_say_so(client: httpx.Client, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-store"


def test_no_other_origin_is_allowed_to_read(client: httpx.Client) -> None:
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (
        client.options("/v1/works", headers=preflight),
        client.get("/v1/about", headers={"Origin": "https://evil.example"}),
        client.get("/v1/about"),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert client.options("/v1/works", headers=preflight).status_code in (403, 405)


def test_refusals_and_errors_bear_the_same_headers(serve: Serve, detail: Detail) -> None:
    app = create_app()
    _break(app)
    with serve(app) as client:
        answers = [
            client.get("/v1/about", headers={"Host": "evil.example"}),
            client.get("/v1/broken"),
            client.put("/v1/about"),
            client.post("/v1/sessions/check", content=b"x"),
        ]
        assert [answer.status_code for answer in answers] == [421, 500, 405, 415]
        for answer in answers:
            detail(answer, answer.status_code)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "secret" not in answer.text


def _break(app: FastAPI) -> None:
    @app.get("/v1/broken")
    async def broken() -> Any:
        raise RuntimeError("a secret of the inside")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "CONNECT", "PROPFIND"])
def test_other_methods_are_refused(client: httpx.Client, detail: Detail, method: str) -> None:
    answer = client.request(method, "/v1/about")
    detail(answer, 405)
    assert answer.headers["allow"] == "GET"
