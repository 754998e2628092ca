"""Requests generated from the service's own OpenAPI document: none is answered with a 500, or as it does not declare.

300 or so by default, the same each time. PHOTOCHROM_CASES=10000 asks for more.
"""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_service import Service, picture, running
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from photochrom.web.app import create_app

CASES = int(os.environ.get("PHOTOCHROM_CASES", "300"))
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
SCHEMA = schemathesis.openapi.from_dict(create_app().openapi())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}
# Of the others there is but one request.
VARIED = [label for label, operation in OPERATIONS.items() if operation.body or list(operation.iter_parameters())]


PICTURES = [picture(32, 24, format) for format in ("PNG", "JPEG", "WEBP", "TIFF", "AVIF", "BMP", "GIF")]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A picture with some bytes changed, and perhaps the rest missing."""
    file = bytearray(draw(st.sampled_from(PICTURES)))
    for at, value in draw(st.lists(st.tuples(st.integers(0, len(file) - 1), st.integers(0, 255)), max_size=8)):
        file[at] = value
    return bytes(file[: draw(st.integers(1, len(file)))])


UPLOADS = st.one_of(st.sampled_from(PICTURES), damaged(), st.binary(max_size=200))


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running() as service:
        yield service
        assert service.process.poll() is None, f"the service died with {service.process.returncode}"


@pytest.fixture
def new_work(service: Service) -> Iterator[Any]:
    """Makes photographs at work, and says their names."""
    with service.client() as client:

        def make() -> str:
            return str(client.post("/v1/works", files={"image": PICTURES[0]}).json()["id"])

        yield make


@pytest.mark.parametrize("label", OPERATIONS)
def test_generated_requests_are_answered_as_declared(service: Service, new_work: Any, label: str) -> None:
    operation = OPERATIONS[label]
    work = new_work()
    modes = list(GenerationMode) if label in VARIED else [GenerationMode.POSITIVE]

    @settings(
        max_examples=-(-CASES // len(VARIED)),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from(modes))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if "id" in (case.path_parameters or {}) and data.draw(st.integers(0, 3)):
            case.path_parameters["id"] = new_work() if case.method == "DELETE" else work
        if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
            case.body = {**case.body, "image": data.draw(UPLOADS)}  # type: ignore[dict-item]  # bytes are no JSON
        response = case.call(base_url=service.url, timeout=120)
        too_busy = response.status_code == 503 and "retry-after" in response.headers  # as promised
        assert response.status_code < 500 or too_busy, response.text
        case.validate_response(response, checks=CHECKS)

    explore()
    assert httpx.get(f"{service.url}/readyz", trust_env=False).status_code == 200
