"""The plug-in and layers in GIMP itself, where version 3 is installed (Debian 13: gimp, python3-gi, gir1.2-gtk-3.0)."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from running_service import Service, free_port, running

from photochrom import Colorizer, Hint
from photochrom.pipeline import Work

Case = dict[str, Any]


def gimp_is_there() -> bool:
    program = shutil.which("gimp-console")
    if program is None:
        return False
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=120, check=False).stdout
    return re.search(r" 3\.\d", told) is not None


in_gimp_only = pytest.mark.skipif(not gimp_is_there(), reason="needs GIMP 3")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A home folder for GIMP, with the plug-in as a person installs it."""
    home = tmp_path_factory.mktemp("home")
    (home / "run").mkdir(mode=0o700)
    shutil.copytree(repository / "integrations" / "gimp", home / "config" / "GIMP" / "3.0" / "plug-ins")
    return home


def in_gimp(home: Path, cases: list[Case]) -> list[dict[str, Any]]:
    """Lets GIMP colour images; see in_gimp.py."""
    (home / "cases.json").write_text(json.dumps(cases), "utf-8")
    report = home / "report.json"
    report.unlink(missing_ok=True)
    folders = {"HOME": "", "XDG_RUNTIME_DIR": "run", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    environment = {name: str(home / folder) for name, folder in folders.items()}
    environment |= {"LC_ALL": "C.UTF-8", "IN_GIMP_CASES": str(home / "cases.json"), "IN_GIMP_REPORT": str(report)}
    script = Path(__file__).with_name("in_gimp.py")
    batch = ["--batch-interpreter", "python-fu-eval", "-b", f"exec(open({str(script)!r}).read())"]
    done = subprocess.run(
        ["gimp-console", "-i", "-d", "-f", *batch, "--quit"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    outcomes: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))
    return outcomes


@pytest.fixture(scope="module")
def church(examples_dir: Path) -> Path:
    return examples_dir / "white_church.jpg"


@pytest.fixture(scope="module")
def work(church: Path) -> Work:
    return Colorizer().open(church)


def pixels(picture: Path | Image.Image) -> npt.NDArray[np.int64]:
    """(H, W, 4)."""
    if isinstance(picture, Image.Image):
        return np.asarray(picture.convert("RGBA"), np.int64)
    with Image.open(picture) as image:
        return pixels(image)


def assert_same(shown: Path, expected: Image.Image) -> None:
    """The mode LCh Color keeps CIE lightness, as Photochrom does: the same picture within what 8 bits round."""
    error = np.abs(pixels(shown) - pixels(expected))[..., :3]
    assert error.mean() < 1 and np.percentile(error, 99.9) <= 5, (error.mean(), error.max())


@pytest.mark.slow
@in_gimp_only
def test_images_of_every_precision_get_the_colours_of_the_package(
    home: Path, service: Service, church: Path, work: Work, tmp_path: Path
) -> None:
    hinted = work.render([Hint(0.5, 0.8, "#a03020", 0.05)], decode="accurate", temperature=5)
    work.session().save(tmp_path / "session.json")
    wanted: list[tuple[Case, Case, Image.Image]] = [
        ({}, {}, work.render().image),
        ({"precision": "U16_NON_LINEAR"}, {}, work.render().image),
        ({"precision": "FLOAT_LINEAR"}, {}, work.render().image),
        ({}, {"decode": "accurate", "saturation": 0.8}, work.render(decode="accurate", saturation=0.8).image),
        ({}, {"session": str(tmp_path / "session.json")}, hinted.image),
    ]
    cases: list[Case] = [
        {
            "picture": str(church),
            "arguments": {"address": service.url, **arguments},
            "shown": str(tmp_path / f"{n}.png"),
        }
        | made
        for n, (made, arguments, _) in enumerate(wanted)
    ]
    for case, (made, _, expected), outcome in zip(cases, wanted, in_gimp(home, cases), strict=True):
        assert outcome["error"] is None
        assert outcome["layers"] == [["Colours", "lch-color"], ["Background", "normal"]]
        precision = made.get("precision", "U8_NON_LINEAR").lower().replace("_", "-")
        assert outcome["kind"] == ["rgb", precision]
        assert_same(Path(case["shown"]), expected)


@pytest.mark.slow
@in_gimp_only
def test_transparency_stays_and_colours_show_only_where_something_is_selected(
    home: Path, service: Service, church: Path, work: Work, tmp_path: Path
) -> None:
    with Image.open(church) as image:
        gray = image.convert("L")
    alpha = np.tile(np.linspace(0, 255, gray.width).astype(np.uint8), (gray.height, 1))
    Image.merge("LA", (gray, Image.fromarray(alpha))).save(tmp_path / "soft.png")
    soft, selected = tmp_path / "soft_shown.png", tmp_path / "selected_shown.png"
    arguments = {"address": service.url}
    outcomes = in_gimp(
        home,
        [
            {"picture": str(tmp_path / "soft.png"), "arguments": arguments, "shown": str(soft)},
            {"picture": str(church), "arguments": arguments, "selected": [50, 60, 100, 80], "shown": str(selected)},
        ],
    )
    assert [outcome["error"] for outcome in outcomes] == [None, None]
    assert np.array_equal(pixels(soft)[..., 3], alpha)
    solid = alpha > 8
    assert np.abs(pixels(soft) - pixels(work.render().image))[solid][:, :3].mean() < 1
    inside = np.zeros(alpha.shape, bool)
    inside[60:140, 50:150] = True
    chroma = np.ptp(pixels(selected)[..., :3], axis=-1)
    assert chroma[~inside].max() == 0 and chroma[inside].mean() > 5
    # The two decode a JPEG file not quite alike.
    assert np.abs(pixels(selected) - pixels(gray))[~inside].max() <= 2


@pytest.mark.slow
@in_gimp_only
def test_open_raster_opens_with_both_layers(home: Path, work: Work, tmp_path: Path) -> None:
    work.render().save_layer(tmp_path / "church.ora")
    (outcome,) = in_gimp(home, [{"picture": str(tmp_path / "church.ora"), "shown": str(tmp_path / "shown.png")}])
    # GIMP reads svg:color as its HSL Color, which keeps another lightness than CIE's.
    assert outcome["layers"] == [["Colours", "hsl-color"], ["Photograph", "normal"]]
    assert np.abs(pixels(tmp_path / "shown.png") - pixels(work.render().image)).mean() < 8


@pytest.mark.slow
@in_gimp_only
def test_what_cannot_be_coloured_is_left_alone_and_said(home: Path, service: Service, church: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    cases: list[Case] = [
        {"picture": str(church), "arguments": {"address": dead}},
        {"picture": str(church), "arguments": {"address": "nonsense"}},
        {"picture": str(church), "arguments": {"address": service.url}, "indexed": True},
    ]
    outcomes = in_gimp(home, cases)
    for words, outcome in zip(
        (f"No service answers at {dead}", "is no address", "Image > Mode > RGB"), outcomes, strict=True
    ):
        assert words in str(outcome["error"])
        assert outcome["layers"] == [["Background", "normal"]]
    assert [outcome["kind"][0] for outcome in outcomes] == ["gray", "gray", "indexed"]


def test_plug_in_lies_as_gimp_wants_it_and_asks_the_service_as_kritas_does(repository: Path) -> None:
    integrations = repository / "integrations"
    program = integrations / "gimp" / "photochrom_gimp" / "photochrom_gimp.py"
    assert program.read_text("utf-8").startswith("#!/usr/bin/env python3\n")
    if os.name == "posix":
        assert os.access(program, os.X_OK)
    # An editor copies one folder, so each has the client in it.
    client = program.with_name("service.py").read_bytes()
    assert client == (integrations / "krita" / "photochrom_layer" / "service.py").read_bytes()
