"""Run by GIMP's own Python (python-fu-eval): colours images with the plug-in.

IN_GIMP_CASES and IN_GIMP_REPORT name JSON files; see `outcome`.
"""

import json
import os
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gimp", "3.0")
from gi.repository import Gimp, Gio  # noqa: E402  # of this version


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """Colours one image.

    Args:
        case: `picture`, a file; if wanted `precision`, `indexed` and `selected` (x, y, width, height) as it is to be
            before, `arguments` of the plug-in (without them nothing is coloured); `shown`, a PNG file for what the
            image shows in the end.
    """
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(case["picture"]))
    if "precision" in case:
        image.convert_precision(getattr(Gimp.Precision, case["precision"]))
    if case.get("indexed"):
        image.convert_indexed(Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, "")
    if "selected" in case:
        image.select_rectangle(Gimp.ChannelOps.REPLACE, *case["selected"])
    error = coloured(image, case["arguments"]) if "arguments" in case else None
    if "shown" in case:
        copy = image.duplicate()
        copy.merge_visible_layers(Gimp.MergeType.CLIP_TO_IMAGE)
        if copy.get_precision() != Gimp.Precision.U8_NON_LINEAR:
            copy.convert_precision(Gimp.Precision.U8_NON_LINEAR)
        Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, copy, Gio.File.new_for_path(case["shown"]), None)
        copy.delete()
    layers = [[layer.get_name(), layer.get_mode().value_nick] for layer in image.get_layers()]
    kind = [image.get_base_type().value_nick, image.get_precision().value_nick]
    image.delete()
    return {"error": error, "layers": layers, "kind": kind}


def coloured(image: Gimp.Image, arguments: dict[str, Any]) -> str | None:
    """Runs the plug-in; returns what it complains of."""
    procedure = Gimp.get_pdb().lookup_procedure("plug-in-photochrom-layer")
    config = procedure.create_config()
    config.set_property("run-mode", Gimp.RunMode.NONINTERACTIVE)
    config.set_property("image", image)
    config.set_core_object_array("drawables", image.get_selected_drawables())
    for name, value in arguments.items():
        config.set_property(name, Gio.File.new_for_path(value) if name == "session" else value)
    status = procedure.run(config).index(0)
    return None if status == Gimp.PDBStatusType.SUCCESS else str(Gimp.get_pdb().get_last_error())


cases, report = (Path(os.environ[f"IN_GIMP_{name}"]) for name in ("CASES", "REPORT"))
report.write_text(json.dumps([outcome(case) for case in json.loads(cases.read_text("utf-8"))]), "utf-8")
