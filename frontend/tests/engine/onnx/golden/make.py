"""What Python makes of a photograph on the way to the network and of the network's distribution, for the page to agree.

    python frontend/tests/engine/onnx/golden/make.py [FOLDER]

writes `onnx.json` into FOLDER, this script's own by default. Its pictures are those of frontend/tests/golden. No
network and no random input: the same figures wherever NumPy and Pillow compute alike.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from photochrom import Hint
from photochrom.color import ab_bins, lightness_to_gray, nearest_bin, srgb_to_lab
from photochrom.distribution import open_place, probabilities, suggestions, telling_place, uncertainty
from photochrom.hints import Reference
from photochrom.models.compact import hint_feeds
from photochrom.models.engine import reference_feeds
from photochrom.models.registry import COMPACT
from photochrom.pipeline import network_shape
from photochrom.resample import network_lightness
from photochrom.session import Session

HERE = Path(__file__).parent
PICTURES = HERE.parents[2] / "golden"

HINTS = (Hint(0.31, 0.42, "#b5651d", 0.05), Hint(1.0, 1.0, "#2f6f9f", 0.01), Hint(0.7, 0.2, None, 0.3))
SIZES = [
    (256, 256),
    (4000, 3000),
    (3000, 4000),
    (1600, 500),
    (1600, 300),
    (20000, 30),
    (1, 1),
    (1024, 320),
    (1024, 448),
]
SESSIONS: list[Any] = [
    {"photochrom": 1},
    {"photochrom": 1, "hints": [{"x": 0, "y": 1}, {"x": 0.25, "y": 0.5, "color": "#A0b1C2", "radius": 0.2, "z": 3}]},
    {"photochrom": 1, "hints": None, "reference": None, "settings": None, "image": None, "mine": {"a": [1]}},
    {"photochrom": 1, "settings": {"decode": "accurate", "saturation": 0, "temperature": -50, "more": 1}},
    {"photochrom": 1, "reference": {"histogram": [1.0] * 313, "saturation": 0.5}},
    {"photochrom": 1, "reference": {"saturation": 1}},
]
WRONG_SESSIONS: list[Any] = [
    None,
    [],
    {},
    {"photochrom": 2},
    {"photochrom": True},
    {"photochrom": 1, "hints": {}},
    {"photochrom": 1, "hints": [{"x": 1}]},
    {"photochrom": 1, "hints": [{"x": 1.5, "y": 0}]},
    {"photochrom": 1, "hints": [{"x": "0", "y": 0}]},
    {"photochrom": 1, "hints": [{"x": 0, "y": 0, "color": "red"}]},
    {"photochrom": 1, "hints": [{"x": 0, "y": 0, "radius": 0}]},
    {"photochrom": 1, "hints": [{"x": 0, "y": 0}] * 1001},
    {"photochrom": 1, "settings": {"decode": "bright"}},
    {"photochrom": 1, "settings": {"saturation": -1}},
    {"photochrom": 1, "settings": {"temperature": 51}},
    {"photochrom": 1, "settings": [1]},
    {"photochrom": 1, "reference": {"histogram": [1.0]}},
    {"photochrom": 1, "reference": {"histogram": [0.0] * 313}},
    {"photochrom": 1, "reference": {"histogram": [-1.0] * 313}},
    {"photochrom": 1, "reference": {"saturation": 2}},
    {"photochrom": 1, "image": "x"},
]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    content = {
        "bins": ab_bins().astype(int).tolist(),
        **colors(),
        "networkSizes": [{"width": w, "height": h, "network": network_shape(w, h, COMPACT)[::-1]} for w, h in SIZES],
        "lightness": [lightness("car", 32, 32), lightness("room_vivid_and_warm", 64, 32), lightness("wide", 96, 32)],
        "feeds": [feeds(HINTS, Reference()), feeds(HINTS[:1], Reference(None, 0.25))],
        "palette": palette("room_vivid_and_warm"),
        "distribution": distribution(),
        "random": [
            {"seed": seed, "numbers": np.random.default_rng(seed).random(4).tolist()}
            for seed in ((0, 1), (7, 3), (2**32 - 1, 2))
        ],
        "sessions": [{"content": content, "read": Session.from_dict(content).to_dict()} for content in SESSIONS],
        "wrongSessions": WRONG_SESSIONS,
    }
    (folder / "onnx.json").write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def colors() -> dict[str, Any]:
    """sRGB colours, the nearest bin and the neutral gray of the same lightness of each."""
    steps = np.array([0, 40, 85, 130, 200, 255])
    rgb = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = srgb_to_lab(rgb / 255)
    return {
        "srgb": rgb.tolist(),
        "nearestBins": nearest_bin(lab[:, 1:]).tolist(),
        "grays": np.round(lightness_to_gray(lab[:, 0]).astype(np.float64) * 255, 3).tolist(),
    }


def picture(name: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The gray (H, W) and the coloured pixels (H, W, 3) of one of the page's golden pictures."""
    described = json.loads((PICTURES / "pictures.json").read_text(encoding="utf-8"))
    about = next(entry for entry in described if entry["name"] == name)
    width, height = about["width"], about["height"]
    content = np.load(PICTURES / f"{name}.npy")
    pixels = width * height
    return content[:pixels].reshape(height, width), content[-3 * pixels :].reshape(height, width, 3)


