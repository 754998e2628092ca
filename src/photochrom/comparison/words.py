"""The words that both kinds of sheet share."""

from __future__ import annotations

from photochrom.comparison.row import Figures

TITLE = "Photochrom: methods side by side"
NOTE = (
    "Higher PSNR and lower CIEDE2000 mean closer to the original's colours. Colourfulness (Hasler and Suesstrunk 2003) "
    "says how vivid a picture is: 0 is gray. A plausible colouring need not be the original's. "
    "The results' colours were made by an algorithm."
)


def figure_words(figures: Figures) -> list[tuple[str, str]]:
    """Names and values of a picture's figures; the value of one that is not known is empty."""
    return [
        ("PSNR", "" if figures.psnr is None else f"{figures.psnr:.1f} dB"),
        ("CIEDE2000", "" if figures.ciede2000 is None else f"{figures.ciede2000:.1f}"),
        ("Colourfulness", f"{figures.colorfulness:.1f}"),
    ]


def mean_words(count: int, total: int) -> str:
    """What the means are of."""
    if count == total:
        return f"Mean of {count} photographs"
    return f"Mean of the {count} of {total} photographs that have an original"
