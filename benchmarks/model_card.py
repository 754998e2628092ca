"""The generated part of docs/model-card.md: how the embedded network was trained, and its figures."""

from typing import Any

import evaluation_tables
from markdown_tables import words

SOURCE = "compact.json and measurements.json"


def lines(manifest: dict[str, Any], quality: dict[str, Any] | None, weights: str) -> list[str]:
    """Training and figures.

    Args:
        manifest: the network's compact.json.
        quality: the entry `evaluation` of docs/measurements.json, or None where nothing was measured.
        weights: sha256 of both of the network's files together.
    """
    digest = f"sha256 of the networks together, in the order in which they run: `{weights}`"
    return [*_training(manifest["training"]), "", digest, "", *_figures(quality, weights)]


def _training(training: dict[str, Any]) -> list[str]:
    """The runs, one after the other: each but the first went on from the weights of the one before."""
    runs = [training]
    while "before" in runs[0]:
        runs.insert(0, runs[0]["before"])
    facts = [
        ["seed", *(str(run["config"]["seed"]) for run in runs)],
        ["steps", *(f"{run['step']:,}" for run in runs)],
        ["pictures seen", *(f"{run['step'] * run['config']['schedule']['batch']:,}" for run in runs)],
        ["time", *(_time(run["seconds"]) for run in runs)],
        ["machine", *(run.get("machine", "not recorded by this run") for run in runs)],
    ]
    settings = [dict(_flat(run["config"])) for run in runs]
    names = [name for name in dict.fromkeys(name for found in settings for name in found) if name != "seed"]
    rows = [[f"`{name}`", *(f"`{found[name]}`" if name in found else "" for found in settings)] for name in names]
    ordinals = [f"run {number}" for number in range(1, len(runs) + 1)]
    return [*words(["training", *ordinals], facts), "", *words(["setting", *ordinals], rows)]


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds / 60:.0f} minutes"


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
    return evaluation_tables.summary(quality["figures"]["report"])
