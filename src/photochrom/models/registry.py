"""The models by name: what each is, and where its weights come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from photochrom.errors import UnknownModel
from photochrom.models.manifest import TRAINED, Manifest, check_name
from photochrom.models.sources import PUBLISHED


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

ECCV16 = ModelSpec(
    name="eccv16",
    summary="Zhang, Isola, Efros 2016 as published: automatic",
    origin=PUBLISHED["eccv16"].url,
    licence=PUBLISHED["eccv16"].licence,
    network_side=256,
    multiple=8,
    takes_hints=False,
    takes_reference=False,
    decodes=("vivid", "accurate"),
)

SIGGRAPH17 = ModelSpec(
    name="siggraph17",
    summary="Zhang et al. 2017 as published: local hints",
    origin=PUBLISHED["siggraph17"].url,
    licence=PUBLISHED["siggraph17"].licence,
    network_side=256,
    multiple=8,
    takes_hints=True,
    takes_reference=False,
    decodes=("accurate",),
)

SIGGRAPH17_GLOBAL = ModelSpec(
    name="siggraph17-global",
    summary="Zhang et al. 2017 as published: a reference picture's colours",
    origin=PUBLISHED["siggraph17-global"].url,
    licence=PUBLISHED["siggraph17-global"].licence,
    network_side=256,
    multiple=8,
    takes_hints=False,
    takes_reference=True,
    decodes=("accurate",),
)

MODELS: Mapping[str, ModelSpec] = MappingProxyType(
    {spec.name: spec for spec in (COMPACT, ECCV16, SIGGRAPH17, SIGGRAPH17_GLOBAL)}
)


def model_spec(name: str) -> ModelSpec:
    """The model of this name: one of `MODELS`, or one that the user imported.

    Raises:
        UnknownModel: there is none.
        WeightsCorrupt, IncompatibleModel: its manifest cannot be used.
    """
    if name in MODELS:
        return MODELS[name]
    # What lies in the user's folder matters for other names only.
    from photochrom.models.folder import installed, read_manifest

    imported = [other for other in installed() if other not in MODELS]
    if check_name(name) not in imported:
        raise UnknownModel(f"no model is named {name!r}; there are: {', '.join((*MODELS, *imported))}")
    return imported_spec(read_manifest(name))


def imported_spec(manifest: Manifest) -> ModelSpec:
    """What there is to know of an installed network before it is loaded.

    Raises:
        IncompatibleModel: its manifest says something that cannot be.
    """
    if manifest.name in MODELS:
        return MODELS[manifest.name]
    if manifest.network == TRAINED:
        summary = "the compact network with weights that the user trained"
        return replace(COMPACT, name=manifest.name, summary=summary, origin=manifest.origin, licence=manifest.licence)
    from photochrom.models.foreign import foreign_spec

    return foreign_spec(manifest)
