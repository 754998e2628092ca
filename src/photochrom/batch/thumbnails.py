"""The summary's small pictures: which photographs have one, what it shows, and where it lies in OUT."""

import hashlib
import heapq
import os
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PIL import Image

from photochrom.images import output_depth
from photochrom.pipeline import Result

SHOWN = 200
_FOLDER = ".photochrom"
A_THUMBNAIL = f"{_FOLDER}/of_no_photograph.jpg"  # it would lie where all do
_SIDE = 240


def shown(names: Iterable[str]) -> set[str]:
    """Names of the photographs that the summary shows: by their hashes, so that every run picks the same."""
    return set(heapq.nsmallest(SHOWN, names, key=_digest))


def thumbnail_name(name: str) -> str:
    """Where a photograph's thumbnail lies in OUT."""
    return f"{_FOLDER}/{_digest(name)[:32]}.jpg"


def before_and_after(result: Result, format: str) -> Image.Image:
    """A photograph and its result, small, side by side.

    Nothing is rendered at full size for it: of a result to be written with 16 bits only the small picture is coloured.
    """
    gray = result.photograph.gray
    before = _small(Image.fromarray(gray if gray.dtype == np.uint8 else (gray >> 8).astype(np.uint8)))
    if output_depth(result.photograph, format) == 8:
        after = _small(result.image)
    else:
        photograph = replace(result.photograph, gray=np.asarray(before), alpha=None)
        after = Result(photograph, result.ab, result.hints, result.saturation, result.temperature, result.model).image
    sheet = Image.new("RGB", (2 * before.width, before.height))
    sheet.paste(before)
    sheet.paste(after, (before.width, 0))
    return sheet


def _small(picture: Image.Image) -> Image.Image:
    """Means of whole squares first, since these are quick and need no copy of the picture."""
    small = picture.reduce(max(1, max(picture.size) // _SIDE))
    small.thumbnail((_SIDE, _SIDE))
    return small


def _digest(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()
