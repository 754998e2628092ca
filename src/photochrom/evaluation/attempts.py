"""What each method makes of a scene, under each of a protocol's conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from photochrom.color import FloatArray
from photochrom.evaluation.baselines import spread_hints
from photochrom.evaluation.datasets import Picture
from photochrom.evaluation.protocols import (
    Corners,
    Protocol,
    around,
    patch_colors,
    patch_hints,
    place_patches,
    uniform_patches,
)
from photochrom.evaluation.scene import Scene
from photochrom.hints import Hint, Reference
from photochrom.models.engine import Prediction
from photochrom.pipeline import Colorizer, Work, network_shape
from photochrom.render import available_threads, render
from photochrom.resample import network_lightness

GRAY, LEVIN = "gray", "levin"
# How hints are placed under the guided protocol, as a method's last part.
UNIFORM, NEXT_HINT = "/uniform", "/next_hint"


@dataclass(frozen=True, eq=False)
class Attempt:
    """One colouring.

    Attributes:
        method: gray, levin, or model/decode[/condition].
        hints: how many it was given.
        picture: (S, S, 3) sRGB.
    """

    method: str
    hints: int
    picture: Picture


def attempts(
    scene: Scene, protocol: Protocol, counts: Sequence[int], colorizers: Sequence[Colorizer], levin: bool
) -> Iterator[Attempt]:
    """All colourings of a scene: gray without hints, Levin's with hints, then the models'."""
    yield Attempt(GRAY, 0, scene.gray)
    if levin and protocol.placement in ("normal", "grid"):
        yield from _levin(scene, protocol, counts)
    for colorizer in colorizers:
        work = colorizer.open(scene.photograph)
        if protocol.placement == "guided":
            yield from _guided(scene, protocol, counts, work, colorizer)
        else:
            yield from _hinted(scene, protocol, counts, work, colorizer)
        if colorizer.spec.takes_reference:
            yield from _referenced(scene, protocol, work, colorizer)


def predict(scene: Scene, colorizer: Colorizer) -> Prediction:
    """A model's own answer on its grid, without hints."""
    photograph = scene.photograph
    height, width = network_shape(photograph.width, photograph.height, colorizer.spec)
    lightness = network_lightness(photograph.gray, height, width, threads=available_threads())
    return colorizer.engine.decode(colorizer.engine.encode(lightness), (), None)


def _hinted(
    scene: Scene, protocol: Protocol, counts: Sequence[int], work: Work, colorizer: Colorizer
) -> Iterator[Attempt]:
    for count in counts if colorizer.spec.takes_hints else (0,):
        corners = place_patches(protocol, count, scene.seed) if count else np.zeros((0, 2), np.intp)
        yield from _decodings(work, colorizer, patch_hints(scene.lab, corners, protocol.patch))


def _referenced(scene: Scene, protocol: Protocol, work: Work, colorizer: Colorizer) -> Iterator[Attempt]:
    histogram, saturation = scene.palette.histogram, scene.palette.saturation
    given = {
        "histogram": Reference(histogram, None),
        "saturation": Reference(None, saturation),
        "both": scene.palette,
    }
    for kind in protocol.references:
        yield from _decodings(work, colorizer, [], given[kind], f"/{kind}")


def _guided(
    scene: Scene, protocol: Protocol, counts: Sequence[int], work: Work, colorizer: Colorizer
) -> Iterator[Attempt]:
    """Hints one after another: anywhere, and for comparison where the model asks for the next."""
    if not colorizer.spec.takes_hints:
        return
    corners = uniform_patches(protocol, max(counts), scene.seed)
    anywhere = patch_hints(scene.lab, corners, protocol.patch)
    for count in counts:
        yield from _decodings(work, colorizer, anywhere[:count], condition=UNIFORM)
    asked: list[Hint] = []
    for count in range(max(counts) + 1):
        work.render(asked)
        if count in counts:
            yield from _decodings(work, colorizer, asked, condition=NEXT_HINT)
        if count < max(counts):
            asked += patch_hints(scene.lab, around(work.next_hint(), protocol), protocol.patch)


def _decodings(
    work: Work, colorizer: Colorizer, hints: Sequence[Hint], reference: Reference | None = None, condition: str = ""
) -> Iterator[Attempt]:
    for decode in colorizer.spec.decodes:
        result = work.render(hints, reference, decode)
        yield Attempt(f"{colorizer.spec.name}/{decode}{condition}", len(hints), np.asarray(result.image))


def _levin(scene: Scene, protocol: Protocol, counts: Sequence[int]) -> Iterator[Attempt]:
    for count in filter(None, counts):
        ab = _patched(scene.lab, place_patches(protocol, count, scene.seed), protocol.patch)
        spread = spread_hints(scene.lab[..., 0], ab, ~np.isnan(ab[..., 0]))
        yield Attempt(LEVIN, count, np.asarray(render(scene.photograph.gray, spread)))


def _patched(lab: FloatArray, corners: Corners, patch: int) -> FloatArray:
    """The patches' mean ab on a plane (S, S, 2) of NaN, later ones over earlier ones."""
    ab = np.full((*lab.shape[:2], 2), np.nan, np.float32)
    for (top, left), mean in zip(corners.tolist(), patch_colors(lab, corners, patch), strict=True):
        ab[top : top + patch, left : left + patch] = mean[1:]
    return ab
