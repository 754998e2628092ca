"""Tells which centre of the hints' mask a set of SIGGRAPH17 weights was trained with, by giving it hints.

Weights from Caffe see the mask as 0 and 1, the authors' PyTorch weights as -0.5 and 0.5. With the wrong one the network
sees "half a hint" everywhere and hardly obeys the real ones. So: show it pictures with one hint each and look how far
the colour at the hint is from what was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from photochrom.errors import IncompatibleModel

from .siggraph17 import MASK_CENTERS, Siggraph17

_SIDE = 64
_PATCH = 4  # half of the hint's side, in pixels
_COLORS = ((40.0, 30.0), (-35.0, 30.0), (10.0, -45.0), (-10.0, 50.0))
# One setting is told from the other where its error is below this share of the colour's chroma and of the other's.
_OBEYED, _CLEARLY = 0.5, 0.6


def hint_errors(state: Mapping[str, Tensor]) -> dict[float, float]:
    """How far from the hint the colour at the hint is, for each centre of the mask.

    Returns:
        for 0 and 0.5 the mean distance in ab as a share of the hint's chroma: 0 is obeyed, 1 ignored.
    """
    L = _soft_picture().expand(len(_COLORS), -1, -1, -1)
    asked = torch.tensor(_COLORS)
    middle = slice(_SIDE // 2 - _PATCH, _SIDE // 2 + _PATCH)
    hint_ab, hint_mask = torch.zeros(len(_COLORS), 2, _SIDE, _SIDE), torch.zeros(len(_COLORS), 1, _SIDE, _SIDE)
    hint_ab[:, :, middle, middle] = asked[:, :, None, None]
    hint_mask[:, :, middle, middle] = 1
    errors = {}
    for mask_cent in MASK_CENTERS:
        network = Siggraph17(mask_cent).eval()
        network.load_state_dict(dict(state), assign=True)
        with torch.inference_mode():
            found = network(L, hint_ab, hint_mask).ab[:, :, middle, middle].mean(dim=(2, 3))
        distance = torch.linalg.vector_norm(found - asked, dim=1) / torch.linalg.vector_norm(asked, dim=1)
        errors[mask_cent] = float(distance.mean())
    return errors


def check_mask_center(state: Mapping[str, Tensor], mask_cent: float | None) -> float:
    """The centre to use with these weights.

    Args:
        state: of `Siggraph17`.
        mask_cent: what the weights' origin says, or None: not known.

    Raises:
        IncompatibleModel: hints show that the other centre is right, or nothing is known and hints do not tell.
    """
    errors = hint_errors(state)
    for right, wrong in ((0.0, 0.5), (0.5, 0.0)):
        if errors[right] < _OBEYED and errors[right] < _CLEARLY * errors[wrong]:
            if mask_cent not in (None, right):
                raise IncompatibleModel(
                    f"with mask_cent {wrong:g} colours miss the hints by {errors[wrong]:.0%} of their chroma, with "
                    f"{right:g} by {errors[right]:.0%}: these weights need --mask-cent {right:g}"
                )
            return right
    if mask_cent is None:
        raise IncompatibleModel(
            "these weights obey hints no better with one mask_cent than with the other: give --mask-cent 0 for weights "
            "that come from Caffe, --mask-cent 0.5 for those trained with PyTorch"
        )
    return mask_cent


def _soft_picture() -> Tensor:
    """L (1, 1, 64, 64) with soft shapes and without colour of its own."""
    y, x = torch.meshgrid(torch.linspace(0, 3, _SIDE), torch.linspace(0, 3, _SIDE), indexing="ij")
    return (55 + 20 * torch.sin(2 * x + y) * torch.cos(y - x))[None, None]
