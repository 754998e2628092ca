"""What every photograph and film of one `photochrom colorize` is told; what is the same for all is read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photochrom.hints import Hint
    from photochrom.images import PhotographSource
    from photochrom.pipeline import Colorizer, Result
    from photochrom.session import Session


@dataclass(frozen=True)
class Guidance:
    """The network, and what to tell it.

    Attributes:
        colorizer: the network.
        session: a person's decisions, or None.
        given: reference and settings of the command line, by their names in `Work.render`; they overrule the session's.
        hints_at: hints for films, by their times in seconds.
    """

    colorizer: Colorizer
    session: Session | None
    given: Mapping[str, Any]
    hints_at: Mapping[float, Sequence[Hint]]

    def photograph(self, source: PhotographSource, variants: int) -> list[Result]:
        """Colours a photograph."""
        work = self.colorizer.open(source)
        result = work.replay(replace(self.session, **self.given)) if self.session else work.render(**self.given)
        return [result] if variants == 1 else work.variants(variants)

    @property
    def film(self) -> dict[str, Any]:
        """The same for a film, as `photochrom.video.film.colorize_film` takes it."""
        names = ("hints", "reference", "decode", "saturation", "temperature") if self.session else ()
        told = {name: getattr(self.session, name) for name in names}
        return {**told, **self.given, "hints_at": self.hints_at}


def read_guidance(
    model: str | None,
    hints: Path | None,
    hints_at: Iterable[tuple[float, Path]],
    reference: Path | None,
    settings: Mapping[str, Any],
) -> Guidance:
    """Reads the sessions and the reference, and finds the network.

    Raises:
        InvalidHint: the session cannot be used.
        InputError: the reference is no picture.
        UnknownModel: no model has this name.
    """
    from photochrom.pipeline import Colorizer, read_reference
    from photochrom.session import Session

    session = Session.load(hints) if hints else None
    asked = {**settings, "reference": read_reference(reference) if reference else None}
    given = {name: value for name, value in asked.items() if value is not None}
    of_frames: dict[float, tuple[Hint, ...]] = {}
    for seconds, path in hints_at:
        of_frames[seconds] = (*of_frames.get(seconds, ()), *Session.load(path).hints)
    of_session = session.model.get("name") if session else None
    network = Colorizer(model if model is not None else of_session or "compact")
    return Guidance(network, session, given, of_frames)
