"""The ComfyUI node, loaded and called as ComfyUI does; ComfyUI itself is not needed."""

import importlib.util
import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from photochrom import Colorizer, Hint, InvalidHint
from photochrom.color import srgb_to_lab

torch = pytest.importorskip("torch")


@pytest.fixture(scope="module")
def node_class(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The node, out of a folder of custom nodes; ComfyUI names its module by the path."""
    folder = tmp_path_factory.mktemp("ComfyUI.app") / "custom_nodes" / "photochrom_nodes"
    shutil.copytree(repository / "integrations" / "comfyui" / "photochrom_nodes", folder)
    name = str(folder).replace(".", "_x_")
    spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    assert module.NODE_CLASS_MAPPINGS.keys() == module.NODE_DISPLAY_NAME_MAPPINGS.keys()
    yield module.NODE_CLASS_MAPPINGS["PhotochromColorize"]
    for loaded in [loaded for loaded in sys.modules if loaded.startswith(name)]:
        del sys.modules[loaded]


@pytest.fixture
def node(node_class: Any) -> Iterator[Any]:
    """Called as ComfyUI calls it: by the name in FUNCTION, without gradients."""
    with torch.inference_mode():
        yield getattr(node_class(), node_class.FUNCTION)


@pytest.fixture(scope="module")
def church(examples_dir: Path) -> npt.NDArray[np.float32]:
    """(1, H, W, 3), as the node Load Image gives it."""
    with Image.open(examples_dir / "white_church.jpg") as image:
        return np.asarray(image.convert("RGB"), np.float32)[np.newaxis] / np.float32(255)


def test_inputs_that_are_offered_are_those_that_are_taken(node_class: Any) -> None:
    inputs = node_class.INPUT_TYPES()
    offered = {**inputs["required"], **inputs["optional"]}
    taken = inspect.signature(node_class.colorize).parameters
    assert list(offered) == [name for name in taken if name != "self"]
    for name, (_, *about) in offered.items():
        assert name == "image" or taken[name].default == about[0]["default"]
    assert node_class.RETURN_TYPES == ("IMAGE",)


def test_colours_are_those_of_the_package_at_its_full_depth(node: Any, church: Any, examples_dir: Path) -> None:
    (coloured,) = node(image=torch.from_numpy(church), decode="accurate", saturation=1.2, hints_file="")
    assert coloured.dtype == torch.float32 and coloured.shape == church.shape
    work = Colorizer().open(church[0])
    expected = work.render(decode="accurate", saturation=1.2).pixels()
    assert np.array_equal(np.rint(coloured[0].numpy() * 65535), expected)


def test_lightness_is_kept_and_colours_are_there(node: Any, church: Any) -> None:
    (coloured,) = node(image=torch.from_numpy(church))
    before, after = (srgb_to_lab(np.asarray(picture[0], np.float32)) for picture in (church, coloured))
    assert np.abs(after[..., 0] - before[..., 0]).max() < 0.02
    assert np.hypot(after[..., 1], after[..., 2]).mean() > 5


def test_pictures_of_a_batch_are_coloured_each_by_itself_and_always_alike(node: Any) -> None:
    batch = torch.from_numpy(np.random.default_rng(0).random((3, 40, 56, 1), np.float32)).expand(-1, -1, -1, 3)
    (together,) = node(image=batch)
    assert together.shape == (3, 40, 56, 3)
    for number in range(3):
        (alone,) = node(image=batch[number : number + 1])
        assert torch.equal(alone[0], together[number])


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 301), (257, 64), (33, 900)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_size_and_number_of_channels_gives_rgb_of_the_same_size(
    node: Any, height: int, width: int, channels: int
) -> None:
    gray = np.random.default_rng(1).random((1, height, width, 1), np.float32)
    picture = np.repeat(gray, channels, axis=-1)
    if channels in (2, 4):
        picture[..., -1] = 0.5  # alpha
    (coloured,) = node(image=torch.from_numpy(picture))
    (expected,) = node(image=torch.from_numpy(np.repeat(gray, 3, axis=-1)))
    assert coloured.shape == (1, height, width, 3)
    assert torch.equal(coloured, expected)


def test_values_out_of_range_are_bounded(node: Any) -> None:
    picture = torch.full((1, 8, 8, 3), 0.5)
    picture[0, 0], picture[0, 1], picture[0, 2] = 1.5, -0.5, float("nan")
    (coloured,) = node(image=picture.to(torch.float64))
    assert torch.isfinite(coloured).all() and coloured.min() >= 0 and coloured.max() <= 1
    white, black, nothing, gray = srgb_to_lab(coloured[0, :4].numpy())[..., 0]
    assert white.min() > 99.98 and max(black.max(), nothing.max()) < 0.02
    assert np.abs(gray - srgb_to_lab(np.full(3, 0.5))[0]).max() < 0.02


def test_input_is_left_as_it_was(node: Any) -> None:
    picture = torch.rand((1, 16, 16, 3), generator=torch.Generator().manual_seed(0))
    before = picture.clone()
    node(image=picture)
    assert torch.equal(picture, before)


def test_hints_of_a_session_are_honoured(node: Any, church: Any, tmp_path: Path) -> None:
    work = Colorizer().open(church[0])
    work.render([Hint(0.5, 0.8, "#406030", 0.05)], temperature=-3, saturation=0.7)
    work.session().save(tmp_path / "hints.json")
    (coloured,) = node(image=torch.from_numpy(church), saturation=1.0, hints_file=f" {tmp_path / 'hints.json'} ")
    expected = work.render([Hint(0.5, 0.8, "#406030", 0.05)], temperature=-3).pixels()
    assert np.array_equal(np.rint(coloured[0].numpy() * 65535), expected)
    (without,) = node(image=torch.from_numpy(church), saturation=1.0)
    assert not torch.equal(without, coloured)


def test_file_that_cannot_be_used_is_told_before_anything_runs(node_class: Any, node: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", "utf-8")
    for path in (tmp_path / "missing.json", broken):
        assert str(path) in node_class.VALIDATE_INPUTS(hints_file=str(path))
        with pytest.raises(InvalidHint):
            node(image=torch.zeros((1, 4, 4, 3)), hints_file=str(path))
    # ComfyUI gives None where another node's output will come.
    for nothing in ("", "  ", None):
        assert node_class.VALIDATE_INPUTS(hints_file=nothing) is True


def test_result_is_kept_until_the_file_changes(node_class: Any, tmp_path: Path) -> None:
    file = tmp_path / "hints.json"
    marks = set()
    for content in ("{}", "{} "):
        file.write_text(content, "utf-8")
        marks |= {node_class.IS_CHANGED(image=None, decode="vivid", saturation=1.0, hints_file=str(file)) for _ in "ab"}
    assert len(marks) == 2
    assert node_class.IS_CHANGED(image=None, hints_file=None) == node_class.IS_CHANGED(image=None, hints_file="")
