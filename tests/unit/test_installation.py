"""The command that a message names installs the extra where photochrom itself came from."""

import json
import shlex
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from photochrom.installation import install_command


@pytest.fixture
def installed_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which an installer notes where this package came from (PEP 610)."""
    folder = tmp_path / "photochrom-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: photochrom\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder / "direct_url.json"


@pytest.fixture(autouse=True)
def python_with_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an environment with a Python and a pip, which a shell finds."""
    folder = tmp_path / "my environment" / "bin"
    folder.mkdir(parents=True)
    for name in ("python", "pip"):
        (folder / name).touch(0o755)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def asked_of_pip(extra: str) -> list[str]:
    pip, install, *rest = shlex.split(install_command(extra))
    assert (pip, install) == ("pip", "install")
    return rest


def test_from_an_index_by_name(installed_from: Path) -> None:
    (requirement,) = asked_of_pip("train")
    assert Requirement(requirement) == Requirement("photochrom[train]")


@pytest.mark.skipif(sys.platform == "win32", reason="a path of POSIX")
@pytest.mark.parametrize(("editable", "flags"), [(True, ["-e"]), (False, [])])
def test_from_a_checkout_by_its_folder(installed_from: Path, editable: bool, flags: list[str]) -> None:
    origin = {"url": "file:///home/ann/my%20photochrom", "dir_info": {"editable": editable}}
    installed_from.write_text(json.dumps(origin), encoding="utf-8")
    assert asked_of_pip("tiff") == [*flags, "/home/ann/my photochrom[tiff]"]


@pytest.mark.parametrize(
    ("origin", "url"),
    [
        ({"url": "https://example.org/p.whl", "archive_info": {}}, "https://example.org/p.whl"),
        ({"url": "https://example.org/p.git", "vcs_info": {"vcs": "git"}}, "git+https://example.org/p.git"),
    ],
)
def test_from_elsewhere_by_its_address(installed_from: Path, origin: dict[str, object], url: str) -> None:
    installed_from.write_text(json.dumps(origin), encoding="utf-8")
    (requirement,) = asked_of_pip("heif")
    assert Requirement(requirement) == Requirement(f"photochrom[heif] @ {url}")


@pytest.mark.skipif(sys.platform == "win32", reason="what a shell finds is told by PATHEXT there")
@pytest.mark.parametrize("found", ["another", "none"])
def test_where_the_shell_finds_another_pip_or_none_by_the_python_that_runs(
    installed_from: Path, python_with_pip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    if found == "another":
        (elsewhere / "pip").touch(0o755)
    monkeypatch.setenv("PATH", str(elsewhere))
    command = shlex.split(install_command("eval"))
    assert command == [str(python_with_pip / "python"), "-m", "pip", "install", "photochrom[eval]"]
