"""Bad weight files: one clear line, exit code 4, nothing left behind, nothing executed."""

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")
pytest.importorskip("onnxscript")

from photochrom.cli.main import main  # noqa: E402
from photochrom.networks.caffemodel import net_parameter  # noqa: E402
from photochrom.networks.eccv16 import Eccv16  # noqa: E402
from photochrom.networks.siggraph17 import Siggraph17  # noqa: E402


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    monkeypatch.setenv("PHOTOCHROM_MODELS", str(folder))
    return folder


def import_as(path: Path, name: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["models", "import", str(path), "--as", name, *options])


def assert_refused(result: Result, models: Path, *words: str) -> None:
    assert result.exit_code == 4, result.output
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    left = [path.name for path in models.rglob("*")] if models.exists() else []
    assert not [name for name in left if not name.endswith(".lock")]


def small_state(network: object) -> dict[str, object]:
    """A state of the right shapes that takes no room: every tensor is one value, repeated."""
    shapes = network.state_dict()  # type: ignore[attr-defined]
    return {key: torch.zeros((), dtype=value.dtype).expand(value.shape) for key, value in shapes.items()}


def saved(path: Path, state: object) -> Path:
    torch.save(state, path)
    return path


class Poison:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize("zipped", [True, False])
def test_pickle_with_code_is_refused_and_its_code_is_not_run(tmp_path: Path, models: Path, zipped: bool) -> None:
    witness = tmp_path / "witness"
    path = tmp_path / "poisoned.pth"
    poisoned = {"model1.0.weight": Poison(f"echo run > {witness}")}
    torch.save(poisoned, path, _use_new_zipfile_serialization=zipped)
    assert_refused(import_as(path, "eccv16"), models, str(path), "nothing of it was executed")
    assert not witness.exists()
    torch.load(path, weights_only=False)  # the poison works where it is let
    assert witness.exists()


