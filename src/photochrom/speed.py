"""What colouring takes on this machine, stage by stage: the measurement behind `photochrom bench`.

Everything runs from memory to memory, so that disks do not count.
"""

from __future__ import annotations

import io
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from photochrom import __version__
from photochrom.fast import loops
from photochrom.hints import Hint
from photochrom.images import read
from photochrom.pipeline import Colorizer
from photochrom.processors import processors

# Megapixels: a picture from the web, a camera's photograph, an archive's scan. From small to large, since a process
# knows only the most memory that it ever held.
SIZES = (1, 12, 60)
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class PictureCost:
    """What one photograph takes: medians of a few rounds, in seconds.

    Attributes:
        width: of the photograph, in pixels.
        height: likewise.
        read: from a JPEG file's bytes to gray values.
        encode: reduction to the network's size and the network's work that is done once a photograph.
        edit: the network's work after a hint; None where the model takes none.
        render: from the network's colours to the picture at full size.
        write: from the picture to a JPEG file's bytes.
        peak_bytes: the most memory that the process has held so far; None where the system does not say.
    """

    width: int
    height: int
    read: float
    encode: float
    edit: float | None
    render: float
    write: float
    peak_bytes: int | None

    def to_dict(self) -> dict[str, Any]:
        """As it goes into the report: times with their unit in the key."""
        plain = asdict(self)
        return {key if key in ("width", "height", "peak_bytes") else f"{key}_seconds": plain[key] for key in plain}


def measure_opening(colorizer: Colorizer) -> float:
    """Seconds until a model whose weights nobody has asked for yet is ready.

    Raises:
        ModelError, BackendError: it cannot be opened.
    """
    return _seconds(lambda: colorizer.engine)


def measure_picture(colorizer: Colorizer, megapixels: float) -> PictureCost:
    """Colours a photograph that is made up, in the proportions of 4 to 3."""
    unit = round((megapixels * 1e6 / 12) ** 0.5)
    width, height = 4 * unit, 3 * unit
    content = _photograph(width, height)
    colorizer.colorize(content).image.load()  # the first time is slower: memory is new
    rounds = [stage_seconds(colorizer, content) for _ in range(_ROUNDS)]
    read_time, encode, render, write = (statistics.median(times) for times in zip(*rounds, strict=True))
    return PictureCost(width, height, read_time, encode, _edit(colorizer, content), render, write, _peak_bytes())


def build_report(colorizer: Colorizer, opening: float, pictures: list[PictureCost]) -> dict[str, Any]:
    """All figures, ready for JSON; keys are added in later versions, never renamed."""
    return {
        "software": f"photochrom {__version__}",
        "machine": {
            "system": platform.platform(terse=True),
            "architecture": platform.machine(),
            "processors": processors(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("numpy", "pillow", "onnxruntime")},
            "numba": version("numba") if loops() else None,
        },
        "model": {"name": colorizer.spec.name, "sha256": colorizer.engine.sha256, "open_seconds": opening},
        "pictures": [picture.to_dict() for picture in pictures],
    }


def stage_seconds(colorizer: Colorizer, content: bytes) -> tuple[float, float, float, float]:
    """Seconds of one photograph's way from a file's bytes to a JPEG's: read, encode, render, write; see `PictureCost`.

    Raises:
        InputError, ModelError, BackendError: see `Colorizer.open`.
    """
    clock = [time.perf_counter()]
    photograph = read(content)
    clock.append(time.perf_counter())
    result = colorizer.open(photograph).render()
    clock.append(time.perf_counter())
    result.image.load()
    clock.append(time.perf_counter())
    result.encode(io.BytesIO(), "jpeg")
    clock.append(time.perf_counter())
    first, second, third, fourth = (end - start for start, end in pairwise(clock))
    return first, second, third, fourth


def _edit(colorizer: Colorizer, content: bytes) -> float | None:
    if not colorizer.spec.takes_hints:
        return None
    work = colorizer.open(content)
    # Each elsewhere, as the last answer is remembered; the first is slower.
    hints = [Hint(0.1 + 0.2 * number, 0.4, "#b5651d", 0.02) for number in range(1 + _ROUNDS)]
    return statistics.median([_seconds(partial(work.predict, [hint])) for hint in hints][1:])


def _photograph(width: int, height: int) -> bytes:
    """A gray JPEG file with soft forms and grain, so that decoders and edges have their usual work."""
    forms = np.random.default_rng(0).integers(40, 215, (48, 64), np.uint8)
    soft = Image.fromarray(forms).resize((width, height), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    Image.blend(soft, Image.effect_noise((width, height), 24), 0.1).save(file, "JPEG", quality=90)
    return file.getvalue()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak_bytes() -> int | None:
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
