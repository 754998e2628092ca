"""A film as it comes: frames of luma, and the packets of everything else, in the order of the file."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeAlias

import av
import av.stream
import av.video.stream
import numpy as np
import numpy.typing as npt
from av.stream import Disposition
from av.video.plane import VideoPlane

from photochrom.errors import CorruptImage, InputError, UnsupportedFormat
from photochrom.video.coding import FULL_RANGE, LIMITED_RANGE, Coding, named_coding

_log = logging.getLogger("photochrom")

# FFmpeg also reads lists of other files and addresses; a film is one file, and nothing is fetched.
_DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,dv,rm"
_OPTIONS = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "file"}
# Text about a film that is no UTF-8 stops PyAV before 19 unless it is told otherwise; since then it stays as it is.
_METADATA: dict[str, Any] = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}
# Containers whose header says how long the film is. One that ends so much earlier (or by that share) is cut short.
_TOLD_DURATION = ("mov", "matroska", "avi", "asf")
_SHORT_SECONDS, _SHORT_SHARE = 0.5, 0.02
_DEPTHS = (8, 10, 12, 16)

Packet: TypeAlias = "av.Packet[Any]"


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame without its colours.

    Attributes:
        luma: Y' (H, W) as stored, uint8 or uint16.
        pts: when it is shown, in the film's `time_base`.
        duration: how long, in the same; 0 where the file does not say.
    """

    luma: npt.NDArray[Any]
    pts: int
    duration: int


@dataclass(frozen=True)
class _Layout:
    """How a frame's luma is got at.

    Attributes:
        coding: what it means.
        planar: the format, FFmpeg's name, whose first plane is luma; the frame's own wherever possible.
    """

    coding: Coding
    planar: str


