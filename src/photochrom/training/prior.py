"""The colour prior: how often each of the 313 bins occurs in photographs, smoothed, and the weights it gives (2016)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from photochrom import color
from photochrom.errors import InputError
from photochrom.images.atomic import whole_file

from .config import Rebalanced
from .data import find_images, shuffled, try_decode
from .tensors import BinTable, cell_means, rgb_to_lab

SMOOTHING = 5.0  # Lab units; the Gaussian's standard deviation
_CELL = 4  # pixels; colours are means over cells
_FORMAT = 1
_ENOUGH = 4096  # pictures settle the prior of a run
_AT_ONCE = 64

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prior:
    """A measured prior.

    Attributes:
        shares: (313,), the share of each bin among the cells, sums to 1.
        pictures: how many were measured. size: their side.
    """

    shares: Shares
    pictures: int
    size: int

    @property
    def smoothed(self) -> Shares:
        """The shares after smoothing over ab, which is what rebalancing takes."""
        return color.smooth_prior(self.shares, SMOOTHING)


def measure(batches: Iterable[npt.NDArray[np.uint8]], bins: BinTable) -> Prior:
    """The prior of pictures, which come in batches (N, S, S, 3); every picture counts alike.

    Raises:
        InputError: there is no picture, or none that can be decoded.
    """
    total, count, size = np.zeros(313), 0, 0
    for batch in batches:
        rgb = torch.from_numpy(batch).to(bins.device).permute(0, 3, 1, 2).float() / 255
        cells = cell_means(rgb_to_lab(rgb)[:, 1:], _CELL)
        total += bins.histogram(cells).double().sum(dim=0).cpu().numpy()
        count, size = count + len(batch), batch.shape[1]
    if not count:
        raise InputError("a colour prior needs photographs, and not one can be decoded")
    return Prior(total / count, count, size)


def prior_of_images(sources: Sequence[Path], size: int, advance: Callable[[int, int], None]) -> tuple[Prior, int]:
    """The prior of all photographs in folders and tar archives, and how many of these could not be decoded.

    Args:
        sources: see `find_images`.
        size: side of the middle squares to which they are reduced, a multiple of 4.
        advance: told how many photographs are done, and of how many.

    Raises:
        InputError: a source cannot be read, or not one photograph can.
    """
    members = find_images(sources)

    def batches() -> Iterator[npt.NDArray[np.uint8]]:
        with ThreadPoolExecutor() as pool:
            for start in range(0, len(members), _AT_ONCE):
                part = members[start : start + _AT_ONCE]
                pictures = [p for p in pool.map(lambda m: try_decode(m, size), part) if p is not None]
                if pictures:
                    yield np.stack(pictures)
                advance(start + len(part), len(members))

    measured = measure(batches(), BinTable(torch.device("cpu")))
    return measured, len(members) - measured.pictures


def write_prior(prior: Prior, path: Path) -> None:
    """Writes the prior as ``.json`` (shares, smoothed shares and origin) or ``.npy`` (the smoothed shares alone).

    Raises:
        InputError: the name has another ending, or the file cannot be written.
    """
    check_name(path)
    with whole_file(path, overwrite=True) as file:
        if path.suffix == ".npy":
            np.save(file, prior.smoothed)
            return
        table = {"photochrom_prior": _FORMAT, "pictures": prior.pictures, "size": prior.size, "smoothing": SMOOTHING}
        shares = {"prior": prior.shares.tolist(), "smoothed": prior.smoothed.tolist()}
        file.write(json.dumps(table | shares).encode() + b"\n")


def check_name(path: Path) -> None:
    """Refuses names that `write_prior` and `read_prior` do not know.

    Raises:
        InputError: the name ends neither in .json nor in .npy.
    """
    if path.suffix not in (".json", ".npy"):
        raise InputError(f"{path}: a colour prior is a .json or .npy file")


def read_prior(path: Path) -> Shares:
    """The smoothed shares (313,) of a file that `write_prior` wrote.

    Raises:
        InputError: the file is missing or holds something else.
    """
    check_name(path)
    try:
        if path.suffix == ".json":
            shares = np.asarray(json.loads(path.read_text(encoding="utf-8"))["smoothed"], np.float64)
        else:
            shares = np.asarray(np.load(path, allow_pickle=False), np.float64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, TypeError, KeyError, EOFError) as error:
        raise InputError(f"{path}: not a colour prior; make one with: photochrom prior DATASET") from error
    if shares.shape != (313,) or not np.isfinite(shares).all() or shares.min() < 0 or abs(shares.sum() - 1) > 1e-4:
        raise InputError(f"{path}: a colour prior is 313 shares that sum to 1; make one with: photochrom prior DATASET")
    return shares


def class_weights(config: Rebalanced, root: Path, pictures: npt.NDArray[np.uint8], bins: BinTable) -> Tensor:
    """A run's rebalancing weights (313,), from its file of a prior or from a few thousand of its pictures.

    Raises:
        InputError: the file cannot be used.
    """
    if config.prior:
        smoothed = read_prior(root / config.prior)
    else:
        sample = np.sort(shuffled(len(pictures), 0, config.seed)[:_ENOUGH])
        parts = np.array_split(sample, max(1, len(sample) // _AT_ONCE))
        smoothed = measure((pictures[part] for part in parts), bins).smoothed
    weights = color.rebalancing_weights(smoothed, config.uniform_share)
    return torch.as_tensor(weights, dtype=torch.float32, device=bins.device)
