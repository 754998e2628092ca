"""What the pipeline asks of an engine, seen with one that counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from photochrom.color import FloatArray, ab_bins
from photochrom.errors import InputError
from photochrom.hints import Hint, Reference
from photochrom.models.engine import Prediction
from photochrom.models.registry import COMPACT, ModelSpec
from photochrom.pipeline import Colorizer


@dataclass
class CountingEngine:
    """`Engine` that counts what it is asked for and paints hints on a plain ground."""

    spec: ModelSpec = COMPACT
    sha256: str = "00"
    encoded: list[tuple[int, ...]] = field(default_factory=list)
    decoded: list[tuple[tuple[Hint, ...], Reference | None]] = field(default_factory=list)

    def encode(self, L: FloatArray) -> Any:
        self.encoded.append(L.shape)
        assert L.dtype == np.float32 and L.min() >= 0 and L.max() <= 100
        return L

    def decode(self, encoded: Any, hints: Sequence[Hint], reference: Reference | None) -> Prediction:
        self.decoded.append((tuple(hints), reference))
        h, w = encoded.shape[0] // 4, encoded.shape[1] // 4
        ab = np.zeros((h, w, 2), np.float32)
        for hint in hints:
            ab[:] = hint.ab
        logits = -((ab[..., None, :] - ab_bins()) ** 2).sum(axis=-1) / 500
        offered = self.spec.decodes
        return Prediction(
            accurate=ab if "accurate" in offered else None,
            vivid=ab + 1 if "vivid" in offered else None,
            logits=logits if self.spec is COMPACT else None,
        )


def counting(spec: ModelSpec = COMPACT) -> tuple[Colorizer, CountingEngine]:
    colorizer, engine = Colorizer("compact"), CountingEngine(spec)
    colorizer.spec = spec
    vars(colorizer)["engine"] = engine
    return colorizer, engine


GRAY = np.tile(np.arange(0, 200, 2, dtype=np.uint8), (80, 1))


def test_photograph_is_encoded_once_and_every_edit_decoded_once() -> None:
    colorizer, engine = counting()
    work = colorizer.open(GRAY)
    one, two = [Hint(0.1, 0.1, "#ff0000")], [Hint(0.1, 0.1, "#ff0000"), Hint(0.5, 0.5)]
    for hints in (one, two, one):
        work.render(hints).image  # noqa: B018
    assert engine.encoded == [(192, 256)] and [d[0] for d in engine.decoded] == [tuple(one), tuple(two), tuple(one)]


def test_nothing_is_decoded_again_for_another_decoding_saturation_or_question() -> None:
    colorizer, engine = counting()
    work = colorizer.open(GRAY)
    hints = [Hint(0.1, 0.1, "#ff0000")]
    for decode, saturation in (("vivid", 1.0), ("accurate", 1.0), ("accurate", 0.5)):
        work.render(hints, Reference(saturation=0.2), decode, saturation).image  # noqa: B018
    work.suggest(0.5, 0.5)
    work.uncertainty()
    work.next_hint()
    work.session()
    work.variants(1)
    assert len(engine.encoded) == len(engine.decoded) == 1


def test_engine_is_opened_on_first_use_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_engine(spec: ModelSpec) -> CountingEngine:
        opened.append(spec.name)
        return CountingEngine(spec)

    monkeypatch.setattr("photochrom.pipeline.open_engine", open_engine)
    colorizer = Colorizer("compact")
    assert not opened
    colorizer.colorize(GRAY)
    colorizer.colorize(GRAY)
    assert opened == ["compact"]


def test_decodings_are_the_engines_two_answers() -> None:
    work = counting()[0].open(GRAY)
    np.testing.assert_array_equal(work.render(decode="vivid").ab, work.render(decode="accurate").ab + 1)
    np.testing.assert_array_equal(work.render().ab, work.render(decode="vivid").ab)


def test_refused_edit_leaves_the_work_as_it_was() -> None:
    work = counting()[0].open(GRAY)
    work.render([Hint(0.5, 0.5, "#00ff00")], saturation=0.7)
    before = work.session().to_dict()
    for wrong in (
        {"decode": "lively"}, {"saturation": -1}, {"hints": [1]}, {"reference": "no such picture.png"},
    ):  # fmt: skip
        with pytest.raises(InputError):
            work.render(**wrong)
    assert work.session().to_dict() == before


PLAIN = replace(COMPACT, name="plain", takes_hints=False, takes_reference=False, decodes=("accurate",))


@pytest.mark.parametrize(
    ("guidance", "message"),
    [
        ({"hints": [Hint(0, 0)]}, "the model plain takes no hints; use "),
        ({"reference": Reference(saturation=0.3)}, "the model plain takes no reference; use "),
        ({"decode": "vivid"}, "the model plain has no 'vivid' colours; it has accurate"),
    ],
)
def test_model_without_an_ability_says_so(guidance: dict[str, Any], message: str) -> None:
    work = counting(PLAIN)[0].open(GRAY)
    with pytest.raises(InputError, match=message):
        work.render(**guidance)


def test_model_without_a_distribution_says_so_and_still_colours() -> None:
    work = counting(PLAIN)[0].open(GRAY)
    assert work.render().image.size == (100, 80)
    for ask in (lambda: work.suggest(0.5, 0.5), work.uncertainty, work.next_hint, lambda: work.variants(2)):
        with pytest.raises(InputError, match="plain"):
            ask()
