"""Whole films: only chroma is new, and all else is as it came."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import photochrom as pc
from photochrom.errors import InputError, OutputExists, UnsupportedFormat

pytest.importorskip("av")

from video_samples import Luma, ReadFilm, read_film, still_frames, write_film

from photochrom.video.film import colorize_film

Coloured = Callable[..., ReadFilm]


@pytest.fixture(scope="module")
def colorizer() -> pc.Colorizer:
    return pc.Colorizer()


@pytest.fixture
def coloured(colorizer: pc.Colorizer, tmp_path: Path) -> Coloured:
    """Colours a film and reads the result."""

    def run(source: Path, name: str | None = None, **asked: object) -> ReadFilm:
        result = tmp_path / (name or f"result{source.suffix}")
        colorize_film(source, result, colorizer, **asked)  # type: ignore[arg-type]
        return read_film(result)

    return run


def same(a: list[Luma], b: list[Luma]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize(
    ("pix_fmt", "most"),
    [("gray", 255), ("yuv420p", 255), ("yuv422p", 255), ("gray10le", 1023), ("yuv420p10le", 1023), ("gray16le", 65535)],
)
def test_luma_of_a_lossless_master_is_kept_bit_for_bit(
    pix_fmt: str, most: int, coloured: Coloured, tmp_path: Path
) -> None:
    frames = still_frames(4, most=most)
    result = coloured(write_film(tmp_path / "film.mkv", frames, pix_fmt=pix_fmt))
    assert same(result.luma, frames)
    assert result.kinds == [("video", "ffv1")]
    assert any(np.ptp(plane) > 2 for planes in result.chroma for plane in planes)


def test_luma_of_a_delivery_copy_is_kept_as_nearly_as_the_codec_allows(coloured: Coloured, tmp_path: Path) -> None:
    source = write_film(tmp_path / "film.mp4", still_frames(6), codec="libx264", pix_fmt="yuv420p")
    result, before = coloured(source), read_film(source)
    assert result.kinds == [("video", "h264")] and result.pix_fmt == "yuv420p"
    difference = np.abs(np.array(result.luma, int) - np.array(before.luma, int))
    assert difference.mean() < 1 and np.percentile(difference, 99) <= 4


def test_a_coloured_film_is_coloured_by_its_luma_alone(coloured: Coloured, tmp_path: Path) -> None:
    frames = still_frames(2)
    gray = write_film(tmp_path / "gray.mkv", frames, pix_fmt="yuv420p")
    tinted = write_film(tmp_path / "tinted.mkv", frames, pix_fmt="yuv420p", color_range=1)
    first, second = coloured(gray, "a.mkv"), coloured(tinted, "b.mkv")
    assert all(same(list(a), list(b)) for a, b in zip(first.chroma, second.chroma, strict=True))


def test_timestamps_of_a_variable_frame_rate_are_kept(coloured: Coloured, tmp_path: Path) -> None:
    pts = [0, 3003, 4504, 12012, 13000, 13001, 40000]
    source = write_film(
        tmp_path / "film.mp4",
        still_frames(7),
        codec="libx264",
        pix_fmt="yuv420p",
        pts=pts,
        time_base=Fraction(1, 90000),
    )
    result = coloured(source)
    assert result.times == read_film(source).times == [Fraction(t, 90000) for t in pts]
    assert result.duration == pytest.approx(read_film(source).duration, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "codec", "sound", "subtitles"),
    [
        ("film.mp4", "libx264", "aac", None),
        ("film.mov", "libx264", "pcm_s16le", None),
        ("film.mkv", "libx264", "flac", "subrip"),
        ("film.webm", "libvpx-vp9", "libopus", None),
    ],
)
def test_sound_and_subtitles_are_copied_packet_for_packet(
    name: str, codec: str, sound: str, subtitles: str | None, coloured: Coloured, tmp_path: Path
) -> None:
    source = write_film(
        tmp_path / name, still_frames(25), codec=codec, pix_fmt="yuv420p", sound=sound, subtitles=subtitles
    )
    before, after = read_film(source), coloured(source)
    assert after.kinds == before.kinds and after.times == before.times
    assert after.packets == before.packets and all(len(packets) > 1 for packets in after.packets.values())


def test_what_is_written_about_the_film_stays_and_its_colours_are_told_to_be_an_algorithms(
    coloured: Coloured, tmp_path: Path
) -> None:
    said = {"title": "Harbour, 1911", "comment": "Reel 3", "artist": "unknown"}
    result = coloured(write_film(tmp_path / "film.mkv", still_frames(2), metadata=said))
    kept = {key.lower(): value for key, value in result.metadata.items()}
    assert kept["title"] == "Harbour, 1911" and kept["artist"] == "unknown"
    assert kept["comment"].startswith("Reel 3\n") and "compositeWithTrainedAlgorithmicMedia" in kept["comment"]


def test_a_film_whose_title_is_no_utf_8_is_coloured(coloured: Coloured, tmp_path: Path) -> None:
    source = write_film(tmp_path / "film.avi", still_frames(2), metadata={"title": "Lyon, 1911, ete"})
    source.write_bytes(source.read_bytes().replace(b"ete", b"\xe9te"))
    (title,) = (value for key, value in coloured(source, "result.mkv").metadata.items() if key.lower() == "title")
    assert title.startswith("Lyon, 1911, ") and title != "Lyon, 1911, ete"


@pytest.mark.parametrize("rotation", [90, -90, 180])
def test_rotation_is_kept_and_the_network_sees_the_film_upright(
    rotation: int, colorizer: pc.Colorizer, coloured: Coloured, tmp_path: Path
) -> None:
    upright = still_frames(2, 64, 96)
    turns = rotation // 90
    lying = [np.ascontiguousarray(np.rot90(frame, -turns)) for frame in upright]
    result = coloured(
        write_film(
            tmp_path / "film.mp4", lying, codec="libx264", pix_fmt="yuv444p", options={"qp": "0"}, rotation=rotation
        )
    )
    assert result.rotation == read_film(tmp_path / "film.mp4").rotation
    assert (result.rotation - rotation) % 360 == 0
    straight = coloured(
        write_film(tmp_path / "up.mp4", upright, codec="libx264", pix_fmt="yuv444p", options={"qp": "0"}),
        "up.color.mp4",
    )
    turned = np.rot90(np.array(result.chroma[0], int), turns, axes=(1, 2))
    assert np.abs(turned - np.array(straight.chroma[0], int)).mean() < 1.5
    assert np.abs(turned - 128).mean() > 3


def test_sample_aspect_ratio_and_what_the_numbers_mean_are_kept(coloured: Coloured, tmp_path: Path) -> None:
    source = write_film(
        tmp_path / "film.mp4",
        still_frames(3),
        codec="libx264",
        pix_fmt="yuv420p",
        sample_aspect_ratio=Fraction(16, 15),
        color_range=2,
        colorspace=5,
        color_primaries=5,
        color_trc=6,
    )
    before, after = read_film(source), coloured(source)
    assert after.sample_aspect_ratio == before.sample_aspect_ratio == Fraction(16, 15)
    assert after.tags == before.tags == (2, 5, 5, 6)


@pytest.mark.parametrize(("height", "matrix"), [(480, 6), (576, 5), (720, 1)])
def test_a_gray_film_that_tells_nothing_gets_the_matrix_that_players_assume(
    height: int, matrix: int, coloured: Coloured, tmp_path: Path
) -> None:
    result = coloured(write_film(tmp_path / "film.mkv", still_frames(1, 96, height)))
    assert result.tags[:2] == (2, matrix)


@pytest.mark.parametrize(
    ("name", "codec"), [("film.mkv", "ffv1"), ("film.mp4", "libx264"), ("film.webm", "libvpx-vp9")]
)
def test_odd_sizes_stay_odd(name: str, codec: str, coloured: Coloured, tmp_path: Path) -> None:
    pix_fmt = "yuv444p" if codec == "libx264" else "yuv420p"
    source = write_film(tmp_path / name, still_frames(2, 67, 45), codec=codec, pix_fmt=pix_fmt)
    assert coloured(source).luma[0].shape == (45, 67)


def test_a_film_in_rgb_is_coloured_by_its_luma(coloured: Coloured, tmp_path: Path) -> None:
    import av

    frames = still_frames(2)
    with av.open(str(tmp_path / "film.avi"), "w") as container:
        stream = container.add_stream("rawvideo", rate=25, width=96, height=64, pix_fmt="bgr24")
        for luma in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.stack([luma] * 3, axis=2), format="bgr24")))
    result = coloured(tmp_path / "film.avi", "result.mkv")
    assert np.abs(np.array(result.luma, int) - np.array(frames, int)).max() <= 1
    assert result.tags[0] == 2 and result.kinds == [("video", "ffv1")]


def test_saturation_nought_gives_a_gray_film(coloured: Coloured, tmp_path: Path) -> None:
    result = coloured(write_film(tmp_path / "film.mkv", still_frames(2)), saturation=0.0)
    assert all((plane == 128).all() for planes in result.chroma for plane in planes)


def test_the_same_film_gives_the_same_bytes(coloured: Coloured, tmp_path: Path) -> None:
    source = write_film(tmp_path / "film.mp4", still_frames(5), codec="libx264", pix_fmt="yuv420p", sound="aac")
    coloured(source, "a.mp4")
    coloured(source, "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_progress_tells_each_frame(coloured: Coloured, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    coloured(
        write_film(tmp_path / "film.mp4", still_frames(3), codec="libx264", pix_fmt="yuv420p"),
        on_frame=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_neither_the_film_nor_an_existing_result_is_overwritten(
    colorizer: pc.Colorizer, coloured: Coloured, tmp_path: Path
) -> None:
    source = write_film(tmp_path / "film.mkv", still_frames(2))
    before = source.read_bytes()
    (tmp_path / "there.mkv").write_bytes(b"precious")
    (tmp_path / "link.mkv").hardlink_to(source)
    with pytest.raises(OutputExists):
        coloured(source, "there.mkv")
    for name in ("film.mkv", "link.mkv"):
        with pytest.raises(InputError, match="is the film itself"):
            coloured(source, name, overwrite=True)
    assert source.read_bytes() == before and (tmp_path / "there.mkv").read_bytes() == b"precious"
    coloured(source, "there.mkv", overwrite=True)


def test_what_the_container_cannot_hold_is_refused_with_a_way_out(coloured: Coloured, tmp_path: Path) -> None:
    source = write_film(tmp_path / "film.mkv", still_frames(2), sound="flac", subtitles="subrip")
    with pytest.raises(InputError, match=r"stream 2 .*srt.* cannot be kept .* \.mkv"):
        coloured(source, "result.mp4")
    with pytest.raises(UnsupportedFormat, match=r"does not end like a film"):
        coloured(source, "result.avi")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mkv", "film.srt"]


def test_names_with_colons_and_odd_bytes_are_files_and_no_addresses(
    colorizer: pc.Colorizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_film(tmp_path / "film.mkv", still_frames(1))
    monkeypatch.chdir(tmp_path)
    for name in ("concat:a.mkv", "ol\udce9.mkv", "100%d.mkv", "-i.mkv"):
        shutil.copy(source, name)
        colorize_film(Path(name), Path(f"new {name}"), colorizer)
        assert Path(f"new {name}").stat().st_size > 0
