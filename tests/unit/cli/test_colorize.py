"""`photochrom colorize`, from the arguments to the files; in processes of its own where the shell's side counts."""

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from photochrom.cli.main import main
from photochrom.color import srgb_to_lab
from photochrom.pipeline import Colorizer, Work


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photograph(name: str, seed: int = 0) -> Path:
    """A small gray photograph of soft shapes, written as `name`."""
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 6), np.uint8)
    Image.fromarray(coarse).resize((48, 32), Image.Resampling.BICUBIC).save(path)
    return path


def colorize(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["colorize", *arguments], input=stdin)


def in_process(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "photochrom", "colorize", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def lightness(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    with Image.open(path) as image:
        return srgb_to_lab(np.asarray(image.convert("RGB"), np.float32) / 255)[..., 0]


def test_result_has_colour_and_the_photographs_lightness(here: Path) -> None:
    photograph("a.png")
    result = colorize("a.png")
    assert (result.exit_code, result.stdout) == (0, "a.png -> a.color.png\n")
    with Image.open("a.color.png") as image:
        assert image.mode == "RGB" and image.size == (48, 32)
        assert np.ptp(np.asarray(image, np.int16), axis=-1).max() > 3
    assert np.abs(lightness(Path("a.color.png")) - lightness(Path("a.png"))).max() <= 0.5


def test_folder_keeps_its_structure_and_each_format(here: Path) -> None:
    photograph("old/a.jpg")
    photograph("old/1910/a.png")
    assert colorize("old", "-o", "new").exit_code == 0
    assert sorted(p.relative_to("new").as_posix() for p in Path("new").rglob("*.*")) == ["1910/a.png", "a.jpg"]


@pytest.mark.parametrize(
    ("format", "known_as"), [("webp", "WEBP"), ("avif", "AVIF"), ("tiff", "TIFF"), ("jpeg", "JPEG")]
)
def test_format_is_the_one_asked_for(here: Path, format: str, known_as: str) -> None:
    photograph("a.png")
    assert colorize("a.png", "-o", "new/", "--format", format).exit_code == 0
    (written,) = Path("new").iterdir()
    with Image.open(written) as image:
        assert image.format == known_as


@pytest.mark.parametrize(
    ("arguments", "written"), [(("-o", "new.ora"), "new.ora"), (("--format", "ora"), "a.png.color.ora")]
)
def test_colours_come_as_a_layer_over_the_photograph_where_open_raster_is_asked_for(
    here: Path, arguments: tuple[str, ...], written: str
) -> None:
    photograph("a.png")
    assert colorize("a.png", *arguments).stdout == f"a.png -> {written}\n"
    Colorizer().colorize("a.png").save_layer("expected.ora")
    assert Path(written).read_bytes() == Path("expected.ora").read_bytes()
    again = colorize("a.png", *arguments)
    assert again.exit_code == 1 and "--overwrite" in again.stderr


def test_open_raster_is_refused_where_it_cannot_go(here: Path) -> None:
    photograph("a.png")
    for arguments, code in ((("-o", "-"), 2), (("-o", "new.png"), 1)):
        assert colorize("a.png", "--format", "ora", *arguments).exit_code == code
    assert os.listdir() == ["a.png"]


def test_existing_result_stays_unless_overwriting(here: Path) -> None:
    photograph("a.png")
    Path("a.color.png").write_bytes(b"mine")
    result = colorize("a.png")
    assert result.exit_code == 1 and "--overwrite" in result.stderr and result.stderr.count("\n") == 1
    assert Path("a.color.png").read_bytes() == b"mine"
    assert colorize("a.png", "--overwrite").exit_code == 0
    assert Path("a.color.png").read_bytes() != b"mine"


def test_photograph_is_never_replaced_even_when_overwriting(here: Path) -> None:
    before = photograph("a.png").read_bytes()
    for output in (".", "a.png", "./a.png"):
        assert colorize("a.png", "-o", output, "--overwrite").exit_code == 1
    assert Path("a.png").read_bytes() == before


def test_broken_photographs_do_not_keep_the_others_from_being_coloured(here: Path) -> None:
    photograph("a.png")
    whole = photograph("c.png", seed=1).read_bytes()
    Path("b.png").write_bytes(whole[: len(whole) // 2])
    result = colorize("a.png", "b.png", "missing.png", "c.png", "-o", "new/")
    assert result.exit_code == 3
    assert sorted(os.listdir("new")) == ["a.png", "c.png"]
    first, second, summary = result.stderr.splitlines()
    assert "b.png" in first and "missing.png" in second and summary == "2 photographs coloured, 2 failed."


def test_photograph_too_large_for_the_memory_is_named_and_the_others_are_coloured(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photograph("a.png")
    photograph("b.png")
    usual = Colorizer.open

    def scarce(self: Colorizer, source: Path) -> Work:
        if source.name == "a.png":
            raise MemoryError
        return usual(self, source)

    monkeypatch.setattr(Colorizer, "open", scarce)
    result = colorize("a.png", "b.png", "-o", "new/")
    assert result.exit_code == 3 and os.listdir("new") == ["b.png"]
    assert result.stderr.startswith("Error: a.png needs more memory than there is; ")
    assert colorize("a.png").exit_code == 1


def test_reference_is_never_replaced(here: Path) -> None:
    photograph("a.png")
    before = photograph("palette.png", seed=1).read_bytes()
    result = colorize("a.png", "--reference", "palette.png", "-o", "palette.png", "--overwrite")
    assert result.exit_code == 1 and "would replace palette.png" in result.stderr
    assert Path("palette.png").read_bytes() == before


def test_all_failing_exits_with_1(here: Path) -> None:
    Path("a.png").write_bytes(b"no picture")
    Path("b.png").write_bytes(b"")
    assert colorize("a.png", "b.png").exit_code == 1
    assert sorted(os.listdir()) == ["a.png", "b.png"]


def test_unknown_model_exits_with_4(here: Path) -> None:
    photograph("a.png")
    result = colorize("a.png", "--model", "none-such")
    assert result.exit_code == 4 and "none-such" in result.stderr


@pytest.mark.parametrize(
    "wrong", [[], ["a.png", "--decode", "loud"], ["a.png", "--saturation", "-1"], ["-", "--variants", "2"]]
)
def test_wrong_usage_exits_with_2(here: Path, wrong: list[str]) -> None:
    assert colorize(*wrong).exit_code == 2


def test_saturation_of_zero_is_gray(here: Path) -> None:
    photograph("a.png")
    assert colorize("a.png", "--saturation", "0").exit_code == 0
    with Image.open("a.color.png") as image:
        assert np.ptp(np.asarray(image, np.int16), axis=-1).max() == 0


def test_variants_are_numbered_differ_and_begin_with_the_usual(here: Path) -> None:
    photograph("a.png")
    assert colorize("a.png").exit_code == 0
    assert colorize("a.png", "--variants", "3").exit_code == 0
    pictures = [Path(f"a.color-{number}.png").read_bytes() for number in (1, 2, 3)]
    assert pictures[0] == Path("a.color.png").read_bytes()
    assert len(set(pictures)) == 3


def test_session_file_replays_to_the_same_bytes(here: Path) -> None:
    from photochrom import Colorizer, Hint

    photograph("a.png")
    work = Colorizer().open("a.png")
    work.render(hints=[Hint(0.3, 0.4, "#b5651d")], decode="accurate", saturation=1.2).save("api.png")
    work.session().save("a.photochrom.json")
    assert colorize("a.png", "--hints", "a.photochrom.json", "-o", "cli.png").exit_code == 0
    assert Path("cli.png").read_bytes() == Path("api.png").read_bytes()
    assert colorize("a.png", "--hints", "a.photochrom.json", "--saturation", "0", "-o", "gray.png").exit_code == 0
    assert Path("gray.png").read_bytes() != Path("api.png").read_bytes()


def test_reference_changes_the_colours(here: Path) -> None:
    photograph("a.png")
    Image.new("RGB", (32, 32), (200, 60, 20)).save("reference.png")
    assert (
        colorize("a.png").exit_code == colorize("a.png", "--reference", "reference.png", "-o", "b.png").exit_code == 0
    )
    assert Path("a.color.png").read_bytes() != Path("b.png").read_bytes()


def test_standard_input_to_standard_output_is_the_picture_and_nothing_else(here: Path) -> None:
    data = photograph("a.png").read_bytes()
    done = in_process("-", "--format", "jpeg", stdin=data)
    assert (done.returncode, done.stderr) == (0, b"")
    with Image.open(BytesIO(done.stdout)) as image:
        image.load()
        assert (image.format, image.size) == ("JPEG", (48, 32))


def test_broken_standard_input_leaves_standard_output_empty(here: Path) -> None:
    done = in_process("-", stdin=b"GIF89a")
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (1, b"", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind there")
def test_interrupt_exits_with_130_and_leaves_whole_files_only(here: Path) -> None:
    count = 200
    for number in range(count):
        photograph(f"old/{number:03}.png", seed=number)
    command = [sys.executable, "-m", "photochrom", "colorize", "old", "-o", "new"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not list(Path("new").glob("*.png")) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    written = sorted(os.listdir("new"))
    assert 0 < len(written) < count and all(name.endswith(".png") for name in written)
    for name in written:
        with Image.open(Path("new", name)) as image:
            image.load()
