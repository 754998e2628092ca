"""The service under load: many people at the studio at once, many programs at once, and its memory.

    python benchmarks/service_load.py [--sessions 20] [--session-seconds 120] [--clients 50] [--client-seconds 300]
                                      [--json FILE]

`photochrom serve` runs as a process of its own on this machine, which it shares with the clients.

A session uploads a photograph, edits it with ever more hints, asks for suggestions and the next place, exports it and
forgets it, again and again. A client sends one photograph after another to /v1/colorize. Every answer is compared with
what the same request gave to a single client. Who is told to come back (503) waits for as long as Retry-After says.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import processes

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
QUEUE = 32
BAR_MEMORY = 1.10
BAR_LATENCY = 3.0
HINTS = [
    {"x": 0.1 + 0.09 * i, "y": 0.9 - 0.08 * i, "color": f"#{40 * i % 256:02x}80{255 - 25 * i:02x}"} for i in range(9)
]
PORT = 18_620


@dataclass
class Tally:
    """What clients saw.

    Attributes:
        seconds: each answered request took, by its kind.
        statuses: how often each status came.
        lost: requests without an answer, or with another one than a single client got.
        answers: what each request must give, as far as it is known.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    answers: dict[str, bytes] = field(default_factory=dict)

    def all_seconds(self) -> list[float]:
        return [second for kind in self.seconds.values() for second in kind]


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """A service, ready; gives its address."""
    process = subprocess.Popen(processes.photochrom("serve", "--port", str(PORT)), stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{PORT}"
    try:
        assert process.stderr is not None
        if not process.stderr.readline().startswith(b"Serving"):
            raise RuntimeError(f"the service does not start; is port {PORT} taken?")
        while httpx.get(f"{address}/readyz", timeout=60, trust_env=False).status_code != 200:
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


def resident_bytes(address: str) -> int:
    lines = httpx.get(f"{address}/metrics", timeout=60, trust_env=False).text.splitlines()
    return int(float(next(line.split()[1] for line in lines if line.startswith("photochrom_resident_bytes "))))


async def ask(client: httpx.AsyncClient, tally: Tally, kind: str, request: dict[str, Any], same: str = "") -> bytes:
    """Sends a request until it is answered, and counts.

    Args:
        client: of one person or program.
        tally: is added to.
        kind: of request, under which its time is kept.
        request: method, url and so on.
        same: names requests whose answers must be the same bytes; empty: compare nothing.
    """
    while True:
        started = time.perf_counter()
        try:
            answer = await client.request(**request)
        except httpx.HTTPError:
            tally.lost += 1
            return b""
        tally.statuses[answer.status_code] += 1
        if answer.status_code != 503 or "retry-after" not in answer.headers:
            break
        await asyncio.sleep(float(answer.headers["retry-after"]))
    tally.seconds.setdefault(kind, []).append(time.perf_counter() - started)
    other = same and answer.is_success and tally.answers.setdefault(same, answer.content) != answer.content
    if other or answer.status_code == 503:  # one that does not say when to come back
        tally.lost += 1
    return answer.content


async def session(client: httpx.AsyncClient, tally: Tally, photograph: Path) -> AsyncIterator[None]:
    """One person's work on one photograph; pauses after each request."""

    def edit(path: str, known: int, **more: Any) -> dict[str, Any]:
        return {"method": "POST", "url": f"{work}/{path}", "json": {"hints": HINTS[:known], **more}}

    name = photograph.stem
    upload = {"method": "POST", "url": "/v1/works", "files": {"image": photograph.read_bytes()}}
    work = "/v1/works/" + json.loads(await ask(client, tally, "upload", upload) or b'{"id": ""}')["id"]
    yield
    await ask(client, tally, "gray", {"method": "GET", "url": f"{work}/gray"}, f"gray {name}")
    yield
    for count in range(len(HINTS) + 1):
        await ask(client, tally, "colours", edit("colors", count), f"colours {name} {count}")
        yield
    await ask(client, tally, "suggestions", edit("suggestions", 3, x=0.4, y=0.4), f"suggestions {name}")
    yield
    await ask(client, tally, "next hint", edit("next-hint", 3), f"next {name}")
    yield
    await ask(client, tally, "variants", edit("variants", 1, count=2), f"variants {name}")
    yield
    export = {"session": {"photochrom": 1, "hints": HINTS}, "format": "jpeg"}
    await ask(client, tally, "export", {"method": "POST", "url": f"{work}/export", "json": export}, f"export {name}")
    yield
    await ask(client, tally, "forget", {"method": "DELETE", "url": work})
    yield


async def colorizing(client: httpx.AsyncClient, tally: Tally, photograph: Path) -> AsyncIterator[None]:
    """One program's only request."""
    request = {"method": "POST", "url": "/v1/colorize", "files": {"image": photograph.read_bytes()}}
    await ask(client, tally, "colorize", request, photograph.stem)
    yield


async def one(address: str, what: Any, tally: Tally, start: int, until: float) -> None:
    """One person or program, at it until a time."""
    photographs = sorted(EXAMPLES.glob("*.jpg"))
    async with httpx.AsyncClient(base_url=address, timeout=120, trust_env=False) as client:
        turn = start
        while time.perf_counter() < until:
            async for _ in what(client, tally, photographs[turn % len(photographs)]):
                if time.perf_counter() > until:
                    break
            turn += 1


async def crowd(address: str, what: Any, count: int, seconds: float, known: dict[str, bytes]) -> Tally:
    """So many at once."""
    tally = Tally(answers=dict(known))
    until = time.perf_counter() + seconds
    await asyncio.gather(*(one(address, what, tally, start, until) for start in range(count)))
    return tally


def percentile(seconds: list[float], share: float) -> float:
    return statistics.quantiles(seconds, n=100, method="inclusive")[round(share * 100) - 1]


def under_load(what: Any, count: int, seconds: float) -> dict[str, Any]:
    """A single one for a tenth of the time, then all."""
    with serving() as address:
        alone = asyncio.run(crowd(address, what, 1, max(seconds / 10, 5), {}))
        together = asyncio.run(crowd(address, what, count, seconds, alone.answers))
        memory = resident_bytes(address)
    kinds = {
        kind: {
            "requests": len(taken),
            "alone_median_s": statistics.median(alone.seconds.get(kind, [float("nan")])),
            "median_s": statistics.median(taken),
            "p95_s": percentile(taken, 0.95) if len(taken) > 1 else taken[0],
        }
        for kind, taken in together.seconds.items()
    }
    single, all_of_them = statistics.median(alone.all_seconds()), together.all_seconds()
    return {
        "at_once": count,
        "seconds": seconds,
        "kinds": kinds,
        "requests": len(all_of_them),
        "alone_median_s": single,
        "median_s": statistics.median(all_of_them),
        "p95_s": percentile(all_of_them, 0.95),
        "max_s": max(all_of_them),
        "bar_p95_s": BAR_LATENCY * single * QUEUE,
        "statuses": {str(status): number for status, number in sorted(together.statuses.items())},
        "lost": alone.lost + together.lost,
        "resident_bytes": memory,
    }


async def mixed(address: str) -> AsyncGenerator[None, None]:
    """An endless row of sessions, of which one is open at a time; pauses after each request."""
    async with httpx.AsyncClient(base_url=address, timeout=120, trust_env=False) as client:
        for photograph in itertools.cycle(sorted(EXAMPLES.glob("*.jpg"))):
            async for _ in session(client, Tally(), photograph):
                yield


def memory_of_requests() -> dict[str, Any]:
    """Resident memory after 20 mixed requests, and after 200."""

    async def measure(address: str) -> tuple[int, int]:
        async with contextlib.aclosing(mixed(address)) as requests:
            for _ in range(20):
                await anext(requests)
            early = resident_bytes(address)
            for _ in range(180):
                await anext(requests)
            return early, resident_bytes(address)

    with serving() as address:
        early, late = asyncio.run(measure(address))
    return {"after_20_bytes": early, "after_200_bytes": late, "share": late / early, "bar_share": BAR_MEMORY}


def show(title: str, figures: dict[str, Any]) -> None:
    print(f"{title}: {figures['at_once']} at once for {figures['seconds']:g} s")
    print(f"{'request':<12} {'number':>7} {'alone':>9} {'median':>9} {'p95':>9}")
    for kind, row in [*figures["kinds"].items(), ("all", figures)]:
        times = "".join(f" {1e3 * row[key]:6.0f} ms" for key in ("alone_median_s", "median_s", "p95_s"))
        print(f"{kind:<12} {row['requests']:>7}{times}")
    statuses = ", ".join(f"{number} x {status}" for status, number in figures["statuses"].items())
    print(
        f"answers: {statuses}; lost or other than alone: {figures['lost']}; bar of p95: {figures['bar_p95_s']:.1f} s\n"
    )


def good(figures: dict[str, Any]) -> bool:
    """Whether all answers were promised ones, in time and right."""
    promised = set(figures["statuses"]) <= {"200", "201", "204", "503"}
    return promised and not figures["lost"] and figures["p95_s"] <= figures["bar_p95_s"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--session-seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--client-seconds", type=float, default=300)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()

    memory = memory_of_requests()
    early, late = (memory[key] / 1e6 for key in ("after_20_bytes", "after_200_bytes"))
    print(
        f"memory after 20 requests {early:.0f} MB, after 200 {late:.0f} MB: {memory['share']:.3f} (bar {BAR_MEMORY})\n"
    )
    sessions = under_load(session, arguments.sessions, arguments.session_seconds)
    show("sessions", sessions)
    clients = under_load(colorizing, arguments.clients, arguments.client_seconds)
    show("clients", clients)
    if arguments.json:
        figures = {"memory": memory, "sessions": sessions, "clients": clients}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    sys.exit(not (memory["share"] <= BAR_MEMORY and good(sessions) and good(clients)))


if __name__ == "__main__":
    main()
