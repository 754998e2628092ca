"""Small real films for tests, written and read back with PyAV alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.audio.stream
import av.video.stream
import numpy as np
import numpy.typing as npt

RATE = 25
SOUND_RATE = 48000
SUBTITLES = "1\n00:00:00,100 --> 00:00:00,300\nHello\n\n2\n00:00:00,400 --> 00:00:00,700\nGood bye\n"
Luma = npt.NDArray[Any]


def still_frames(count: int, width: int = 96, height: int = 64, most: int = 255) -> list[Luma]:
    """Frames of a soft pattern that moves by a pixel a frame, uint8, or uint16 if `most` is above 255."""
    y, x = np.indices((height, width))
    frames = []
    for t in range(count):
        wave = np.sin((x + t) / 9) * np.cos(y / 7) + 0.4 * np.sin((x + t) / 2.3)
        frames.append(np.rint((wave + 1.4) / 2.8 * most).astype(np.uint8 if most == 255 else np.uint16))
    return frames


def write_film(
    path: Path,
    frames: Sequence[Luma],
    *,
    codec: str = "ffv1",
    pix_fmt: str = "gray",
    pts: Sequence[int] | None = None,
    time_base: Fraction = Fraction(1, RATE),
    options: Mapping[str, str] | None = None,
    sound: str | None = None,
    subtitles: str | None = None,
    metadata: Mapping[str, str] | None = None,
    **context: Any,
) -> Path:
    """Writes a film whose luma is `frames` as they are, and whose chroma, where it has any, is neutral.

    Args:
        pts: timestamps in `time_base`; one apart by default.
        sound: codec of a sine of the film's length, such as aac.
        subtitles: codec of subtitles to remux, such as subrip.
        context: attributes of the encoder (color_range, sample_aspect_ratio ...), and `rotation` of the stream.
    """
    rotation = context.pop("rotation", 0)
    with av.open(str(path), "w") as container:
        container.metadata.update(metadata or {})
        picture = container.add_stream(codec, rate=RATE, options=dict(options or {}))
        assert isinstance(picture, av.video.stream.VideoStream)
        height, width = frames[0].shape
        picture.width, picture.height, picture.pix_fmt = width, height, pix_fmt
        picture.codec_context.time_base = picture.time_base = time_base
        for name, value in context.items():
            setattr(picture.codec_context, name, value)
        if rotation:
            picture.set_display_rotation(rotation)
        heard = container.add_stream(sound, rate=SOUND_RATE) if sound else None
        read = _subtitles(path) if subtitles else None
        shown = container.add_stream_from_template(read.streams.subtitles[0]) if read else None
        for number, luma in enumerate(frames):
            frame = _frame(luma, pix_fmt)
            frame.pts, frame.time_base = pts[number] if pts else number, time_base
            for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
                if name in context:
                    setattr(frame, name, context[name])
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        if isinstance(heard, av.audio.stream.AudioStream):
            add_sine(container, heard, len(frames) / RATE)
        if read and shown:
            for packet in read.demux():
                if packet.size:
                    packet.stream = shown
                    container.mux(packet)
            read.close()
    return path


def _subtitles(beside: Path) -> av.container.InputContainer:
    text = beside.with_suffix(".srt")
    text.write_text(SUBTITLES, encoding="utf-8")
    return av.open(str(text))


def _frame(luma: Luma, pix_fmt: str) -> av.VideoFrame:
    frame = av.VideoFrame(luma.shape[1], luma.shape[0], pix_fmt)
    for index, plane in enumerate(frame.planes):
        rows = np.frombuffer(memoryview(plane), luma.dtype).reshape(-1, plane.line_size // luma.itemsize)
        if index:
            rows[:] = 1 << (frame.format.components[0].bits - 1)
        else:
            rows[: luma.shape[0], : luma.shape[1]] = luma
    return frame


def add_sine(container: av.container.OutputContainer, stream: av.audio.stream.AudioStream, seconds: float) -> None:
    samples = np.arange(round(seconds * SOUND_RATE))
    wave = (0.3 * np.sin(samples * (2 * np.pi * 440 / SOUND_RATE))).astype(np.float32)
    for start in range(0, len(wave), 960):
        part = np.ascontiguousarray(np.tile(wave[start : start + 960], (2, 1)))
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, start, Fraction(1, SOUND_RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


@dataclass(frozen=True, eq=False)
class ReadFilm:
    """What PyAV finds in a film.

    Attributes:
        kinds: (type, codec) of each stream.
        luma: Y' of every frame. chroma: Cb and Cr of every frame.
        times: when each frame is shown, in seconds.
        packets: of each stream but the picture, by index: (seconds, bytes).
        tags: range, matrix, primaries and transfer of the first frame.
    """

    kinds: list[tuple[str, str]]
    luma: list[Luma]
    chroma: list[tuple[Luma, Luma]]
    times: list[Fraction]
    packets: dict[int, list[tuple[Fraction, bytes]]]
    tags: tuple[int, int, int, int]
    pix_fmt: str
    rotation: int
    sample_aspect_ratio: Fraction | None
    metadata: dict[str, str]
    languages: list[str | None]
    duration: float


def read_film(path: Path) -> ReadFilm:
    """Decodes all of a film."""
    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        frames: list[av.VideoFrame] = []
        packets: dict[int, list[tuple[Fraction, bytes]]] = {}
        for packet in container.demux():
            if packet.stream.index == picture.index:
                frames += picture.decode(packet)
            elif packet.size and packet.pts is not None:
                packets.setdefault(packet.stream.index, []).append((packet.pts * packet.time_base, bytes(packet)))
        first = frames[0]
        return ReadFilm(
            kinds=[(stream.type, stream.codec_context.name) for stream in container.streams],
            luma=[_plane(frame, 0) for frame in frames],
            chroma=[(_plane(frame, 1), _plane(frame, 2)) for frame in frames if len(frame.planes) > 2],
            times=[(frame.pts or 0) * frame.time_base for frame in frames if frame.time_base],
            packets=packets,
            tags=(first.color_range, first.colorspace, first.color_primaries, first.color_trc),
            pix_fmt=first.format.name,
            rotation=first.rotation,
            sample_aspect_ratio=picture.sample_aspect_ratio,
            metadata=dict(container.metadata),
            languages=[stream.language for stream in container.streams],
            duration=(container.duration or 0) / av.time_base,
        )


def _plane(frame: av.VideoFrame, index: int) -> Luma:
    plane, form = frame.planes[index], frame.format
    dtype = np.dtype(np.uint8 if form.components[0].bits == 8 else np.uint16)
    rows = np.frombuffer(memoryview(plane), dtype).reshape(-1, plane.line_size // dtype.itemsize)
    return rows[: plane.height, : plane.width].copy()
