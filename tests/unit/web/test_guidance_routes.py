"""What the network says over HTTP is what it says in Python."""

import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

import photochrom as pc

Picture = Callable[..., bytes]
Detail = Callable[[httpx.Response, int], str]

HINTS = [
    {"x": 0.25, "y": 0.25, "color": "#b5651d", "radius": 0.02},
    {"x": 0.7, "y": 0.8, "color": None, "radius": 0.1},
]
REFERENCE = {"histogram": [1.0] + [0.0] * 312, "saturation": 0.4}
GUIDANCES: list[dict[str, Any]] = [
    {},
    {"hints": HINTS},
    {"reference": REFERENCE},
    {"hints": HINTS, "reference": REFERENCE},
]


@pytest.fixture(scope="module")
def local(picture: Picture) -> pc.Work:
    """The same photograph in Python."""
    return pc.Colorizer().open(io.BytesIO(picture()))


def guided(local: pc.Work, guidance: dict[str, Any]) -> pc.Work:
    reference = guidance.get("reference")
    local.predict(
        [pc.Hint(**hint) for hint in guidance.get("hints", [])],
        pc.Reference(np.array(reference["histogram"]), reference["saturation"]) if reference else None,
    )
    return local


def grid_of(work: dict[str, Any]) -> tuple[int, int]:
    return work["grid"]["height"], work["grid"]["width"]


@pytest.mark.parametrize("guidance", GUIDANCES)
def test_colours_are_the_networks_own(
    client: httpx.Client, work: dict[str, Any], local: pc.Work, guidance: dict[str, Any]
) -> None:
    answer = client.post(f"/v1/works/{work['id']}/colors", json=guidance)
    assert answer.headers["content-type"] == "application/octet-stream"
    planes = np.frombuffer(answer.content, "<f4").reshape(4, *grid_of(work))
    prediction = guided(local, guidance).predict(local._hints, local._reference)
    assert prediction.accurate is not None and prediction.vivid is not None
    assert np.array_equal(planes[:2], np.moveaxis(prediction.accurate, -1, 0))
    assert np.array_equal(planes[2:], np.moveaxis(prediction.vivid, -1, 0))


def test_nothing_of_an_earlier_request_is_remembered(client: httpx.Client, work: dict[str, Any]) -> None:
    address = f"/v1/works/{work['id']}/colors"
    before = client.post(address, json={}).content
    guided = client.post(address, json=GUIDANCES[-1]).content
    client.post(f"/v1/works/{work['id']}/suggestions", json={"x": 0.1, "y": 0.1, "hints": HINTS})
    assert client.post(address, json={}).content == before != guided
    assert client.post(address, json={"reference": {"histogram": None, "saturation": None}}).content == before


@pytest.mark.parametrize("guidance", GUIDANCES[:2])
def test_suggestions_are_those_of_the_work(
    client: httpx.Client, work: dict[str, Any], local: pc.Work, guidance: dict[str, Any]
) -> None:
    answer = client.post(f"/v1/works/{work['id']}/suggestions", json=guidance | {"x": 0.4, "y": 0.6, "k": 7})
    offers = guided(local, guidance).suggest(0.4, 0.6, 7)
    assert answer.json() == [
        {"color": offer.color, "ab": list(offer.ab), "probability": offer.probability} for offer in offers
    ]
    assert len(client.post(f"/v1/works/{work['id']}/suggestions", json={"x": 0.4, "y": 0.6}).json()) <= 5


def test_uncertainty_is_a_plane_between_0_and_1(client: httpx.Client, work: dict[str, Any], local: pc.Work) -> None:
    answer = client.post(f"/v1/works/{work['id']}/uncertainty", json={"hints": HINTS})
    plane = np.frombuffer(answer.content, "<f4").reshape(grid_of(work))
    assert plane.min() >= 0 and plane.max() <= 1
    assert np.array_equal(plane, guided(local, {"hints": HINTS}).uncertainty())


def test_next_hint_is_the_works(client: httpx.Client, work: dict[str, Any], local: pc.Work) -> None:
    place = client.post(f"/v1/works/{work['id']}/next-hint", json={"hints": HINTS}).json()
    assert (place["x"], place["y"]) == guided(local, {"hints": HINTS}).next_hint()


def test_variants_are_given_by_the_hints_that_make_them(
    client: httpx.Client, work: dict[str, Any], local: pc.Work
) -> None:
    asked = {"hints": HINTS, "count": 3, "seed": 5, "decode": "accurate"}
    address = f"/v1/works/{work['id']}/variants"
    variants = client.post(address, json=asked).json()
    assert variants[0] == {"hints": HINTS}
    assert all(variant["hints"][: len(HINTS)] == HINTS for variant in variants)
    expected = [result.ab for result in guided(local, asked).variants(3, 5)]
    for variant, ab in zip(variants, expected, strict=True):
        vivid = guided(local, variant).predict(local._hints).vivid
        assert vivid is not None
        assert np.array_equal(vivid, ab)
    assert client.post(address, json=asked).json() == variants
    assert client.post(address, json=asked | {"seed": 6}).json() != variants


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("colors", {"hint": []}), ("colors", {"hints": {}}), ("colors", {"hints": None}),
        ("colors", {"decode": "vivid"}), ("colors", {"reference": {"histogram": [1.0] * 312}}),
        ("colors", {"reference": {"histogram": [-1.0] * 313}}),
        ("colors", {"reference": {"histogram": [0.0] * 313}}), ("colors", {"reference": {"saturation": 2}}),
        ("colors", {"reference": {"histogram": [1e308] * 313}}), ("suggestions", {"y": 0.5}),
        ("suggestions", {"x": 2, "y": 0.5}), ("suggestions", {"x": 0.5, "y": 0.5, "k": 0}),
        ("suggestions", {"x": 0.5, "y": 0.5, "k": 33}), ("suggestions", {"x": 0.5, "y": 0.5, "k": 2.5}),
        ("variants", {"count": 1}), ("variants", {"count": 10}), ("variants", {"seed": -1}),
        ("variants", {"seed": 2**32}), ("variants", {"decode": "lively"}),
    ],
)  # fmt: skip
def test_request_that_cannot_be_used_is_refused(
    client: httpx.Client, work: dict[str, Any], detail: Detail, path: str, changed: dict[str, Any]
) -> None:
    detail(client.post(f"/v1/works/{work['id']}/{path}", json=changed), 422)
