"""From photographs to colours with the embedded network; no test knows which colours it should give."""

import hashlib
import io
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from skimage.color import rgb2lab

from photochrom.color import fit_gamut, gray_to_lightness, in_gamut, lab_to_srgb, lightness_to_gray
from photochrom.errors import InvalidHint, UnknownModel
from photochrom.hints import Hint, Reference
from photochrom.models.registry import COMPACT
from photochrom.pipeline import Colorizer, Work, network_shape
from photochrom.session import Session

PHOTOGRAPHS = ("barn_under_clouds", "coffee_and_tart", "library_room", "vintage_car", "white_church")


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer("compact")


@pytest.fixture(scope="module")
def church(colorizer: Colorizer, examples_dir: Path) -> Work:
    return colorizer.open(examples_dir / "white_church.jpg")


def lab(work: Work, **guidance: Any) -> npt.NDArray[np.float64]:
    """The result at full size, in CIELAB by scikit-image."""
    return np.asarray(rgb2lab(work.render(**guidance).pixels() / 65535))


def at_pixel(work: Work, row: int, column: int, **guidance: Any) -> npt.NDArray[np.float64]:
    """ab of one pixel of the result."""
    return np.asarray(rgb2lab(work.render(**guidance).pixels()[row, column] / 65535)[1:])


def bytes_of(work: Work, **guidance: Any) -> bytes:
    stream = io.BytesIO()
    work.render(**guidance).save(stream, format="png")
    return stream.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (9, 1), (1, 700), (700, 1), (3, 5), (33, 31), (300, 40), (257, 511)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_size_in_is_size_out_and_lightness_is_kept(
    colorizer: Colorizer, size: tuple[int, int], dtype: type[np.uint8 | np.uint16]
) -> None:
    gray = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, size, dtype=dtype, endpoint=True)
    result = colorizer.open(gray).render([Hint(0.5, 0.5, "#b5651d"), Hint(1, 1, "#0000ff")])
    lightness = gray_to_lightness(gray)
    assert result.image.size == (size[1], size[0]) and result.image.mode == "RGB"
    assert np.abs(rgb2lab(np.asarray(result.image))[..., 0] - lightness).max() <= 0.5
    assert result.pixels().shape == (*size, 3)
    assert np.abs(rgb2lab(result.pixels() / 65535)[..., 0] - lightness).max() <= 0.02


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (100, 100, (256, 256)), (4000, 3000, (192, 256)), (3000, 4000, (256, 192)), (3000, 2000, (160, 256)),
        (1, 1, (256, 256)), (10_000, 1, (32, 256)), (1, 10_000, (256, 32)), (50, 49, (256, 256)),
    ],
)  # fmt: skip
def test_network_sees_the_proportions_as_nearly_as_its_strides_allow(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    assert network_shape(width, height, COMPACT) == expected


@pytest.mark.parametrize("decode", ["vivid", "accurate"])
def test_same_input_gives_the_same_bytes(colorizer: Colorizer, examples_dir: Path, decode: str) -> None:
    guidance: dict[str, Any] = {"hints": [Hint(0.3, 0.6, "#3050c0")], "decode": decode, "saturation": 1.2}
    path = examples_dir / "coffee_and_tart.jpg"
    first, second = colorizer.open(path), Colorizer("compact").open(path.read_bytes())
    expected = first.render(**guidance).image.tobytes()
    first.render([Hint(0.9, 0.1, "#ff0000")])
    assert first.render(**guidance).image.tobytes() == expected == second.render(**guidance).image.tobytes()


def test_saved_session_replays_to_the_same_bytes(colorizer: Colorizer, examples_dir: Path, tmp_path: Path) -> None:
    reference = Reference.from_picture(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8))
    work = colorizer.open(examples_dir / "vintage_car.jpg")
    guidance: dict[str, Any] = {
        "hints": [Hint(1 / 3, 0.7, "#7f2020", 0.05), Hint(0.8, 0.1, None)],
        "reference": reference,
        "decode": "accurate",
        "saturation": 1.1,
        "temperature": -3.5,
    }
    expected = bytes_of(work, **guidance)
    work.session().save(tmp_path / "s.photochrom.json")
    again = Colorizer("compact").open(examples_dir / "vintage_car.jpg")
    stream = io.BytesIO()
    again.replay(Session.load(tmp_path / "s.photochrom.json")).save(stream, format="png")
    assert stream.getvalue() == expected
    again.session().save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "s.photochrom.json").read_bytes()


