"""Parts of documents that a command writes, between two marks."""

END = "<!-- End of what benchmarks/report.py writes. -->"


def begin(source: str) -> str:
    """The mark before a part that is written from `source`."""
    return f"<!-- Written by benchmarks/report.py from {source}; do not edit. -->"


def fill(text: str, source: str, lines: list[str]) -> str:
    """Return the document with the part that is written from `source` replaced by `lines`.

    Raises:
        ValueError: the document lacks one of the two marks.
    """
    before, first, rest = text.partition(begin(source))
    _, last, after = rest.partition(END)
    if not first or not last:
        raise ValueError(f"the document must hold the lines\n{begin(source)}\n{END}")
    return "\n".join([before + first, "", *lines, "", last + after])
