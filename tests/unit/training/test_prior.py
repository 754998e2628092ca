"""The colour prior against an independent computation in NumPy, and its files."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from skimage.color import rgb2lab

from photochrom import color
from photochrom.errors import InputError
from photochrom.training.config import Eccv16Config
from photochrom.training.data import decode_square
from photochrom.training.prior import Prior, class_weights, measure, prior_of_images, read_prior, write_prior
from photochrom.training.tensors import BinTable

MakePictures = Callable[[Path, int], list[Path]]
Shares = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def bins() -> BinTable:
    return BinTable(torch.device("cpu"))


def counted(pictures: npt.NDArray[np.uint8]) -> Shares:
    """The shares by scikit-image's Lab and the distances to all bins."""
    n, side = len(pictures), pictures.shape[1] // 4
    ab = rgb2lab(pictures / 255.0)[..., 1:].reshape(n, side, 4, side, 4, 2).mean(axis=(2, 4)).reshape(-1, 1, 2)
    nearest = np.linalg.norm(ab - color.ab_bins(), axis=-1).argmin(axis=-1)
    return np.bincount(nearest, minlength=313) / len(nearest)


def smoothed(shares: Shares) -> Shares:
    """Each bin's share spread over all bins by a Gaussian of 5 units that sums to 1."""
    total = np.zeros(313)
    for share, middle in zip(shares, color.ab_bins().astype(np.float64), strict=True):
        kernel = np.exp(-((color.ab_bins() - middle) ** 2).sum(axis=1) / 50)
        total += share * kernel / kernel.sum()
    return total


def nothing(done: int, total: int) -> None:
    pass


def test_prior_of_a_folder_is_the_share_of_each_bin_and_is_smoothed(
    tmp_path: Path, make_pictures: MakePictures
) -> None:
    paths = make_pictures(tmp_path / "in", 12)
    told: list[tuple[int, int]] = []
    found, left_out = prior_of_images([tmp_path / "in"], 64, lambda *progress: told.append(progress))
    expected = counted(np.stack([decode_square(p.read_bytes(), 64) for p in paths]))
    assert (found.pictures, left_out, found.size, told[-1]) == (12, 0, 64, (12, 12))
    # Colours on the border between two bins may fall to either.
    assert np.abs(found.shares - expected).sum() < 0.02
    np.testing.assert_allclose(found.smoothed, smoothed(found.shares), rtol=1e-5)
    assert found.shares.sum() == pytest.approx(1) == found.smoothed.sum()


def test_one_colour_is_one_bin_and_spreads_to_its_neighbours(bins: BinTable) -> None:
    orange = np.full((3, 8, 8, 3), (200, 120, 40), np.uint8)
    found = measure([orange[:1], orange[1:]], bins)
    place = int(color.nearest_bin(color.srgb_to_lab(orange[0, 0, 0] / 255.0)[1:]))
    assert found.shares[place] == 1 and found.pictures == 3
    far = np.linalg.norm(color.ab_bins() - color.ab_bins()[place], axis=1) > 30
    assert found.smoothed.argmax() == place and found.smoothed[far].max() < 1e-6


def test_broken_pictures_are_left_out_and_nothing_left_is_an_error(tmp_path: Path, make_pictures: MakePictures) -> None:
    paths = make_pictures(tmp_path / "in", 2)
    paths[0].write_bytes(b"broken")
    found, left_out = prior_of_images([tmp_path / "in"], 32, nothing)
    assert (found.pictures, left_out) == (1, 1)
    paths[1].write_bytes(b"broken")
    with pytest.raises(InputError, match="not one can be decoded"):
        prior_of_images([tmp_path / "in"], 32, nothing)


@pytest.fixture
def prior() -> Prior:
    shares = np.random.default_rng(0).random(313) ** 8
    return Prior(shares / shares.sum(), 7, 128)


@pytest.mark.parametrize("name", ["prior.json", "prior.npy"])
def test_file_holds_the_smoothed_shares_and_leaves_no_other(tmp_path: Path, prior: Prior, name: str) -> None:
    write_prior(prior, tmp_path / name)
    np.testing.assert_allclose(read_prior(tmp_path / name), smoothed(prior.shares), rtol=1e-5)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_json_tells_where_the_shares_come_from(tmp_path: Path, prior: Prior) -> None:
    write_prior(prior, tmp_path / "prior.json")
    table = json.loads((tmp_path / "prior.json").read_text(encoding="utf-8"))
    assert {k: table[k] for k in ("photochrom_prior", "pictures", "size", "smoothing")} == {
        "photochrom_prior": 1, "pictures": 7, "size": 128, "smoothing": 5.0,
    }  # fmt: skip
    np.testing.assert_array_equal(table["prior"], prior.shares)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.json", None, "cannot be read"),
        ("none.npy", None, "cannot be read"),
        ("a.json", b"{}", "not a colour prior"),
        ("a.json", b"[", "not a colour prior"),
        ("a.json", b'{"smoothed": ["x"]}', "not a colour prior"),
        ("a.json", b'{"smoothed": [0.5, 0.5]}', "313 shares that sum to 1"),
        ("a.npy", b"", "not a colour prior"),
        ("a.npy", b"\x93NUMPY broken", "not a colour prior"),
        ("a.txt", b"", "a colour prior is a .json or .npy file"),
    ],
)
def test_file_that_is_no_prior_is_named(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_prior(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("shares", [np.full(313, 1.0), np.full(313, np.nan), np.eye(313)[0] * 2 - np.eye(313)[1]])
def test_shares_that_are_no_distribution_are_refused(tmp_path: Path, shares: Shares) -> None:
    np.save(tmp_path / "a.npy", shares)
    with pytest.raises(InputError, match="313 shares that sum to 1"):
        read_prior(tmp_path / "a.npy")


def test_a_run_takes_the_prior_that_its_configuration_names(tmp_path: Path, prior: Prior, bins: BinTable) -> None:
    write_prior(prior, tmp_path / "prior.json")
    config = Eccv16Config(prior="prior.json", uniform_share=0.25)
    found = class_weights(config, tmp_path, np.zeros((0, 8, 8, 3), np.uint8), bins)
    p = smoothed(prior.shares)
    expected = 1 / (0.75 * p + 0.25 / 313)
    np.testing.assert_allclose(found, expected / (p * expected).sum(), rtol=1e-4)


def test_a_run_without_a_file_measures_its_pictures(bins: BinTable) -> None:
    picture = np.array(Image.radial_gradient("L").resize((32, 32)).convert("RGB"))
    pictures = np.stack([picture, picture * np.array([1, 0.6, 0.3])]).astype(np.uint8)
    found = class_weights(Eccv16Config(), Path(), pictures, bins)
    expected = color.rebalancing_weights(smoothed(counted(pictures)))
    np.testing.assert_allclose(found, expected, rtol=0.05)
