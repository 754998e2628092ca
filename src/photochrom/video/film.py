"""A whole film: read, coloured and written frame by frame, so that memory does not grow with its length."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from photochrom import __version__
from photochrom.errors import InputError
from photochrom.hints import Hint, Reference, check_hints
from photochrom.images import PhotographSource
from photochrom.images.atomic import whole_file
from photochrom.images.xmp import COLORIZED
from photochrom.pipeline import Colorizer, read_reference
from photochrom.video.coding import chroma, gray_values, reduced_gray
from photochrom.video.colouring import FilmColours, KeyFrame, View, Wishes
from photochrom.video.names import check_film_output
from photochrom.video.reader import Film, Frame, open_film
from photochrom.video.writer import FilmWriter, open_writer

OnFrame = Callable[[int, int | None], None]


def colorize_film(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    colorizer: Colorizer,
    *,
    hints: Sequence[Hint] = (),
    hints_at: Mapping[float, Sequence[Hint]] | None = None,
    reference: Reference | PhotographSource | None = None,
    decode: str | None = None,
    saturation: float = 1.0,
    temperature: float = 0.0,
    overwrite: bool = False,
    on_frame: OnFrame | None = None,
) -> None:
    """Gives a film colours that hold still within each shot.

    Luma goes to the encoder bit for bit; sound, subtitles, timestamps, rotation and metadata are kept.

    Args:
        source: the film. Colours that it has are replaced.
        destination: file to write, whole or not at all; its ending decides on the container.
        colorizer: the network.
        hints: colours at places of the first frame; they go with what they lie on, through the shot.
        hints_at: the same for other frames, by their times in seconds from the first frame on.
        reference: a picture whose palette to use for all frames, or its statistics.
        decode, saturation, temperature: as of `Work.render`.
        overwrite: whether an existing file may be replaced; the film itself never is.
        on_frame: told after each frame how many are done, and of about how many if that is known.

    Raises:
        OutputExists: the destination is there already and `overwrite` is false.
        InputError: the film cannot be read, is broken or not of a kind that is coloured here; the destination cannot
            be written, or its container cannot hold what the film holds.
        InvalidHint: a hint or setting is out of range.
        ModelError, BackendError: see `Colorizer.engine`; FFmpeg lacks an encoder.
    """
    film_path, output = Path(source), Path(destination)
    check_film_output(output)
    _refuse_same(film_path, output)
    palette = reference if isinstance(reference, Reference) or reference is None else read_reference(reference)
    asked = [(0.0, hints), *(hints_at or {}).items()]
    key_frames = tuple(KeyFrame(seconds, check_hints(placed)) for seconds, placed in asked if placed)
    wishes = Wishes(key_frames, palette, decode, saturation, temperature)
    colours = FilmColours(colorizer, wishes)
    comment = f"Colours added by an algorithm: photochrom {__version__}, model {colorizer.spec.name} ({COLORIZED})"
    with (
        open_film(film_path) as film,
        whole_file(output, overwrite=overwrite) as stream,
        open_writer(Path(stream.name), output, film, comment) as writer,
    ):
        _colour(film, writer, colours, on_frame)


def _colour(film: Film, writer: FilmWriter, colours: FilmColours, on_frame: OnFrame | None) -> None:
    waiting: deque[tuple[Frame, View]] = deque()

    def views() -> Iterator[View]:
        first: int | None = None
        for part in film.parts():
            if isinstance(part, av.Packet):
                writer.copy(part)
                continue
            first = part.pts if first is None else first
            waiting.append((part, _view(film, writer, part, float((part.pts - first) * film.time_base))))
            yield waiting[-1][1]

    for done, color in enumerate(colours.colours(views()), start=1):
        frame, view = waiting.popleft()
        luma = writer.own_luma(frame)
        stored, small = _stored(film, color), _stored(film, view.small)
        writer.write_frame(frame, luma, *chroma(small, stored, luma, writer.coding, writer.block))
        if on_frame:
            on_frame(done, film.frame_count)


def _view(film: Film, writer: FilmWriter, frame: Frame, seconds: float) -> View:
    gray = gray_values(frame.luma, film.coding)
    small = reduced_gray(frame.luma, film.coding, writer.block)
    return View(np.rot90(gray, film.turns), np.rot90(small, film.turns), seconds)


def _stored(film: Film, plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plane (..., h, w) turned from upright to how the film's frames lie."""
    return np.rot90(plane, -film.turns, axes=(-2, -1))


def _refuse_same(source: Path, output: Path) -> None:
    try:
        same = os.path.samefile(source, output)
    except OSError:
        return
    if same:
        raise InputError(f"{output} is the film itself; give another name for the result")
