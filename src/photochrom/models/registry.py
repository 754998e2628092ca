"""The models by name: what each is, and where its weights come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from photochrom.errors import UnknownModel


@dataclass(frozen=True)
class ModelSpec:
    """What there is to know of a model before its weights are loaded.

    Attributes:
        name: as in ``--model``.
        summary: one line for people.
        origin: where the weights come from.
        licence: SPDX identifier of the weights' licence.
        network_side: longer side, in pixels, of what the network sees.
        multiple: both sides of what the network sees are multiples of this.
        takes_hints, takes_reference: what guides it.
        decodes: the decodings that it offers, the default first.
    """

    name: str
    summary: str
    origin: str
    licence: str
    network_side: int
    multiple: int
    takes_hints: bool
    takes_reference: bool
    decodes: tuple[str, ...]


COMPACT = ModelSpec(
    name="compact",
    summary="this project's own network: automatic, local hints and global hints in one",
    origin="embedded in the package, trained by this project",
    licence="Apache-2.0",
    network_side=256,
    multiple=32,
    takes_hints=True,
    takes_reference=True,
    decodes=("vivid", "accurate"),
)

MODELS: Mapping[str, ModelSpec] = MappingProxyType({spec.name: spec for spec in (COMPACT,)})


def model_spec(name: str) -> ModelSpec:
    """The model of this name.

    Raises:
        UnknownModel: there is none.
    """
    if name not in MODELS:
        raise UnknownModel(f"no model is named {name!r}; there are: {', '.join(MODELS)}")
    return MODELS[name]
