"""The documents as a site: they build without a warning, all of them are reachable, and the reference is complete."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import photochrom


@pytest.fixture(scope="module")
def builder(repository: Path) -> ModuleType:
    """docs/build.py, which is a script."""
    spec = importlib.util.spec_from_file_location("docs_build", repository / "docs" / "build.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, just built; a warning or a dead link would have ended it."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, str(repository / "docs" / "build.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def test_the_site_has_every_page_and_can_be_searched(builder: ModuleType, repository: Path, site: Path) -> None:
    pages = [page.relative_to(repository) for pattern in builder.PAGES for page in repository.glob(pattern)]
    assert len(pages) > 25
    for page in pages:
        name = "index.html" if page.name == "README.md" else f"{page.stem}.html"
        assert (site / page.parent / name).is_file(), page
    assert "annealed mean" in (site / "search.json").read_text("utf-8")


def test_what_the_package_says_of_its_names_is_on_the_reference_page(site: Path) -> None:
    page = (site / "docs" / "api.html").read_text("utf-8")
    for name in photochrom.__all__:
        if name != "__version__":
            assert f'id="photochrom.{name}"' in page, name
    assert 'id="photochrom.Work.next_hint"' in page
    assert "One photograph at work: encoded once, coloured as often as its hints change." in page


def test_a_page_asks_no_other_site_for_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        asked = re.findall(
            r'<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="((?:https?:)?//[^"]+)', page.read_text("utf-8")
        )
        assert not asked, page


def test_the_reference_names_all_that_is_public(repository: Path) -> None:
    named = re.findall(r"^::: photochrom\.(\w+)$", (repository / "docs" / "api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(set(photochrom.__all__) - {"__version__"})


def test_the_navigation_leads_to_every_page(builder: ModuleType, repository: Path) -> None:
    # One value is a Python object's name (a function that makes anchors), which plain YAML does not know.
    text = re.sub(r"!!python/\S+", "", (repository / "docs" / "mkdocs.yml").read_text("utf-8"))
    pages = {page.relative_to(repository).as_posix() for pattern in builder.PAGES for page in repository.glob(pattern)}
    assert sorted(leaves(yaml.safe_load(text)["nav"])) == sorted(pages)


def leaves(node: object) -> list[str]:
    """The paths in a part of the navigation."""
    if isinstance(node, str):
        return [node]
    assert isinstance(node, dict | list)
    return [leaf for part in (node.values() if isinstance(node, dict) else node) for leaf in leaves(part)]


def test_links_to_no_file_and_to_no_place_are_found(builder: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.html").write_text(
        '<h1 id="top">a</h1><a href="#top">1</a><a href="folder/b.html#here">2</a><a href="folder">3</a>'
        '<a href="https://example.org/x">4</a><a href="#gone">5</a><a href="c.html">6</a><img src="folder/b.png">',
        encoding="utf-8",
    )
    (tmp_path / "folder" / "b.html").write_text('<p id="here"><a href="../a.html#nowhere">7</a>', encoding="utf-8")
    assert sorted(builder.dead_links(tmp_path)) == [
        "a.html: #gone",
        "a.html: c.html",
        "a.html: folder",
        "a.html: folder/b.png",
        "folder/b.html: ../a.html#nowhere",
    ]
