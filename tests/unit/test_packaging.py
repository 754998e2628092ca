"""What is written in several places is the same in all of them, and locks are safe to install from."""

import re
import tomllib
from pathlib import Path

import pytest

import photochrom

LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pins(lock: Path) -> dict[str, str]:
    """Name and version of every pinned package."""
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+) \\$", lock.read_text("utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_a_hash_and_no_host_is_named(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text("utf-8")
    assert len(pins(repository / lock)) > 10
    assert len(re.findall(r"^\S+==\S+ \\\n    --hash=sha256:", text, flags=re.MULTILINE)) == len(
        pins(repository / lock)
    )
    assert not re.search(r"://|^--|\s/", text, flags=re.MULTILINE)


def test_users_and_tests_get_the_same_versions(repository: Path) -> None:
    core, dev = (pins(repository / lock) for lock in LOCKS)
    assert core.items() <= dev.items()


def test_pytorch_stands_in_neither_lock_but_by_version(repository: Path) -> None:
    assert not any(name.startswith(("torch", "nvidia")) for lock in LOCKS for name in pins(repository / lock))
    assert re.fullmatch(r"torch==[\d.]+\n", (repository / "requirements-torch.txt").read_text("utf-8"))


def test_every_core_dependency_is_locked(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {re.split(r"[<>=!~ ]", requirement)[0] for requirement in project["dependencies"]}
    assert needed <= set(pins(repository / "requirements.lock"))


def test_citation_names_this_version(repository: Path) -> None:
    assert f"\nversion: {photochrom.__version__}\n" in (repository / "CITATION.cff").read_text("utf-8")


def test_every_extra_is_documented(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    rows = re.findall(r"^\| `(\w+)` \|", (repository / "docs" / "installing.md").read_text("utf-8"), flags=re.MULTILINE)
    assert set(rows) == set(project["optional-dependencies"]) - {"dev"}


def test_every_action_is_pinned_by_its_commit_and_says_its_version(repository: Path) -> None:
    workflows = list((repository / ".github" / "workflows").glob("*.yml"))
    uses = [line for file in workflows for line in re.findall(r"uses: (.*)", file.read_text("utf-8"))]
    assert len(uses) > 5
    assert [line for line in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", line)] == []


def test_what_the_dockerfile_copies_is_there_and_is_sent_to_the_builder(repository: Path) -> None:
    text = (repository / "Dockerfile").read_text("utf-8")
    copied = {
        name for names in re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE) for name in names.split()
    }
    sent = set(re.findall(r"^!(\S+)$", (repository / ".dockerignore").read_text("utf-8"), flags=re.MULTILINE))
    assert {"src", "frontend", "requirements.lock"} <= sent
    for name in copied:
        assert (repository / name).exists(), name
        assert sent & {name, *(str(folder.as_posix()) for folder in Path(name).parents)}, name
