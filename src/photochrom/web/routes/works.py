"""Photographs at work: `/v1/works`, and what the page draws them with."""

from typing import Annotated

from fastapi import APIRouter, File, Query, Response, UploadFile

from photochrom.web.binary import binary
from photochrom.web.gray_view import View, gray_view
from photochrom.web.intake import JsonRoute, UploadRoute
from photochrom.web.problems import declared
from photochrom.web.schemas import Grid, WorkId, WorkInfo
from photochrom.web.service import Served, Service
from photochrom.web.uploads import open_work
from photochrom.web.works import HeldWork

__all__ = ["router", "upload_router"]

router = APIRouter(prefix="/v1/works", tags=["works"], route_class=JsonRoute)
upload_router = APIRouter(prefix="/v1/works", tags=["works"], route_class=UploadRoute)

_Pixel = Annotated[int | None, Query(ge=0)]
_Side = Annotated[int | None, Query(ge=1)]


@upload_router.post("", status_code=201, responses=declared(408, 413, 415))
async def create_work(service: Served, image: Annotated[UploadFile, File()], response: Response) -> WorkInfo:
    """Takes a photograph in. It stays for as long as it is used, in memory alone."""
    await service.engine()
    held = await service.admission.run(lambda stop: open_work(image.file, service.colorizer, service.limits, stop))
    service.works.add(held)
    response.headers["Location"] = f"/v1/works/{held.id}"
    return _info(service, held)


@router.get("/{id}", responses=declared(404))
async def get_work(service: Served, id: WorkId) -> WorkInfo:
    """What is known of a photograph; does not count as using it."""
    return _info(service, service.works.find(id))


@router.delete("/{id}", status_code=204, responses=declared(404))
async def delete_work(service: Served, id: WorkId) -> None:
    """Forgets a photograph now."""
    service.works.remove(id)


@router.get("/{id}/gray", response_class=Response, responses=binary("image/png") | declared(404))
async def get_gray(
    service: Served,
    id: WorkId,
    left: _Pixel = None,
    top: _Pixel = None,
    right: _Pixel = None,
    bottom: _Pixel = None,
    width: _Side = None,
    height: _Side = None,
) -> Response:
    """A rectangle of the photograph, in its pixels, reduced by area to width x height; 8-bit gray, sRGB-encoded.

    Without a rectangle all of it. Never enlarged, and at most 4096 pixels a side.
    """
    held = service.works.use(id)
    photograph = held.work.photograph
    view = View.within(photograph, (left, top, right, bottom), (width, height), service.limits.view_side)
    png = await service.admission.run(lambda stop: gray_view(photograph, view))
    # The address names these very bytes for good: another upload gets another name.
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, max-age=31536000, immutable"})


def _info(service: Service, held: HeldWork) -> WorkInfo:
    photograph = held.work.photograph
    return WorkInfo(
        id=held.id,
        width=photograph.width,
        height=photograph.height,
        sha256=held.sha256,
        grid=Grid(width=held.grid[1], height=held.grid[0]),
        seconds_idle=service.works.idle(held),
    )
