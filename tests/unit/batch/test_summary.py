"""The summary page: safe whatever files are called, and small however many there are."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from photochrom.batch.places import open_target
from photochrom.batch.records import Record
from photochrom.batch.run import Outcome
from photochrom.batch.settings import Settings
from photochrom.batch.summary import Summary, duration, put_summary
from photochrom.batch.thumbnails import shown, thumbnail_name

Batch = Callable[..., tuple[Outcome, list[Record]]]
NASTY = '<script>alert("1")</script>\'&\udcff.png'


class Page(HTMLParser):
    """A page's tags and text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_shows_every_photograph_before_and_after_and_every_failure(
    here: Path, batch: Batch, photograph: Callable[..., Path]
) -> None:
    photograph("in/a.png", 1)
    photograph("in/b/c.jpg", 2)
    Path("in/empty.png").touch()
    batch("in", "out")
    page = Page(Path("out/summary.html").read_text("utf-8"))
    assert [image["alt"] for image in page.images] == ["a.png, before and after", "b/c.jpg, before and after"]
    assert "empty.png" in page.text and "is empty" in page.text


def test_page_refers_to_nothing_outside_of_itself(here: Path, batch: Batch, photograph: Callable[..., Path]) -> None:
    photograph("in/a.png", 1)
    batch("in", "out")
    content = Path("out/summary.html").read_text("utf-8")
    assert set(re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?(\w+:)""", content)) == {"data:"}
    assert not re.findall(r"https?:|//", re.sub(r"base64,[^\"]*", "", content))
    assert "default-src 'none'" in content


def summary(total: int, failures: int) -> Summary:
    names = [f"{number:05}.jpg" for number in range(total)]
    records = [Record(NASTY, "", "failed", error=f"{NASTY} is broken") for _ in range(min(failures, 1000))]
    sample = sorted(shown(names))
    return Summary(
        "summary.html",
        NASTY,
        None,
        "manifest.jsonl",
        Settings(),
        total,
        total - failures,
        0,
        failures,
        0,
        9e4,
        records,
        sample,
    )


def test_names_are_text_and_never_tags(tmp_path: Path) -> None:
    put_summary(open_target(str(tmp_path), ""), summary(3, 2))
    page = Page((tmp_path / "summary.html").read_text("utf-8"))
    assert "script" not in page.tags and page.text.count('<script>alert("1")</script>') >= 4


def test_page_of_50000_photographs_stays_small(tmp_path: Path) -> None:
    target, large = open_target(str(tmp_path), ""), summary(50_000, 5_000)
    for name in large.shown:
        with target.write(thumbnail_name(name), replace=True) as stream:
            stream.write(b"\xff" * 12_000)
    put_summary(target, large)
    content = (tmp_path / "summary.html").read_text("utf-8")
    assert len(content) < 5e6 and content.count("<figure>") == 200 and content.count("<tr><td>") == 1000
    assert "50,000" in content and "a sample of 200" in content


def test_other_page_of_that_name_is_kept(tmp_path: Path) -> None:
    (tmp_path / "summary.html").write_text("mine", "utf-8")
    for _ in range(2):
        put_summary(open_target(str(tmp_path), ""), summary(3, 0))
    assert (tmp_path / "summary.changed-1.html").read_text("utf-8") == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["summary.changed-1.html", "summary.html"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.7, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (18_420, "5 h 7 min"), (183_600, "2 d 3 h")],
)
def test_durations_are_for_people(seconds: float, words: str) -> None:
    assert duration(seconds) == words
