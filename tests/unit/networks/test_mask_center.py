"""Which centre of the mask weights need, on networks made by hand that copy a hint's colour where they see a hint."""

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from photochrom.errors import IncompatibleModel  # noqa: E402
from photochrom.networks.mask_center import check_mask_center, hint_errors  # noqa: E402
from photochrom.networks.siggraph17 import Siggraph17  # noqa: E402


def obedient_weights(mask_cent: float) -> dict[str, Any]:
    """Four channels carry +a, -a, +b, -b where the mask says hint, past all of the network to its output."""
    state = Siggraph17(mask_cent).state_dict()
    for key, value in state.items():
        value.fill_(1 if key.endswith("running_var") or (key.endswith(".weight") and value.ndim == 1) else 0)
    first = state["model1.0.weight"]
    for channel, (source, sign) in enumerate([(1, 1.0), (1, -1.0), (2, 1.0), (2, -1.0)]):
        first[channel, source, 1, 1] = sign
        first[channel, 3, 1, 1] = 1  # opens where there is a hint,
        state["model1.0.bias"][channel] = mask_cent - 1  # and only there
        for key in ("model1.2.weight", "model1short10.0.weight", "model10.1.weight"):
            state[key][channel, channel, 1, 1] = 1
        state["model_out.0.weight"][channel // 2, channel, 0, 0] = sign
    return dict(state)


@pytest.mark.parametrize("mask_cent", [0.0, 0.5])
def test_right_center_is_found_and_confirmed(mask_cent: float) -> None:
    weights = obedient_weights(mask_cent)
    assert hint_errors(weights)[mask_cent] < 0.1
    assert check_mask_center(weights, None) == mask_cent
    assert check_mask_center(weights, mask_cent) == mask_cent


@pytest.mark.parametrize(("right", "wrong"), [(0.0, 0.5), (0.5, 0.0)])
def test_wrong_center_is_refused_with_the_right_one(right: float, wrong: float) -> None:
    with pytest.raises(IncompatibleModel, match=f"these weights need --mask-cent {right:g}"):
        check_mask_center(obedient_weights(right), wrong)


def test_weights_that_do_not_tell_need_a_word() -> None:
    deaf = {key: torch.zeros_like(value) for key, value in obedient_weights(0).items()}
    with pytest.raises(IncompatibleModel, match="give --mask-cent 0 for weights that come from Caffe"):
        check_mask_center(deaf, None)
    assert check_mask_center(deaf, 0.5) == 0.5
