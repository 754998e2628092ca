"""What the network says under a person's guidance. Every request carries all of it: the server remembers none."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, Response

from photochrom.hints import Hint, Reference
from photochrom.pipeline import Work
from photochrom.web import schemas
from photochrom.web.binary import binary
from photochrom.web.intake import JsonRoute
from photochrom.web.problems import declared
from photochrom.web.schemas import Guidance, Place, SuggestionsRequest, Variant, VariantsRequest, WorkId
from photochrom.web.service import Served

__all__ = ["hints_of", "reference_of", "router", "sent_reference"]

router = APIRouter(
    prefix="/v1/works/{id}", tags=["guidance"], route_class=JsonRoute, responses=declared(404, 408, 413, 415)
)

_FLOATS = "application/octet-stream"


@router.post("/colors", response_class=Response, responses=binary(_FLOATS))
async def get_colors(service: Served, id: WorkId, guidance: Guidance) -> Response:
    """Colours on the network's grid, in Lab units, before saturation and temperature: little-endian float32.

    Four planes, accurate a, accurate b, vivid a, vivid b, each of grid.height rows of grid.width cells.
    """
    held = service.works.use(id)

    def predict(stop: object) -> bytes:
        prediction = held.work.predict(hints_of(guidance), reference_of(guidance))
        planes = [ab for ab in (prediction.accurate, prediction.vivid) if ab is not None]
        return _floats(np.concatenate(planes, axis=-1).transpose(2, 0, 1))

    return Response(await service.admission.run(predict, held.alone), media_type=_FLOATS)


@router.post("/suggestions")
async def get_suggestions(service: Served, id: WorkId, asked: SuggestionsRequest) -> list[schemas.Suggestion]:
    """Plausible colours for a place, the likeliest first."""
    held = service.works.use(id)

    def suggest(stop: object) -> list[schemas.Suggestion]:
        offers = _guided(held.work, asked).suggest(asked.x, asked.y, asked.k)
        return [schemas.Suggestion(color=offer.color, ab=offer.ab, probability=offer.probability) for offer in offers]

    return await service.admission.run(suggest, held.alone)


@router.post("/uncertainty", response_class=Response, responses=binary(_FLOATS))
async def get_uncertainty(service: Served, id: WorkId, guidance: Guidance) -> Response:
    """How open the colours are, 0 to 1, on the network's grid: a plane of little-endian float32."""
    held = service.works.use(id)
    plane = await service.admission.run(lambda stop: _floats(_guided(held.work, guidance).uncertainty()), held.alone)
    return Response(plane, media_type=_FLOATS)


@router.post("/next-hint")
async def get_next_hint(service: Served, id: WorkId, guidance: Guidance) -> Place:
    """The place where one more hint should help most."""
    held = service.works.use(id)
    x, y = await service.admission.run(lambda stop: _guided(held.work, guidance).next_hint(), held.alone)
    return Place(x=x, y=y)


@router.post("/variants")
async def get_variants(service: Served, id: WorkId, asked: VariantsRequest) -> list[Variant]:
    """Different plausible colourings, as the hints that make them; the first is the given hints alone."""
    held = service.works.use(id)

    def vary(stop: object) -> list[Variant]:
        held.work.render(hints_of(asked), reference_of(asked), asked.decode)
        results = held.work.variants(asked.count, asked.seed)
        return [Variant(hints=[_sent_hint(hint) for hint in result.hints]) for result in results]

    return await service.admission.run(vary, held.alone)


def hints_of(guidance: Guidance) -> Sequence[Hint]:
    """The hints as the package knows them."""
    return [Hint(hint.x, hint.y, hint.color, hint.radius) for hint in guidance.hints]


def reference_of(guidance: Guidance) -> Reference | None:
    """The reference as the package knows it; None where it says nothing.

    Raises:
        InvalidHint: a histogram without any share.
    """
    given = guidance.reference
    if given is None or (given.histogram is None and given.saturation is None):
        return None
    histogram = None if given.histogram is None else np.array(given.histogram)
    return Reference(histogram, given.saturation)


def sent_reference(reference: Reference) -> schemas.Reference:
    """The reference as it travels."""
    histogram = None if reference.histogram is None else [float(share) for share in reference.histogram]
    return schemas.Reference(histogram=histogram, saturation=reference.saturation)


def _guided(work: Work, guidance: Guidance) -> Work:
    work.predict(hints_of(guidance), reference_of(guidance))
    return work


def _sent_hint(hint: Hint) -> schemas.Hint:
    return schemas.Hint(x=hint.x, y=hint.y, color=hint.color, radius=hint.radius)


def _floats(planes: npt.NDArray[Any]) -> bytes:
    return planes.astype("<f4").tobytes()
