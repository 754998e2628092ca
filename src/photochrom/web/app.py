"""Puts the service together."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from photochrom import __version__
from photochrom.pipeline import Colorizer
from photochrom.web.admission import Admission
from photochrom.web.deadline import Deadline
from photochrom.web.guard import LOOPBACK, Guard
from photochrom.web.limits import SERVE, Limits
from photochrom.web.metrics import Counting, Metrics
from photochrom.web.opening import Opening
from photochrom.web.problems import LastResort, Problem, declared, install_handlers
from photochrom.web.routes import guidance, page, results, status, works
from photochrom.web.service import Service
from photochrom.web.works import Works

__all__ = ["create_app"]

_SWEEP_SECONDS = 30


def create_app(
    limits: Limits = SERVE,
    token: str | None = None,
    allowed_hosts: Iterable[str] = LOOPBACK,
    opening: Opening | None = None,
    colorizer: Colorizer | None = None,
) -> FastAPI:
    """The service as an ASGI app, to be run in one process.

    Args:
        limits: of everything; `SERVE` or `STUDIO`.
        token: that clients must send; None: none is needed.
        allowed_hosts: names and addresses, without port, under which clients may reach it.
        opening: a picture to hand to the page.
        colorizer: with the network to use, which takes hints and references; None: `compact`.
    """
    service = Service(
        limits=limits,
        colorizer=colorizer or Colorizer(),
        works=Works(limits.works_bytes, limits.idle_seconds),
        admission=Admission(limits.inferences, limits.queue),
        metrics=Metrics(),
        opening=opening,
    )
    app = FastAPI(
        title="Photochrom",
        version=__version__,
        description="Colours for black-and-white photographs. Problems are application/problem+json (RFC 9457).",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        lifespan=lambda app: _lifespan(service),
        middleware=[
            Middleware(Counting, metrics=service.metrics),
            Middleware(Guard, token=token, hosts=allowed_hosts),
            Middleware(Deadline, seconds=limits.seconds),
            Middleware(LastResort),
        ],
        generate_unique_id_function=_operation_id,
        responses=declared(400, 401, 403, 421, 422, 500, 503),
    )
    app.state.service = service
    install_handlers(app)
    for router in (
        status.router, works.upload_router, works.router, guidance.router,
        results.upload_router, results.router, page.router,
    ):  # fmt: skip
        app.include_router(router)
    _declare_problems(app)
    return app


@contextlib.asynccontextmanager
async def _lifespan(service: Service) -> AsyncIterator[None]:
    """Loads the network, and forgets photographs as their time comes."""
    tasks = [asyncio.create_task(service.load()), asyncio.create_task(_sweep(service.works))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        service.admission.close()


async def _sweep(works: Works) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        works.expire()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _declare_problems(app: FastAPI) -> None:
    """The schema that the declared problems refer to."""
    schema = app.openapi()
    schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
