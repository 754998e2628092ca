"""From an opened picture to samples that mean something: every mode, its transparency, its ICC profile."""

import io
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ..errors import CorruptImage, InputError, UnsupportedFormat
from . import exif, icc, xmp
from .deep import Plane, png_is_deep, png_plane, with_key
from .deep_tiff import tiff_is_deep, tiff_plane
from .depth import full_range, sample_bits
from .jpeg import check_whole
from .lightness import SRGB, LightSpace, Samples
from .metadata import XMP_TAG, Attachments, picture_attachments, tiff_attachments
from .source import Source, check_size, load, open_picture

__all__ = ["decode_array", "decode_picture", "decode_source"]

logger = logging.getLogger("photochrom")

# 8-bit modes: what a strip is converted to before a profile (if any) is applied.
_BASE = {"1": "L", "L": "L", "LA": "L", "La": "L", "CMYK": "CMYK", "LAB": "LAB"}
_DEEP_GRAY = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I", "F"})

# Tags that only raw files have: DNGVersion, and the colour filter arrays of a sensor.
_DNG_VERSION, _PHOTOMETRIC, _SUBFILE_TYPE, _SUB_IFDS = 50706, 262, 254, 330
_SENSOR = frozenset({32803, 34892})

# Smaller copies before a further page that are looked through; pyramids have about ten.
_MOST_COPIES = 32

_LAB = LightSpace((icc.lightness_to_light,))


def decode_source(source: Source) -> tuple[Samples, Attachments]:
    """Decodes an open file. The samples may read from it until it is closed."""
    if source.format == "tiff":
        return _decode_tiff(source)
    picture = open_picture(source)
    # Of a JPEG the others are smaller, or measure depth.
    if source.format != "jpeg" and getattr(picture, "is_animated", False):
        logger.warning("%s has further frames; the first alone is read", source.name)
    if source.format == "png":
        # Pillow takes what it needs and does not look at the checksums of the pixels.
        picture.verify()
        picture = open_picture(source)
        if _has_chunk(source, b"cICP"):
            picture.info.pop("gamma", None)  # which it overrules, and Pillow does not know it
        if png_is_deep(picture):
            plane = png_plane(source, picture)
            attachments = picture_attachments(picture, source.name)
            return _plane_samples(plane, attachments, source.name), attachments
    decoded = decode_picture(picture, source.name)
    if source.format == "jpeg":
        check_whole(source, picture)
    return decoded


def decode_picture(picture: Image.Image, name: str) -> tuple[Samples, Attachments]:
    """Decodes a Pillow picture of any mode."""
    key = _scaled_key(picture)
    load(picture)
    check_size(picture.width, picture.height, name)
    attachments = picture_attachments(picture, name)
    return _picture_samples(picture, attachments, name, key), attachments


def _scaled_key(picture: Image.Image) -> int | None:
    """The transparent gray of an unread PNG of 2 or 4 bits as Pillow scales the samples: it leaves the key as it is."""
    raw_mode = str(tile[0].args) if (tile := getattr(picture, "tile", None)) else ""
    top = {"L;2": 3, "L;4": 15}.get(raw_mode)
    key = picture.info.get("transparency")
    return (key & top) * 255 // top if top and isinstance(key, int) else None


def decode_array(array: npt.NDArray[Any]) -> Samples:
    """Samples of an (H, W), (H, W, 3) or (H, W, 4) array.

    Raises:
        InputError: the array has another shape or type, or values outside its range.
    """
    name = "the given array"
    grid = array[..., np.newaxis] if array.ndim == 2 else array
    if grid.ndim != 3 or grid.shape[2] not in (1, 3, 4) or 0 in grid.shape:
        raise InputError(f"{name} has the shape {array.shape}; give (H, W), (H, W, 3) or (H, W, 4)")
    check_size(grid.shape[1], grid.shape[0], name)
    if grid.dtype.kind not in "buf":
        raise InputError(f"{name} holds {grid.dtype}; give uint8, uint16 or float in [0, 1]")
    return Samples(
        grid.shape[1],
        grid.shape[0],
        "gray" if grid.shape[2] == 1 else "rgb",
        sample_bits(grid.dtype),
        grid.shape[2] == 4,
        lambda top, bottom: full_range(grid[top:bottom], name),
    )


