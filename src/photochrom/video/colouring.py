"""Colours for a film's frames, one after the other, each with a look at the next one only."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from PIL import Image

from photochrom.color import FloatArray, lightness_table
from photochrom.errors import InputError
from photochrom.hints import Hint, Reference
from photochrom.pipeline import Colorizer, network_shape
from photochrom.resample import GrayArray, area_mean, resize_plane
from photochrom.session import check_settings
from photochrom.upsample import LEVEL_FACTOR, ColorField, color_field, fill_level
from photochrom.video.cuts import CutFinder, Step, thumbnail, unexplained
from photochrom.video.motion import followed, motion, relit, warped
from photochrom.video.steady import Carried, begun, carried_on

_log = logging.getLogger("photochrom")
_T = TypeVar("_T")
# Pixels of the compact network's input that share a colour.
_GRID_STRIDE = 4
# A hint is let go where the lightness around it changes by more than this at once: what it lay on is covered.
_HINT_LOST = 12.0
# A shot whose first frame is explained this well by the one with the hints shows the same things again.
_SEEN_AGAIN = 0.2


@dataclass(frozen=True, eq=False)
class View:
    """A frame as its colours are found, upright.

    Attributes:
        gray: the frame (H, W), gray of sRGB, uint8 or uint16: what the network sees.
        small: the same at the size of its chroma, (h, w) uint16: what gets the colours.
        seconds: when it is shown, from the first frame on.
    """

    gray: GrayArray
    small: GrayArray
    seconds: float = 0.0


@dataclass(frozen=True)
class KeyFrame:
    """Hints for a film from a time on.

    Attributes:
        seconds: when, from the first frame on. The first frame after it that shows something is the key frame.
        hints: colours at places of that frame; they go with what they lie on.
    """

    seconds: float
    hints: tuple[Hint, ...]


@dataclass(frozen=True)
class Wishes:
    """What a person asks for.

    Attributes:
        key_frames: frames with hints.
        reference: a palette for all frames, or None.
        decode: vivid, accurate, or None: the model's default.
        saturation, temperature: as of `Work.render`.
    """

    key_frames: tuple[KeyFrame, ...] = ()
    reference: Reference | None = None
    decode: str | None = None
    saturation: float = 1.0
    temperature: float = 0.0


@dataclass(frozen=True, eq=False)
class _Seen:
    """A view with what is worked out before its colours.

    Attributes:
        lightness: CIE L* at the size of chroma. level: at four times the network's grid. thumbnail: for cuts.
    """

    view: View
    lightness: FloatArray
    level: FloatArray
    thumbnail: FloatArray


class FilmColours:
    """Colours the frames of one film.

    Raises:
        InvalidHint: a setting is out of range.
        InputError: the model takes no hints or references or lacks the decoding.
    """

    def __init__(self, colorizer: Colorizer, wishes: Wishes) -> None:
        spec = colorizer.spec
        self._colorizer, self._wishes = colorizer, wishes
        self._decode = wishes.decode or spec.decodes[0]
        check_settings(self._decode, wishes.saturation, wishes.temperature)
        if self._decode not in spec.decodes:
            choice = " and ".join(spec.decodes)
            raise InputError(f"the model {spec.name} has no {self._decode!r} colours; it has {choice}")
        # Said by `Work.predict` too, but hints that are nowhere in sight would come to it late or never.
        if wishes.key_frames and not spec.takes_hints:
            raise InputError(f"the model {spec.name} takes no hints; use compact or siggraph17")
        if wishes.reference and not spec.takes_reference:
            raise InputError(f"the model {spec.name} takes no reference; use compact")

    def colours(self, views: Iterable[View]) -> Iterator[FloatArray]:
        """Yields a and b, (2, h, w) at the size of chroma, for each view."""
        cuts = CutFinder()
        due = deque(sorted(self._wishes.key_frames, key=lambda key: key.seconds))
        known: list[tuple[FloatArray, KeyFrame]] = []
        carried: Carried | None = None
        hints: tuple[Hint, ...] = ()
        for now, after in _with_next(self._seen(view) for view in views):
            step = cuts.step(now.thumbnail, after.thumbnail if after else None)
            if step is Step.NEW_SHOT:
                carried = None
                hints = tuple(hint for before, key in known for hint in _seen_again(key.hints, before, now.thumbnail))
            keyed: tuple[Hint, ...] = ()
            while step is not Step.ASIDE and due and due[0].seconds <= now.view.seconds:
                known.append((now.thumbnail, due.popleft()))
                keyed += known[-1][1].hints
            shown, hints_here = self._continued(carried, now, hints, keyed)
            if step is not Step.ASIDE:
                carried, hints = shown, hints_here
            yield self._filled(now, shown.color)
        for key in due:
            _log.warning("no frame is shown at %g s or later: its hints are not used", key.seconds)

    def _continued(
        self, carried: Carried | None, now: _Seen, hints: tuple[Hint, ...], keyed: tuple[Hint, ...]
    ) -> tuple[Carried, tuple[Hint, ...]]:
        """What is known of the colours after one more frame, and where its hints are by then, `keyed` ones new."""
        moved = None
        if carried is not None:
            moved = motion(carried.lightness, now.level)
            hints = _followed_hints(hints, carried.lightness, now.level, moved)
        hints += keyed
        own = self._own_colours(now, hints)
        if carried is None or moved is None or keyed:  # new hints hold at once: what was carried knows nothing of them
            return begun(own, now.level), hints
        return carried_on(carried, own, now.level, moved), hints

    def _seen(self, view: View) -> _Seen:
        lightness = np.take(lightness_table(16), view.small)
        shape = _grid_shape(view, self._colorizer)
        level = area_mean(lightness, _level_shape(shape, lightness))
        return _Seen(view, lightness, level, thumbnail(level))

    def _own_colours(self, seen: _Seen, hints: Sequence[Hint]) -> FloatArray:
        """The network's colours (2, rows, columns) for one frame by itself, at the size of its level."""
        prediction = self._colorizer.open(seen.view.gray).predict(hints, self._wishes.reference)
        ab = prediction.vivid if self._decode == "vivid" else prediction.accurate
        assert ab is not None, "the model's specification names a decoding that its engine does not give"
        height, width = seen.level.shape
        field = color_field(_on_grid(ab, _grid_shape(seen.view, self._colorizer)), seen.level, (height, width))
        return np.stack([field.a, field.b])

    def _filled(self, seen: _Seen, color: FloatArray) -> FloatArray:
        """Colours at the size of chroma, saturated and warmed as asked."""
        cell = tuple(large / small for large, small in zip(seen.lightness.shape, seen.level.shape, strict=True))
        filled = fill_level(ColorField(color[0], color[1], seen.level, (cell[0], cell[1])), seen.lightness)
        filled *= np.float32(self._wishes.saturation)
        filled[1] += np.float32(self._wishes.temperature)
        return filled


