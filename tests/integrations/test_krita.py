"""The plug-in and layers in Krita itself, where it is installed (Debian: krita, python3-pyqt5, xvfb)."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from running_service import Service, free_port, running

from photochrom import Colorizer, Hint, Session
from photochrom.pipeline import Result

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("kritarunner") is None, reason="needs Krita"),
]

# Krita's blend keeps luma, Photochrom CIE lightness: nearly the same, less so where colours are strong. How strong the
# strongest pixel is depends on the network's weights, so one in a thousand is left out.
MEAN, MOST = 2.5, 16

Bytes = npt.NDArray[np.uint8]
Outcome = dict[str, Any]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A home folder in which Krita keeps its resources, with the plug-in as a person installs it."""
    home = tmp_path_factory.mktemp("home")
    (home / "run").mkdir(mode=0o700)
    shutil.copytree(repository / "integrations" / "krita", home / "data" / "krita" / "pykrita")
    return home


def environment(home: Path) -> dict[str, str]:
    """Krita's Python is the system's, with its PyQt5; another python3 that comes first in PATH would lead it astray."""
    folders = {"HOME": "", "XDG_RUNTIME_DIR": "run", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config"}
    paths = {name: str(home / folder) for name, folder in folders.items()}
    return os.environ | paths | {"LC_ALL": "C.UTF-8", "PATH": os.defpath}


def in_krita(home: Path, cases: list[dict[str, Any]]) -> list[Outcome]:
    """Lets Krita colour documents; see in_krita.py."""
    (home / "cases.json").write_text(json.dumps(cases), "utf-8")
    report = home / "report.json"
    report.unlink(missing_ok=True)
    path = os.pathsep.join([str(Path(__file__).parent), str(home / "data" / "krita" / "pykrita")])
    done = subprocess.run(
        ["kritarunner", "-s", "in_krita", str(home / "cases.json"), str(report)],
        env=environment(home) | {"PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    outcomes: list[Outcome] = json.loads(report.read_text("utf-8"))
    return outcomes


def shown(file: Path, like: Result) -> Bytes:
    """What Krita showed: (H, W, 4), red first."""
    return np.fromfile(file, np.uint8).reshape(*like.photograph.gray.shape, 4)[..., [2, 1, 0, 3]]


def assert_nearly(picture: Bytes, expected: Image.Image) -> None:
    error = np.abs(picture[..., :3].astype(int) - np.asarray(expected, int))
    assert error.mean() < MEAN and np.quantile(error, 0.999) < MOST, (error.mean(), np.quantile(error, 0.999))


def assert_blended(picture: Bytes, layer: Image.Image, gray: npt.NDArray[Any]) -> None:
    """Whether the blend mode "color" was at work: the layer's colours with the photograph's luma."""
    shown, colours = picture[..., :3].astype(int), np.asarray(layer, int)
    fits = (shown.min(axis=-1) > 1) & (shown.max(axis=-1) < 254)
    assert fits.mean() > 0.7
    assert np.abs(np.diff(shown, axis=-1) - np.diff(colours, axis=-1))[fits].max() <= 2
    assert np.abs(shown @ [0.299, 0.587, 0.114] - gray).max() <= 2


@pytest.fixture(scope="module")
def church(examples_dir: Path) -> Path:
    return examples_dir / "white_church.jpg"


@pytest.fixture(scope="module")
def coloured(church: Path) -> Result:
    return Colorizer().colorize(church)


def test_open_raster_opens_with_both_layers_and_shows_the_coloured_picture(
    home: Path, coloured: Result, tmp_path: Path
) -> None:
    coloured.save_layer(tmp_path / "church.ora")
    (outcome,) = in_krita(home, [{"picture": str(tmp_path / "church.ora"), "shown": str(tmp_path / "shown")}])
    assert outcome["layers"] == [["Photograph", "normal"], ["Colours", "color"]]
    picture = shown(tmp_path / "shown", coloured)
    assert_nearly(picture, coloured.image)
    assert_blended(picture, coloured.image, coloured.photograph.gray)


def test_documents_of_every_depth_are_coloured_and_keep_it(
    home: Path, service: Service, church: Path, coloured: Result, tmp_path: Path
) -> None:
    srgb, adobe = "sRGB-elle-V2-srgbtrc.icc", "ClayRGB-elle-V2-g22.icc"
    spaces = [("GRAYA", "U8", ""), ("GRAYA", "U16", ""), ("GRAYA", "F32", "")]
    spaces += [
        ("RGBA", "U8", srgb),
        ("RGBA", "U16", srgb),
        ("RGBA", "U16", ""),
        ("RGBA", "F16", ""),
        ("RGBA", "U8", adobe),
    ]
    cases: list[dict[str, Any]] = [
        {"picture": str(church), "space": space, "address": service.url, "shown": str(tmp_path / str(number))}
        for number, space in enumerate(spaces)
    ]
    for space, case, outcome in zip(spaces, cases, in_krita(home, cases), strict=True):
        assert outcome["error"] is None
        assert outcome["space"][:2] == ["RGBA", space[1]]
        assert outcome["layers"] == [["Background", "normal"], ["Colours", "color"]]
        assert outcome["depths"] == [space[1]] * 2
        assert_nearly(shown(Path(case["shown"]), coloured), coloured.image)


def test_what_is_sent_is_what_is_shown_whatever_the_layers_are_composed_in(
    home: Path, church: Path, coloured: Result, tmp_path: Path
) -> None:
    cases: list[dict[str, Any]] = [
        {"picture": str(church), "space": space, "veil": True, "sent": str(tmp_path / f"{number}.png")}
        for number, space in enumerate((("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"), ("RGBA", "F32", "")))
    ]
    cases = [case | {"shown": case["sent"] + ".shown"} for case in cases]
    in_krita(home, cases)
    lighter = []
    for case in cases:
        with Image.open(case["sent"]) as sent:
            assert sent.mode == "L", "gray goes as gray"
            assert np.abs(np.asarray(sent, int) - shown(Path(case["shown"]), coloured)[..., 0]).max() <= 1
            lighter.append(np.asarray(sent, int).mean())
    assert lighter[1] > lighter[0] + 10, "light adds up otherwise than sRGB's numbers"


def test_transparency_stays_and_colours_lie_only_where_something_is_selected(
    home: Path, service: Service, church: Path, coloured: Result, tmp_path: Path
) -> None:
    picture = Image.open(church).convert("L")
    alpha = np.tile(np.linspace(0, 255, picture.width).astype(np.uint8), (picture.height, 1))
    Image.merge("LA", (picture, Image.fromarray(alpha))).save(tmp_path / "soft.png")
    soft, selected = in_krita(
        home,
        [
            {"picture": str(tmp_path / "soft.png"), "address": service.url, "shown": str(tmp_path / "soft")},
            {
                "picture": str(church),
                "address": service.url,
                "selected": [50, 60, 100, 80],
                "shown": str(tmp_path / "selected"),
            },
        ],
    )
    assert soft["error"] is selected["error"] is None
    assert np.array_equal(shown(tmp_path / "soft", coloured)[..., 3], alpha)
    inside = np.zeros(alpha.shape, bool)
    inside[60:140, 50:150] = True
    picture_now, gray = shown(tmp_path / "selected", coloured), coloured.photograph.gray
    assert np.array_equal(picture_now[~inside][:, 1], gray[~inside])
    assert np.ptp(picture_now[~inside][:, :3], axis=-1).max() == 0
    assert np.ptp(picture_now[inside][:, :3].astype(int), axis=-1).mean() > 5


def test_settings_and_sessions_are_used(
    home: Path, service: Service, church: Path, coloured: Result, tmp_path: Path
) -> None:
    work = Colorizer().open(church)
    hinted = work.render([Hint(0.5, 0.8, "#a03020", 0.05)], decode="accurate", temperature=5)
    work.session().save(tmp_path / "session.json")
    session = (tmp_path / "session.json").read_text("utf-8")
    wanted: list[tuple[dict[str, Any], Image.Image]] = [
        ({"session": session}, hinted.image),
        (
            {"decode": "accurate", "saturation": 1.5},
            Colorizer().open(church).render(decode="accurate", saturation=1.5).image,
        ),
    ]
    cases: list[dict[str, Any]] = [
        {"picture": str(church), "address": service.url, "settings": settings, "shown": str(tmp_path / str(number))}
        for number, (settings, _) in enumerate(wanted)
    ]
    assert Session.load(tmp_path / "session.json").hints
    assert [outcome["error"] for outcome in in_krita(home, cases)] == [None, None]
    for case, (_, expected) in zip(cases, wanted, strict=True):
        assert_blended(shown(Path(case["shown"]), coloured), expected, coloured.photograph.gray)


def test_what_cannot_be_coloured_is_left_alone_and_said(home: Path, church: Path, examples_dir: Path) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    with running("--token", "secret") as guarded:
        cases: list[dict[str, Any]] = [
            {"picture": str(church), "address": dead},
            {"picture": str(church), "address": guarded.url},
            {"picture": str(church), "address": guarded.url, "token": "other"},
            {"picture": str(church), "address": guarded.url, "token": "secret", "settings": {"session": "{}"}},
            {"picture": str(church), "address": guarded.url, "token": "secret", "space": ("CMYKA", "U8", "")},
            {"picture": str(church), "address": guarded.url, "token": "secret", "space": ("LABA", "U16", "")},
        ]
        outcomes = in_krita(home, cases)
    expected = [
        f"No service answers at {dead}",
        "wants the token",
        "wants the token",
        "refuses: session",
        "is CMYK",
        "is L*a*b*",
    ]
    for outcome, words in zip(outcomes, expected, strict=True):
        assert words in str(outcome["error"])
        assert outcome["layers"] == [["Background", "normal"]]
    assert [outcome["space"][0] for outcome in outcomes] == ["GRAYA"] * 4 + ["CMYKA", "LABA"]


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="needs Xvfb")
def test_a_person_colours_a_picture_from_the_menu(home: Path, service: Service, church: Path, tmp_path: Path) -> None:
    plugins = home / "data" / "krita" / "pykrita"
    shutil.copytree(Path(__file__).parent / "krita_person", plugins / "krita_person")
    description = (plugins / "photochrom_layer.desktop").read_text("utf-8")
    (plugins / "krita_person.desktop").write_text(description.replace("photochrom_layer", "krita_person"), "utf-8")
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "kritarc").write_text(
        "[python]\nenable_photochrom_layer=true\nenable_krita_person=true\n", "utf-8"
    )
    report = tmp_path / "report.json"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = {
            "PICTURE": str(church),
            "SILENT": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "DEAD": f"http://127.0.0.1:{free_port()}",
            "ALIVE": service.url,
            "REPORT": str(report),
        }
        done = subprocess.run(
            ["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", "krita", "--nosplash"],
            env=environment(home) | {f"PERSON_{name}": value for name, value in told.items()},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert report.exists(), done.stdout + done.stderr
    photograph, colours = ["Background", "normal"], ["Colours", "color"]
    assert json.loads(report.read_text("utf-8")) == {
        "nobody answers": f"No service answers at {told['DEAD']} (Connection refused). Start it with: photochrom serve",
        "cancelled": [photograph],
        "coloured": [photograph, colours],
        "undone": [photograph],
    }
    assert report.with_suffix(".png").stat().st_size > 0
