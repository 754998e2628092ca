"""What a person wrote about a photograph, as XMP properties: for formats that have no place for it as it came.

IPTC-IIM becomes XMP by the IPTC Photo Metadata Standard 2023.2, a PNG's texts (ISO/IEC 15948, 11.3.3.2) by what they
mean.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from email.utils import parsedate_to_datetime

__all__ = ["Captions", "comment_captions", "decoded", "iptc_captions", "text_captions"]

# Values by the XMP property's name with its usual prefix.
Captions = Mapping[str, tuple[str, ...]]

_COMMENT, _DATE = "exif:UserComment", "photoshop:DateCreated"
# Of IPTC's record 2, by the number of the dataset.
_IPTC = {
    5: "dc:title",
    10: "photoshop:Urgency",
    15: "photoshop:Category",
    20: "photoshop:SupplementalCategories",
    25: "dc:subject",
    40: "photoshop:Instructions",
    80: "dc:creator",
    85: "photoshop:AuthorsPosition",
    90: "photoshop:City",
    92: "Iptc4xmpCore:Location",
    95: "photoshop:State",
    100: "Iptc4xmpCore:CountryCode",
    101: "photoshop:Country",
    103: "photoshop:TransmissionReference",
    105: "photoshop:Headline",
    110: "photoshop:Credit",
    115: "photoshop:Source",
    116: "dc:rights",
    120: "dc:description",
    122: "photoshop:CaptionWriter",
}
_IPTC_DAY, _IPTC_TIME = 55, 60
_TEXTS = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Description": "dc:description",
    "Copyright": "dc:rights",
    "Disclaimer": "xmpRights:UsageTerms",
    "Warning": "photoshop:Instructions",
    "Source": "dc:source",
}
_TIME = re.compile(r"(\d\d)(\d\d)(\d\d)(?:([+-]\d\d)(\d\d))?")
_UTF8 = b"\x1b%G"


def iptc_captions(data: bytes) -> Captions:
    """The descriptive fields of IPTC-IIM data; what is malformed ends the list."""
    fields = list(_datasets(data))
    charset = next((value for record, number, value in fields if (record, number) == (1, 90)), b"")
    found: dict[str, tuple[str, ...]] = {}
    said: dict[int, str] = {}
    for record, number, value in fields:
        if record != 2 or not value:
            continue
        text = value.decode("utf-8", "replace") if charset == _UTF8 else decoded(value)
        said[number] = text
        if name := _IPTC.get(number):
            found[name] = (*found.get(name, ()), text)
    if made := _iptc_date(said.get(_IPTC_DAY, ""), said.get(_IPTC_TIME, "")):
        found[_DATE] = (made,)
    return found


def text_captions(texts: Mapping[str, str]) -> Captions:
    """The texts of a PNG that its specification names, by their keywords; a program's own stay behind."""
    found = {_TEXTS[key]: (text,) for key, text in texts.items() if key in _TEXTS and text}
    if made := _text_date(texts.get("Creation Time", "")):
        found[_DATE] = (made,)
    return found


def comment_captions(comment: bytes) -> Captions:
    """A file's comment."""
    return {_COMMENT: (decoded(comment),)}


def decoded(value: bytes) -> str:
    """Text of which nobody says how it is encoded: UTF-8 if it can be, else what Windows wrote in the West."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def _datasets(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Record, dataset and value of each field (IPTC-NAA Information Interchange Model 4.2, chapter 1.6)."""
    at = 0
    while at + 5 <= len(data) and data[at] == 0x1C:
        record, number = data[at + 1 : at + 3]
        size, at = int.from_bytes(data[at + 3 : at + 5]), at + 5
        if size & 0x8000:  # the length of the length
            wide = size & 0x7FFF
            size, at = int.from_bytes(data[at : at + wide]), at + wide
        if at + size > len(data):
            return
        yield record, number, data[at : at + size]
        at += size


def _iptc_date(day: str, time: str) -> str:
    """A date as XMP has it, of CCYYMMDD with 00 for what is not known, and HHMMSS with the zone; "" if it is none."""
    if not re.fullmatch(r"\d{8}", day) or day.startswith("0000"):
        return ""
    year, month, of_month = day[:4], day[4:6], day[6:]
    if month == "00":
        return year
    if of_month == "00":
        return f"{year}-{month}"
    parts = _TIME.match(time)
    if not parts:
        return f"{year}-{month}-{of_month}"
    zone = f"{parts[4]}:{parts[5]}" if parts[4] else ""
    return f"{year}-{month}-{of_month}T{parts[1]}:{parts[2]}:{parts[3]}{zone}"


def _text_date(text: str) -> str:
    """A date as XMP has it, of RFC 1123's, which PNG asks for, or of ISO 8601's; "" of what is neither."""
    for parse in (parsedate_to_datetime, date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(text.strip()).isoformat()
        except ValueError:
            continue
    return ""
