"""The documents' code blocks work: they are run, or read by the program that they are for."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from PIL import Image
from reading import DOCUMENTS, REPOSITORY, Block, blocks, code, commands
from running_service import running

import photochrom as pc

# What is done with the blocks of each language, below.
TESTED = {"", "bash", "python", "json", "yaml", "ini", "nginx", "caddy", "bibtex"}
DOCS = REPOSITORY / "docs"
posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")


def name(document: Path) -> str:
    return document.relative_to(REPOSITORY).as_posix()


def of(language: str, document: Path | None = None) -> list[tuple[Path, Block]]:
    """The blocks of a language, of one document or of all."""
    documents = [document] if document else DOCUMENTS
    return [(path, block) for path in documents for block in blocks(path) if block.language == language]


def shell_blocks() -> list[tuple[Path, str]]:
    """The blocks that are typed into a shell, with a word for each <word> to be filled in."""
    return [
        (document, re.sub(r"<[\w ]+>", "something", block.text))
        for language in ("", "bash")
        for document, block in of(language)
        if re.match(r"(\w+=|#!|[\w./-]+ )", block.text) and not block.text.startswith("file ->")
    ]


def program(command: str) -> str:
    found = shutil.which(command)
    if found is None:
        pytest.skip(f"needs {command}")
    return found


def succeeds(command: list[str], **settings: object) -> subprocess.CompletedProcess[str]:
    """What a program says; it must end well."""
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        command, capture_output=True, text=True, timeout=600, **settings
    )
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stdout}{done.stderr}"
    return done


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the photographs of the checkout, and one of them under every name that the documents use."""
    for folder in ("examples", "docs/images/originals"):
        shutil.copytree(REPOSITORY / folder, tmp_path / folder)
    for folder in ("album", "scans", "build"):
        (tmp_path / folder).mkdir()
    photograph = Image.open(REPOSITORY / "examples" / "library_room.jpg")
    for name in ("old.jpg", "old.tif", "album/1.jpg", "scans/1.jpg", "scans/2.jpg"):
        photograph.save(tmp_path / name)
    colours = Image.open(REPOSITORY / "docs" / "images" / "originals" / "barn_under_clouds.webp").convert("RGB")
    for name in ("painting.jpg", "postcard.jpg"):
        colours.save(tmp_path / name)
    if find_spec("av"):
        from video_samples import still_frames, write_film

        for name in ("film.mp4", "reel.avi"):
            write_film(tmp_path / name, still_frames(3), codec="libx264", pix_fmt="yuv420p")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_is_of_a_language_that_is_tested_here() -> None:
    assert {block.language for document in DOCUMENTS for block in blocks(document)} <= TESTED


@pytest.mark.parametrize("document", sorted({path for path, _ in of("python")}), ids=name)
def test_python_runs_from_top_to_bottom(document: Path, workplace: Path) -> None:
    if document.name == "video.md" and not find_spec("av"):
        pytest.skip("needs the extra video")
    namespace: dict[str, object] = {}
    for _, block in of("python", document):
        exec(compile("\n" * block.above + block.text, str(document), "exec"), namespace)


@pytest.mark.slow
def test_the_tutorial_can_be_followed(workplace: Path) -> None:
    tutorial = DOCS / "tutorial.md"
    ((_, session),) = of("json", tutorial)
    (workplace / "couple_in_a_swing.photochrom.json").write_text(session.text, "utf-8")
    done = [arguments for arguments in commands(tutorial) if len(arguments) > 2 and arguments[0] != "studio"]
    for arguments in done:
        succeeds([sys.executable, "-m", "photochrom", *arguments], encoding="utf-8")
    assert {arguments[0] for arguments in done} == {"colorize", "compare", "batch"}
    for result in code(tutorial):
        if result.startswith("build/") and result != "build/demo":
            assert (workplace / result).exists(), result


