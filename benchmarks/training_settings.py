"""The table of a training run's settings in docs/training.md, from the dataclasses that read them."""

import inspect
import json
import re
from dataclasses import fields, is_dataclass
from typing import Any

from markdown_tables import words

from photochrom.training.config import CONFIGS

SOURCE = "photochrom.training.config"


def lines() -> list[str]:
    """The table: each setting's name in TOML, its default for each network that has it, and its meaning."""
    defaults: dict[str, dict[str, str]] = {}
    meanings: dict[str, str] = {}
    for network, kind in CONFIGS.items():
        for name, default, meaning in _settings(kind(), ""):
            defaults.setdefault(name, {})[network] = f"`{default}`"
            meanings.setdefault(name, meaning)
    rows = [[f"`{name}`", *(found.get(n, "") for n in CONFIGS), meanings[name]] for name, found in defaults.items()]
    return words(["setting", *CONFIGS, "meaning"], rows)


def _settings(config: Any, prefix: str) -> list[tuple[str, str, str]]:
    found = []
    meanings: dict[str, str] = {}
    for kind in reversed(type(config).__mro__):
        meanings |= attributes(inspect.cleandoc(kind.__doc__ or ""))
    for field in fields(config):
        value = getattr(config, field.name)
        if is_dataclass(value):
            found += _settings(value, f"{prefix}{field.name}.")
        else:
            found.append((prefix + field.name, json.dumps(value), meanings.get(field.name, "")))
    return found


def attributes(docstring: str) -> dict[str, str]:
    """The entries of a docstring's section "Attributes" (Google style), each on one line."""
    _, _, section = docstring.partition("Attributes:\n")
    entries: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        entry = re.match(r"    (\w+): (.*)", line)
        if entry:
            name, text = entry[1], entry[2]
            entries[name] = text
        elif name and line.startswith("        "):
            entries[name] += " " + line.strip()
        else:
            break
    return entries
