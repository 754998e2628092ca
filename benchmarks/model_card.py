"""The generated part of docs/model-card.md: how the embedded network was trained, and its figures."""

from typing import Any

import tables

SOURCE = "compact.json and measurements.json"


def lines(manifest: dict[str, Any], quality: dict[str, Any] | None, weights: str) -> list[str]:
    """Training and figures.

    Args:
        manifest: the network's compact.json.
        quality: the entry `model_quality` of docs/measurements.json, or None where nothing was measured.
        weights: sha256 of both of the network's files together.
    """
    digest = f"sha256 of both files together, encoder first: `{weights}`"
    return [*_training(manifest["training"]), "", digest, "", *_figures(quality, weights)]


def _training(training: dict[str, Any]) -> list[str]:
    config = training["config"]
    pictures = training["step"] * config["schedule"]["batch"]
    facts = [
        ["command", "`photochrom train examples/compact.toml`, then `photochrom export`"],
        ["seed", str(config["seed"])],
        ["steps", f"{training['step']:,}, {pictures:,} pictures seen"],
        ["time", f"{training['seconds'] / 3600:.1f} hours"],
        ["machine", training.get("machine", "not recorded by this run")],
    ]
    left_out = ("seed", "output", "data.cache")
    settings = [[f"`{name}`", f"`{value}`"] for name, value in _flat(config) if name not in left_out]
    return [*tables.words(["training", ""], facts), "", *tables.words(["setting", "value"], settings)]


def _flat(config: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in config.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return found


def _figures(quality: dict[str, Any] | None, weights: str) -> list[str]:
    if quality is None:
        return ["Its colours have not been measured."]
    if quality["figures"]["sha256"] != weights:
        return ["These weights have not been measured; [measurements.md](measurements.md) has figures of earlier ones."]
    return tables.model_quality(quality["figures"])
