"""From a photograph to its colours: `Colorizer` opens models, `Work` holds one photograph, `Result` one colouring."""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, TypedDict

import numpy as np
import numpy.typing as npt
from PIL import Image

from photochrom import __version__, distribution, images, render
from photochrom.color import FloatArray
from photochrom.distribution import Suggestion
from photochrom.errors import InputError, InvalidHint
from photochrom.hints import Hint, Reference, check_hints, hint_places
from photochrom.images import Photograph, PhotographSource
from photochrom.models.engine import Engine, Prediction, open_engine
from photochrom.models.registry import ModelSpec, model_spec
from photochrom.pins import Pins
from photochrom.resample import network_lightness
from photochrom.session import Session, check_settings, warn_of_other_model

_log = logging.getLogger("photochrom")
_SOFTWARE = f"photochrom {__version__}"
_SUGGESTIONS = 5
# A variant is told colours at this many places, each drawn from the distribution there; the network spreads them.
_VARIANT_PLACES = 4
_MOST_VARIANTS = 16  # as on the command line
_VARIANT_TEMPERATURE = 0.6


class Colorizer:
    """Gives photographs colours with one model, whose weights are loaded on first use.

    Raises:
        UnknownModel: no model has this name.
    """

    def __init__(self, model: str = "compact") -> None:
        self.spec: ModelSpec = model_spec(model)

    def __reduce__(self) -> tuple[type[Colorizer], tuple[str]]:
        """Goes to another process by its model's name; the network is opened anew there."""
        return type(self), (self.spec.name,)

    @cached_property
    def engine(self) -> Engine:
        """The loaded network.

        Raises:
            ModelError: its weights are missing or corrupt.
            BackendError: ONNX Runtime cannot run it here.
        """
        return open_engine(self.spec)

    def open(self, source: PhotographSource | Photograph) -> Work:
        """Reads and encodes a photograph, once for all edits.

        Args:
            source: path, bytes, binary stream, PIL image, or array (H, W) or (H, W, 3), uint8, uint16 or float in
                [0, 1]. A colour picture is read as its lightness.

        Raises:
            InputError: it is no photograph that can be used; see `photochrom.images.read`.
            ModelError, BackendError: see `engine`.
        """
        photograph = source if isinstance(source, Photograph) else images.read(source)
        return Work(self, photograph)

    def colorize(
        self,
        source: PhotographSource | Photograph,
        *,
        hints: Sequence[Hint] = (),
        reference: Reference | PhotographSource | None = None,
        decode: str | None = None,
        saturation: float = 1.0,
        temperature: float = 0.0,
    ) -> Result:
        """Reads and colours a photograph: `open` and `Work.render` in one."""
        return self.open(source).render(hints, reference, decode, saturation, temperature)


