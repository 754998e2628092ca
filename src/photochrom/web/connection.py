"""One client's connection: uvicorn's, patient with nobody.

uvicorn bounds neither the time in which a request's headers arrive, nor that in which a client takes its answer, nor
the number of connections; and it answers what is no HTTP in plain text.
"""

import asyncio
import socket

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from photochrom.web.problems import ProblemResponse

__all__ = ["Connection"]

_MOST_CONNECTIONS = 512


class Connection(H11Protocol):
    """Cut when headers, or the rest of a refused body, do not arrive in time, or when an answer is not read.

    Attributes:
        header_seconds: for all headers of a request, or the rest of a refused body.
        stalled_seconds: in which a reader must take what is ready for it.
    """

    header_seconds = 10.0
    stalled_seconds = 30.0
    _cut: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        if len(self.connections) > _MOST_CONNECTIONS:
            transport.abort()
            return
        # asyncio does so only where a socket names its protocol. Else each answer on a connection that is kept waits up
        # to 40 ms for the client to acknowledge the headers.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self._cut = self.loop.call_later(self.header_seconds, transport.abort)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._cut, self._stall):
            if timer is not None:
                timer.cancel()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(self.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()

    def send_400_response(self, msg: str) -> None:
        problem = ProblemResponse(400, msg, {"Connection": "close", "X-Content-Type-Options": "nosniff"})
        head = h11.Response(status_code=400, headers=problem.raw_headers, reason=b"Bad Request")
        for event in (head, h11.Data(data=bytes(problem.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        """Sets the clock while the client owes the rest of its headers, or of a body that nobody reads any more."""
        owes = self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        owes = owes or (self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY)
        if not owes and self._cut is not None:
            self._cut.cancel()
            self._cut = None
        elif owes and self._cut is None:
            self._cut = self.loop.call_later(self.header_seconds, self.transport.abort)
