"""Photographs at work: uploading, looking at, forgetting."""

import hashlib
import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

Picture = Callable[..., bytes]
Detail = Callable[[httpx.Response, int], str]


def test_upload_answers_where_the_work_is_and_what_is_known_of_it(client: httpx.Client, picture: Picture) -> None:
    file = picture(60, 40)
    answer = client.post("/v1/works", files={"image": ("a.png", file)})
    assert answer.status_code == 201
    info = answer.json()
    assert answer.headers["location"] == f"/v1/works/{info['id']}"
    assert (info["width"], info["height"]) == (60, 40)
    assert info["sha256"] == hashlib.sha256(file).hexdigest()
    again = client.get(answer.headers["location"]).json()
    assert {key: again[key] for key in info if key != "seconds_idle"} == {
        key: info[key] for key in info if key != "seconds_idle"
    }


def test_names_of_works_are_128_bits_and_differ(client: httpx.Client, picture: Picture) -> None:
    names = {client.post("/v1/works", files={"image": picture()}).json()["id"] for _ in range(5)}
    assert len(names) == 5
    assert all(len(bytes.fromhex(name)) == 16 for name in names)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF"])
def test_every_promised_format_is_taken(client: httpx.Client, picture: Picture, format: str) -> None:
    answer = client.post("/v1/works", files={"image": picture(40, 30, format)})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["width"], answer.json()["height"]) == (40, 30)


@pytest.mark.parametrize("format", ["GIF", "TIFF", "WEBP", "PNG"])
def test_of_several_frames_the_first_is_taken(client: httpx.Client, format: str) -> None:
    frames = [Image.new("L", (20, 20), tone) for tone in (30, 120, 220)]
    buffer = io.BytesIO()
    frames[0].save(
        buffer, format, save_all=True, append_images=frames[1:], **({"lossless": True} if format == "WEBP" else {})
    )
    info = client.post("/v1/works", files={"image": buffer.getvalue()}).json()
    gray = client.get(f"/v1/works/{info['id']}/gray").content
    assert abs(int(np.asarray(Image.open(io.BytesIO(gray))).mean()) - 30) <= 1


def test_forgotten_work_is_gone(client: httpx.Client, work: dict[str, Any], detail: Detail) -> None:
    address = f"/v1/works/{work['id']}"
    answer = client.delete(address)
    assert (answer.status_code, answer.content) == (204, b"")
    for gone in (client.get(address), client.delete(address), client.get(address + "/gray")):
        assert "upload it again" in detail(gone, 404)
    assert "upload it again" in detail(client.post(address + "/colors", json={}), 404)


@pytest.mark.parametrize(
    "name", ["..", "../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "a" * 31, "A" * 32, "a" * 33, "0" * 31 + "%00"]
)
def test_what_is_no_name_of_a_work_is_refused(client: httpx.Client, name: str) -> None:
    for answer in (
        client.get(f"/v1/works/{name}"),
        client.delete(f"/v1/works/{name}"),
        client.get(f"/v1/opening/{name}"),
    ):
        assert answer.status_code in (404, 405, 422)
        assert answer.headers["content-type"] == "application/problem+json"


def gray_of(client: httpx.Client, info: dict[str, Any], **query: int) -> Image.Image:
    answer = client.get(f"/v1/works/{info['id']}/gray", params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.mode == "L"
    return picture


def test_gray_is_the_photograph_itself(client: httpx.Client, picture: Picture, work: dict[str, Any]) -> None:
    assert np.array_equal(np.asarray(gray_of(client, work)), np.asarray(Image.open(io.BytesIO(picture()))))


def test_gray_of_a_rectangle_is_that_part(client: httpx.Client, picture: Picture, work: dict[str, Any]) -> None:
    part = gray_of(client, work, left=10, top=5, right=30, bottom=25)
    assert np.array_equal(np.asarray(part), np.asarray(Image.open(io.BytesIO(picture())))[5:25, 10:30])


def test_gray_is_reduced_by_area(client: httpx.Client, picture: Picture, work: dict[str, Any]) -> None:
    half = np.asarray(gray_of(client, work, width=32, height=24), np.float64)
    full = np.asarray(Image.open(io.BytesIO(picture())), np.float64)
    assert np.abs(half - full.reshape(24, 2, 32, 2).mean(axis=(1, 3))).max() <= 1  # rounded along rows, then columns


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ({"width": 32}, (32, 24)),
        ({"height": 12}, (16, 12)),
        ({"width": 4000, "height": 3000}, (64, 48)),
        ({"width": 1, "height": 1}, (1, 1)),
        ({"left": 63, "width": 9}, (1, 48)),
    ],
)
def test_gray_has_the_size_asked_for_and_is_never_enlarged(
    client: httpx.Client, work: dict[str, Any], query: dict[str, int], size: tuple[int, int]
) -> None:
    assert gray_of(client, work, **query).size == size


def test_gray_has_at_most_4096_pixels_a_side(client: httpx.Client, picture: Picture) -> None:
    info = client.post("/v1/works", files={"image": picture(8192, 10)}).json()
    assert gray_of(client, info).size == (4096, 5)
    assert gray_of(client, info, width=8000).size[0] == 4096


def test_gray_of_16_bits_is_rounded_to_8(client: httpx.Client) -> None:
    deep = np.linspace(0, 65535, 4096, dtype=np.uint16).reshape(64, 64)
    buffer = io.BytesIO()
    Image.fromarray(deep).save(buffer, "PNG")
    info = client.post("/v1/works", files={"image": buffer.getvalue()}).json()
    assert np.abs(np.asarray(gray_of(client, info)) - deep / 257).max() <= 0.5


@pytest.mark.parametrize(
    "query",
    [
        {"left": 10, "right": 10}, {"right": 65}, {"bottom": 49}, {"top": 48}, {"left": -1}, {"width": 0},
        {"width": "many"}, {"left": "1e3"},
    ],
)  # fmt: skip
def test_rectangle_outside_is_refused(
    client: httpx.Client, work: dict[str, Any], detail: Detail, query: dict[str, Any]
) -> None:
    detail(client.get(f"/v1/works/{work['id']}/gray", params=query), 422)