def test_bare_pickle_is_refused(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "bare.pth"
    path.write_bytes(pickle.dumps({"model1.0.weight": Poison("exit 1")}))
    assert_refused(import_as(path, "eccv16"), models, str(path))


def random_bytes() -> bytes:
    return np.random.default_rng(3).bytes(5000)


def text_page() -> bytes:
    return b"<!DOCTYPE html><html><body>Not found</body></html>"


def empty_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


def cut_pytorch_file() -> bytes:
    stream = io.BytesIO()
    torch.save(small_state(Eccv16()), stream)
    return stream.getvalue()[:-3000]


def cut_safetensors() -> bytes:
    return bytes(safetensors_torch.save({"model1.0.weight": torch.zeros(64, 1, 3, 3)}))[:-100]


def cut_caffemodel() -> bytes:
    net = net_parameter()()
    net.layer.add(name="s_conv1", type="Convolution").blobs.add().data.extend([0.5] * 5000)
    return bytes(net.SerializeToString()[:-100])


def other_caffemodel() -> bytes:
    net = net_parameter()()
    blob = net.layer.add(name="fc6", type="InnerProduct").blobs.add()
    blob.shape.dim.extend([2, 3])
    blob.data.extend([0.5] * 6)
    return bytes(net.SerializeToString())


def caffemodel_with_a_wrong_shape() -> bytes:
    net = net_parameter()()
    blob = net.layer.add(name="s_conv1", type="Convolution").blobs.add()
    blob.shape.dim.extend([1 << 40, 1 << 20])
    blob.data.extend([0.5] * 6)
    return bytes(net.SerializeToString())


@pytest.mark.parametrize("network", ["eccv16", "siggraph17", "siggraph17-global"])
@pytest.mark.parametrize(
    "content",
    [
        random_bytes, text_page, bytes, empty_zip, cut_pytorch_file, cut_safetensors, cut_caffemodel, other_caffemodel,
        caffemodel_with_a_wrong_shape,
    ],
)  # fmt: skip
def test_file_that_is_no_such_network_is_refused(
    tmp_path: Path, models: Path, content: Callable[[], bytes], network: str
) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(content())
    assert_refused(import_as(path, network), models, str(path))


def test_missing_file_is_refused(tmp_path: Path, models: Path) -> None:
    assert_refused(import_as(tmp_path / "none.pth", "eccv16"), models, "none.pth", "no such file")


def test_folder_or_empty_file_is_refused_as_what_it_is(tmp_path: Path, models: Path) -> None:
    assert_refused(import_as(tmp_path, "eccv16"), models, "a folder, not a file")
    (tmp_path / "empty.pth").touch()
    assert_refused(import_as(tmp_path / "empty.pth", "eccv16"), models, "empty.pth: empty")


def test_mislabelled_file_is_told_by_its_right_name(tmp_path: Path, models: Path) -> None:
    path = saved(tmp_path / "weights.pth", small_state(Siggraph17(0)))
    assert_refused(import_as(path, "eccv16"), models, "import it --as siggraph17")


def test_wrong_shape_is_named(tmp_path: Path, models: Path) -> None:
    state = small_state(Eccv16()) | {"model8.6.bias": torch.zeros(312)}
    path = saved(tmp_path / "weights.pth", state)
    assert_refused(import_as(path, "eccv16"), models, "model8.6.bias has the shape (312,) instead of (313,)")


def test_missing_and_foreign_keys_are_named(tmp_path: Path, models: Path) -> None:
    state = small_state(Eccv16())
    path = saved(tmp_path / "weights.pth", {**state, "extra": torch.zeros(1)})
    assert_refused(import_as(path, "eccv16"), models, "foreign extra")
    del state["model_out.weight"]
    saved(path, state)
    assert_refused(import_as(path, "eccv16"), models, "has no model_out.weight")


def test_values_that_are_not_finite_are_refused(tmp_path: Path, models: Path) -> None:
    state = small_state(Eccv16()) | {"model1.0.bias": torch.full((64,), torch.nan)}
    path = saved(tmp_path / "weights.pth", state)
    assert_refused(import_as(path, "eccv16"), models, "model1.0.bias holds values that are not finite")


def test_table_of_other_things_is_refused(tmp_path: Path, models: Path) -> None:
    path = saved(tmp_path / "run.pth", {"epoch": 3, "state_dict": small_state(Eccv16())})
    assert_refused(import_as(path, "eccv16"), models, "no plain table of weights")


def test_siggraph17_is_not_read_from_another_caffemodel(tmp_path: Path, models: Path) -> None:
    path = tmp_path / "net.caffemodel"
    path.write_bytes(other_caffemodel())
    assert_refused(import_as(path, "siggraph17"), models, "from its PyTorch file")


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/b", "a\\b", "Eccv16", "..", "", "con.json", "x" * 65])
@pytest.mark.parametrize("command", ["import", "pull", "export"])
def test_names_that_look_like_paths_are_refused(tmp_path: Path, models: Path, command: str, name: str) -> None:
    path = saved(tmp_path / "weights.pth", {})
    arguments = ["import", str(path), "--as", name] if command == "import" else [command, name]
    assert_refused(CliRunner().invoke(main, ["models", *arguments]), models, "is no model's name")


def test_embedded_network_is_not_replaced(tmp_path: Path, models: Path) -> None:
    assert_refused(import_as(saved(tmp_path / "weights.pth", {}), "compact"), models, "the package's own network")


def test_pulling_the_embedded_network_is_told_that_it_is_here(models: Path) -> None:
    assert_refused(CliRunner().invoke(main, ["models", "pull", "compact"]), models, "compact is inside the package")


def test_settings_of_other_networks_are_refused(tmp_path: Path, models: Path) -> None:
    path = saved(tmp_path / "weights.pth", small_state(Eccv16()))
    assert_refused(import_as(path, "eccv16", "--mask-cent", "0.5"), models, "siggraph17")
    for temperature in ("-1", "0"):
        refused = import_as(path, "eccv16", "--temperature", temperature)
        assert_refused(refused, models, "temperature must be a number above 0")


def test_old_weights_stay_when_new_ones_are_refused(tmp_path: Path, models: Path) -> None:
    models.mkdir()
    (models / "eccv16.json").write_text("old", "utf-8")
    path = tmp_path / "weights.pth"
    path.write_bytes(random_bytes())
    assert import_as(path, "eccv16").exit_code == 4
    assert (models / "eccv16.json").read_text("utf-8") == "old"