class Work:
    """One photograph at work: encoded once, coloured as often as its hints change.

    Threads may share a `Colorizer`; a `Work` remembers what was asked last and serves one thread at a time.
    """

    def __init__(self, colorizer: Colorizer, photograph: Photograph) -> None:
        self.photograph = photograph
        self._spec, self._engine = colorizer.spec, colorizer.engine
        height, width = network_shape(photograph.width, photograph.height, self._spec)
        self._lightness = network_lightness(photograph.gray, height, width, threads=render.available_threads())
        self._encoded = self._engine.encode(self._lightness)
        self._hints: tuple[Hint, ...] = ()
        self._reference: Reference | None = None
        self._decode, self._saturation, self._temperature = self._spec.decodes[0], 1.0, 0.0
        self._prediction: Prediction | None = None
        self._replayed = Session({}, {})

    def render(
        self,
        hints: Sequence[Hint] = (),
        reference: Reference | PhotographSource | None = None,
        decode: str | None = None,
        saturation: float = 1.0,
        temperature: float = 0.0,
    ) -> Result:
        """Colours the photograph. The arguments are remembered for `session`, `suggest` and the like.

        Args:
            hints: colours at places; they hold in every decoding.
            reference: a picture whose palette to use, or its statistics.
            decode: where the other colours come from: "vivid" (annealed mean of the distribution) or "accurate"
                (regression); None: the model's default.
            saturation: factor of chroma after the network, in [0, 100].
            temperature: added to b after that, in Lab units, in [-50, 50]: above 0 warmer, below colder.

        Raises:
            InvalidHint: a hint, reference or setting is out of range.
            InputError: the model takes no hints or references or lacks the decoding, or the reference is no picture.
        """
        decode = self._spec.decodes[0] if decode is None else decode
        check_settings(decode, saturation, temperature)
        if decode not in self._spec.decodes:
            choice = " and ".join(self._spec.decodes)
            raise InputError(f"the model {self._spec.name} has no {decode!r} colours; it has {choice}")
        prediction = self.predict(hints, reference)
        self._decode, self._saturation, self._temperature = decode, saturation, temperature
        return self._result(prediction, self._hints)

    def predict(self, hints: Sequence[Hint] = (), reference: Reference | PhotographSource | None = None) -> Prediction:
        """The network's answer on its own grid, without a picture; what is remembered and raised is as of `render`."""
        checked = check_hints(hints)
        palette = reference if isinstance(reference, Reference) or reference is None else read_reference(reference)
        self._check_guidance(bool(checked), palette is not None)
        if self._prediction is None or checked != self._hints or palette != self._reference:
            self._prediction = self._engine.decode(self._encoded, checked, palette)
        self._hints, self._reference = checked, palette
        return self._prediction

    def replay(self, session: Session) -> Result:
        """Colours the photograph as a session says; the same photograph and model give the same bytes.

        A session of another photograph or model is replayed all the same, since places are relative, with a warning in
        the log.
        """
        if session.image.get("sha256") not in (None, self.image_sha256):
            _log.warning("the session was made for another file; its hints are placed relative to the picture's size")
        warn_of_other_model(session, self._spec.name, self._engine.sha256)
        self._replayed = session
        return self.render(session.hints, session.reference, session.decode, session.saturation, session.temperature)

    def session(self) -> Session:
        """What was asked for last, as it can be saved and replayed, with what others added to the session replayed."""
        image = {"sha256": self.image_sha256, "width": self.photograph.width, "height": self.photograph.height}
        model = {"name": self._spec.name, "sha256": self._engine.sha256}
        return Session(
            image={**self._replayed.image, **image},
            model={**self._replayed.model, **model},
            hints=self._hints,
            reference=self._reference,
            decode=self._decode,
            saturation=self._saturation,
            temperature=self._temperature,
            extra=self._replayed.extra,
        )

    def suggest(self, x: float, y: float, k: int = _SUGGESTIONS) -> list[Suggestion]:
        """At most k plausible colours for a place (fractions of width and height), the likeliest first.

        Raises:
            InvalidHint: the place lies outside of the picture, or k is not in 1..313.
            InputError: the model gives no distribution.
        """
        Hint(x, y)
        if not _is_whole(k) or not 1 <= k <= 313:
            raise InvalidHint(f"k must lie in 1..313, got {k!r:.40}")
        return self._suggestions_at(self._latest(), x, y, k)

    def uncertainty(self) -> FloatArray:
        """How open the colours are, given the last hints: (h, w) over the picture, 0 certain to 1.

        Raises:
            InputError: the model gives no distribution.
        """
        return distribution.uncertainty(self._logits(self._latest()))

    def next_hint(self) -> tuple[float, float]:
        """The place (x, y), as fractions, where one more hint should help most."""
        prediction = self._latest()
        return distribution.telling_place(self._logits(prediction), prediction.reach)

    def variants(self, count: int, seed: int = 0) -> list[Result]:
        """Different plausible colourings under the last hints, reference and settings. The first is the usual one.

        The others are told a few colours, drawn from the distribution at the least certain places; the network spreads
        each over what belongs together, so that variants differ by objects and not by spots.

        Raises:
            InvalidHint: `count` is not in 1..16, or `seed` is negative.
            InputError: the model takes no hints or gives no distribution.
        """
        if not _is_whole(count) or not 1 <= count <= _MOST_VARIANTS:
            raise InvalidHint(f"count must lie in 1..{_MOST_VARIANTS}, got {count!r:.40}")
        if not _is_whole(seed) or seed < 0:
            raise InvalidHint(f"seed must be a whole number, not negative, got {seed!r:.40}")
        usual = self._latest()
        results = [self._result(usual, self._hints)]
        if count > 1:
            self._check_guidance(True, self._reference is not None)
            x, y = distribution.open_place(distribution.uncertainty(self._logits(usual)), usual.reach)
            first = self._suggestions_at(usual, x, y, count)
        for number in range(1, count):
            rng = np.random.default_rng((seed, number))
            drawn = Hint(x, y, first[number % len(first)].color)
            results.append(self._draw_variant((*self._hints, drawn), rng))
        return results

    @property
    def image_sha256(self) -> str:
        """sha256 of the photograph's file; see `photochrom.images.Photograph.sha256`."""
        return self.photograph.sha256

    def _draw_variant(self, hints: tuple[Hint, ...], rng: np.random.Generator) -> Result:
        prediction = self._engine.decode(self._encoded, hints, self._reference)
        for _ in range(_VARIANT_PLACES - 1):
            x, y = distribution.open_place(distribution.uncertainty(self._logits(prediction)), prediction.reach)
            offers = self._suggestions_at(prediction, x, y, _SUGGESTIONS, _VARIANT_TEMPERATURE)
            chances = np.array([offer.probability for offer in offers])
            hints = (*hints, Hint(x, y, offers[rng.choice(len(offers), p=chances / chances.sum())].color))
            prediction = self._engine.decode(self._encoded, hints, self._reference)
        return self._result(prediction, hints)

    def _suggestions_at(
        self, prediction: Prediction, x: float, y: float, count: int, temperature: float = 1.0
    ) -> list[Suggestion]:
        logits = self._logits(prediction)
        row, column = _cell(logits, x, y)
        shares = distribution.probabilities(logits[row, column], temperature)
        lightness = float(self._lightness[_cell(self._lightness, x, y)])
        return distribution.suggestions(shares, lightness, count)

    def _latest(self) -> Prediction:
        if self._prediction is None:
            self._prediction = self._engine.decode(self._encoded, self._hints, self._reference)
        return self._prediction

    def _logits(self, prediction: Prediction) -> FloatArray:
        if prediction.logits is None or prediction.logits.shape[-1] != 313:
            raise InputError(f"the model {self._spec.name} gives no distribution of colours; use compact")
        return prediction.logits

    def _check_guidance(self, hints: bool, reference: bool) -> None:
        spec = self._spec
        if hints and not spec.takes_hints:
            raise InputError(f"the model {spec.name} takes no hints; use compact or siggraph17")
        if reference and not spec.takes_reference:
            raise InputError(f"the model {spec.name} takes no reference; use compact")

    def _result(self, prediction: Prediction, hints: tuple[Hint, ...]) -> Result:
        ab = prediction.vivid if self._decode == "vivid" else prediction.accurate
        assert ab is not None, "the model's specification names a decoding that its engine does not give"
        return Result(self.photograph, ab, hints, self._saturation, self._temperature, self._spec.name)


