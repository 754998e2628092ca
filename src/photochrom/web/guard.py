"""Who may ask, and what every answer says about itself.

A page of another site, open in the same browser, must neither use the service nor read from it: unsafe requests and
the whole interface are for the service's own page (Fetch Metadata, Origin), the Host must be a known one (a name that
an attacker points at 127.0.0.1 is not), and no answer allows another origin to read it.
"""

import hmac
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.problems import ProblemResponse

__all__ = ["LOOPBACK", "Guard", "hosts_of"]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# uvicorn bounds them too, but only once they do not arrive in one piece.
_MOST_HEADER_BYTES = 16 << 10
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_INTERFACE = "/v1/"
# Watched by machines that have neither the token nor the name of the host, and telling nothing.
_HEALTH = frozenset({"/healthz", "/readyz"})


def hosts_of(host: str, further: Iterable[str] = ()) -> frozenset[str]:
    """The names under which a service that listens on `host` may be reached; those of all addresses must be told."""
    return LOOPBACK | ({host} - {"0.0.0.0", "::"}) | frozenset(further)


class Guard:
    """The layer of the app that lets requests in.

    Args:
        app: what is guarded.
        token: that requests for the interface and the metrics must bear; None: none.
        hosts: names and addresses that a request's Host may have, without port.
    """

    def __init__(self, app: ASGIApp, token: str | None, hosts: Iterable[str]) -> None:
        self._app = app
        self._token = None if token is None else token.encode()
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = _refusal_of_size(scope) or self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        await (refusal or self._app)(scope, receive, send_guarded)

    def _refusal(self, method: str, path: str, headers: Headers) -> ProblemResponse | None:
        if path in _HEALTH:
            return None
        host = headers.get("host", "")
        if _name(host) not in self._hosts:
            return ProblemResponse(
                421, "this service does not go by that name; start it with --allowed-host to add one"
            )
        guarded = path.startswith(_INTERFACE) or method not in _SAFE_METHODS
        if guarded and _from_elsewhere(headers, host):
            return ProblemResponse(403, "the request comes from another site's page")
        if self._token is not None and (guarded or path == "/metrics") and not self._bears_token(headers):
            return ProblemResponse(
                401, "the service wants its token: Authorization: Bearer TOKEN", {"WWW-Authenticate": "Bearer"}
            )
        return None

    def _bears_token(self, headers: Headers) -> bool:
        assert self._token is not None
        scheme, _, given = headers.get("authorization", "").partition(" ")
        # In constant time: how much of a guess is right must not show.
        return hmac.compare_digest(given.strip().encode("latin-1"), self._token) and scheme.lower() == "bearer"


def _refusal_of_size(scope: Scope) -> ProblemResponse | None:
    size = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    size += sum(len(name) + len(value) for name, value in scope["headers"])
    if size <= _MOST_HEADER_BYTES:
        return None
    detail = f"address and headers have more than {_MOST_HEADER_BYTES:,} bytes"
    return ProblemResponse(431, detail, {"Connection": "close"})


def _from_elsewhere(headers: Headers, host: str) -> bool:
    """Whether a browser says that another origin's page asks. Other clients say nothing of the kind."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return True
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def _name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()