def _grid_shape(view: View, colorizer: Colorizer) -> tuple[int, int]:
    """Rows and columns of the grid of colours: the compact network's, and for any other model as many."""
    height, width = view.gray.shape
    rows, columns = network_shape(width, height, colorizer.spec)
    return max(1, rows // _GRID_STRIDE), max(1, columns // _GRID_STRIDE)


def _level_shape(grid: tuple[int, int], lightness: FloatArray) -> tuple[int, int]:
    """Rows and columns of the level on which colours are carried: four times the grid, or what the film has."""
    rows, columns = (min(LEVEL_FACTOR * cells, side) for cells, side in zip(grid, lightness.shape, strict=True))
    return rows, columns


def _on_grid(ab: FloatArray, grid: tuple[int, int]) -> FloatArray:
    """Colours (h, w, 2) brought to a grid; other models than the compact one answer at other sizes."""
    if ab.shape[:2] == grid:
        return ab
    return np.stack([resize_plane(ab[..., i], grid, Image.Resampling.BOX) for i in (0, 1)], axis=-1)


def _followed_hints(hints: Sequence[Hint], before: FloatArray, now: FloatArray, moved: FloatArray) -> tuple[Hint, ...]:
    """Hints where what they lie on has gone; those whose ground has left the picture or was covered are let go."""
    if not hints:
        return ()
    changed = np.abs(relit(warped(before, moved), now) - now)
    height, width = now.shape
    kept = []
    for hint in hints:
        place = followed((hint.y, hint.x), moved)
        if place is None:
            continue
        y, x = place
        if changed[min(int(y * height), height - 1), min(int(x * width), width - 1)] < _HINT_LOST:
            kept.append(replace(hint, y=y, x=x))
    return tuple(kept)


def _seen_again(hints: tuple[Hint, ...], before: FloatArray, now: FloatArray) -> tuple[Hint, ...]:
    """A key frame's hints for a shot that begins with the thumbnail `now`: none unless it shows the same things."""
    return _followed_hints(hints, before, now, motion(before, now)) if unexplained(before, now) <= _SEEN_AGAIN else ()


def _with_next(items: Iterable[_T]) -> Iterator[tuple[_T, _T | None]]:
    """Each item with the one after it."""
    given = iter(items)
    now = next(given, None)
    while now is not None:
        after = next(given, None)
        yield now, after
        now = after