def _has_chunk(source: Source, name: bytes) -> bool:
    """Whether a PNG has a chunk before its pixels."""
    source.stream.seek(8)
    while len(head := source.stream.read(8)) == 8 and head[4:] != b"IDAT":
        if head[4:] == name:
            return True
        source.stream.seek(int.from_bytes(head[:4], "big") + 4, 1)
    return False


def _decode_tiff(source: Source) -> tuple[Samples, Attachments]:
    try:
        directory = exif.read_tiff(source.stream)
    except ValueError as error:
        raise CorruptImage(f"{source.name} is broken or cut short ({error}); get a whole copy of it") from error
    preview = (directory.integer(_SUBFILE_TYPE) or 0) & 1 and _SUB_IFDS in directory.entries
    if _DNG_VERSION in directory.entries or directory.integer(_PHOTOMETRIC) in _SENSOR or preview:
        raise UnsupportedFormat(f"{source.name} is a camera's raw file; develop it to a TIFF or JPEG first")
    if _has_further_pages(source, directory):
        logger.warning("%s has further pages; the first alone is read", source.name)
    attachments = tiff_attachments(directory)
    if attachments.orientation != 1:
        source = _stored_upright(source, directory)
    try:
        picture = open_picture(source)
    except CorruptImage as error:
        # Pillow knows fewer kinds of TIFF than tifffile does.
        if not isinstance(error.__cause__, UnidentifiedImageError):
            raise
        return _plane_samples(tiff_plane(source), attachments, source.name), attachments
    if tiff_is_deep(picture):
        return _plane_samples(tiff_plane(source), attachments, source.name), attachments
    load(picture)
    return _picture_samples(picture, attachments, source.name), attachments


def _has_further_pages(source: Source, directory: exif.Directory) -> bool:
    """Whether a directory follows that is no smaller copy. What leads back, or never ends, is not followed."""
    seen = {directory.at}
    following = exif.next_directory(source.stream, directory)
    while following is not None and following.at not in seen and len(seen) < _MOST_COPIES:
        if not (following.integer(_SUBFILE_TYPE) or 0) & 1:
            return True
        seen.add(following.at)
        following = exif.next_directory(source.stream, following)
    return False


def _stored_upright(source: Source, directory: exif.Directory) -> Source:
    """A copy of a TIFF without its orientation: Pillow would apply it to some kinds of TIFF and not to others."""
    source.stream.seek(0)
    data = bytearray(source.stream.read())
    exif.set_upright(data, directory)
    packet = directory.entries.get(XMP_TAG)
    if packet is not None:
        data[packet.at : packet.at + len(packet.value)] = xmp.set_upright(packet.value)
    return replace(source, stream=io.BytesIO(data))


def _picture_samples(picture: Image.Image, attachments: Attachments, name: str, key: int | None = None) -> Samples:
    """Samples of a loaded picture; `key` is its transparent gray where that is not the one that Pillow knows."""
    if picture.mode in _DEEP_GRAY:
        return _plane_samples(_deep_gray(picture, name), attachments, name)
    base = _BASE.get(picture.mode, "RGB")
    profile = _profile(attachments, {"L": "gray"}.get(base, base.lower()), name)
    alpha = picture.has_transparency_data
    width, height = picture.size
    if profile is not None and profile.light is None:
        # A gray picture may carry a profile of colours: it is the neutral axis of these.
        source_mode = "RGB" if profile.space == "rgb" else base
        transform = icc.transform_to_srgb(profile, source_mode)

        def convert(strip: Image.Image) -> Image.Image:
            return icc.srgb_picture(strip.convert(source_mode), transform)

        return Samples(width, height, "rgb", 8, alpha, _picture_rows(picture, convert, alpha, key))
    space = profile.light if profile is not None and profile.light is not None else SRGB
    if base == "LAB":
        lightness = _picture_rows(picture, lambda strip: strip.getchannel("L"), False)
        return Samples(width, height, "gray", 8, False, lightness, _LAB)
    layout: Literal["gray", "rgb"] = "gray" if base == "L" else "rgb"
    target = "L" if base == "L" else "RGB"
    return Samples(
        width, height, layout, 8, alpha, _picture_rows(picture, lambda s: s.convert(target), alpha, key), space
    )