@posix
@pytest.mark.slow
@pytest.mark.skipif(not find_spec("av"), reason="needs the extra video")
@pytest.mark.parametrize(
    ("document", "results"),
    [
        (
            "README.md",
            "old.color.jpg new.png colour/1.jpg quiet.jpg old.color-4.jpg toned.jpg new.jpg film.color.mp4 "
            "colour/manifest.jsonl comparison.html",
        ),
        ("docs/video.md", "film.color.mp4 reel.mkv"),
    ],
)
def test_the_commands_can_be_typed_one_after_the_other(document: str, results: str, workplace: Path) -> None:
    (text,) = (
        text
        for path, text in shell_blocks()
        if name(path) == document and "colorize film.mp4" in text and "studio" not in text
    )
    typed = "\n".join(line for line in text.splitlines() if not line.startswith(("pip ", "photochrom serve")))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    succeeds([program("bash"), "-e", "-o", "pipefail", "-c", typed], env=os.environ | {"PATH": path})
    for result in results.split():
        assert (workplace / result).exists(), result


@posix
@pytest.mark.slow
def test_the_services_requests_are_answered_and_the_session_gives_the_same_picture(workplace: Path) -> None:
    program("curl")
    requests = [text for document, text in shell_blocks() if name(document) == "docs/service.md" and "curl -" in text]
    plain, by_hand = requests[0].splitlines()[-1], requests[-1]
    shutil.copy("examples/white_church.jpg", "old.jpg")
    with running() as service:
        script = f"{plain}\n{by_hand}".replace("http://127.0.0.1:8000", service.url)
        succeeds([program("bash"), "-e", "-o", "pipefail", "-c", script])
    work = pc.Colorizer().open("old.jpg")
    work.render().save("expected.jpg")
    assert Path("new.jpg").read_bytes() == Path("expected.jpg").read_bytes()
    succeeds(
        [sys.executable, "-m", "photochrom", "colorize", "old.jpg", "--hints", "old.photochrom.json", "-o", "same.png"]
    )
    assert Path("new.png").read_bytes() == Path("same.png").read_bytes()


@posix
def test_the_shell_understands_every_block() -> None:
    assert len(shell_blocks()) > 25
    for _, text in shell_blocks():
        succeeds([program("bash"), "-n", "-c", text])


def typed() -> Iterator[tuple[Path, str]]:
    """Lines that are typed into a shell, and what stands in backquotes in the text."""
    for document, text in shell_blocks():
        yield from ((document, line) for line in text.splitlines())
    for document in DOCUMENTS:
        yield from ((document, span) for span in code(document))


def test_targets_of_make_scripts_and_extras_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
    extras = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    seen = 0
    for document, line in typed():
        for target in re.findall(r"^make ([a-z-]+)", line):
            assert target in targets, f"{name(document)}: {line}"
            seen += 1
        for names in re.findall(r"^pip install ['\"]?(?:\.|photochrom)\[([\w,]+)", line):
            assert set(names.split(",")) <= set(extras), f"{name(document)}: {line}"
            seen += 1
        for script in re.findall(r"^python3? ((?:benchmarks|docs)/\S+\.py)", line):
            assert (REPOSITORY / script).is_file(), f"{name(document)}: {line}"
            seen += 1
    assert seen > 30


def test_files_of_the_repository_that_are_named_exist() -> None:
    folders = "|".join(
        path.name for path in REPOSITORY.iterdir() if path.is_dir() and path.name not in {"build", "dist"}
    )
    named = [
        (document, span)
        for document in DOCUMENTS
        for span in code(document)
        if re.fullmatch(rf"({folders.replace('.', '[.]')})/[\w./-]*", span)
    ]
    assert len(named) > 15
    for document, span in named:
        assert (REPOSITORY / span).exists(), f"{name(document)}: {span}"


def test_json_is_json_and_a_session_is_a_session(tmp_path: Path) -> None:
    for document, block in of("json"):
        whole = json.loads(block.text.replace(", …", ""))
        if "hints" in whole:
            (tmp_path / "session.json").write_text(block.text, "utf-8")
            assert pc.Session.load(tmp_path / "session.json").hints
        assert whole, document


