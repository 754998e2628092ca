"""Markdown tables of figures, and the cells of bars."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose first column is text and whose others are figures."""
    return _table(head, ["---"] + ["---:"] * (len(head) - 1), rows)


def words(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table of text."""
    return _table(head, ["---"] * len(head), rows)


def verdict(met: bool) -> str:
    """What a bar's cell says."""
    return "met" if met else "**missed**"


def at_most(value: float, bar: float, form: str) -> list[str]:
    """Cells of a value, its bar from above, and the verdict; `form` is a format such as `{:.2f} s`."""
    return [form.format(value), f"at most {form.format(bar)}", verdict(value <= bar)]


def _table(head: Sequence[str], rule: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]
