"""Opening what a caller gives: a path, bytes or a stream, checked before anything is decoded."""

import contextlib
import errno
import hashlib
import importlib
import io
import logging
import os
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from ..errors import CorruptImage, ImageTooLarge, InputError, PhotochromError, UnsupportedFormat
from ..installation import install_command
from .jpeg_frame import read_frame, unread_kind
from .sniff import HEAD, sniff

__all__ = ["MAX_PIXELS", "Source", "check_size", "decoding", "file_behind", "load", "open_picture", "open_source"]

logger = logging.getLogger("photochrom")

# Where Pillow refuses a picture as a decompression bomb: 512 MiB of three-byte pixels.
MAX_PIXELS = 178_956_970

_PIECE = 1 << 20

_PLUGINS = {
    "jpeg": ("JPEG", "PIL.JpegImagePlugin"),
    "png": ("PNG", "PIL.PngImagePlugin"),
    "webp": ("WEBP", "PIL.WebPImagePlugin"),
    "tiff": ("TIFF", "PIL.TiffImagePlugin"),
    "avif": ("AVIF", "PIL.AvifImagePlugin"),
    "bmp": ("BMP", "PIL.BmpImagePlugin"),
    "gif": ("GIF", "PIL.GifImagePlugin"),
}

# Pillow and tifffile log what is odd in a file; without a handler Python would print that.
for _library in ("PIL", "tifffile"):
    logging.getLogger(_library).addHandler(logging.NullHandler())

# Python's warning filters belong to the whole process, and changing them is not safe between threads.
_warnings_lock = threading.Lock()


@dataclass(frozen=True)
class Source:
    """An open file of a format that is read here.

    Attributes:
        stream: seekable, at its beginning.
        name: what to call it in messages.
        format: jpeg, png, webp, tiff, avif, bmp, gif or heif.
        path: where it lies, if it is a file.
        content: all of it, if bytes were given.
    """

    stream: BinaryIO
    name: str
    format: str
    path: Path | None
    content: bytes | None

    def sha256(self) -> Callable[[], str]:
        """What gives the file's sha256. It is counted when asked for; a stream, which may be gone then, now."""
        if self.path is not None:
            return partial(_file_sha256, self.path)
        if self.content is not None:
            return partial(_bytes_sha256, self.content)
        self.stream.seek(0)
        return partial(str, _stream_sha256(self.stream))


@contextlib.contextmanager
def open_source(source: str | os.PathLike[str] | bytes | BinaryIO) -> Iterator[Source]:
    """Opens a file, bytes or a stream and names its format.

    Raises:
        InputError: there is no such file, or it cannot be read.
        UnsupportedFormat: it is not of a format that is read here.
    """
    with contextlib.ExitStack() as stack:
        path, content = None, source if isinstance(source, bytes) else None
        if isinstance(source, (str, os.PathLike)):
            given = Path(os.fsdecode(source))
            name = str(given)
            stream: BinaryIO = stack.enter_context(_open_file(given))
            # Absolute, since whoever holds the photograph may go to another folder; a pipe is no file to come back to.
            path = given.absolute() if stream.seekable() else None
        elif isinstance(source, (bytes, bytearray, memoryview)):
            name, stream = "the given bytes", io.BytesIO(source)
        elif hasattr(source, "read"):
            name, stream = _stream_name(source), source
        else:
            raise InputError(
                f"a photograph cannot be read from {type(source).__name__}; give a path, bytes, a binary stream, a "
                "Pillow picture or a NumPy array"
            )
        with _reading(name):
            if not stream.seekable() or stream.tell() != 0:
                stream = io.BytesIO(_binary(stream.read(), name))
            head = _binary(stream.read(HEAD), name)
            stream.seek(0)
        if not head:
            raise InputError(f"{name} is empty; give a photograph")
        kind = sniff(head)
        if kind.format is None:
            raise UnsupportedFormat(f"{name} is {kind.label}, which is not read here; {kind.remedy}")
        yield Source(stream, name, kind.format, path, content)


def file_behind(source: object) -> Path | None:
    """The file that a stream or a Pillow picture reads, so that no result replaces it; None where none is known."""
    if isinstance(source, Image.Image):
        name = getattr(source, "filename", "")
        # A loaded picture has closed its file and kept the name, if it had one.
        return Path(os.fsdecode(name)).absolute() if name else file_behind(getattr(source, "fp", None))
    name = getattr(source, "name", None)
    if not isinstance(name, (str, bytes, os.PathLike)):  # a temporary file in memory would go to the disk if asked more
        return None
    with contextlib.suppress(AttributeError, OSError, ValueError):
        number = source.fileno()  # type: ignore[attr-defined]
        # Standard input has no name of its own; Linux knows what was redirected to it.
        for place in (os.fsdecode(name), os.path.realpath(f"/proc/self/fd/{number}")):
            if os.path.exists(place) and os.path.samestat(os.stat(place), os.fstat(number)):
                return Path(place).absolute()
    return None


