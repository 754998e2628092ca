"""Who was at which photograph when it died: one `Ledger` for all workers of a Ray cluster, in a process of its own.

Ray starts that process before the workers, so this module imports nothing that takes time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Past:
    """What a worker left when it died.

    Attributes:
        starts: of the process since it last began a photograph.
        in_hand: results' names of the photographs that it may have been at.
        deaths: how often it died over each photograph.
    """

    starts: int = 0
    in_hand: set[str] = field(default_factory=set)
    deaths: Counter[str] = field(default_factory=Counter)


class Ledger:
    """Knows of every worker, by its name, what it is at."""

    def __init__(self) -> None:
        self._workers: defaultdict[str, Past] = defaultdict(Past)

    def arrive(self, worker: str) -> Past:
        """A worker's process has started; answers what its earlier ones left."""
        past = self._workers[worker]
        past.starts += 1
        past.deaths.update(past.in_hand)
        left = Past(past.starts, past.in_hand, past.deaths)
        past.in_hand = set()
        return left

    def begin(self, worker: str, outputs: Sequence[str]) -> None:
        """A worker takes photographs in hand."""
        past = self._workers[worker]
        past.starts = 0
        past.in_hand.update(outputs)

    def finish(self, worker: str, outputs: Sequence[str]) -> None:
        """A worker is done with photographs."""
        past = self._workers[worker]
        for output in outputs:
            past.in_hand.discard(output)
            past.deaths.pop(output, None)
