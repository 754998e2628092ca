"""The page that says what became of a batch: one file, pictures inside, that works without a network.

Of a large batch it shows a sample, the same for every run, so that it stays small: 200 photographs before and after,
and the first 1,000 failures. All of them are in the manifest.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from photochrom import __version__
from photochrom.batch.records import Record
from photochrom.batch.settings import Settings
from photochrom.batch.target import Target
from photochrom.batch.thumbnails import thumbnail_name
from photochrom.errors import InputError

MOST_FAILURES = 1000
_GENERATOR = '<meta name="generator" content="photochrom '
# Nothing is fetched and nothing runs, whatever a file is named.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1, td, figcaption { overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; }
dt { font-size: 0.875rem; opacity: 0.75; }
dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid #8886; }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }
figure { margin: 0; }
figure img { width: 100%; height: auto; display: block; }
figcaption { font-size: 0.875rem; }
"""


@dataclass(frozen=True)
class Summary:
    """What the page says.

    Attributes:
        name: of the page in OUT.
        title: which batch.
        shard: which part of it, or None.
        manifest: name of the manifest in OUT.
        settings: how it was coloured.
        total, done, unchanged, failed, left: photographs.
        seconds: the run took.
        failures: records of the first that failed.
        shown: names of the photographs that have thumbnails, as far as they are done.
    """

    name: str
    title: str
    shard: str | None
    manifest: str
    settings: Settings
    total: int
    done: int
    unchanged: int
    failed: int
    left: int
    seconds: float
    failures: Sequence[Record]
    shown: Sequence[str]


def put_summary(target: Target, summary: Summary) -> None:
    """Writes the page into OUT. A page of that name that is no summary is set aside.

    Raises:
        InputError: it cannot be written.
    """
    if target.stat(summary.name) is not None and not _is_summary(target, summary.name):
        target.set_aside(summary.name)
    with target.write(summary.name, replace=True) as stream:
        for part in _page(summary, target):
            stream.write(part.encode())


def duration(seconds: float) -> str:
    """A time for people: 42 s, 3 min 20 s, 5 h 7 min, 2 d 3 h."""
    whole = round(seconds)
    for size, unit, part, smaller in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole} s"


def _is_summary(target: Target, name: str) -> bool:
    try:
        return _GENERATOR.encode() in target.read(name)
    except InputError:  # such as a folder
        return False


def _page(summary: Summary, target: Target) -> Iterator[str]:
    title = escape(_sayable(summary.title))
    part = f" (part {summary.shard})" if summary.shard else ""
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
{_GENERATOR}{__version__}">
<title>Photochrom batch: {title}</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>{title}{part}</h1>
{_figures(summary)}
<p>{escape(_settings_words(summary.settings))} Every photograph is in {escape(summary.manifest)}.</p>
</header>
<main>
"""
    yield from _failures(summary)
    yield from _pairs(summary, target)
    yield "</main>\n</body>\n</html>\n"


def _figures(summary: Summary) -> str:
    figures = [
        ("Photographs", f"{summary.total:,}"),
        ("Coloured by this run", f"{summary.done:,}"),
        ("Done before", f"{summary.unchanged:,}"),
        ("Failed", f"{summary.failed:,}"),
        ("Left to do", f"{summary.left:,}"),
        ("Time", duration(summary.seconds)),
    ]
    if summary.done and summary.seconds:
        figures.append(("Rate", f"{summary.done / summary.seconds:.1f} a second"))
    return f"<dl>{''.join(f'<div><dt>{name}</dt><dd>{value}</dd></div>' for name, value in figures)}</dl>"


def _settings_words(settings: Settings) -> str:
    words = [f"Model {settings.model}"]
    if settings.decode:
        words.append(f"{settings.decode} colours")
    if settings.saturation != 1:
        words.append(f"saturation {settings.saturation:g}")
    if settings.temperature:
        words.append(f"temperature {settings.temperature:g}")
    if settings.hints:
        words.append(f"{len(settings.hints)} hints")
    if settings.reference:
        words.append("with a reference")
    return ", ".join(words) + "."


def _failures(summary: Summary) -> Iterator[str]:
    if not summary.failures:
        return
    more = f": the first {len(summary.failures):,}" if summary.failed > len(summary.failures) else ""
    yield f'<section>\n<h2>Failed{more}</h2>\n<table>\n<thead><tr><th scope="col">Photograph</th>'
    yield '<th scope="col">Reason</th></tr></thead>\n<tbody>\n'
    for record in summary.failures:
        name, reason = escape(_sayable(record.path)), escape(_sayable(record.error or ""))
        yield f"<tr><td>{name}</td><td>{reason}</td></tr>\n"
    yield "</tbody>\n</table>\n</section>\n"


def _pairs(summary: Summary, target: Target) -> Iterator[str]:
    sample = f"a sample of {len(summary.shown):,}" if summary.total > len(summary.shown) else "all"
    yield f'<section>\n<h2>Before and after: {sample}</h2>\n<div class="pairs">\n'
    for name in summary.shown:
        picture = None
        with suppress(InputError):  # it has failed, or was not come to
            picture = base64.b64encode(target.read(thumbnail_name(name))).decode("ascii")
        if picture:
            label = escape(_sayable(name))
            image = f'<img src="data:image/jpeg;base64,{picture}" alt="{label}, before and after" loading="lazy">'
            yield f"<figure>{image}<figcaption>{label}</figcaption></figure>\n"
    yield "</div>\n</section>\n"


def _sayable(name: str) -> str:
    """A file's name as UTF-8 can hold it: bytes that are no text become question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")
