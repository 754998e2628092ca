"""What the service is, and how it is."""

from typing import Any, get_args

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse

from photochrom import __version__
from photochrom.web.binary import binary
from photochrom.web.memory import resident_bytes
from photochrom.web.metrics import CONTENT_TYPE
from photochrom.web.problems import declared
from photochrom.web.schemas import About, Decode, LimitsInfo, ModelInfo, OutputFormatName, WorkId
from photochrom.web.service import Served

__all__ = ["router"]

router = APIRouter(tags=["status"])

_TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/v1/about")
async def get_about(service: Served) -> About:
    """What this service is and takes."""
    engine, limits = await service.engine(), service.limits
    return About(
        version=__version__,
        model=ModelInfo(name=engine.spec.name, sha256=engine.sha256),
        decodes=list(get_args(Decode)),
        formats=list(get_args(OutputFormatName)),
        limits=LimitsInfo(bytes=limits.upload_bytes, pixels=limits.pixels, hints=limits.hints, side=limits.side),
    )


@router.get("/v1/opening/{id}", response_class=Response, responses=binary("application/octet-stream") | declared(404))
async def get_opening(service: Served, id: WorkId) -> Response:
    """The file named on the command line of `photochrom studio`, once, to the page that it opened."""
    path = service.opening.take(id) if service.opening else None
    if path is None or not path.is_file():
        raise HTTPException(404, "there is nothing to open, or no longer")
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


# HEAD too: many monitors and load balancers ask for nothing more.
@router.head("/healthz", response_class=PlainTextResponse, include_in_schema=False)
@router.get("/healthz", response_class=PlainTextResponse, responses=_TEXT)
async def get_health() -> str:
    """Whether the process answers."""
    return "ok\n"


@router.head("/readyz", response_class=PlainTextResponse, include_in_schema=False)
@router.get("/readyz", response_class=PlainTextResponse, responses=_TEXT)
async def get_readiness(service: Served) -> str:
    """Whether the network is loaded."""
    if not service.ready:
        raise HTTPException(503, "the service is starting; try again", {"Retry-After": "1"})
    return "ok\n"


@router.get("/metrics", response_class=Response, responses=_TEXT)
async def get_metrics(service: Served) -> Response:
    """Figures in Prometheus' text format."""
    service.works.expire()
    admission, works = service.admission, service.works
    gauges = {
        "photochrom_inferences": ("Pieces of work in threads.", admission.running),
        "photochrom_queue": ("Requests that wait for a thread.", admission.waiting),
        "photochrom_uploads": ("Bodies with pictures under way or at work.", service.uploading),
        "photochrom_works": ("Photographs at work.", len(works)),
        "photochrom_works_bytes": ("Memory that they take.", works.size),
        "photochrom_resident_bytes": ("Memory of the process.", resident_bytes()),
    }
    counters = {"photochrom_refused_total": ("Requests refused because the queue was full.", admission.refused)}
    return Response(service.metrics.text(gauges, counters), headers={"Content-Type": CONTENT_TYPE})
