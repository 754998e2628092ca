"""The sheet as one HTML page: pictures, style and script inside, so that it works from a file and without a network."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import BinaryIO

import numpy as np
from PIL import Image

from photochrom import __version__
from photochrom.comparison.row import INPUT, Label, Row, mean_labels
from photochrom.comparison.store import RowStore
from photochrom.comparison.words import NOTE, TITLE, figure_words, mean_words
from photochrom.evaluation.datasets import Picture

# High, and without colour subsampling: colours are what one looks at. Figures are of the pictures before this.
_QUALITY = 90

# Nothing is fetched, whatever a file is named.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def write_page(rows: RowStore, stream: BinaryIO) -> None:
    """Writes a page on which each result can be slid over the photograph's input.

    Without JavaScript the pictures stand side by side.

    Args:
        rows: at least one.
        stream: written from the beginning to the end, a photograph at a time.
    """
    stream.write(_head().encode())
    for number, row in enumerate(rows, 1):
        stream.write(_section(row, number).encode())
    stream.write(_foot(rows).encode())


def _head() -> str:
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="generator" content="photochrom {__version__}">
<title>{TITLE}</title>
<style>
{_part("page.css")}</style>
</head>
<body>
<header>
<h1>{TITLE}</h1>
<p>{escape(NOTE)}</p>
<p class="scripted">Drag over a picture, or use its slider: the input appears from the left.
<label class="together"><input type="checkbox" id="together" checked> move a photograph's sliders together</label></p>
</header>
<main>
"""


def _section(row: Row, number: int) -> str:
    figures = "\n".join(_figures(row, number))
    name = escape(_sayable(row.name))
    return f'<section class="photograph">\n<h2>{name}</h2>\n<div class="row">\n{figures}\n</div>\n</section>\n'


def _figures(row: Row, number: int) -> Iterator[str]:
    for column, (label, picture) in enumerate(zip(row.labels, row.pictures, strict=True)):
        title, name = escape(label.title), escape(_sayable(row.name))
        height, width = picture.shape[:2]
        image = f'<img src="{_data_uri(picture)}" width="{width}" height="{height}" alt="{title} of {name}">'
        caption = f"<figcaption>{title}</figcaption>\n{_definitions(label)}"
        if label.title == INPUT:
            yield f'<figure><div class="still">{image}</div>\n{caption}</figure>'
            continue
        identity = f"slide-{number}-{column}"
        yield (
            f'<figure class="result"><div class="pair">{image}</div>\n'
            f'<div class="slide scripted">'
            f'<label for="{identity}">Input<span class="unseen"> over {title}</span></label>\n'
            f'<input type="range" id="{identity}" min="0" max="100" value="0"></div>\n{caption}</figure>'
        )


def _definitions(label: Label) -> str:
    known = [(name, value) for name, value in figure_words(label.figures) if value]
    return f"<dl>{''.join(f'<dt>{name}</dt><dd>{value}</dd>' for name, value in known)}</dl>"


def _foot(rows: RowStore) -> str:
    return f"</main>\n{_means(rows)}<script>\n{_part('page.js')}</script>\n</body>\n</html>\n"


def _means(rows: RowStore) -> str:
    if len(rows.entries) < 2:
        return ""
    count, labels = mean_labels(entry.labels for entry in rows.entries)
    heads = "".join(f'<th scope="col">{name}</th>' for name, _ in figure_words(labels[0].figures))
    lines = "\n".join(_line(label) for label in labels)
    return (
        f"<section>\n<h2>{mean_words(count, len(rows.entries))}</h2>\n"
        f'<div class="scroll"><table>\n<thead><tr><th scope="col">Method</th>{heads}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody>\n</table></div>\n</section>\n"
    )


def _line(label: Label) -> str:
    cells = "".join(f"<td>{value}</td>" for _, value in figure_words(label.figures))
    return f'<tr><th scope="row">{escape(label.title)}</th>{cells}</tr>'


def _data_uri(picture: Picture) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(picture)).save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _sayable(name: str) -> str:
    """A file's name as UTF-8 can hold it: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def _part(name: str) -> str:
    return files("photochrom.comparison").joinpath(name).read_text("utf-8")
