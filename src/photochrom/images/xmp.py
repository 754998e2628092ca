"""XMP packets (ISO 16684-1): what came stays, and the result says that an algorithm gave it its colours.

The statement is the IPTC digital source type `compositeWithTrainedAlgorithmicMedia`, "augmentation, correction or
enhancement using a generative AI model". The neighbouring `algorithmicallyEnhanced` is for changes "without changing
the main content", such as sharpening; but these colours are guesses drawn from what a network learnt from other
pictures, and nothing in the photograph vouches for them. An archive should be able to tell.
"""

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

__all__ = ["COLORIZED", "colorized", "orientation", "set_upright", "without_gps"]

logger = logging.getLogger("photochrom")

COLORIZED = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_XMLNS = "http://www.w3.org/2000/xmlns/"
_IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_XMP_MM = "http://ns.adobe.com/xap/1.0/mm/"
_EVENT = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"

_EMPTY = f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{_RDF}"></rdf:RDF></x:xmpmeta>'
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_END = '<?xpacket end="w"?>'

_ORIENTATION = re.compile(rb"(tiff:Orientation(?:=[\"']|>)\s*)([1-8])")

# A packet beyond this is no description of a photograph.
_MOST_BYTES = 16 << 20


def colorized(packet: bytes | None, *, software: str, model: str | None, room: int | None = None) -> bytes:
    """The packet of the result: the photograph's own, with the digital source type and one more event of its history.

    `xmp:CreatorTool` names the first tool, so it is set only where none is named. A digital source type that was there
    (a scan may say `negativeFilm`) is superseded, and remembered in the event. Stale statements about the pixels
    (orientation, thumbnails, colour space) are corrected. A packet that is malformed or that declares a document type
    (entities may be bombs) cannot be extended: it is left out, with a warning in the log.

    Args:
        packet: the photograph's XMP, or None.
        software: name and version of the program.
        model: name of the network.
        room: the most bytes that the output's format can hold; a longer packet is left out too.
    """
    document = _parse(packet) if packet else None
    if document is None:
        document = _parse(_EMPTY.encode())
        assert document is not None
    root = document.getElementsByTagNameNS(_RDF, "RDF")[0]
    _correct(root)
    before = _remove(root, _IPTC, "DigitalSourceType")
    words = "colorized" + (f" with the model {model}" if model else "")
    if before and before != COLORIZED:
        words += f"; digital source type before: {before}"
    description = document.createElementNS(_RDF, "rdf:Description")
    description.setAttributeNS(_XMLNS, "xmlns:rdf", _RDF)
    description.setAttributeNS(_RDF, "rdf:about", _about(root))
    _set(description, _IPTC, "Iptc4xmpExt:DigitalSourceType", COLORIZED)
    if _find(root, _XMP, "CreatorTool") is None:
        _set(description, _XMP, "xmp:CreatorTool", software)
    event = document.createElementNS(_RDF, "rdf:li")
    event.setAttributeNS(_RDF, "rdf:parseType", "Resource")
    for name, value in (("action", "edited"), ("softwareAgent", software), ("parameters", words), ("changed", "/")):
        child = document.createElementNS(_EVENT, f"stEvt:{name}")
        child.setAttributeNS(_XMLNS, "xmlns:stEvt", _EVENT)
        child.appendChild(document.createTextNode(value))
        event.appendChild(child)
    _history(document, root, description).appendChild(event)
    root.appendChild(description)
    body = "".join(node.toxml() for node in document.childNodes if node.nodeType == node.ELEMENT_NODE)
    extended = (_BEGIN + body + _END).encode()
    if packet and room is not None and len(extended) > room:
        logger.warning("the photograph's XMP is too long for the format and is left out")
        return colorized(None, software=software, model=model)
    return extended


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
    document = _parse(packet)
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


def _parse(packet: bytes) -> "Document | None":
    from xml.dom import minidom
    from xml.parsers.expat import ExpatError

    try:
        text = packet.strip(b"\0").decode("utf-16" if packet[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        if len(packet) > _MOST_BYTES:
            raise ValueError(f"{len(packet)} bytes")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("it declares a document type")
        document = minidom.parseString(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).strip().encode())
        if not document.getElementsByTagNameNS(_RDF, "RDF"):
            raise ValueError("it holds no RDF")
        document.toxml()
    except (ValueError, ExpatError, RecursionError, AttributeError, KeyError) as error:
        logger.warning("the photograph's XMP cannot be read and is left out: %s", error)
        return None
    return document


def _correct(root: "Element") -> None:
    """What the packet says about the old pixels."""
    for namespace, name in ((_TIFF, "Orientation"), (_EXIF, "ColorSpace")):
        place = _find(root, namespace, name)
        if place is None:
            continue
        attribute = place.getAttributeNodeNS(namespace, name)
        if attribute is not None:
            attribute.value = "1"
        else:
            place.childNodes.clear()
            place.appendChild(place.ownerDocument.createTextNode("1"))  # type: ignore[union-attr]
    for namespace, name in ((_XMP, "Thumbnails"), (_PHOTOSHOP, "ColorMode"), (_PHOTOSHOP, "ICCProfile")):
        _remove(root, namespace, name)


def _descriptions(root: "Element") -> "list[Element]":
    return [node for node in root.childNodes if getattr(node, "namespaceURI", None) == _RDF]  # type: ignore[misc]


def _find(root: "Element", namespace: str, name: str) -> "Element | None":
    """The element of a top-level property, or the description that has it as an attribute."""
    for description in _descriptions(root):
        if description.hasAttributeNS(namespace, name):
            return description
        for child in description.childNodes:
            if getattr(child, "namespaceURI", None) == namespace and getattr(child, "localName", None) == name:
                return child  # type: ignore[return-value]
    return None


def _remove(root: "Element", namespace: str, name: str) -> str:
    """Removes a top-level property wherever it stands; gives its text."""
    text = ""
    while (place := _find(root, namespace, name)) is not None:
        if place.hasAttributeNS(namespace, name):
            text = place.getAttributeNS(namespace, name)
            place.removeAttributeNS(namespace, name)
        else:
            text = place.getAttributeNS(_RDF, "resource") or _text(place)
            assert place.parentNode is not None
            place.parentNode.removeChild(place)
    return " ".join(text.split())


def _text(element: "Element") -> str:
    return "".join(str(node.data) for node in element.childNodes if node.nodeType == node.TEXT_NODE)


def _about(root: "Element") -> str:
    """All descriptions of a packet are about one thing and must name it alike."""
    return next((d.getAttributeNS(_RDF, "about") for d in _descriptions(root)), "")


def _set(description: "Element", namespace: str, name: str, value: str) -> None:
    description.setAttributeNS(_XMLNS, "xmlns:" + name.split(":")[0], namespace)
    description.setAttributeNS(namespace, name, value)


def _history(document: "Document", root: "Element", description: "Element") -> "Element":
    """The sequence of the photograph's history; a new one in `description` if it has none."""
    history = _find(root, _XMP_MM, "History")
    if history is not None:
        for node in history.childNodes:
            if getattr(node, "localName", None) == "Seq":
                return node  # type: ignore[return-value]
        _remove(root, _XMP_MM, "History")
    history = document.createElementNS(_XMP_MM, "xmpMM:History")
    history.setAttributeNS(_XMLNS, "xmlns:xmpMM", _XMP_MM)
    sequence = document.createElementNS(_RDF, "rdf:Seq")
    history.appendChild(sequence)
    description.appendChild(history)
    return sequence