def test_session_of_another_file_or_model_is_replayed_with_a_warning(
    church: Work, caplog: pytest.LogCaptureFixture
) -> None:
    church.render([Hint(0.5, 0.5, "#ff0000")])
    session = church.session()
    other = replace(session, image={"sha256": "00"}, model={"name": "compact", "sha256": "00"})
    with caplog.at_level("WARNING", "photochrom"):
        church.replay(session)
        assert not caplog.records
        church.replay(other)
    assert [("another file" in r.getMessage(), "other weights" in r.getMessage()) for r in caplog.records] == [
        (True, False),
        (False, True),
    ]


def test_a_session_of_another_network_is_replayed_with_a_warning(
    church: Work, caplog: pytest.LogCaptureFixture
) -> None:
    session = replace(church.session(), model={"name": "mine", "sha256": "00"})
    with caplog.at_level("WARNING", "photochrom"):
        church.replay(session)
    (record,) = caplog.records
    assert "made with the network 'mine', not with 'compact'" in record.getMessage()


def test_what_others_added_to_a_session_outlives_its_replay(church: Work) -> None:
    church.render([Hint(0.5, 0.5, "#ff0000")])
    content = church.session().to_dict()
    content["note"] = "for the exhibition"
    for part in ("image", "model", "settings", "reference"):
        content[part]["note"] = part
    church.replay(Session.from_dict(content))
    assert church.session().to_dict() == content


@pytest.mark.parametrize("seed", [-1, 0.5])
def test_a_seed_is_a_whole_number(church: Work, seed: Any) -> None:
    with pytest.raises(InvalidHint, match="seed"):
        church.variants(2, seed=seed)


def wished(lightness: float, seed: int) -> str:
    """A random colour that sRGB holds at this lightness, as hex."""
    ab = np.random.default_rng(seed).normal(0, 40, 2).astype(np.float32)
    rgb = lab_to_srgb(np.array([lightness, *fit_gamut(np.float32(lightness), ab)], np.float32))
    return "#{:02x}{:02x}{:02x}".format(*np.rint(np.clip(rgb, 0, 1) * 255).astype(int))


@pytest.mark.parametrize("name", PHOTOGRAPHS)
@pytest.mark.parametrize("decode", ["vivid", "accurate"])
@pytest.mark.parametrize("scale", [1, 4])
def test_pixel_under_a_hint_has_its_colour(
    colorizer: Colorizer, examples_dir: Path, name: str, decode: str, scale: int
) -> None:
    """On edges, in texture and in smooth places, at two sizes of the photograph."""
    with Image.open(examples_dir / f"{name}.jpg") as image:
        gray = np.asarray(image.convert("L").resize((image.width * scale, image.height * scale)))
    work = colorizer.open(gray)
    lightness = gray_to_lightness(gray)
    rng = np.random.default_rng(len(name))
    for seed in range(4):
        x, y = rng.random(2).tolist()
        row, column = int(y * gray.shape[0]), int(x * gray.shape[1])
        hint = Hint(x, y, wished(lightness[row, column], seed))
        wish = fit_gamut(lightness[row, column], np.array(hint.ab, np.float32))
        assert np.linalg.norm(at_pixel(work, row, column, hints=[hint], decode=decode) - wish) <= 2


@pytest.mark.parametrize("decode", ["vivid", "accurate"])
def test_every_one_of_many_hints_holds(church: Work, decode: str) -> None:
    gray = church.photograph.gray
    lightness = gray_to_lightness(gray)
    hints, wishes = [], []
    for i, (row, column) in enumerate((r, c) for r in range(30, 290, 60) for c in range(30, 290, 60)):
        place = (column + 0.5) / gray.shape[1], (row + 0.5) / gray.shape[0]
        hints.append(Hint(*place, wished(lightness[row, column], i)))
        wishes.append((row, column, fit_gamut(lightness[row, column], np.array(hints[-1].ab, np.float32))))
    found = lab(church, hints=hints, decode=decode)
    errors = [np.linalg.norm(found[row, column, 1:] - wish) for row, column, wish in wishes]
    assert max(errors) <= 2


