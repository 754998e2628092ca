"""The node: black-and-white pictures in, the same in colour out."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

import photochrom as pc

__all__ = ["PhotochromColorize"]


class PhotochromColorize:
    """Colours each picture of a batch by itself, on the processor, at full size and with its own lightness."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "colorize"
    CATEGORY = "image/photochrom"
    DESCRIPTION = "Gives black-and-white photographs colours. Lightness is kept, pixel by pixel."

    # ComfyUI reads these names and shapes.
    _INPUTS: ClassVar[dict[str, Any]] = {
        "required": {
            "image": ("IMAGE",),
            "decode": (
                ["vivid", "accurate"],
                {"default": "vivid", "tooltip": "vivid: lively colours; accurate: the safest average"},
            ),
            "saturation": (
                "FLOAT",
                {"default": 1.0, "min": 0.0, "max": 100.0, "step": 0.05, "tooltip": "0 is gray, 1 as is"},
            ),
        },
        "optional": {
            "hints_file": (
                "STRING",
                {
                    "default": "",
                    "tooltip": "A session file of photochrom studio: its hints, reference and temperature are used",
                },
            )
        },
    }

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return cls._INPUTS

    @classmethod
    def VALIDATE_INPUTS(cls, hints_file: str | None = "") -> bool | str:  # noqa: N802
        """Whether the file can be used; otherwise why not. ComfyUI asks before anything is run.

        Args:
            hints_file: as of `colorize`; None where another node is going to say.
        """
        try:
            _session(hints_file)
        except pc.PhotochromError as error:
            return str(error)
        return True

    @classmethod
    def IS_CHANGED(cls, hints_file: str | None = "", **_: Any) -> str:  # noqa: N802
        """What the file holds: as long as it is the same, ComfyUI keeps the result."""
        path = Path((hints_file or "").strip())
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    def colorize(
        self, image: torch.Tensor, decode: str = "vivid", saturation: float = 1.0, hints_file: str = ""
    ) -> tuple[torch.Tensor]:
        """Colours a batch.

        Args:
            image: (B, H, W, C), floats in [0, 1], C from 1 to 4; of four only the first three count.
            decode: "vivid" or "accurate".
            saturation: factor of chroma, 0 to 100.
            hints_file: path of a session file, or nothing.

        Returns:
            (B, H, W, 3) float32 in [0, 1].
        """
        session = _session(hints_file)
        colorizer = _colorizer(str(session.model.get("name") or "compact") if session else "compact")
        guidance: dict[str, Any] = {}
        if session:
            guidance = {name: getattr(session, name) for name in ("hints", "reference", "temperature")}
        # Nodes before this one may overshoot a little.
        pixels = torch.nan_to_num(image.detach().cpu().float()).clamp(0, 1).numpy()
        pictures = pixels[..., 0] if pixels.shape[-1] < 3 else pixels[..., :3]
        coloured = [
            colorizer.open(picture).render(decode=decode, saturation=saturation, **guidance).pixels()
            for picture in pictures
        ]
        return (torch.from_numpy(np.stack(coloured).astype(np.float32) / 65535),)


def _session(path: str | None) -> pc.Session | None:
    return pc.Session.load(path.strip()) if path and path.strip() else None


@lru_cache(maxsize=1)
def _colorizer(model: str) -> pc.Colorizer:
    return pc.Colorizer(model)