class Film:
    """An open film.

    Attributes:
        path: where it lies.
        container, stream: FFmpeg's, of the file and of the picture.
        copied: the other streams that go into the result as they are.
        coding: what luma means.
        width, height: of a stored frame.
        turns: quarter turns, counter-clockwise, that bring a stored frame upright.
        display_matrix: nine numbers that say so in the container, or None.
    """

    def __init__(self, path: Path, container: av.container.InputContainer) -> None:
        self.path, self.container = path, container
        self.stream = _picture(path, container)
        self.stream.thread_type = "AUTO"
        self.copied = tuple(_copied(path, container, self.stream))
        self._last_pts: int | None = None
        self._end = 0.0
        self._decoded = self._decode()
        self._early, first = self._until_first_frame()
        self.width, self.height, self._format = first.width, first.height, first.format.name
        self._layout = _layout(path, first)
        self.coding = self._layout.coding
        self.turns = round(first.rotation / 90) % 4
        self.display_matrix = _display_matrix(first)
        self._early.append(self._frame(first))

    @property
    def time_base(self) -> Fraction:
        """The unit of timestamps, in seconds."""
        assert self.stream.time_base is not None, "a stream that is read has one"
        return self.stream.time_base

    @property
    def frame_count(self) -> int | None:
        """About how many frames there are, if the file tells."""
        if self.stream.frames:
            return self.stream.frames
        seconds, rate = self._told_seconds(), self.stream.average_rate
        return max(1, round(seconds * rate)) if seconds and rate else None

    def parts(self) -> Iterator[Frame | Packet]:
        """Yields the frames, and between them the packets of the copied streams, once.

        Raises:
            CorruptImage: the film is damaged or cut short.
            InputError: its picture changes size or format on the way.
        """
        yield from self._early
        with _decoding(self.path):
            for part in self._decoded:
                yield part if isinstance(part, av.Packet) else self._frame(part)
        self._check_whole()

    def _decode(self) -> Iterator[av.VideoFrame | Packet]:
        copied = {stream.index for stream in self.copied}
        started = False
        for packet in self.container.demux():
            if packet.pts is not None and packet.time_base:
                self._end = max(self._end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if packet.stream.index == self.stream.index:
                try:
                    frames = self.stream.decode(packet)
                except av.error.InvalidDataError:
                    # A recording that begins between two key frames; nothing of it could be shown yet.
                    if started:
                        raise
                    continue
                started = started or bool(frames)
                yield from frames
            elif packet.stream.index in copied and packet.size:
                yield packet

    def _until_first_frame(self) -> tuple[list[Frame | Packet], av.VideoFrame]:
        early: list[Frame | Packet] = []
        with _decoding(self.path):
            for part in self._decoded:
                if isinstance(part, av.VideoFrame):
                    return early, part
                early.append(part)
        raise CorruptImage(f"{self.path} holds no frame that can be read; get a whole copy of it")

    def _frame(self, frame: av.VideoFrame) -> Frame:
        if (frame.width, frame.height, frame.format.name) != (self.width, self.height, self._format):
            raise InputError(
                f"{self.path} changes its picture from {self.width} x {self.height} {self._format} to {frame.width} x"
                f" {frame.height} {frame.format.name} at {self._seconds(frame):.1f} s; cut it there first"
            )
        pts = frame.pts if frame.pts is not None else frame.dts
        if pts is None or (self._last_pts is not None and pts <= self._last_pts):
            # Some old containers give no times, or the same twice; a frame must not be lost for that.
            pts = 0 if self._last_pts is None else self._last_pts + max(1, frame.duration)
        self._last_pts = pts
        return Frame(_luma(frame, self._layout), pts, frame.duration)

    def _seconds(self, frame: av.VideoFrame) -> float:
        return frame.time or float((self._last_pts or 0) * self.time_base)

    def _told_seconds(self) -> float | None:
        return self.container.duration / av.time_base if self.container.duration else None

    def _check_whole(self) -> None:
        told = self._told_seconds()
        if told is None or not self.container.format.name.startswith(_TOLD_DURATION):
            return
        found = self._end - (self.container.start_time or 0) / av.time_base
        if told - found > max(_SHORT_SECONDS, _SHORT_SHARE * told):
            raise CorruptImage(
                f"{self.path} is cut short: it says {told:.1f} s and ends after {found:.1f} s; get a whole copy of it"
            )


@contextlib.contextmanager
def open_film(path: Path) -> Iterator[Film]:
    """Opens a film and decodes its first frame.

    Raises:
        InputError: there is no such file, it cannot be read, or it is of a kind that is not coloured (HDR).
        UnsupportedFormat: it is no film, or coded in a way that is not known here.
        CorruptImage: it is broken or cut short.
    """
    _check_file(path)
    try:
        # The prefix keeps FFmpeg from taking a name with a colon for an address.
        container = av.open(f"file:{path}", options=_OPTIONS, **_METADATA)
    except (av.error.FFmpegError, ValueError) as error:
        raise UnsupportedFormat(
            f"{path} is no film that can be read ({_reason(error)}): it is broken, cut short or something else"
        ) from error
    with container:
        yield Film(path, container)


def _check_file(path: Path) -> None:
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise InputError(f"{path} is empty; give a film")
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{path} does not exist") from error
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


@contextlib.contextmanager
def _decoding(path: Path) -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        raise CorruptImage(f"{path} is damaged ({_reason(error)}); get a whole copy of it") from error


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _picture(path: Path, container: av.container.InputContainer) -> av.video.stream.VideoStream:
    moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not moving:
        raise UnsupportedFormat(f"{path} has no moving picture; give a film")
    if moving[0].codec_context is None:
        raise UnsupportedFormat(f"{path} is coded in a way that FFmpeg cannot decode here; convert it first")
    return moving[0]


def _copied(
    path: Path, container: av.container.InputContainer, picture: av.video.stream.VideoStream
) -> Iterator[av.stream.Stream]:
    for stream in container.streams:
        if stream.type in ("audio", "subtitle", "attachment", "video"):
            if stream.index != picture.index:
                yield stream
        else:
            _log.warning("%s: its stream %d (%s) is left out of the result", path, stream.index, stream.type)


def _layout(path: Path, first: av.VideoFrame) -> _Layout:
    name, form = first.format.name, first.format
    if first.color_trc in _HDR_TRANSFERS:
        kind = _HDR_TRANSFERS[first.color_trc]
        raise InputError(f"{path} is of high dynamic range ({kind}), which is not coloured; convert it to BT.709 first")
    bits = form.components[0].bits
    depth = next((known for known in _DEPTHS if bits <= known), _DEPTHS[-1])
    ending = "" if depth == 8 else f"{depth}le"
    if form.is_rgb or form.has_palette or bits < 8 or bits > 16:
        planar, bits, full = f"gray{ending}", depth, True
    else:
        full = first.color_range == FULL_RANGE or (
            first.color_range != LIMITED_RANGE and name.startswith(("gray", "yuvj", "ya"))
        )
        own = name.startswith(("gray", "yuv")) and form.is_planar and not form.is_big_endian
        planar, bits = (name, bits) if own or name == "gray" else (f"yuv422p{ending}", depth)
    coding = named_coding(bits, full, first.height, first.color_primaries, first.color_trc, first.colorspace)
    return _Layout(coding, planar)


def _luma(frame: av.VideoFrame, layout: _Layout) -> npt.NDArray[Any]:
    if frame.format.name != layout.planar:
        span = FULL_RANGE if layout.coding.full else LIMITED_RANGE
        frame = frame.reformat(format=layout.planar, dst_color_range=span)
    return plane_numbers(frame.planes[0], layout.coding.bits)[: frame.height, : frame.width]


def plane_numbers(plane: VideoPlane, bits: int) -> npt.NDArray[Any]:
    """A plane's own numbers, (rows, columns), uint8 or uint16; rows may be longer than the picture is wide."""
    dtype = np.dtype(np.uint8) if bits == 8 else np.dtype(np.uint16)
    return np.frombuffer(memoryview(plane), dtype).reshape(-1, plane.line_size // dtype.itemsize)


def _display_matrix(frame: av.VideoFrame) -> tuple[int, ...] | None:
    # PyAV's stubs know of motion vectors only.
    given: Mapping[str, Any] = frame.side_data
    matrix = given.get("DISPLAYMATRIX")
    return None if matrix is None else tuple(np.frombuffer(bytes(matrix), np.int32).tolist())
