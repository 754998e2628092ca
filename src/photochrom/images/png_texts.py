"""A PNG's texts: what people wrote there, XMP, and what ImageMagick and exiftool keep there for want of a chunk."""

from collections.abc import Mapping
from typing import Any

from PIL.PngImagePlugin import PngInfo

from . import photoshop
from .captions import decoded
from .photograph import Metadata

__all__ = ["XMP_KEY", "png_texts", "raw_profile", "written_texts"]

XMP_KEY = "XML:com.adobe.xmp"
_RAW_PROFILE = "Raw profile type "
_BYTES_A_LINE = 36


def png_texts(info: Mapping[Any, Any]) -> dict[str, str]:
    """Texts by their keywords, without those that hold what is read elsewhere or speak of the file's own thumbnail.

    Args:
        info: what Pillow knows of a loaded PNG: nothing else there is a string.
    """
    others = (_RAW_PROFILE, XMP_KEY, "Thumb::")
    return {key: value for key, value in info.items() if isinstance(value, str) and not key.startswith(others)}


def raw_profile(info: Mapping[Any, Any], kind: str) -> bytes | None:
    """Data that a text holds (exif, iptc, 8bim or xmp): a name, a length, hexadecimal lines."""
    raw = info.get(_RAW_PROFILE + kind)
    if not isinstance(raw, str):
        return None
    try:
        return bytes.fromhex("".join(raw.split("\n")[3:]))
    except ValueError:
        return None


def written_texts(metadata: Metadata, packet: bytes) -> PngInfo:
    """The texts of a result: the photograph's own, its comment, its IPTC-IIM, and the XMP packet."""
    texts = PngInfo()
    for key, text in metadata.texts.items():
        texts.add_text(key, text)
    if metadata.comment and "Comment" not in metadata.texts:
        texts.add_text("Comment", decoded(metadata.comment))
    if data := photoshop.iptc(metadata.photoshop or b""):
        lines = "\n".join(data[at : at + _BYTES_A_LINE].hex() for at in range(0, len(data), _BYTES_A_LINE))
        texts.add_text(f"{_RAW_PROFILE}iptc", f"\niptc\n{len(data):8}\n{lines}\n", zip=True)
    texts.add_itxt(XMP_KEY, packet.decode())
    return texts
