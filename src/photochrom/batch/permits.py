"""How many photographs may be in memory at once, by their bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class _Request:
    name: str
    size: int
    grant: Callable[[], None]


class Permits:
    """Lets photographs into memory as far as it goes: first their files, then, when it is their turn, their pixels.

    One file and one decoded photograph are always let in, however large: nothing waits for ever.

    Args:
        memory: bytes for all photographs together.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._files: dict[str, int] = {}
        self._decoded: dict[str, int] = {}
        self._waiting: deque[_Request] = deque()

    def may_fetch(self, size: int) -> bool:
        """Whether there is room for one more file."""
        return not self._files or self._fits(size)

    def fetch(self, name: str, size: int) -> None:
        """Counts a photograph's file."""
        self._files[name] = size

    def ask(self, name: str, size: int, grant: Callable[[], None]) -> None:
        """Calls `grant` when there is room to decode a photograph; that may be at once."""
        self._waiting.append(_Request(name, size, grant))
        self._serve()

    def give_back(self, name: str) -> None:
        """A photograph is done, or whoever worked on it is dead."""
        self._files.pop(name, None)
        self._decoded.pop(name, None)
        self._waiting = deque(request for request in self._waiting if request.name != name)
        self._serve()

    def _fits(self, size: int) -> bool:
        return sum(self._files.values()) + sum(self._decoded.values()) + size <= self._memory

    def _serve(self) -> None:
        """In the order in which they asked: a large one is not put off for ever."""
        while self._waiting and (not self._decoded or self._fits(self._waiting[0].size)):
            request = self._waiting.popleft()
            self._decoded[request.name] = request.size
            request.grant()
