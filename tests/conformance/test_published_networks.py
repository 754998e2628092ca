"""The published networks against outputs of the authors' own programs, with weights made from names alone."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from reference_weights import caffe_layers, pytorch_keys, pytorch_state, write_caffemodel

torch = pytest.importorskip("torch")

from photochrom.color import ab_bins  # noqa: E402
from photochrom.networks.caffemodel import eccv16_state, global_hints_state, read_blobs  # noqa: E402
from photochrom.networks.eccv16 import Eccv16, upsample_ab  # noqa: E402
from photochrom.networks.global_hints import Siggraph17Global  # noqa: E402
from photochrom.networks.siggraph17 import CLASS_SHARPNESS, Siggraph17  # noqa: E402


@pytest.fixture(scope="module")
def reference(shared_dir: Path) -> Path:
    return shared_dir / "reference"


@pytest.fixture(autouse=True)
def no_grad() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def global_caffemodel(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("caffe") / "global_model.caffemodel"
    write_caffemodel(path, caffe_layers(reference))
    return path


def golden(reference: Path, network: str) -> dict[str, Any]:
    with np.load(reference / f"{network}_golden.npz") as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


def loaded(network: Any, state: dict[str, npt.NDArray[Any]]) -> Any:
    network.load_state_dict({key: torch.from_numpy(np.asarray(value)) for key, value in state.items()})
    return network.eval()


def relative_l2(found: Any, expected: Any) -> float:
    return float(torch.linalg.vector_norm(found - expected) / torch.linalg.vector_norm(expected))


@pytest.mark.parametrize("network", ["eccv16", "siggraph17"])
def test_state_dict_is_the_published_one_key_for_key(reference: Path, network: str) -> None:
    module = Eccv16() if network == "eccv16" else Siggraph17(mask_cent=0)
    found = [(key, tuple(x.shape), str(x.dtype).removeprefix("torch.")) for key, x in module.state_dict().items()]
    assert found == pytorch_keys(reference, network)


def test_global_network_has_the_caffe_layers_in_their_order(reference: Path) -> None:
    listed = json.loads((reference / "siggraph17_global_caffe_layers.json").read_text("utf-8"))
    learned = [layer for layer, _, _ in listed if not layer.endswith("_ss") and layer != "pred_ab"]
    network = Siggraph17Global()
    assert [name for name, _ in network.named_children()] == learned
    counted = (
        math.prod(s) for layer, kind, shapes in listed if layer in learned and kind != "BatchNorm" for s in shapes
    )
    assert sum(p.numel() for p in network.parameters()) == sum(counted)


def test_parameter_counts_are_the_published_ones() -> None:
    assert sum(p.numel() for p in Eccv16().parameters()) == 32_236_011
    assert sum(p.numel() for p in Siggraph17(0.5).parameters()) == 34_187_027


def test_eccv16_gives_the_authors_logits_and_their_mean_at_temperature_1(reference: Path) -> None:
    expected = golden(reference, "eccv16")
    found = loaded(Eccv16(), pytorch_state(reference, "eccv16"))(expected["l"], temperature=1.0)
    assert relative_l2(found.logits, expected["logits"]) < 1e-5
    assert relative_l2(upsample_ab(found.ab), expected["ab"]) < 1e-5


@pytest.mark.parametrize(("mask_cent", "name"), [(0.0, "ab_maskcent0"), (0.5, "ab_maskcent05")])
def test_siggraph17_gives_the_authors_colours_for_either_mask_center(
    reference: Path, mask_cent: float, name: str
) -> None:
    expected = golden(reference, "siggraph17")
    network = loaded(Siggraph17(mask_cent), pytorch_state(reference, "siggraph17"))
    found = network(expected["l"], expected["hint_ab"], expected["hint_mask"])
    assert relative_l2(found.ab, expected[name]) < 1e-5
    if mask_cent == 0:  # which the stored distribution was made with
        shares = torch.softmax(CLASS_SHARPNESS * found.class_logits, dim=1)
        assert relative_l2(shares, expected["class_probs_stride4"]) < 1e-5


@pytest.mark.parametrize(("name", "given"), [("none", (0, 0)), ("hist", (1, 0)), ("sat", (0, 1)), ("both", (1, 1))])
def test_global_hints_read_from_a_caffemodel_give_caffes_colours(
    reference: Path, global_caffemodel: Path, name: str, given: tuple[int, int]
) -> None:
    expected = golden(reference, "siggraph17_global")
    network = loaded(Siggraph17Global(), global_hints_state(read_blobs(global_caffemodel)))
    histogram_given, saturation_given = (torch.full((1, 1), float(x)) for x in given)
    histogram, saturation = expected["hist"][None], expected["saturation"].reshape(1, 1)
    found = network(expected["l"], histogram, histogram_given, saturation, saturation_given)
    assert relative_l2(found, expected[f"ab_{name}"]) < 1e-4


def test_mask_center_other_than_the_two_known_is_refused() -> None:
    with pytest.raises(ValueError, match=r"0 or 0\.5, got 1"):
        Siggraph17(mask_cent=1)


def test_fresh_eccv16_decodes_to_the_bins_and_sharpens_with_falling_temperature() -> None:
    network = Eccv16().eval()
    logits = torch.zeros(1, 313, 1, 2)
    logits[0, 7, 0, 0] = 3.0  # not certain
    logits[0, 7, 0, 1] = 1000.0  # certain
    bin7 = torch.from_numpy(ab_bins()[7].copy())
    mean, sharp = (network.mean_ab(logits, temperature)[0, :, 0] for temperature in (1.0, 0.05))
    torch.testing.assert_close(mean[:, 1], bin7)
    torch.testing.assert_close(sharp[:, 0], bin7, atol=1e-2, rtol=0)
    assert torch.linalg.vector_norm(mean[:, 0] - bin7) > 50


def test_eccv16_from_caffe_blobs_is_the_same_function_of_an_undivided_lightness(reference: Path) -> None:
    """The 2016 caffemodel, made of the reference weights with plain norms, against the PyTorch module."""
    state = pytorch_state(reference, "eccv16")
    blobs: dict[str, list[npt.NDArray[Any]]] = {}
    for key in (key for key in state if key.endswith(".weight")):
        module, values = key.removesuffix(".weight"), state[key]
        number, index = module.removeprefix("model").split(".") if module != "model_out" else ("", "")
        if f"{module}.running_mean" in state:
            state[key], state[f"{module}.bias"] = np.ones_like(values), np.zeros_like(values)
            last = 2 if number in "12" else 3
            doubled = [2 * state[f"{module}.running_{what}"] for what in ("mean", "var")]
            blobs[f"conv{number}_{last}norm"] = [*doubled, np.full(1, 2, np.float32)]
        elif number:
            layer = "conv8_313" if module == "model8.6" else f"conv{number}_{int(index) // 2 + 1}"
            divided = values / 100 if module == "model1.0" else values
            blobs["bw_conv1_1" if module == "model1.0" else layer] = [divided, state[f"{module}.bias"]]
    L = golden(reference, "eccv16")["l"]
    expected = loaded(Eccv16(), state | {"model_out.weight": Eccv16().state_dict()["model_out.weight"].numpy()})(L)
    found = loaded(Eccv16(), eccv16_state(blobs))(L)
    assert relative_l2(found.logits, expected.logits) < 1e-5
    assert relative_l2(found.ab, expected.ab) < 1e-5
