"""The coloured film: a new picture, and everything else as it came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import av
import av.stream
import av.video.stream
import numpy.typing as npt

from photochrom.errors import BackendError, InputError
from photochrom.video.coding import FULL_RANGE, LIMITED_RANGE, Coding, luma_in_bits
from photochrom.video.names import CONTAINERS
from photochrom.video.reader import Film, Frame, Packet, plane_numbers

# What describes the old file and not the film; the muxer says it anew.
_OF_THE_FILE = ("major_brand", "minor_version", "compatible_brands", "encoder", "duration", "vendor_id")
_STATISTICS = ("number_of_bytes", "number_of_frames", "bps", "_statistics")


@dataclass(frozen=True)
class Encoder:
    """How a picture is coded.

    Attributes:
        name: FFmpeg's.
        options: for it.
        depths: bits that it takes.
        even: whether both sides must be even for a colour to be shared by 2 x 2 pixels.
    """

    name: str
    options: Mapping[str, str]
    depths: tuple[int, ...]
    even: bool = False


H264 = Encoder("libx264", MappingProxyType({"crf": "16", "preset": "medium"}), (8, 10), even=True)
VP9 = Encoder(
    "libvpx-vp9", MappingProxyType({"crf": "20", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}), (8,)
)
FFV1 = Encoder("ffv1", MappingProxyType({"level": "3", "slicecrc": "1"}), (8, 10, 12, 16))


def chosen_encoder(film: Film, output: Path) -> Encoder:
    """VP9 for WebM and H.264 elsewhere, but lossless masters stay lossless where Matroska takes the result (FFV1)."""
    container = CONTAINERS[output.suffix.lower()]
    source = film.stream.codec
    if output.suffix.lower() == ".webm":
        return VP9
    return FFV1 if container == "matroska" and source.lossless and not source.lossy else H264


class FilmWriter:
    """Writes one film.

    Attributes:
        coding: of the luma that is written; as of the film, in the depth that the encoder takes.
        block: rows and columns of luma that share a colour.
    """

    def __init__(self, container: av.container.OutputContainer, film: Film, encoder: Encoder, comment: str) -> None:
        self._container, self._film = container, film
        odd = encoder.even and bool(film.width % 2 or film.height % 2)
        self.block = (1, 1) if odd else (2, 2)
        given = film.coding
        bits = next((depth for depth in encoder.depths if depth >= given.bits), encoder.depths[-1])
        self.coding = Coding(bits, given.full, given.primaries, given.transfer, given.matrix)
        self._format = f"yuv{'444' if odd else '420'}p{'' if bits == 8 else f'{bits}le'}"
        self._stream = self._picture_stream(encoder)
        self._copies = {stream.index: self._copy_stream(stream) for stream in film.copied}
        self._durations: dict[int, int] = {}
        _describe(container, film, comment)

    def write_frame(self, frame: Frame, luma: npt.NDArray[Any], cb: npt.NDArray[Any], cr: npt.NDArray[Any]) -> None:
        """Encodes a frame: luma as of `luma`, Cb and Cr at the size of `block`s."""
        picture = av.VideoFrame(self._film.width, self._film.height, self._format)
        for plane, numbers in zip(picture.planes, (luma, cb, cr), strict=True):
            rows = plane_numbers(plane, self.coding.bits)
            rows[: numbers.shape[0], : numbers.shape[1]] = numbers
        picture.pts, picture.time_base = frame.pts, self._film.time_base
        _tag(picture, self.coding)
        if frame.duration:
            self._durations[frame.pts] = frame.duration
        self._mux(self._stream.encode(picture))

    def own_luma(self, frame: Frame) -> npt.NDArray[Any]:
        """The frame's luma in the depth that is written: its very own where the encoder takes that."""
        return luma_in_bits(frame.luma, self._film.coding, self.coding.bits)

    def copy(self, packet: Packet) -> None:
        """Writes a packet of another stream as it is."""
        packet.stream = self._copies[packet.stream.index]
        self._container.mux(packet)

    def finish(self) -> None:
        """Writes what the encoder still holds."""
        self._mux(self._stream.encode(None))

    def _mux(self, packets: Iterable[Packet]) -> None:
        for packet in packets:
            # Encoders forget how long a frame is shown, which only the last one's successor would tell.
            if packet.pts is not None and packet.time_base == self._film.time_base:
                packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._container.mux(packet)

    def _picture_stream(self, encoder: Encoder) -> av.video.stream.VideoStream:
        film, given = self._film, self._film.stream
        rate = given.average_rate or given.guessed_rate
        stream = self._container.add_stream(
            encoder.name, rate=rate, options=dict(encoder.options), width=film.width, height=film.height
        )
        assert isinstance(stream, av.video.stream.VideoStream)
        context = stream.codec_context
        context.pix_fmt = self._format
        context.time_base = film.time_base
        stream.time_base = film.time_base
        if given.sample_aspect_ratio:
            context.sample_aspect_ratio = given.sample_aspect_ratio
        _tag(context, self.coding)
        if given.codec_context.field_order:
            context.field_order = given.codec_context.field_order
        if film.display_matrix:
            stream.set_display_matrix(film.display_matrix)
        stream.metadata.update(_kept(given.metadata))
        stream.disposition = given.disposition
        return stream

    def _copy_stream(self, stream: av.stream.Stream) -> av.stream.Stream:
        try:
            copy = self._container.add_stream_from_template(stream, opaque=True)
        except ValueError as error:
            name = getattr(stream.codec_context, "name", "unknown")
            raise InputError(
                f"{self._film.path}: its stream {stream.index} ({stream.type}, {name}) cannot be kept in the"
                " container of the result; give a file that ends in .mkv with -o"
            ) from error
        copy.metadata.update(_kept(stream.metadata))
        copy.disposition = stream.disposition
        return copy


def _tag(target: Any, coding: Coding) -> None:
    """Says of a frame or an encoder what its numbers mean."""
    target.color_primaries, target.color_trc, target.colorspace = coding.primaries, coding.transfer, coding.matrix
    target.color_range = FULL_RANGE if coding.full else LIMITED_RANGE


def _describe(container: av.container.OutputContainer, film: Film, comment: str) -> None:
    kept = _kept(film.container.metadata)
    said = next((kept.pop(key) for key in list(kept) if key.lower() == "comment"), "")
    container.metadata.update(kept | {"comment": f"{said}\n{comment}" if said else comment})
    chapters = film.container.chapters()
    if chapters:
        container.set_chapters(chapters)


def _kept(metadata: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in metadata.items()
        if key.lower() not in _OF_THE_FILE and not key.lower().startswith(_STATISTICS)
    }


@contextmanager
def open_writer(part: Path, output: Path, film: Film, comment: str) -> Iterator[FilmWriter]:
    """Opens the file `part` that is to become `output`; its end is written when the block ends well.

    Raises:
        InputError: a stream cannot go into the container, or the file cannot be written.
        BackendError: FFmpeg lacks the encoder.
    """
    encoder = chosen_encoder(film, output)
    if encoder.name not in av.codecs_available:
        raise BackendError(f"this FFmpeg cannot encode with {encoder.name}; install PyAV as a wheel: pip install av")
    kind = CONTAINERS[output.suffix.lower()]
    options = {"movflags": "+faststart"} if kind in ("mp4", "mov") else {}
    with _writing(output), av.open(f"file:{part}", "w", format=kind, options=options) as container:
        writer = FilmWriter(container, film, encoder, comment)
        yield writer
        writer.finish()


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    try:
        yield
    except av.error.FFmpegError as error:
        raise InputError(f"{output} cannot be written: {error.strerror or error}") from error
