"""XMP packets (ISO 16684-1): what came stays, and the result says that an algorithm gave it its colours.

The statement is the IPTC digital source type `compositeWithTrainedAlgorithmicMedia`, "augmentation, correction or
enhancement using a generative AI model". The neighbouring `algorithmicallyEnhanced` is for changes "without changing
the main content", such as sharpening; but these colours are guesses drawn from what a network learnt from other
pictures, and nothing in the photograph vouches for them. An archive should be able to tell.
"""

import logging
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from .captions import Captions
from .xmp_document import (
    EMPTY,
    RDF,
    XMLNS,
    declare,
    find,
    new_description,
    parse,
    remove,
    root_of,
    serialised,
    set_property,
)

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

__all__ = ["COLORIZED", "colorized", "orientation", "set_upright", "without_gps"]

logger = logging.getLogger("photochrom")

COLORIZED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_XMP_MM = "http://ns.adobe.com/xap/1.0/mm/"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"

_NOTE = "http://ns.adobe.com/xmp/note/"
# Where captions go: the properties' prefixes, and those that are lists.
_NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        "dc": "http://purl.org/dc/elements/1.1/",
        "photoshop": _PHOTOSHOP,
        "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
        "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
        "exif": _EXIF,
    }
)
_LISTS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("dc:title", "dc:description", "dc:rights", "xmpRights:UsageTerms", "exif:UserComment"), "Alt")
    | {"dc:creator": "Seq"}
    | dict.fromkeys(("dc:subject", "photoshop:SupplementalCategories"), "Bag")
)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


_ORIENTATION = re.compile(rb"(tiff:Orientation(?:=[\"']|>)\s*)([1-8])")


def colorized(packet: bytes | None, *, software: str, model: str | None, captions: Captions | None = None) -> bytes:
    """The packet of the result: the photograph's own, with the digital source type and one more event of its history.

    `xmp:CreatorTool` names the first tool, so it is set only where none is named. A digital source type that was there
    (a scan may say `negativeFilm`) is superseded, and remembered in the event. Stale statements about the pixels
    (orientation, thumbnails, colour space) are corrected. A packet that is malformed or that declares a document type
    (entities may be bombs) cannot be extended: it is left out, with a warning in the log.

    Args:
        packet: the photograph's XMP, or None.
        software: name and version of the program.
        model: name of the network.
        captions: what else the photograph's file says; a property that the packet has is left as it is.
    """
    document = parse(packet) if packet else None
    if document is None:
        document = parse(EMPTY.encode())
        assert document is not None
    root = root_of(document)
    _correct(root)
    before = remove(root, _IPTC, "DigitalSourceType")
    words = "colorized" + (f" with the model {model}" if model else "")
    if before and before != COLORIZED:
        words += f"; digital source type before: {before}"
    description = new_description(document, root)
    set_property(description, _IPTC, "Iptc4xmpExt:DigitalSourceType", COLORIZED)
    if find(root, _XMP, "CreatorTool") is None:
        set_property(description, _XMP, "xmp:CreatorTool", software)
    for name, values in (captions or {}).items():
        _describe(document, root, description, name, values)
    event = document.createElementNS(RDF, "rdf:li")
    event.setAttributeNS(RDF, "rdf:parseType", "Resource")
    for name, value in (("action", "edited"), ("softwareAgent", software), ("parameters", words), ("changed", "/")):
        child = document.createElementNS(_EVENT, f"stEvt:{name}")
        child.setAttributeNS(XMLNS, "xmlns:stEvt", _EVENT)
        child.appendChild(document.createTextNode(value))
        event.appendChild(child)
    _history(document, root, description).appendChild(event)
    root.appendChild(description)
    return serialised(document)


def orientation(packet: bytes | None) -> int:
    """`tiff:Orientation` of a packet, 1 to 8; 1 where it is not said."""
    match = _ORIENTATION.search(packet or b"")
    return int(match[2]) if match else 1


def set_upright(packet: bytes) -> bytes:
    """The packet, as long as before, with `tiff:Orientation` 1 where it is said."""
    return _ORIENTATION.sub(rb"\g<1>1", packet)


def without_gps(packet: bytes) -> bytes | None:
    """The packet without properties, at any depth and of any namespace, named GPS-something; None if malformed.

    EXIF's own are `exif:GPSLatitude` and so on; drones write `drone-dji:GpsLatitude`.
    """
    document = parse(packet)
    if document is None:
        return None
    for element in document.getElementsByTagName("*"):
        if _names_gps(element.localName) and element.parentNode is not None:
            element.parentNode.removeChild(element)
            continue
        for name in list(element.attributes.keys()):
            if _names_gps(name.rpartition(":")[2]):
                element.removeAttribute(name)
    root = document.documentElement
    assert root is not None
    return root.toxml().encode()


def _names_gps(name: str | None) -> bool:
    return (name or "").lower().startswith("gps")


def _correct(root: "Element") -> None:
    """What the packet says about the old pixels."""
    for namespace, name in ((_TIFF, "Orientation"), (_EXIF, "ColorSpace")):
        place = find(root, namespace, name)
        if place is None:
            continue
        attribute = place.getAttributeNodeNS(namespace, name)
        if attribute is not None:
            attribute.value = "1"
        else:
            place.childNodes.clear()
            place.appendChild(place.ownerDocument.createTextNode("1"))  # type: ignore[union-attr]
    stale = ((_XMP, "Thumbnails"), (_PHOTOSHOP, "ColorMode"), (_PHOTOSHOP, "ICCProfile"), (_NOTE, "HasExtendedXMP"))
    for namespace, name in stale:
        remove(root, namespace, name)


def _describe(
    document: "Document", root: "Element", description: "Element", name: str, values: tuple[str, ...]
) -> None:
    """States a property of which the packet says nothing."""
    prefix, _, local = name.partition(":")
    namespace = _NAMESPACES[prefix]
    if find(root, namespace, local) is not None:
        return
    values = tuple(_NO_XML.sub("", value) for value in values)
    if name not in _LISTS:
        set_property(description, namespace, name, values[0])
        return
    listed = document.createElementNS(RDF, f"rdf:{_LISTS[name]}")
    for value in values:
        item = document.createElementNS(RDF, "rdf:li")
        if _LISTS[name] == "Alt":
            item.setAttribute("xml:lang", "x-default")
        item.appendChild(document.createTextNode(value))
        listed.appendChild(item)
    element = document.createElementNS(namespace, name)
    declare(element, {f"xmlns:{prefix}": namespace})
    element.appendChild(listed)
    description.appendChild(element)


def _history(document: "Document", root: "Element", description: "Element") -> "Element":
    """The sequence of the photograph's history; a new one in `description` if it has none."""
    history = find(root, _XMP_MM, "History")
    if history is not None:
        for node in history.childNodes:
            if getattr(node, "localName", None) == "Seq":
                return node  # type: ignore[return-value]
        remove(root, _XMP_MM, "History")
    history = document.createElementNS(_XMP_MM, "xmpMM:History")
    history.setAttributeNS(XMLNS, "xmlns:xmpMM", _XMP_MM)
    sequence = document.createElementNS(RDF, "rdf:Seq")
    history.appendChild(sequence)
    description.appendChild(history)
    return sequence