def test_later_hint_at_the_same_place_holds(church: Work) -> None:
    gray = church.photograph.gray
    row, column = 100, 120
    place = (column + 0.5) / gray.shape[1], (row + 0.5) / gray.shape[0]
    L = float(gray_to_lightness(gray)[row, column])
    first, second = Hint(*place, wished(L, 1)), Hint(*place, wished(L, 2))
    wish = fit_gamut(np.float32(L), np.array(second.ab, np.float32))
    assert np.linalg.norm(at_pixel(church, row, column, hints=[first, second]) - wish) <= 0.5


@pytest.mark.parametrize("decode", ["vivid", "accurate"])
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_neutral_hint_is_gray_where_it_lies(colorizer: Colorizer, examples_dir: Path, name: str, decode: str) -> None:
    work = colorizer.open(examples_dir / f"{name}.jpg")
    row, column = int(0.6 * work.photograph.height), int(0.4 * work.photograph.width)
    assert np.linalg.norm(at_pixel(work, row, column, hints=[Hint(0.4, 0.6, None)], decode=decode)) <= 2


@pytest.mark.parametrize("decode", ["vivid", "accurate"])
@pytest.mark.parametrize(
    ("name", "place", "elsewhere"),
    [
        ("barn_under_clouds", (0.5, 0.12), np.s_[-8:, :]),
        ("white_church", (0.1, 0.1), np.s_[-8:, :]),
        ("vintage_car", (0.5, 0.5), np.s_[:12, :]),
    ],
)
def test_hint_changes_a_far_and_unlike_region_little(
    colorizer: Colorizer,
    examples_dir: Path,
    name: str,
    place: tuple[float, float],
    elsewhere: tuple[slice, slice],
    decode: str,
) -> None:
    """The sky's colour is not the ground's, the car's not the trees'."""
    work = colorizer.open(examples_dir / f"{name}.jpg")
    before, after = (work.render(hints, decode=decode).ab for hints in ([], [Hint(*place, "#ff60a0")]))
    moved = np.linalg.norm(after - before, axis=-1)
    rows, columns = moved.shape
    at_hint = moved[int(place[1] * rows), int(place[0] * columns)]
    assert at_hint > 15
    assert np.median(moved[elsewhere]) < 0.35 * at_hint


def test_hint_does_not_switch_the_decoding(church: Work) -> None:
    """With the same hint, the two decodings still differ as they did, far from it."""
    hint = [Hint(0.02, 0.02, None, 0.005)]
    plain = {d: church.render(decode=d).ab for d in ("vivid", "accurate")}
    hinted = {d: church.render(hint, decode=d).ab for d in ("vivid", "accurate")}
    for decode, other in (("vivid", "accurate"), ("accurate", "vivid")):
        far = np.s_[32:, 32:]
        to_own = np.abs(hinted[decode][far] - plain[decode][far]).mean()
        assert to_own < np.abs(hinted[decode][far] - plain[other][far]).mean()


def test_reference_moves_the_colours_towards_its_own(church: Work) -> None:
    mean = {}
    for name, (a, b) in {"red": (45, 30), "blue": (5, -45)}.items():
        rgb = lab_to_srgb(np.array([[[55.0, a, b]]], np.float32)).clip(0, 1)
        mean[name] = church.render(reference=Reference.from_picture(rgb.repeat(8, 0).repeat(8, 1))).ab.mean(axis=(0, 1))
    plain = church.render().ab.mean(axis=(0, 1))
    assert mean["red"][1] > plain[1] > mean["blue"][1]


def test_reference_picture_and_its_statistics_are_the_same(church: Work, tmp_path: Path) -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    Image.fromarray(rgb).save(tmp_path / "reference.png")
    from_file = church.render(reference=tmp_path / "reference.png").ab
    np.testing.assert_array_equal(from_file, church.render(reference=Reference.from_picture(rgb)).ab)