def lightness(name: str, width: int, height: int) -> dict[str, Any]:
    values = network_lightness(picture(name)[0], height, width)
    return {"picture": name, "width": width, "height": height, "values": rounded(values, 3)}


def feeds(hints: tuple[Hint, ...], reference: Reference) -> dict[str, Any]:
    given = {
        "hints": [{"x": hint.x, "y": hint.y, "color": hint.color, "radius": hint.radius} for hint in hints],
        "reference": {"histogram": None, "saturation": reference.saturation},
    }
    made = hint_feeds(hints, (12, 16)) | reference_feeds(reference)
    return {
        "guidance": given,
        "feeds": {name: {"dims": feed.shape, "data": rounded(feed, 5)} for name, feed in made.items()},
    }


def palette(name: str) -> dict[str, Any]:
    reference = Reference.from_picture(picture(name)[1])
    assert reference.histogram is not None
    return {"picture": name, "histogram": rounded(reference.histogram, 7), "saturation": reference.saturation}


def distribution() -> dict[str, Any]:
    """Answers for made-up logits; the page's test makes the same ones."""
    height, width = 8, 12
    cell, k = np.arange(height * width)[:, None], np.arange(313)[None]
    logits = (4 * np.sin(0.9 * cell + 0.05 * k) * np.cos(0.37 * k + 0.2 * cell)).astype(np.float32)
    logits = logits.reshape(height, width, 313)
    logits[2:5, 3:9] *= 0.3
    doubt = uncertainty(logits)
    reach = np.zeros((height, width), np.float32)
    reach[:, :6] = 0.75
    offers = [
        {
            "cell": at,
            "temperature": temperature,
            "lightness": 40 + at / 3,
            "count": count,
            "offers": [
                {"color": offer.color, "ab": offer.ab, "probability": offer.probability}
                for offer in suggestions(probabilities(logits.reshape(-1, 313)[at], temperature), 40 + at / 3, count)
            ],
        }
        for at, temperature, count in ((0, 1.0, 5), (17, 1.0, 9), (55, 0.6, 5), (90, 1.0, 1))
    ]
    return {
        "width": width,
        "height": height,
        "uncertainty": rounded(doubt, 5),
        "open": open_place(doubt, None),
        "openBesideReach": open_place(doubt, reach),
        "telling": telling_place(logits, None),
        "tellingBesideReach": telling_place(logits, reach),
        "suggestions": offers,
    }


def rounded(values: npt.NDArray[np.float32], digits: int) -> list[float]:
    flat: list[float] = np.round(values.astype(np.float64), digits).ravel().tolist()
    return flat


if __name__ == "__main__":
    main()