class _Adjustments(TypedDict):
    saturation: float
    temperature: float
    pins: Pins | None


class Result:
    """One colouring of a photograph.

    Attributes:
        photograph: what was coloured.
        ab: (h, w, 2), the network's colours in Lab units on its own grid, before `saturation` and `temperature`.
        hints: those it was made with; their colours hold to the pixel. A variant's include the ones drawn for it.
        saturation: factor of chroma, applied when pixels are made.
        temperature: added to b after that, in Lab units.
        model: the network's name.
    """

    def __init__(
        self,
        photograph: Photograph,
        ab: FloatArray,
        hints: tuple[Hint, ...],
        saturation: float,
        temperature: float,
        model: str,
    ) -> None:
        self.photograph, self.ab, self.hints, self.model = photograph, ab, hints, model
        self.saturation, self.temperature = saturation, temperature

    @cached_property
    def image(self) -> Image.Image:
        """The picture at full size, RGB, 8 bits. Its lightness is the photograph's."""
        return render.render(self.photograph.gray, self.ab, depth=8, **self._adjustments)

    def pixels(self) -> npt.NDArray[np.uint16]:
        """The picture at full size, (H, W, 3) uint16 sRGB."""
        return render.render(self.photograph.gray, self.ab, depth=16, **self._adjustments)

    def _rows(self) -> render.RenderedRows:
        return render.render_rows(self.photograph.gray, self.ab, **self._adjustments)

    @property
    def _adjustments(self) -> _Adjustments:
        pins = Pins(*hint_places(self.hints, *self.ab.shape[:2])) if self.hints else None
        return {"saturation": self.saturation, "temperature": self.temperature, "pins": pins}

    def save(
        self,
        destination: str | os.PathLike[str] | BinaryIO,
        *,
        format: str | None = None,
        overwrite: bool = False,
    ) -> None:
        """Writes the picture with all that came with the photograph, whole or not at all.

        Args:
            destination: path or binary stream.
            format: png, jpeg, webp, avif or tiff; None: by the path's ending, else the source's. PNG and TIFF keep 16
                bits where the photograph has them.
            overwrite: whether an existing file may be replaced; the photograph's own file never is.

        Raises:
            OutputExists, UnsupportedFormat, InputError: see `photochrom.images.write`.
        """
        path = None if hasattr(destination, "write") else Path(destination)
        chosen = images.output_format(self.photograph, path, format)
        images.write(
            self._written(chosen),
            self.photograph,
            destination,
            format=chosen,
            overwrite=overwrite,
            software=_SOFTWARE,
            model=self.model,
        )

    def encode(self, stream: BinaryIO, format: str) -> None:
        """Encodes the picture into an empty, seekable stream as it is made. What an error leaves there is no picture.

        Raises:
            UnsupportedFormat, InputError: see `photochrom.images.write`.
        """
        images.encode(
            self._written(format), self.photograph, stream, format=format, software=_SOFTWARE, model=self.model
        )

    def save_layer(self, destination: str | os.PathLike[str] | BinaryIO, *, overwrite: bool = False) -> None:
        """Writes the colours as a layer for a picture editor, whole or not at all; see `photochrom.images.layers`.

        Args:
            destination: a path ending in .ora for an OpenRaster file of two layers, the photograph and its colours, or
                in .png for the colours alone; a binary stream gets the PNG.
            overwrite: whether an existing file may be replaced; the photograph's own file never is.

        Raises:
            UnsupportedFormat: the path ends otherwise.
            OutputExists, InputError: see `photochrom.images.write`.
        """
        images.write_layer(
            self.image, self.photograph, destination, overwrite=overwrite, software=_SOFTWARE, model=self.model
        )

    def _written(self, format: str) -> Image.Image | render.RenderedRows:
        """The picture as deep as a format holds it."""
        return self._rows() if images.output_depth(self.photograph, format) == 16 else self.image


def _is_whole(number: object) -> bool:
    return isinstance(number, int | np.integer)


def network_shape(width: int, height: int, spec: ModelSpec) -> tuple[int, int]:
    """Height and width of what the network sees: the picture's proportions as nearly as its strides allow."""
    longer = max(width, height)
    rows, columns = (
        max(1, round(side * spec.network_side / longer / spec.multiple)) * spec.multiple for side in (height, width)
    )
    return rows, columns


def read_reference(source: PhotographSource) -> Reference:
    """The statistics of a colour picture.

    Raises:
        InputError: it cannot be read.
    """
    return Reference.from_picture(images.read_color(source))


def _cell(plane: npt.NDArray[Any], x: float, y: float) -> tuple[int, int]:
    """Row and column of the cell of a plane (h, w, ...) in which a place lies."""
    height, width = plane.shape[:2]
    return min(int(y * height), height - 1), min(int(x * width), width - 1)
