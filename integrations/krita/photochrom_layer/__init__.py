"""A Krita plug-in that lays colours over a black-and-white photograph, from `photochrom serve`."""

from importlib.util import find_spec

# Without Krita only `photochrom_layer.service` can be used; so tests do.
if find_spec("krita"):
    from krita import Krita

    from .extension import PhotochromLayer

    Krita.instance().addExtension(PhotochromLayer(Krita.instance()))
