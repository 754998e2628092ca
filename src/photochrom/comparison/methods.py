"""Which ways of colouring are compared, and what a sheet calls them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from photochrom.models.folder import installed
from photochrom.models.registry import COMPACT, ECCV16, SIGGRAPH17
from photochrom.pipeline import Colorizer

_TITLES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        (COMPACT.name, "vivid"): "compact, vivid (2016's way)",
        (COMPACT.name, "accurate"): "compact, accurate (2017's way)",
        (ECCV16.name, "vivid"): "eccv16 (Zhang et al. 2016)",
        (SIGGRAPH17.name, "accurate"): "siggraph17 (Zhang et al. 2017)",
    }
)


@dataclass(frozen=True, eq=False)
class Method:
    """A loaded network with one of its decodings.

    Attributes:
        title: its name on a sheet.
        colorizer: the network.
        decode: where its colours come from, "vivid" or "accurate".
    """

    title: str
    colorizer: Colorizer
    decode: str


def default_models() -> tuple[str, ...]:
    """The models that are compared if none are named: the published automatic ones if installed, and the embedded."""
    here = installed()
    return (*(spec.name for spec in (ECCV16, SIGGRAPH17) if spec.name in here), COMPACT.name)


def open_methods(models: Iterable[str]) -> tuple[Method, ...]:
    """Loads models, each once.

    The embedded network stands for both papers' ways, with its two decodings. Of the others the default decoding is
    taken, which for the published networks is what their papers did.

    Raises:
        UnknownModel: no model has this name.
        ModelError: its weights are missing or corrupt.
        BackendError: ONNX Runtime cannot run it here.
    """
    return tuple(method for name in dict.fromkeys(models) for method in _methods(name))


def _methods(model: str) -> Iterator[Method]:
    colorizer = Colorizer(model)
    _ = colorizer.engine  # what is missing is to be told before the first photograph
    decodes = colorizer.spec.decodes
    for decode in decodes if model == COMPACT.name else decodes[:1]:
        yield Method(_TITLES.get((model, decode), model), colorizer, decode)