def _picture_rows(
    picture: Image.Image, convert: Callable[[Image.Image], Image.Image], alpha: bool, key: int | None = None
) -> Callable[[int, int], npt.NDArray[Any]]:
    width = picture.width
    with_alpha = "LA" if _BASE.get(picture.mode) == "L" else "RGBA"

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        strip = picture.crop((0, top, width, bottom))
        if not alpha:
            return np.asarray(convert(strip)).reshape(bottom - top, width, -1)
        if key is not None:
            strip.info["transparency"] = key
        strip = strip.convert(with_alpha)
        opacity = strip.getchannel("A")
        color = np.asarray(convert(strip)).reshape(bottom - top, width, -1)
        return np.concatenate([color, np.asarray(opacity)[..., np.newaxis]], axis=-1)

    return rows


def _deep_gray(picture: Image.Image, name: str) -> Plane:
    key = picture.info.get("transparency")
    keyed = isinstance(key, int) and picture.mode != "F"

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        strip = np.asarray(picture.crop((0, top, picture.width, bottom)))[..., np.newaxis]
        samples = full_range(strip, name)
        return with_key(samples, int(key)) if keyed else samples  # type: ignore[arg-type]

    return Plane((picture.height, picture.width), "gray", 16, keyed, rows)


def _plane_samples(plane: Plane, attachments: Attachments, name: str) -> Samples:
    """Samples of rows that did not come from a picture of 8 bits."""
    layout: Literal["gray", "rgb"] = "gray" if plane.layout == "gray" else "rgb"
    height, width = plane.shape
    if plane.layout in ("lab", "icclab"):
        # L* fills 16 bits in TIFF's CIELAB; in ICC's it ends at 0xFF00.
        scale = 65535 / 65280 if plane.layout == "icclab" and plane.bits == 16 else 1.0
        space = LightSpace((lambda sample: icc.lightness_to_light(np.minimum(sample * np.float32(scale), 1)),))
        return Samples(width, height, "gray", plane.bits, False, lambda t, b: plane.rows(t, b)[..., :1], space)
    profile = _profile(attachments, plane.layout, name)
    if profile is not None and profile.light is not None:
        return Samples(width, height, layout, plane.bits, plane.alpha, plane.rows, profile.light)
    if profile is None and plane.layout != "cmyk":
        return Samples(width, height, layout, plane.bits, plane.alpha, plane.rows)
    if profile is not None and plane.bits != 16:
        raise UnsupportedFormat(f"{name} has an ICC profile and a layout that are not read together; save it as RGB")

    def rows(top: int, bottom: int) -> npt.NDArray[Any]:
        strip = plane.rows(top, bottom)
        color = strip[..., : strip.shape[-1] - plane.alpha]
        if profile is None:
            color = _plain_cmyk(color)
        else:
            if color.shape[-1] == 1 and profile.space == "rgb":
                color = np.repeat(color, 3, axis=-1)
            color = icc.deep_transform(profile, color, name)
        return np.concatenate([color, strip[..., -1:]], axis=-1) if plane.alpha else color

    return Samples(width, height, "rgb", plane.bits, plane.alpha, rows)


def _plain_cmyk(ink: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """CMYK without a profile, as Pillow and most programs take it: (1 - C)(1 - K)."""
    top = np.iinfo(ink.dtype).max
    paper = (top - ink).astype(np.uint32)
    return ((paper[..., :3] * paper[..., 3:] + top // 2) // top).astype(ink.dtype)


def _profile(attachments: Attachments, layout: str, name: str) -> icc.Profile | None:
    """The profile if it is sound and fits the picture; otherwise None, and the log says why. None for sRGB too."""
    if not attachments.profile:
        return icc.gamma_profile(attachments.gamma, layout) if attachments.gamma else None
    try:
        profile = icc.parse_profile(attachments.profile)
    except icc.BrokenProfile as error:
        logger.warning("%s: %s; taken as sRGB", name, error)
        return None
    if profile.space != layout and (profile.space, layout) != ("rgb", "gray"):
        logger.warning("%s: an ICC profile of %s does not fit a picture of %s; ignored", name, profile.space, layout)
        return None
    return None if profile.light is SRGB else profile
