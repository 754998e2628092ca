"""How long a request may take. A client that leaves takes its request with it."""

import asyncio
import contextlib
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.web.problems import ProblemResponse

__all__ = ["Deadline"]


class Deadline:
    """Ends requests whose client has left, or that take too long to begin their answer.

    Args:
        app: what answers.
        seconds: to the first byte of the answer. (What a slow reader does with the rest is the connection's to bound.)
    """

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send)
        answering = asyncio.ensure_future(self._app(scope, exchange.receive, exchange.send))
        listening = asyncio.ensure_future(exchange.listen())
        try:
            problem = await self._ending(answering, listening, exchange)
        except asyncio.CancelledError:
            problem = ProblemResponse(503, "the service is being stopped", {"Retry-After": "10"})
        finally:
            listening.cancel()
            answering.cancel()
        if answering.done():
            await answering
            return
        with contextlib.suppress(asyncio.CancelledError):
            await answering
        if problem is not None and not exchange.started.is_set():
            await problem(scope, receive, send)

    async def _ending(
        self, answering: asyncio.Future[None], listening: asyncio.Future[None], exchange: "_Exchange"
    ) -> ProblemResponse | None:
        """Waits until the answer is given, the client has left, or the time for beginning it is over: a problem."""
        starting: asyncio.Future[Any] = asyncio.ensure_future(exchange.started.wait())
        first = asyncio.FIRST_COMPLETED
        try:
            await asyncio.wait({answering, listening, starting}, timeout=self._seconds, return_when=first)
        finally:
            starting.cancel()
        if exchange.started.is_set():
            await asyncio.wait({answering, listening}, return_when=first)
        if answering.done() or listening.done():
            return None
        return self._too_late(exchange.complete)

    def _too_late(self, complete: bool) -> ProblemResponse:
        if not complete:
            return ProblemResponse(408, f"the body did not arrive within {self._seconds:g} s", {"Connection": "close"})
        return ProblemResponse(
            503, f"this took more than {self._seconds:g} s; try again, or a smaller picture", {"Retry-After": "10"}
        )


class _Exchange:
    """A request's two channels, listened to all the time: otherwise nobody hears that the client has left."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        # One piece of body ahead of the app, no more.
        self._messages: asyncio.Queue[Message] = asyncio.Queue(1)
        self.started = asyncio.Event()
        self._ended = False
        self.complete = False

    async def listen(self) -> None:
        """Takes messages in until the client leaves; never ends after the answer's end, where servers say the same."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                if self._ended:
                    await asyncio.Event().wait()
                return
            self.complete = not message.get("more_body", False)
            await self._messages.put(message)

    async def receive(self) -> Message:
        return await self._messages.get()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started.set()
        elif not message.get("more_body", False):
            self._ended = True
        await self._send(message)
