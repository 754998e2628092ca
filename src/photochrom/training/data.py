"""Photographs for training and validation: decoded once, then read at random.

A source is a folder of images or a tar archive of images (WebDataset shards are such archives). Every image is decoded
once into one memory-mapped array of small RGB pictures, so that a run on two cores, or on a GPU that outpaces them,
never waits for a decoder, and so that a resumed run sees the same pictures in the same order.
"""

from __future__ import annotations

import functools
import hashlib
import io
import logging
import tarfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from photochrom.errors import InputError

_log = logging.getLogger("photochrom")
_GRAY = 8  # steps of 255 by which red, green and blue of a gray picture may differ, through compression
_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".avif"}


@dataclass(frozen=True)
class Member:
    """One encoded image: a whole file, or a span of bytes of an uncompressed tar archive."""

    path: Path
    offset: int = 0
    length: int = -1

    def read(self) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.length)


def find_images(sources: Sequence[Path]) -> list[Member]:
    """All images of folders (recursively) and tar archives, in a fixed order.

    Raises:
        InputError: a source does not exist, is no uncompressed tar, or there is no image at all.
    """
    members = [member for source in sources for member in _images_of(source)]
    if not members:
        raise InputError(f"no images in {', '.join(map(str, sources)) or 'an empty list of sources'}")
    return members


def _images_of(source: Path) -> Iterator[Member]:
    if source.is_dir():
        files = sorted(p for p in source.rglob("*") if p.is_file())
        for path in files:
            if path.suffix.lower() in _SUFFIXES:
                yield Member(path)
            elif path.suffix == ".tar":
                yield from _images_of(path)
        return
    if not source.exists():
        raise InputError(f"{source} does not exist; put photographs there, or correct the path")
    try:
        with tarfile.open(source, "r:") as archive:
            for entry in archive:
                if entry.isfile() and Path(entry.name).suffix.lower() in _SUFFIXES:
                    yield Member(source, entry.offset_data, entry.size)
    except (OSError, tarfile.TarError) as error:
        raise InputError(f"{source}: neither a folder nor an uncompressed tar archive ({error})") from error


def decode_square(encoded: bytes, size: int, *, squash: bool = False) -> npt.NDArray[np.uint8]:
    """An image as RGB (size, size, 3): the middle square, or squashed to a square (the siggraph17 protocol)."""
    with Image.open(io.BytesIO(encoded)) as image:
        image.draft("RGB", (size, size))
        rgb = ImageOps.exif_transpose(image).convert("RGB")
    if squash:
        rgb = rgb.resize((size, size), Image.Resampling.BICUBIC)
    elif rgb.size != (size, size):
        rgb = ImageOps.fit(rgb, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(rgb)


def decoded(members: Sequence[Member], size: int, cache: Path, *, squash: bool = False) -> npt.NDArray[np.uint8]:
    """All images as one array (N, size, size, 3), decoded on the first call and memory-mapped afterwards.

    Images that cannot be decoded are left out, with a warning.

    Raises:
        InputError: not one of them can be decoded.
    """
    key = hashlib.sha256(repr((size, squash, [(str(m.path), m.offset, m.length) for m in members])).encode())
    path = cache / f"decoded-{key.hexdigest()[:16]}.npy"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _decode_all(members, size, path, squash)
    mapped: npt.NDArray[np.uint8] = np.load(path, mmap_mode="c")  # PyTorch takes no array that cannot be written to
    return mapped


def has_color(pictures: npt.NDArray[np.uint8]) -> bool:
    """Whether anything is coloured in pictures (N, S, S, 3), judged by a few hundred of them."""
    sample = pictures[:: max(1, len(pictures) // 256)]
    return any(bool((np.ptp(picture, axis=2) > _GRAY).any()) for picture in sample)


def on_device(pictures: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """Pictures (N, S, S, 3) as a tensor: on the device, if they take no more than a quarter of it, else as they lie."""
    stock = torch.from_numpy(pictures)
    if device.type != "cuda" or stock.nbytes > torch.cuda.get_device_properties(device).total_memory / 4:
        return stock
    return stock.to(device)


def try_decode(member: Member, size: int, *, squash: bool = False) -> npt.NDArray[np.uint8] | None:
    """An image as `decode_square` gives it, or None, with a warning, if it cannot be decoded."""
    try:
        return decode_square(member.read(), size, squash=squash)
    except MemoryError:
        raise
    except Exception as error:  # decoders answer broken bytes with errors of any class
        reason = "it is no picture that can be read" if isinstance(error, UnidentifiedImageError) else error
        place = f", at byte {member.offset}" if member.offset else ""
        _log.warning("%s%s is left out: %s", member.path, place, reason)
        return None


def _decode_all(members: Sequence[Member], size: int, path: Path, squash: bool) -> None:
    decode = functools.partial(try_decode, size=size, squash=squash)
    partial = path.with_suffix(".partial")
    pictures = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(members), size, size, 3))
    kept = 0
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(members), 1024):  # bounded, so that finished pictures do not pile up
            for picture in pool.map(decode, members[start : start + 1024]):
                if picture is not None:
                    pictures[kept] = picture
                    kept += 1
    pictures.flush()
    shorter = partial.with_suffix(".shorter.npy")
    if 0 < kept < len(members):
        np.save(shorter, pictures[:kept])
    del pictures  # no system but Unix renames or removes a mapped file
    if kept == len(members):
        partial.replace(path)
        return
    partial.unlink()
    if not kept:
        raise InputError(f"none of the {len(members)} images can be decoded, {members[0].path} for one")
    shorter.replace(path)


def shuffled(count: int, epoch: int, seed: int) -> npt.NDArray[np.int64]:
    """The order of the pictures in an epoch: the same for every process and after every resumption."""
    return np.random.default_rng((seed, epoch)).permutation(count)
