"""The packages that travel: the same bytes every time, nothing in them that should not, and they work on their own."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from photochrom import __version__

WHEEL = f"photochrom-{__version__}-py3-none-any.whl"
SDIST = f"photochrom-{__version__}.tar.gz"
MOST_BYTES = 25_000_000
PAGE = "photochrom/web/static/index.html"
NOT_OURS = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "runs", "scratch"
)
# What may lie in the package, and what installers put beside it.
KINDS = {
    ".py", ".typed", ".onnx", ".json", ".npy", ".npz", ".md", ".css", ".js", ".html", ".svg", ".woff2", ".wasm", ".png",
    ".jpg",
}  # fmt: skip
SHARED = {
    "share/man/man1/photochrom.1",
    "share/bash-completion/completions/photochrom",
    "share/fish/vendor_completions.d/photochrom.fish",
    "share/zsh/site-functions/_photochrom",
}


def tree(source: Path, place: Path) -> Path:
    """A copy of the sources; where the studio's page is not built, a stand-in takes its place."""
    shutil.copytree(source, place, ignore=NOT_OURS)
    page = place / "src" / PAGE
    if not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<!doctype html><title>stand-in</title>", encoding="utf-8")
    return place


def build(source: Path, target: str, folder: Path, **environment: str) -> Path:
    """Builds one package. No program but Python is found meanwhile: neither Node nor a compiler."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, timeout=600, env=os.environ | {"PATH": ""} | environment)
    return folder / {"wheel": WHEEL, "sdist": SDIST}[target]


@pytest.fixture(scope="module")
def sources(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(repository, tmp_path_factory.mktemp("one") / "photochrom")


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(sources, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(sources, "sdist", tmp_path_factory.mktemp("sdist"))


def test_built_elsewhere_later_and_by_another_user_the_bytes_are_the_same(
    sources: Path, wheel: Path, sdist: Path, tmp_path: Path
) -> None:
    elsewhere = tree(sources, tmp_path / "another place")
    for path in elsewhere.rglob("*"):
        os.utime(path, (10**9, 10**9))
        path.chmod(0o700 if path.stat().st_mode & 0o100 else 0o600)  # what is a program stays one
    settings = {"TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
    assert build(elsewhere, "wheel", tmp_path, **settings).read_bytes() == wheel.read_bytes()
    assert build(elsewhere, "sdist", tmp_path, **settings).read_bytes() == sdist.read_bytes()


def test_the_source_distribution_gives_the_very_wheel_without_node(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / SDIST.removesuffix(".tar.gz")
    assert build(unpacked, "wheel", tmp_path).read_bytes() == wheel.read_bytes()


def test_the_wheel_is_small_and_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.stat().st_size <= MOST_BYTES
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    data, info = (f"photochrom-{__version__}.{end}/" for end in ("data/data", "dist-info"))
    assert {name.removeprefix(data) for name in names if name.startswith(data)} == SHARED
    package = {name for name in names if not name.startswith((data, info))}
    assert {PAGE, "photochrom/py.typed", "photochrom/models/data/compact-encoder.onnx"} <= package
    assert {name for name in package if not name.startswith("photochrom/")} == set()
    assert {Path(name).suffix for name in package} <= KINDS
    assert {f"{info}licenses/LICENSE", f"{info}licenses/NOTICE"} <= set(names)


def test_the_source_distribution_holds_sources_and_no_traces_of_work(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = [Path(*Path(member.name).parts[1:]) for member in archive if member.isfile()]
        assert {member.uid for member in archive} == {0}
    hidden = {name for name in names if any(part.startswith(".") for part in name.parts)}
    assert {name.name for name in hidden} <= {".gitignore", ".npmrc"}
    traces = {"node_modules", "__pycache__", ".venv", "build", "dist", "runs", "scratch"}
    assert not {name for name in names if traces & set(name.parts)}
    assert {Path("PKG-INFO"), Path("LICENSE"), Path("src", PAGE), Path("tests/reliability/test_wheel.py")} <= set(names)


def test_without_the_page_and_node_there_is_no_package_but_an_editable_installation(
    sources: Path, tmp_path: Path
) -> None:
    copy = tree(sources, tmp_path / "photochrom")
    shutil.rmtree((copy / "src" / PAGE).parent)
    command = [sys.executable, "-m", "hatchling", "build", "-t"]
    run = {"cwd": copy, "env": os.environ | {"PATH": ""}, "timeout": 120, "text": True, "capture_output": True}
    refused = subprocess.run([*command, "wheel"], check=False, **run)  # type: ignore[call-overload]
    assert refused.returncode == 1 and "npm" in refused.stderr and "pip install -e ." in refused.stderr
    assert not (copy / "dist").exists() or not list((copy / "dist").iterdir())
    subprocess.run([*command, "wheel:editable"], check=True, **run)  # type: ignore[call-overload]


def test_installed_from_the_wheel_the_command_colours_and_everything_is_there(
    wheel: Path, examples_dir: Path, tmp_path: Path
) -> None:
    """The dependencies are the tests' own, seen by a .pth file; photochrom's checkout is not."""
    venv.create(tmp_path / "venv", with_pip=False)
    scripts = tmp_path / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / Path(sys.executable).name
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, timeout=600)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "venv")}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    command, result = scripts / "photochrom", tmp_path / "color.jpg"
    photograph = examples_dir / "white_church.jpg"
    subprocess.run([command, "colorize", photograph, "-o", result], check=True, timeout=600, cwd=tmp_path)
    assert result.stat().st_size > 10_000
    question = "import photochrom, pathlib; print(pathlib.Path(photochrom.__file__).parents[1])"
    told = subprocess.run([python, "-c", question], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert told.stdout.strip() == str(site) and (site / PAGE).is_file()
    for shared in SHARED:
        assert (tmp_path / "venv" / shared).is_file()
