"""Figures in Prometheus' text format (version 0.0.4), counted in one process."""

import time
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CONTENT_TYPE", "Counting", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Requests by route, method and status, and how long they took.

    A route is the pattern that an address matched, never the address itself: names of works are secrets, and an
    attacker's made-up addresses would fill the memory.
    """

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._seconds: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BUCKETS) + 1))
        self._total_seconds: defaultdict[str, float] = defaultdict(float)

    def count(self, route: str, method: str, status: str, seconds: float) -> None:
        """Counts a finished request; `status` is "left" where the client did not wait for an answer."""
        method = method if method in _METHODS else "other"
        self._requests[route, method, status] += 1
        self._seconds[route][bisect_left(_BUCKETS, seconds)] += 1
        self._total_seconds[route] += seconds

    def text(self, gauges: Mapping[str, tuple[str, float]], counters: Mapping[str, tuple[str, float]]) -> str:
        """All figures; those given by name, with what they mean and their value, come last."""
        lines = ["# HELP photochrom_requests_total Requests answered.", "# TYPE photochrom_requests_total counter"]
        for (route, method, status), count in sorted(self._requests.items()):
            labels = f'route="{route}",method="{method}",status="{status}"'
            lines.append(f"photochrom_requests_total{{{labels}}} {count}")
        lines += self._histogram()
        for kind, figures in (("gauge", gauges), ("counter", counters)):
            for name, (meaning, value) in figures.items():
                lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"

    def _histogram(self) -> Iterable[str]:
        name = "photochrom_request_seconds"
        yield f"# HELP {name} Time from a request's first byte to the end of its answer."
        yield f"# TYPE {name} histogram"
        for route, counts in sorted(self._seconds.items()):
            total = 0
            for bound, count in zip((*_BUCKETS, "+Inf"), counts, strict=True):
                total += count
                yield f'{name}_bucket{{route="{route}",le="{bound}"}} {total}'
            yield f'{name}_sum{{route="{route}"}} {self._total_seconds[route]:.6f}'
            yield f'{name}_count{{route="{route}"}} {total}'


class Counting:
    """The layer of the app that counts requests."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), "left"

        async def send_counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_counted)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.count(route, scope["method"], status, time.perf_counter() - started)