@contextlib.contextmanager
def decoding(name: str) -> Iterator[None]:
    """Whatever a decoder stumbles over within is the file's fault: `CorruptImage`, with the decoder's words."""
    try:
        yield
    except (PhotochromError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise ImageTooLarge(f"{name} has more than {MAX_PIXELS:,} pixels; scale it down first") from error
    except Exception as error:
        # Decoders answer broken bytes with errors of any class: OSError, SyntaxError, IndexError, struct.error ...
        if isinstance(error, OSError) and error.errno is not None:
            raise InputError(f"{name} cannot be read: {error.strerror}") from error
        words = " ".join(str(error).split()) or type(error).__name__
        raise CorruptImage(f"{name} is broken or cut short ({words}); get a whole copy of it") from error


def open_picture(source: Source) -> ImageFile:
    """Reads a picture's header with the one Pillow plugin that its first bytes call for. Nothing is decoded.

    Raises:
        CorruptImage: the header is broken.
        ImageTooLarge: the header announces more than `MAX_PIXELS`.
        UnsupportedFormat: HEIC without pillow-heif, or a JPEG that libjpeg does not decode.
    """
    if source.format == "heif":
        _register_heif(source.name)
        plugin = "HEIF"
    else:
        plugin, module = _PLUGINS[source.format]
        importlib.import_module(module)
    if source.format == "jpeg":
        _check_process(source)
    source.stream.seek(0)
    with decoding(source.name), _quiet():
        try:
            picture = Image.open(source.stream, formats=[plugin])
        except UnidentifiedImageError as error:
            label = _label(source.format)
            raise CorruptImage(
                f"{source.name} begins like {label} but its header is broken; get a whole copy"
            ) from error
    check_size(picture.width, picture.height, source.name)
    return picture


def _check_process(source: Source) -> None:
    frame = read_frame(source.stream)
    kind = unread_kind(frame) if frame is not None else None
    if kind is not None:
        raise UnsupportedFormat(f"{source.name} is {kind}, which is not read here; convert it to a TIFF or PNG")


def load(picture: Image.Image) -> None:
    """Decodes a picture. Pillow warns of a TIFF's size and odd fields only then."""
    if isinstance(picture, ImageFile) and picture.format in ("JPEG", "MPO") and picture.fp:
        frame = read_frame(picture.fp)
        if frame is not None and frame.arithmetic:
            # libjpeg cannot wait for the next piece of these: it gets the file as a whole.
            picture.decodermaxblock = picture.fp.seek(0, io.SEEK_END)
    if picture.format == "TIFF":
        with _quiet(), _unmapped(picture):
            picture.load()
    else:
        picture.load()


@contextlib.contextmanager
def _unmapped(picture: Image.Image) -> Iterator[None]:
    """Pillow maps a file by its path with width and height of the upright picture, which garbles a turned one."""
    path = getattr(picture, "filename", "")
    picture.filename = ""  # type: ignore[attr-defined]
    try:
        yield
    finally:
        picture.filename = path  # type: ignore[attr-defined]


def _label(name: str) -> str:
    """A format's name with its article, for messages."""
    labels = {"jpeg": "a JPEG", "png": "a PNG", "webp": "a WebP", "tiff": "a TIFF", "avif": "an AVIF", "bmp": "a BMP"}
    return labels.get(name, f"a {name.upper()}")


def check_size(width: int, height: int, name: str) -> None:
    """Refuses pictures without pixels and those above the limit."""
    if width < 1 or height < 1:
        raise CorruptImage(f"{name} announces {width} x {height} pixels; get a whole copy of it")
    if width * height > MAX_PIXELS:
        raise ImageTooLarge(
            f"{name} has {width} x {height} = {width * height:,} pixels, more than the limit of {MAX_PIXELS:,}; "
            "scale it down first"
        )


def _stream_name(stream: BinaryIO) -> str:
    name = getattr(stream, "name", None)
    if name == "<stdin>":
        return "standard input"
    return name if isinstance(name, str) else "the given stream"


def _binary(data: object, name: str) -> bytes:
    if not isinstance(data, bytes):
        raise InputError(f'{name} gives text and no bytes; open it with "rb"')
    return data


def _stream_sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _bytes_sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _stream_sha256(file)
    except OSError as error:
        raise InputError(f"{path} was read but is there no more ({error.strerror}); put it back") from error


def _open_file(path: Path) -> BinaryIO:
    with _reading(str(path)):
        if path.is_dir():
            raise InputError(f"{path} is a folder; give a file in it")
        return path.open("rb")


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{name} does not exist; check the path") from error
    except OSError as error:
        if error.errno == errno.EACCES:
            raise InputError(f"{name} cannot be read: permission denied; change its permissions") from error
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        # A path with a NUL in it, or a closed stream.
        raise InputError(f"{name!r} cannot be read: {error}") from error


def _register_heif(name: str) -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise UnsupportedFormat(
            f"{name} is a HEIC, which needs the extra `heif`: {install_command('heif')}; or convert it to JPEG"
        ) from error
    pillow_heif.register_heif_opener()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Pillow's warnings about odd headers go to the log; pictures of up to `MAX_PIXELS` are no bombs here."""
    with _warnings_lock, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        if not issubclass(warning.category, Image.DecompressionBombWarning):
            logger.debug("%s", warning.message)
