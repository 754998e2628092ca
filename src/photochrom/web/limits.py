"""How much of anything the service takes."""

from dataclasses import dataclass, field

from photochrom.hints import MAX_HINTS
from photochrom.images import MAX_PIXELS
from photochrom.processors import processors

__all__ = ["SERVE", "STUDIO", "Limits"]

_MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Bounds of one service.

    Attributes:
        upload_bytes: of a body with a picture in it.
        json_bytes: of a body of JSON, or of a session within a form.
        pixels: of a picture, by its header.
        side: the longest side of a picture, in pixels.
        hints: in one request.
        view_side: the longest side of a gray view.
        works_bytes: memory that all photographs at work may take.
        idle_seconds: after which a photograph that nobody asks for goes.
        inferences: at once.
        queue: requests that may wait for one.
        uploads: bodies that may be on their way at once; they lie in temporary files.
        seconds: that one request may take, to its answer's first byte.
        stop_seconds: for requests under way when the service is stopped.
    """

    upload_bytes: int = 32 * _MIB
    json_bytes: int = 256 << 10
    pixels: int = 50_000_000
    side: int = 65_500
    hints: int = MAX_HINTS
    view_side: int = 4096
    works_bytes: int = 1024 * _MIB
    idle_seconds: float = 15 * 60
    inferences: int = field(default_factory=processors)
    queue: int = 32
    uploads: int = 64
    seconds: float = 30
    stop_seconds: float = 15


SERVE = Limits()
# One's own pictures on one's own computer: whatever the package itself reads, and time to encode the largest as AVIF.
STUDIO = Limits(upload_bytes=1024 * _MIB, pixels=MAX_PIXELS, seconds=300)