@pytest.mark.slow
def test_a_series_leaves_the_lines_and_the_outcome_that_are_documented(workplace: Path) -> None:
    head, line, outcome = (json.loads(block.text.replace(", …", "")) for _, block in of("json", DOCS / "batch.md"))
    said = succeeds([sys.executable, "-m", "photochrom", "batch", "scans", "colour", "--json"]).stdout
    written = [json.loads(text) for text in Path("colour/manifest.jsonl").read_text("utf-8").splitlines()]
    assert head.keys() <= written[0].keys()
    assert list(line) == list(written[1])
    assert outcome.keys() == json.loads(said).keys()


def test_yaml_is_yaml_and_its_commands_are_photochroms() -> None:
    read = [yaml.safe_load(block.text) for _, block in of("yaml")]
    assert {"Job", None} == {settings.get("kind") for settings in read}
    assert ["batch", "s3://scans", "s3://colour", "--workers", "4"] in [
        words[:5] for words in commands(DOCS / "batch.md")
    ]


def test_systemd_knows_every_setting_of_the_unit(tmp_path: Path) -> None:
    ((_, unit),) = of("ini")
    assert ["serve", "--port", "8000"] in [words[:3] for words in commands(DOCS / "service.md")]
    text = re.sub(r"^ExecStart=\S+", f"ExecStart={shutil.which('true')}", unit.text, flags=re.MULTILINE)
    (tmp_path / "photochrom.service").write_text(text, "utf-8")
    said = succeeds([program("systemd-analyze"), "verify", "--man=no", str(tmp_path / "photochrom.service")])
    assert "photochrom.service" not in said.stdout + said.stderr


@posix
def test_the_proxies_understand_their_settings(tmp_path: Path) -> None:
    ((_, nginx),) = of("nginx")
    ((_, caddy),) = of("caddy")
    (tmp_path / "Caddyfile").write_text(caddy.text, "utf-8")
    succeeds([program("caddy"), "adapt", "--config", str(tmp_path / "Caddyfile"), "--validate"])
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    succeeds([program("openssl"), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=photos.example.org",
              "-keyout", str(key), "-out", str(certificate)])  # fmt: skip
    server = nginx.text.replace("/etc/ssl/photos.example.org.pem", str(certificate))
    server = server.replace("/etc/ssl/photos.example.org.key", str(key))
    settings = tmp_path / "nginx.conf"
    settings.write_text(f"pid {tmp_path}/pid; events {{}} http {{ access_log off; {server} }}", "utf-8")
    succeeds([program("nginx"), "-t", "-e", "stderr", "-c", str(settings)])


def test_containers_are_built_from_what_the_dockerfile_has() -> None:
    dockerfile = (REPOSITORY / "Dockerfile").read_text("utf-8")
    stages = set(re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE))
    text = "\n".join(block.text for _, block in of("", DOCS / "containers.md"))
    assert set(re.findall(r"--target (\S+)", text)) <= stages
    images = set(re.findall(r"docker\.io/[\w./-]+:[\w.-]+", text))
    assert images == set(re.findall(r"docker\.io/[\w./-]+:[\w.-]+", dockerfile))
    assert set(re.findall(r"^ARG (\w+)=", text, re.MULTILINE)) <= set(
        re.findall(r"^ARG (\w+)=", dockerfile, re.MULTILINE)
    )


def test_the_entries_for_citing_are_whole_and_of_this_version() -> None:
    ((_, block),) = of("bibtex")
    entries = re.findall(r"^@(\w+)\{(\w+),\n((?:  .*\n)+)\}$", block.text, re.MULTILINE)
    assert [kind for kind, _, _ in entries] == ["software", "inproceedings", "article"]
    assert block.text.count("{") == block.text.count("}")
    assert f"version = {{{pc.__version__}}}" in entries[0][2]
    citation = (REPOSITORY / "CITATION.cff").read_text("utf-8")
    for _, _, fields in entries:
        (title,) = re.findall(r"^  title\s+= \{(.+)\},", fields, re.MULTILINE)
        assert title in citation