def test_no_saturation_is_exactly_gray_hints_or_not(church: Work) -> None:
    pixels = church.render([Hint(0.5, 0.5, "#ff0000")], saturation=0).image
    np.testing.assert_array_equal(np.asarray(pixels), np.repeat(church.photograph.gray[..., None], 3, axis=2))


def test_saturation_scales_chroma_also_under_a_hint(church: Work) -> None:
    gray = church.photograph.gray
    row, column = 150, 150
    hint = [Hint((column + 0.5) / gray.shape[1], (row + 0.5) / gray.shape[0], "#8080a0")]
    full, half = (lab(church, hints=hint, saturation=s)[..., 1:] for s in (1.0, 0.5))
    np.testing.assert_allclose(half[row, column], full[row, column] / 2, atol=1)
    np.testing.assert_allclose(half.mean(axis=(0, 1)), full.mean(axis=(0, 1)) / 2, atol=1)


@pytest.mark.parametrize("temperature", [-8.0, 8.0])
def test_temperature_adds_to_b_of_every_pixel_also_under_a_hint(colorizer: Colorizer, temperature: float) -> None:
    work = colorizer.open(
        np.full((40, 60), 128, np.uint8)
    )  # mid-gray: none of these colours is near the gamut's border
    hint = [Hint(0.5, 0.5, "#8080a0")]
    plain, shifted = (lab(work, hints=hint, saturation=0.5, temperature=t)[..., 1:] for t in (0.0, temperature))
    np.testing.assert_allclose(shifted - plain, np.broadcast_to([0, temperature], plain.shape), atol=0.05)


def test_variant_is_what_its_hints_give(church: Work) -> None:
    church.render([Hint(0.2, 0.8, "#406030")], decode="accurate")
    for variant in church.variants(3)[1:]:
        assert variant.hints[0] == Hint(0.2, 0.8, "#406030") and len(variant.hints) > 1
        again = church.render(variant.hints, decode="accurate")
        assert again.image.tobytes() == variant.image.tobytes()


def test_prediction_is_what_is_rendered(church: Work) -> None:
    hints = [Hint(0.2, 0.8, "#406030")]
    prediction = church.predict(hints)
    assert church.render(hints, decode="accurate").ab is prediction.accurate
    assert church.render(hints, decode="vivid").ab is prediction.vivid
    assert church.session().hints == tuple(hints)


def test_variants_begin_with_the_usual_and_all_differ(church: Work) -> None:
    usual = church.render([Hint(0.2, 0.8, "#406030")])
    variants = church.variants(4)
    assert len(variants) == 4 and variants[0].image.tobytes() == usual.image.tobytes()
    for i, one in enumerate(variants):
        for other in variants[:i]:
            assert np.abs(one.ab - other.ab).mean() > 0.3


def test_variants_are_the_same_again_and_others_with_another_seed(church: Work) -> None:
    church.render()
    first, again, other = (church.variants(3, seed) for seed in (1, 1, 2))
    assert [r.image.tobytes() for r in first] == [r.image.tobytes() for r in again]
    assert any((a.ab != b.ab).any() for a, b in zip(first, other, strict=True))


def test_variants_keep_the_hints(church: Work) -> None:
    gray = church.photograph.gray
    hint = Hint(150.5 / gray.shape[1], 90.5 / gray.shape[0], "#909070")
    wish = fit_gamut(gray_to_lightness(gray)[90, 150], np.array(hint.ab, np.float32))
    church.render([hint])
    for variant in church.variants(3):
        found = rgb2lab(variant.pixels()[90, 150] / 65535)[1:]
        assert np.linalg.norm(found - wish) <= 2


@pytest.mark.parametrize("count", [-1, 0, 17, 1.5, "2"])
def test_no_and_too_many_variants_are_refused(church: Work, count: Any) -> None:
    with pytest.raises(InvalidHint, match=rf"count must lie in 1\.\.16, got {count!r}"):
        church.variants(count)


