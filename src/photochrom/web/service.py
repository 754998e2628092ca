"""What all routes of one app share."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from photochrom.errors import PhotochromError
from photochrom.models.engine import Engine
from photochrom.pipeline import Colorizer
from photochrom.web.admission import Admission
from photochrom.web.limits import Limits
from photochrom.web.metrics import Metrics
from photochrom.web.opening import Opening
from photochrom.web.works import Works

__all__ = ["Served", "Service"]

_log = logging.getLogger("photochrom")


@dataclass(eq=False)
class Service:
    """One app's parts.

    Attributes:
        limits: of everything.
        colorizer: the one model of this service.
        works: the photographs at work.
        admission: the threads and the queue before them.
        metrics: figures for Prometheus.
        opening: the picture that `photochrom studio IMAGE` hands to its page, or None.
        uploading: bodies on their way.
    """

    limits: Limits
    colorizer: Colorizer
    works: Works
    admission: Admission
    metrics: Metrics
    opening: Opening | None = None
    uploading: int = 0
    _engine: Engine | None = field(default=None, init=False)
    _tried: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    @property
    def ready(self) -> bool:
        """Whether the network is loaded."""
        return self._engine is not None

    async def load(self) -> None:
        """Loads the network; may take a second. A failure goes to the log."""
        try:
            self._engine = await asyncio.to_thread(lambda: self.colorizer.engine)
        except PhotochromError as error:
            _log.error("%s", error)
        finally:
            self._tried.set()

    async def engine(self) -> Engine:
        """The network, as soon as it is loaded.

        Raises:
            HTTPException: 500, it cannot be loaded, now or later.
        """
        await self._tried.wait()
        if self._engine is None:
            raise HTTPException(500, "the network cannot be loaded; the service's log says why")
        return self._engine


def _service_of(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


Served = Annotated[Service, Depends(_service_of)]
