"""What leaves the studio: pictures, session files, palettes."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner
from PIL import ExifTags, Image

import photochrom as pc
from photochrom.cli.main import main

Picture = Callable[..., bytes]
Detail = Callable[[httpx.Response, int], str]

HINTS: list[dict[str, Any]] = [
    {"x": 0.25, "y": 0.25, "color": "#b5651d", "radius": 0.02},
    {"x": 0.7, "y": 0.8, "color": None, "radius": 0.1},
]
DECISIONS: dict[str, Any] = {
    "hints": HINTS,
    "reference": {"histogram": None, "saturation": 0.5},
    "decode": "accurate",
    "saturation": 1.3,
    "temperature": -4.5,
}


def session_of(client: httpx.Client, work: dict[str, Any], **changed: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/works/{work['id']}/session", json=DECISIONS | changed)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith('filename="photograph.photochrom.json"')
    session: dict[str, Any] = answer.json()
    return session


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif", "tiff"])
def test_export_and_session_replay_byte_for_byte_on_the_command_line(
    client: httpx.Client, picture: Picture, tmp_path: Path, format: str
) -> None:
    photograph = tmp_path / "old.png"
    photograph.write_bytes(picture(90, 60))
    with photograph.open("rb") as file:
        work = client.post("/v1/works", files={"image": file}).json()
    session = session_of(client, work)
    answer = client.post(f"/v1/works/{work['id']}/export", json={"session": session, "format": format})
    assert answer.headers["content-type"] == f"image/{format}"
    assert "attachment" in answer.headers["content-disposition"]

    hints, out = tmp_path / "old.photochrom.json", tmp_path / f"new.{format}"
    hints.write_text(json.dumps(session), encoding="utf-8")
    done = CliRunner().invoke(main, ["colorize", str(photograph), "--hints", str(hints), "-o", str(out)])
    assert done.exit_code == 0, done.output
    assert out.read_bytes() == answer.content


def test_session_names_photograph_and_model_and_keeps_what_it_does_not_know(
    client: httpx.Client, work: dict[str, Any]
) -> None:
    about = client.get("/v1/about").json()
    session = session_of(client, work, extra={"notes": {"who": "Ada"}, "settings": {"grain": 3, "decode": "vivid"}})
    assert session["image"] == {"sha256": work["sha256"], "width": work["width"], "height": work["height"]}
    assert session["model"] == about["model"]
    assert session["hints"] == HINTS
    assert session["notes"] == {"who": "Ada"}
    assert session["settings"] == {"grain": 3, "decode": "accurate", "saturation": 1.3, "temperature": -4.5}
    assert client.post("/v1/sessions/check", json=session).json() == session


@pytest.mark.parametrize("extra", [{"photochrom": 9}, {"hints": []}, {"model": {}}, {"settings": 3}, {"image": None}])
def test_extra_cannot_replace_what_the_session_says(
    client: httpx.Client, work: dict[str, Any], detail: Detail, extra: dict[str, Any]
) -> None:
    detail(client.post(f"/v1/works/{work['id']}/session", json={"extra": extra}), 422)


def test_half_a_surrogate_in_extra_comes_back_as_it_was(client: httpx.Client, work: dict[str, Any]) -> None:
    body = b'{"extra": {"note": "\\ud800"}}'
    answer = client.post(f"/v1/works/{work['id']}/session", content=body, headers={"Content-Type": "application/json"})
    assert json.loads(answer.text)["note"] == "\ud800"


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ({"photochrom": 2}, "newer"), ({"photochrom": 0}, "photochrom"), ({}, "photochrom"),
        ({"photochrom": 1, "hints": [{"x": 3, "y": 0}]}, "hints.0.x should be less than or equal to 1"),
        ({"photochrom": 1, "settings": {"decode": "lively"}}, "decode"),
        ({"photochrom": 1, "settings": {"saturation": 101}}, "saturation"),
        ({"photochrom": 1, "reference": {"histogram": [1, 2]}}, "histogram"), ({"photochrom": 1, "image": []}, "image"),
        ({"photochrom": True}, "photochrom"), ([], ""),
    ],
)  # fmt: skip
def test_session_that_cannot_be_used_is_refused_with_the_reason(
    client: httpx.Client, work: dict[str, Any], detail: Detail, session: Any, said: str
) -> None:
    assert said in detail(client.post("/v1/sessions/check", json=session), 422)
    assert said in detail(client.post(f"/v1/works/{work['id']}/export", json={"session": session}), 422)


def test_colour_layer_laid_over_the_photograph_is_a_png_of_its_size(client: httpx.Client, work: dict[str, Any]) -> None:
    asked = {"session": session_of(client, work), "layer": True, "format": "jpeg"}
    answer = client.post(f"/v1/works/{work['id']}/export", json=asked)
    assert answer.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(answer.content)).size == (work["width"], work["height"])


def test_picture_that_a_format_cannot_hold_is_refused(client: httpx.Client, detail: Detail) -> None:
    buffer = io.BytesIO()
    Image.new("LA", (20, 20), (100, 50)).save(buffer, "PNG")
    work = client.post("/v1/works", files={"image": buffer.getvalue()}).json()
    asked = {"session": {"photochrom": 1}, "format": "jpeg"}
    assert "transparent" in detail(client.post(f"/v1/works/{work['id']}/export", json=asked), 422)


def test_reference_is_the_palette_of_the_picture_in_numbers(client: httpx.Client) -> None:
    colours = np.zeros((40, 40, 3), np.uint8)
    colours[:20], colours[20:] = (200, 40, 40), (40, 90, 200)
    buffer = io.BytesIO()
    Image.fromarray(colours).save(buffer, "PNG")
    answer = client.post("/v1/references", files={"image": buffer.getvalue()}).json()
    expected = pc.Reference.from_picture(colours)
    assert expected.histogram is not None
    assert answer == {"histogram": [float(share) for share in expected.histogram], "saturation": expected.saturation}


def test_colorize_gives_what_the_package_gives(client: httpx.Client, picture: Picture, tmp_path: Path) -> None:
    file = picture(50, 40, "JPEG")
    result = pc.Colorizer().colorize(io.BytesIO(file))
    for format in (None, "png"):
        answer = client.post("/v1/colorize", files={"image": file}, data={"format": format} if format else {})
        assert answer.headers["content-type"] == f"image/{format or 'jpeg'}"
        expected = io.BytesIO()
        result.save(expected, format=format or "jpeg")
        assert answer.content == expected.getvalue()
    works = [line for line in client.get("/metrics").text.splitlines() if line.startswith("photochrom_works ")]
    client.post("/v1/colorize", files={"image": file})
    assert works == [line for line in client.get("/metrics").text.splitlines() if line.startswith("photochrom_works ")]


def test_colorize_obeys_session_and_fields_which_go_before_it(client: httpx.Client, picture: Picture) -> None:
    session = {
        "photochrom": 1,
        "hints": HINTS,
        "settings": {"saturation": 2.0, "temperature": 6.0, "decode": "accurate"},
    }
    file = picture(50, 40)
    fields = {"session": json.dumps(session), "saturation": "0.5"}
    answer = client.post("/v1/colorize", files={"image": file}, data=fields)
    result = pc.Colorizer().colorize(
        io.BytesIO(file),
        hints=[pc.Hint(**hint) for hint in HINTS],
        decode="accurate",
        saturation=0.5,
        temperature=6.0,
    )
    expected = io.BytesIO()
    result.save(expected, format="png")
    assert answer.content == expected.getvalue()


@pytest.mark.parametrize("name", ["siggraph17", "../../etc/passwd", "file:///etc/passwd", "http://127.0.0.2/x.onnx"])
def test_model_that_a_session_was_made_with_is_a_note_and_opens_nothing(
    client: httpx.Client, picture: Picture, name: str
) -> None:
    file, plain = picture(50, 40), {"photochrom": 1, "hints": HINTS}
    answers = [
        client.post("/v1/colorize", files={"image": file}, data={"session": json.dumps(session)})
        for session in (plain, plain | {"model": {"name": name, "sha256": "0" * 64}})
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize(
    "field",
    [
        {"decode": "lively"}, {"saturation": "nan"}, {"saturation": "-1"}, {"saturation": "1e999"},
        {"temperature": "51"},
        {"format": "gif"}, {"session": "{"}, {"session": '{"photochrom": NaN}'}, {"session": '{"photochrom": 2}'},
        {"session": "[" * 9000},
    ],
)  # fmt: skip
def test_colorize_refuses_fields_that_cannot_be_used(
    client: httpx.Client, picture: Picture, detail: Detail, field: dict[str, str]
) -> None:
    detail(client.post("/v1/colorize", files={"image": picture()}, data=field), 422)


@pytest.mark.parametrize("field", [{"saturaton": "0"}, {"model": "eccv16"}])
def test_colorize_refuses_fields_that_it_does_not_have(
    client: httpx.Client, picture: Picture, detail: Detail, field: dict[str, str]
) -> None:
    said = detail(client.post("/v1/colorize", files={"image": picture()}, data=field), 422)
    assert next(iter(field)) in said and "saturation" in said


def test_session_field_has_at_most_256_kib(client: httpx.Client, picture: Picture, detail: Detail) -> None:
    text = json.dumps({"photochrom": 1}) + " " * (256 << 10)
    assert "256KB" in detail(client.post("/v1/colorize", files={"image": picture()}, data={"session": text}), 400)


def test_position_of_the_photograph_is_in_nothing_that_is_returned(client: httpx.Client) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada Example"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (52.0, 31.0, 12.0), 29: "1999:12:31"})
    packet = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    packet += '<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="52,31.2N"/>'
    buffer = io.BytesIO()
    Image.new("L", (30, 20)).save(buffer, "JPEG", exif=exif, xmp=(packet + "</rdf:RDF></x:xmpmeta>").encode())
    file = buffer.getvalue()
    assert b"1999:12:31" in file and b"52,31.2N" in file
    work = client.post("/v1/works", files={"image": file}).json()
    answers = [client.post("/v1/colorize", files={"image": file}), client.get(f"/v1/works/{work['id']}/gray")]
    for format in ("jpeg", "png", "webp", "avif", "tiff"):
        asked = {"session": {"photochrom": 1}, "format": format}
        answers.append(client.post(f"/v1/works/{work['id']}/export", json=asked))
    for answer in answers:
        assert answer.status_code == 200
        assert b"1999:12:31" not in answer.content
        assert b"52,31.2N" not in answer.content
        assert not Image.open(io.BytesIO(answer.content)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert b"Ada Example" in answers[0].content


def test_large_deep_tiff_is_read_from_the_temporary_file_it_lies_in(client: httpx.Client) -> None:
    deep = np.linspace(0, 65535, 1200 * 800).reshape(800, 1200).astype(np.uint16)
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, deep)
    assert len(buffer.getvalue()) > 1 << 20
    answer = client.post("/v1/colorize", files={"image": buffer.getvalue()}, data={"format": "tiff"})
    assert answer.status_code == 200, answer.text
    assert tifffile.imread(io.BytesIO(answer.content)).dtype == np.uint16