def test_suggestions_have_the_lightness_of_the_place_where_it_holds_them_and_share_all(
    church: Work,
) -> None:
    church.render()
    for x, y in ((0.5, 0.5), (0, 0), (1, 1), (0.3, 0.9)):
        found = church.suggest(x, y, 5)
        assert 1 <= len(found) <= 5
        assert sum(s.probability for s in found) == pytest.approx(1, abs=1e-4)
        shown = [rgb2lab(np.frombuffer(bytes.fromhex(s.color[1:]), np.uint8) / 255)[0] for s in found]
        of_place = float(np.median(shown))
        held = [L for s, L in zip(found, shown, strict=True) if in_gamut(of_place, s.ab)]
        assert len(held) >= 3 and np.ptp(held) < 1.5


def test_suggestion_under_a_hint_is_near_the_hint(church: Work) -> None:
    hint = Hint(0.5, 0.1, "#5080c0")
    church.render()
    before = church.suggest(0.5, 0.1, 1)[0].ab
    church.render([hint])
    after = church.suggest(0.5, 0.1, 1)[0].ab
    assert np.linalg.norm(np.subtract(after, hint.ab)) < np.linalg.norm(np.subtract(before, hint.ab))
    assert np.linalg.norm(np.subtract(after, hint.ab)) < 20


@pytest.mark.parametrize(("x", "y", "k"), [(1.1, 0.5, 5), (0.5, -0.1, 5), (0.5, 0.5, 0), (0.5, 0.5, 314)])
def test_suggestions_outside_of_picture_or_range_are_refused(church: Work, x: float, y: float, k: int) -> None:
    with pytest.raises(InvalidHint):
        church.suggest(x, y, k)


def test_uncertainty_covers_the_picture_and_falls_where_a_hint_lies(church: Work) -> None:
    church.render()
    before = church.uncertainty()
    x, y = church.next_hint()
    church.render([Hint(x, y, "#5080c0", 0.02)])
    after = church.uncertainty()
    assert before.shape == after.shape == church.render().ab.shape[:2]
    assert before.min() >= 0 and before.max() <= 1
    cell = int(y * before.shape[0]), int(x * before.shape[1])
    assert after[cell] < before[cell]


def test_next_hint_moves_on_once_it_is_given(church: Work) -> None:
    church.render()
    hints: list[Hint] = []
    for _ in range(3):
        x, y = church.next_hint()
        assert 0 < x < 1 and 0 < y < 1
        assert all(np.hypot(x - h.x, y - h.y) > 0.02 for h in hints)
        hints.append(Hint(x, y, "#80a060", 0.03))
        church.render(hints)


def test_unknown_model_is_refused_with_the_known_names() -> None:
    with pytest.raises(UnknownModel, match=r"'kodachrome'.*compact"):
        Colorizer("kodachrome")


def test_session_remembers_image_model_and_settings(colorizer: Colorizer, examples_dir: Path) -> None:
    path = examples_dir / "bird_on_a_wire.jpg"
    work = colorizer.open(path)
    work.render([Hint(0.1, 0.2)], decode="accurate", saturation=0.5)
    session = work.session()
    assert session.image == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "width": 299, "height": 299}
    assert session.model["name"] == "compact" and len(session.model["sha256"]) == 64
    assert (session.decode, session.saturation, session.hints) == ("accurate", 0.5, (Hint(0.1, 0.2),))


def test_result_is_saved_with_the_depth_of_the_photograph(colorizer: Colorizer, tmp_path: Path) -> None:
    gray = np.random.default_rng(0).integers(0, 65536, (20, 30), dtype=np.uint16)
    colorizer.colorize(gray).save(tmp_path / "deep.png")
    result = Colorizer("compact").open(tmp_path / "deep.png")
    assert result.photograph.metadata.bits == 16
    levels = lightness_to_gray(gray_to_lightness(gray)) * 65535
    assert np.abs(result.photograph.gray - levels).max() < 65535 * 0.002


def test_used_colorizer_goes_to_another_process_by_name(colorizer: Colorizer, church: Work) -> None:
    pickled = pickle.dumps(colorizer)
    assert len(pickled) < 200
    again = pickle.loads(pickled)
    assert isinstance(again, Colorizer) and again.spec == colorizer.spec
    assert np.array_equal(again.open(church.photograph).render().ab, church.render().ab)
