"""A whole evaluation: photograph by photograph, so that it can be stopped and go on."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photochrom import __version__
from photochrom.errors import InputError
from photochrom.evaluation.attempts import GRAY, LEVIN
from photochrom.evaluation.bootstrap import REPLICATES
from photochrom.evaluation.datasets import Example, find_examples, list_hash
from photochrom.evaluation.journal import Journal
from photochrom.evaluation.measure import Record, Setup, measure
from photochrom.evaluation.protocols import PROTOCOLS, Protocol, most_hints
from photochrom.evaluation.tally import Tally
from photochrom.installation import install_command
from photochrom.pipeline import Colorizer
from photochrom.render import available_threads

if TYPE_CHECKING:
    from photochrom.evaluation.backbone import Backbone

_log = logging.getLogger("photochrom")


@dataclass(frozen=True)
class Request:
    """What is to be measured.

    Attributes:
        dataset: a folder, a tar archive or a text list; see `datasets.find_examples`.
        models: names of models; "levin" is the baseline without learning. Gray is always measured.
        protocols: keys of `PROTOCOLS`.
        hints: counts of hints, ascending; None: each protocol's own.
        limit: photographs at most, the first in the order of their names.
        seed: of the hints' places and the bootstrap, not negative.
    """

    dataset: Path
    models: tuple[str, ...] = ("compact",)
    protocols: tuple[str, ...] = ("siggraph17", "automatic")
    hints: tuple[int, ...] | None = None
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Run:
    """A request made ready: models are loaded, photographs are found.

    Attributes:
        examples: the photographs, in their order.
        setup: what is measured on each.
        settings: all that the figures depend on beside the photographs, for the report.
        images: hash of the list of photographs.
    """

    examples: Sequence[Example]
    setup: Setup
    settings: dict[str, Any]
    images: str

    @property
    def key(self) -> str:
        """Names everything that the figures depend on."""
        depends = json.dumps([__version__, self.settings, self.images], sort_keys=True)
        return hashlib.sha256(depends.encode()).hexdigest()


def prepare(request: Request) -> Run:
    """Loads the models and finds the photographs.

    Raises:
        InputError: the data set holds none, or a protocol cannot place as many hints.
        ModelError: a model is unknown, or its weights are missing or corrupt.
        BackendError: a model cannot run here.
    """
    chosen = [(PROTOCOLS[name], counts) for name, counts in hint_counts(request).items()]
    examples = find_examples(request.dataset, request.limit)
    colorizers = [Colorizer(name) for name in request.models if name != LEVIN]
    backbone = _find_backbone([protocol for protocol, _ in chosen])
    setup = Setup(chosen, colorizers, LEVIN in request.models, backbone, request.seed)
    return Run(examples, setup, _settings(request, setup), list_hash(examples))


def hint_counts(request: Request) -> dict[str, tuple[int, ...]]:
    """The counts of hints at which each protocol is measured; (0,) where it has none.

    Raises:
        InputError: more hints than the protocol can place.
    """
    return {name: _counts(PROTOCOLS[name], request.hints) for name in request.protocols}


def evaluate(run: Run, journal: Journal | None, advance: Callable[[], None]) -> Tally:
    """Measures every photograph.

    Args:
        run: what `prepare` gave.
        journal: where the records are kept, for going on after an interruption; None: nowhere. Its name should contain
            `Run.key`. Whoever has stored the outcome discards it.
        advance: called after each photograph.

    Raises:
        InputError: not one photograph can be measured.
    """
    setup = run.setup
    tally = Tally(setup.seed, None if setup.backbone is None else backbone_name())
    done = 0
    for line in journal.replay() if journal else ():
        tally.add(Record(**line))
        done += 1
        advance()
    if done:
        _log.info("%d of %d photographs were measured before", done, len(run.examples))
    with closing(_records(run, done)) as records:
        for record in records:
            if journal:
                journal.append(vars(record))
            tally.add(record)
            advance()
    if not tally.images:
        name, reason = next(iter(tally.failed.items()))
        raise InputError(f"none of the {len(run.examples)} photographs can be measured, {name} for one: {reason}")
    return tally


def backbone_name() -> str:
    """The name of the network behind the metrics that need one."""
    from photochrom.evaluation.backbone import BACKBONE

    return BACKBONE


def _records(run: Run, start: int) -> Generator[Record, None, None]:
    """The photographs' records in their order, from number `start` on; each processor works at another photograph."""
    threads = available_threads()
    with ThreadPoolExecutor(threads) as pool:
        begun: deque[Future[Record]] = deque()
        try:
            for number in range(start, len(run.examples)):
                begun.append(pool.submit(_measured, run.examples[number], number, run.setup))
                if len(begun) > threads:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _measured(example: Example, number: int, setup: Setup) -> Record:
    try:
        return measure(example, number, setup)
    except InputError as error:
        _log.warning("%s left out: %s", example.name, error)
        return Record(number, example.name, str(error))


def _counts(protocol: Protocol, asked: tuple[int, ...] | None) -> tuple[int, ...]:
    if protocol.placement == "none":
        return (0,)
    counts = tuple(sorted(set(asked or protocol.counts)))
    if counts[-1] > most_hints(protocol):
        raise InputError(f"the protocol {protocol.name} places {most_hints(protocol)} hints at most, not {counts[-1]}")
    return counts


def _find_backbone(protocols: Sequence[Protocol]) -> Backbone | None:
    if not any(protocol.metrics & {"agreement", "perceptual", "fid"} for protocol in protocols):
        return None
    try:
        from photochrom.evaluation.backbone import Backbone

        return Backbone()
    except ModuleNotFoundError as error:
        _log.warning(
            "%s is not installed, so the metrics that need a network are left out: %s",
            error.name,
            install_command("train"),
        )
        return None


def _settings(request: Request, setup: Setup) -> dict[str, Any]:
    return {
        "dataset": request.dataset.name,
        "limit": request.limit,
        "seed": request.seed,
        "pictures": "squashed to a square, bicubic; 8-bit sRGB",
        "hints": "the patch's true mean ab, as an 8-bit sRGB colour",
        "protocols": {
            protocol.name: {
                "side": protocol.side,
                "patch": protocol.patch,
                "placement": protocol.placement,
                "hints": list(counts),
            }
            for protocol, counts in setup.protocols
        },
        "models": {colorizer.spec.name: colorizer.engine.sha256 for colorizer in setup.colorizers},
        "baselines": [GRAY, LEVIN] if setup.levin else [GRAY],
        "backbone": None if setup.backbone is None else backbone_name(),
        "bootstrap": {"replicates": REPLICATES, "interval": 0.95},
    }
