"""The published ways to measure, each with its size, its hints and its metrics.

| protocol   | size | hints                                                            |
| ---------- | ---- | ---------------------------------------------------------------- |
| siggraph17 | 256  | 6 x 6 patches, normally distributed around the middle            |
| icolorit   | 224  | 2 x 2 patches on a grid of such, uniformly distributed           |
| eccv16     | 256  | none                                                             |
| automatic  | 256  | none                                                             |
| global     | 256  | none; the true picture's histogram, saturation, or both          |
| guided     | 256  | 6 x 6 patches where the model asks for them, or uniformly random |

Pictures are squashed to a square by bicubic interpolation. A hint shows the true mean ab of its patch, as a hex colour:
its rounding to 8 bits costs less than 0.001 dB at 100 hints. Each image and count has random numbers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from photochrom import color
from photochrom.color import FloatArray
from photochrom.hints import MAX_HINTS, Hint

Corners = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Protocol:
    """One way to measure.

    Attributes:
        name: as in ``--protocol``.
        side: of the square pictures, in pixels.
        counts: numbers of hints, unless others are asked for; (0,) alone where it has none.
        patch: side of a hint, in pixels; 0 without hints.
        placement: of the hints: "normal", "grid", "guided" or "none".
        metrics: what is measured, as in `measure`.
        references: kinds of global hints.
    """

    name: str
    side: int
    counts: tuple[int, ...]
    patch: int
    placement: str
    metrics: frozenset[str]
    references: tuple[str, ...] = ()


_ALL = (
    Protocol("siggraph17", 256, (0, 1, 2, 5, 10, 20, 50, 100), 6, "normal", frozenset({"psnr", "ssim", "ciede2000"})),
    Protocol("icolorit", 224, (0, 1, 2, 5, 10, 20, 50, 100), 2, "grid", frozenset({"psnr", "perceptual"})),
    Protocol("eccv16", 256, (0,), 0, "none", frozenset({"auc", "agreement"})),
    Protocol(
        "automatic",
        256,
        (0,),
        0,
        "none",
        frozenset({"psnr", "ssim", "ciede2000", "colorfulness", "perceptual", "fid", "uncertainty"}),
    ),
    Protocol(
        "global",
        256,
        (0,),
        0,
        "none",
        frozenset({"psnr", "colorfulness"}),
        ("histogram", "saturation", "both"),
    ),
    Protocol("guided", 256, (0, 1, 2, 5, 10), 6, "guided", frozenset({"psnr", "gain"})),
)
PROTOCOLS: Mapping[str, Protocol] = MappingProxyType({protocol.name: protocol for protocol in _ALL})


def most_hints(protocol: Protocol) -> int:
    """The largest number of hints that the protocol can place."""
    return min(MAX_HINTS, (protocol.side // protocol.patch) ** 2) if protocol.patch else 0


def place_patches(protocol: Protocol, count: int, seed: tuple[int, ...]) -> Corners:
    """The upper left corners (count, 2), row and column, of the patches of one image."""
    rng = np.random.default_rng((*seed, count))
    side, patch = protocol.side, protocol.patch
    if protocol.placement == "normal":
        middle = (side - patch + 1) / 2
        return np.clip(rng.normal(middle, middle / 2, (count, 2)), 0, side - patch).astype(np.intp)
    across = side // patch
    cells = rng.choice(across * across, count, replace=False)
    return np.stack(np.divmod(cells, across), axis=-1).astype(np.intp) * patch


def uniform_patches(protocol: Protocol, count: int, seed: tuple[int, ...]) -> Corners:
    """Corners (count, 2) anywhere in the picture; a smaller count gives the first of a larger one."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, protocol.side - protocol.patch + 1, (count, 2)).astype(np.intp)


def patch_colors(lab: FloatArray, corners: Corners, patch: int) -> FloatArray:
    """The true mean Lab (count, 3) of patches of a picture (S, S, 3)."""
    means = [lab[top : top + patch, left : left + patch].mean(axis=(0, 1)) for top, left in corners.tolist()]
    return np.array(means, np.float32).reshape(-1, 3)


def patch_hints(lab: FloatArray, corners: Corners, patch: int) -> list[Hint]:
    """The hints that tell a model the true colour of patches of a picture (S, S, 3)."""
    height, width = lab.shape[:2]
    hints = []
    for (top, left), mean in zip(corners.tolist(), patch_colors(lab, corners, patch), strict=True):
        levels = np.rint(np.clip(color.lab_to_srgb(mean), 0, 1) * 255).astype(int)
        x, y = (left + patch / 2) / width, (top + patch / 2) / height
        hints.append(Hint(x, y, "#{:02x}{:02x}{:02x}".format(*levels), radius=patch / 2 / max(height, width)))
    return hints


def around(place: tuple[float, float], protocol: Protocol) -> Corners:
    """The corner (1, 2) of the patch around a place (x, y) in fractions, moved into the picture."""
    x, y = place
    corner = [round(share * protocol.side - protocol.patch / 2) for share in (y, x)]
    return np.clip(np.array([corner], np.intp), 0, protocol.side - protocol.patch)
