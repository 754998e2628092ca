"""Validation during a run: the protocol's hints in both forms, and what each network's recipe shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from skimage import metrics

from photochrom.hints import Reference
from photochrom.training.config import CONFIGS, PublishedData
from photochrom.training.recipes import global_hints, new_recipe
from photochrom.training.tensors import lab_to_rgb8, rgb_to_lab
from photochrom.training.validate import PATCH, SIDE, protocol_hints, protocol_patches, sample_sheet, validate

Pictures = npt.NDArray[np.uint8]
CPU = torch.device("cpu")
PUBLISHED = ("eccv16", "siggraph17", "siggraph17-global")


@pytest.fixture
def pictures() -> Pictures:
    """Two pictures (2, 256, 256, 3) of smooth colours."""
    rng = np.random.default_rng(0)
    coarse = [Image.fromarray(rng.integers(0, 256, (3, 3, 3), dtype=np.uint8)) for _ in range(2)]
    return np.stack([np.asarray(c.resize((SIDE, SIDE), Image.Resampling.BICUBIC)) for c in coarse])


@pytest.mark.parametrize("count", [0, 1, 10])
def test_patches_are_the_listed_hints_as_pictures(count: int) -> None:
    ab = torch.randn(3, 2, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    hints = protocol_hints(ab, count)
    shown, mask = protocol_patches(ab, count)
    assert mask.sum() <= 3 * count * PATCH**2 and (count == 0) == (not mask.any())
    for i in range(3):
        for (y, x), color in zip((hints.position[i, :count] * SIDE).tolist(), hints.ab[i], strict=False):
            assert mask[i, 0, int(y), int(x)] == 1
            if count == 1:  # several may overlap
                torch.testing.assert_close(shown[i, :, int(y), int(x)], color)
    assert not (shown * (1 - mask)).any()


@pytest.mark.parametrize("network", PUBLISHED)
def test_published_networks_are_judged_and_shown(tmp_path: Path, pictures: Pictures, network: str) -> None:
    config = replace(CONFIGS[network](), data=PublishedData(size=32, validation_network_size=64))
    recipe = new_recipe(config, tmp_path, pictures, CPU)
    model = recipe.new_network().eval()
    found = validate(recipe, model, pictures, CPU)
    rgb = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    names = set(recipe.predictions(model, rgb, rgb_to_lab(rgb)))
    assert found.keys() == names | {"gray", "colorfulness"} and {recipe.lively, *recipe.sheet} <= names
    gray = rgb_to_lab(rgb)
    gray[:, 1:] = 0
    expected = [
        metrics.peak_signal_noise_ratio(  # type: ignore[no-untyped-call]
            p, q.permute(1, 2, 0).byte().numpy(), data_range=255
        )
        for p, q in zip(pictures, lab_to_rgb8(gray), strict=True)
    ]
    assert found["gray"] == pytest.approx(np.mean(expected), abs=0.01)
    sample_sheet(recipe, model, pictures, CPU, tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == ((2 + len(recipe.sheet)) * SIDE, 2 * SIDE)


def test_references_of_the_judgement_are_the_pictures_own(tmp_path: Path, pictures: Pictures) -> None:
    given: dict[str, tuple[torch.Tensor, ...]] = {}

    class Watching(torch.nn.Module):
        def forward(self, L: torch.Tensor, *statistics: torch.Tensor) -> torch.Tensor:
            given[list(global_hints._GIVEN)[len(given)]] = statistics
            return torch.zeros(len(L), 2, 8, 8)

    recipe = new_recipe(CONFIGS["siggraph17-global"](), tmp_path, pictures, CPU)
    rgb = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    recipe.predictions(Watching(), rgb, rgb_to_lab(rgb))
    for name, (first, second) in {"automatic": (0, 0), "histogram": (1, 0), "both": (1, 1)}.items():
        histogram, histogram_given, saturation, saturation_given = given[name]
        assert histogram_given.flatten().tolist() == [first] * 2 and saturation_given.flatten().tolist() == [second] * 2
        for i in range(2):
            reference = Reference.from_picture(pictures[i])
            assert reference.histogram is not None and reference.saturation is not None
            assert np.abs(histogram[i].numpy() - reference.histogram).sum() < 0.03
            assert saturation[i].item() == pytest.approx(reference.saturation, abs=1e-3)
