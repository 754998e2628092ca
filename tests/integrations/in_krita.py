"""Run by Krita's own Python: `kritarunner -s in_krita CASES REPORT` colours documents with the plug-in.

CASES and REPORT are JSON files; see `case` and `outcome` below. What a document shows is written as raw pixels: blue,
green, red, alpha, 8 bits each, sRGB.
"""

import json
from pathlib import Path
from typing import Any

from krita import Document, Krita, Selection
from photochrom_layer.document import encoded, picture_of
from photochrom_layer.extension import colour
from photochrom_layer.service import Client, ServiceError, Settings
from PyQt5.QtCore import QByteArray

SRGB = "sRGB-elle-V2-srgbtrc.icc"


def __main__(arguments: list[str]) -> None:  # noqa: N807  # the name that kritarunner calls
    Krita.instance().setBatchmode(True)
    cases, report = (Path(name) for name in arguments)
    outcomes = [outcome(case) for case in json.loads(cases.read_text("utf-8"))]
    report.write_text(json.dumps(outcomes), "utf-8")


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """Colours one document.

    Args:
        case: `picture`, a file; if wanted `space` (model, depth, profile) to convert it to first, `veil`, whether a
            half transparent white layer lies over it, `selected` (x, y, width, height), `address` and `token` of a
            service (without an address nothing is coloured), `settings`; files for what would be sent (`sent`, PNG)
            and for what the document shows in the end (`shown`).
    """
    document = Krita.instance().openDocument(case["picture"])
    document.setBatchmode(True)
    if "space" in case:
        document.setColorSpace(*case["space"])
    if case.get("veil"):
        veil = document.createNode("Veil", "paintlayer")
        veil.setColorSpace("RGBA", "U8", SRGB)
        area = document.width() * document.height()
        veil.setPixelData(QByteArray(b"\xff" * 4 * area), 0, 0, document.width(), document.height())
        veil.setColorSpace(document.colorModel(), document.colorDepth(), document.colorProfile())
        veil.setOpacity(128)
        document.rootNode().addChildNode(veil, None)
    if "selected" in case:
        selection = Selection()
        selection.select(*case["selected"], 255)
        document.setSelection(selection)
    error = None
    if "address" in case:
        try:
            colour(document, Client(case["address"], case.get("token", "")), Settings(**case.get("settings", {})))
        except ServiceError as raised:
            error = str(raised)
    if "sent" in case:
        Path(case["sent"]).write_bytes(encoded(picture_of(document)))
    layers = document.topLevelNodes()
    if "shown" in case:
        Path(case["shown"]).write_bytes(shown(document))
    space = [document.colorModel(), document.colorDepth(), document.colorProfile()]
    names = [[layer.name(), layer.blendingMode()] for layer in layers]
    depths = [layer.colorDepth() for layer in layers]
    document.close()
    return {"error": error, "space": space, "layers": names, "depths": depths}


def shown(document: Document) -> bytes:
    """What a document shows, as Krita composes it."""
    document.refreshProjection()
    document.waitForDone()
    copy = document.clone()
    copy.setBatchmode(True)
    copy.flatten()
    copy.waitForDone()
    copy.setColorSpace("RGBA", "U8", SRGB)
    copy.waitForDone()
    pixels = bytes(copy.pixelData(0, 0, copy.width(), copy.height()))
    copy.close()
    return pixels
