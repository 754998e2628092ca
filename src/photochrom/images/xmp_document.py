"""XMP packets as documents: parsed with care, looked into, changed, and serialised again (ISO 16684-1)."""

import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Attr, Document, Element

__all__ = [
    "EMPTY",
    "RDF",
    "XMLNS",
    "declare",
    "descriptions",
    "find",
    "in_scope",
    "new_description",
    "parse",
    "properties",
    "property_text",
    "remove",
    "root_of",
    "serialised",
    "set_property",
]

logger = logging.getLogger("photochrom")

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XMLNS = "http://www.w3.org/2000/xmlns/"
_META = "adobe:ns:meta/"

EMPTY = f'<x:xmpmeta xmlns:x="{_META}"><rdf:RDF xmlns:rdf="{RDF}"></rdf:RDF></x:xmpmeta>'
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_END = '<?xpacket end="w"?>'

# A packet beyond this is no description of a photograph.
_MOST_BYTES = 16 << 20


def parse(packet: bytes) -> "Document | None":
    """The document of a packet; None, with a warning, of one that is malformed or declares a document type."""
    from xml.dom import minidom
    from xml.parsers.expat import ExpatError

    try:
        text = packet.strip(b"\0").decode("utf-16" if packet[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        if len(packet) > _MOST_BYTES:
            raise ValueError(f"{len(packet)} bytes")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise ValueError("it declares a document type")
        document = minidom.parseString(re.sub(r"^\s*<\?xml[^>]*\?>", "", text).strip().encode())
        if not document.getElementsByTagNameNS(RDF, "RDF"):
            raise ValueError("it holds no RDF")
        document.toxml()
    except (ValueError, ExpatError, RecursionError, AttributeError, KeyError) as error:
        logger.warning("the photograph's XMP cannot be read and is left out: %s", error)
        return None
    return document


def root_of(document: "Document") -> "Element":
    """The element that holds the descriptions."""
    return document.getElementsByTagNameNS(RDF, "RDF")[0]


def serialised(document: "Document") -> bytes:
    """The packet of a document."""
    body = "".join(node.toxml() for node in document.childNodes if node.nodeType == node.ELEMENT_NODE)
    return (_BEGIN + body + _END).encode()


def new_description(document: "Document", root: "Element") -> "Element":
    """An empty description of what the packet under `root` is about."""
    description = document.createElementNS(RDF, "rdf:Description")
    declare(description, {"xmlns:rdf": RDF})
    description.setAttributeNS(RDF, "rdf:about", _about(root))
    return description


def in_scope(element: "Element") -> dict[str, str]:
    """The namespaces that an element knows, by the attributes that declare them."""
    above = element.parentNode
    known = in_scope(above) if above is not None and above.nodeType == above.ELEMENT_NODE else {}
    return known | {name: value for name, value in element.attributes.items() if name.partition(":")[0] == "xmlns"}


def declare(element: "Element", namespaces: Mapping[str, str]) -> None:
    """Lets an element know namespaces, by the attributes that declare them."""
    for name, value in namespaces.items():
        if not element.hasAttribute(name):
            element.setAttributeNS(XMLNS, name, value)


def properties(root: "Element") -> "Iterator[tuple[Element, Element | Attr]]":
    """Every top-level property, an element or an attribute, and the description that it stands in."""
    for description in descriptions(root):
        yield from ((description, node) for node in description.childNodes if node.nodeType == node.ELEMENT_NODE)
        for attribute in list(description.attributes.values()):
            if attribute.namespaceURI not in (XMLNS, RDF, None):
                yield description, attribute


def property_text(node: "Element | Attr") -> str:
    """A property as it is written."""
    return node.toxml() if node.nodeType == node.ELEMENT_NODE else f"{node.name}={node.value}"


def descriptions(root: "Element") -> "list[Element]":
    """Those that the packet's properties are spread over."""
    return [node for node in root.childNodes if getattr(node, "namespaceURI", None) == RDF]  # type: ignore[misc]


def find(root: "Element", namespace: str, name: str) -> "Element | None":
    """The element of a top-level property, or the description that has it as an attribute."""
    for description in descriptions(root):
        if description.hasAttributeNS(namespace, name):
            return description
        for child in description.childNodes:
            if getattr(child, "namespaceURI", None) == namespace and getattr(child, "localName", None) == name:
                return child  # type: ignore[return-value]
    return None


def remove(root: "Element", namespace: str, name: str) -> str:
    """Removes a top-level property wherever it stands; gives its text."""
    text = ""
    while (place := find(root, namespace, name)) is not None:
        if place.hasAttributeNS(namespace, name):
            text = place.getAttributeNS(namespace, name)
            place.removeAttributeNS(namespace, name)
        else:
            text = place.getAttributeNS(RDF, "resource") or _text(place)
            assert place.parentNode is not None
            place.parentNode.removeChild(place)
    return " ".join(text.split())


def _text(element: "Element") -> str:
    return "".join(str(node.data) for node in element.childNodes if node.nodeType == node.TEXT_NODE)


def _about(root: "Element") -> str:
    """All descriptions of a packet are about one thing and must name it alike."""
    return next((d.getAttributeNS(RDF, "about") for d in descriptions(root)), "")


def set_property(description: "Element", namespace: str, name: str, value: str) -> None:
    """States a property whose value is one text."""
    description.setAttributeNS(XMLNS, "xmlns:" + name.split(":")[0], namespace)
    description.setAttributeNS(namespace, name, value)
