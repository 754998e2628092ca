"""Builds the documents as a site into build/docs/site/, and looks whether every link in it leads somewhere.

    python docs/build.py [FOLDER]

Warnings are errors. The pages are the repository's Markdown files, laid out as they lie there together with whatever
they link to, so that the same links work here and where the repository is read. mkdocs.yml has the rest.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "build" / "docs"
PAGES = ("*.md", "docs/*.md", "docs/manual/*.md", "examples/*.md")
_LINK = re.compile(r"\]\(([^()\s:#]+)(?:#[^()\s]*)?\)")


class Page(HTMLParser):
    """A built page: where its links lead, and which places in it can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.places.add(value)
            elif name in {"href", "src"} and value and tag != "base":
                self.links.append(value)


def lay_out(stage: Path) -> None:
    """Copies the pages, and the files that they link to, into a folder."""
    pages = [page for pattern in PAGES for page in sorted(REPOSITORY.glob(pattern))]
    linked = {
        (page.parent / unquote(link)).resolve() for page in pages for link in _LINK.findall(page.read_text("utf-8"))
    }
    for file in {*pages, *(file for file in linked if file.is_file() and REPOSITORY in file.parents)}:
        place = stage / file.relative_to(REPOSITORY)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def dead_links(site: Path) -> Iterator[str]:
    """The links of a built site that lead to no file or to no place in one; other sites are not asked."""
    read = cache(Page)
    for path in sorted(site.rglob("*.html")):
        for link in read(path).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html":  # whose links are relative to any address
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            found = target.is_file() and (
                not parts.fragment or target.suffix != ".html" or unquote(parts.fragment) in read(target).places
            )
            if not found:
                yield f"{path.relative_to(site).as_posix()}: {link}"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    lay_out(folder / "pages")
    shutil.copyfile(REPOSITORY / "docs" / "mkdocs.yml", folder / "mkdocs.yml")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    if subprocess.run(command, cwd=folder).returncode:
        sys.exit("docs/build.py: the documents have faults, see above")
    dead = list(dead_links(folder / "site"))
    if dead:
        sys.exit("\n".join(["docs/build.py: dead links:", *dead]))


if __name__ == "__main__":
    main()
