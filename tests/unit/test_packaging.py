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
