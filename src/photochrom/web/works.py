"""The photographs at work, by unguessable names, for as long as they are used."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException

from photochrom.pipeline import Work

__all__ = ["HeldWork", "Works"]

_ID_BYTES = 16  # 128 bits
# Of the network's features, its colours before hints and its last answer, beside the picture: those of the widest grid,
# rounded up.
_NETWORK_BYTES = 12 << 20


@dataclass(eq=False)
class HeldWork:
    """A photograph at work.

    Attributes:
        work: serves one thread at a time, whoever holds `alone`.
        sha256: of the file as it was uploaded.
        grid: height and width of the network's answer, in cells.
        id: 128 random bits in hexadecimal, its only key.
        used: when it was last asked for.
    """

    work: Work
    sha256: str
    grid: tuple[int, int]
    id: str = field(default_factory=lambda: secrets.token_hex(_ID_BYTES))
    used: float = 0.0
    alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def size(self) -> int:
        """Bytes of memory that it takes."""
        photograph = self.work.photograph
        metadata = photograph.metadata
        parts = (metadata.exif, metadata.xmp, metadata.photoshop, metadata.comment)
        planes = photograph.gray.nbytes + (0 if photograph.alpha is None else photograph.alpha.nbytes)
        texts = sum(len(text) for text in metadata.texts.values())
        return _NETWORK_BYTES + planes + texts + sum(len(part or b"") for part in parts)


class Works:
    """Holds photographs until nobody has asked for them for a while, or until the memory is needed for others.

    Args:
        most_bytes: of all together; the least recently used goes first.
        idle_seconds: after which one goes.
        clock: gives seconds.
    """

    def __init__(self, most_bytes: int, idle_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes, self._idle_seconds, self._clock = most_bytes, idle_seconds, clock
        self._held: OrderedDict[str, HeldWork] = OrderedDict()  # least recently used first

    def __len__(self) -> int:
        return len(self._held)

    @property
    def size(self) -> int:
        """Bytes of memory that all take."""
        return sum(held.size for held in self._held.values())

    def add(self, held: HeldWork) -> None:
        """Takes one in. What is too much then goes, but never the new one."""
        held.used = self._clock()
        self._held[held.id] = held
        self.expire()
        while self.size > self._most_bytes and len(self._held) > 1:
            self._held.popitem(last=False)

    def use(self, id: str) -> HeldWork:
        """The work of this name, which is now the most recently used.

        Raises:
            HTTPException: 404, there is none, or no longer.
        """
        held = self.find(id)
        held.used = self._clock()
        self._held.move_to_end(id)
        return held

    def find(self, id: str) -> HeldWork:
        """As `use`, without counting as one."""
        self.expire()
        held = self._held.get(id)
        if held is None:
            raise HTTPException(404, "this photograph is not here, or no longer; upload it again")
        return held

    def remove(self, id: str) -> None:
        """Forgets one. Raises the same as `use`."""
        self.find(id)
        del self._held[id]

    def expire(self) -> None:
        """Forgets those that nobody has asked for in time."""
        oldest = self._clock() - self._idle_seconds
        while self._held and next(iter(self._held.values())).used < oldest:
            self._held.popitem(last=False)

    def idle(self, held: HeldWork) -> float:
        """Seconds since one was last asked for."""
        return self._clock() - held.used
