"""Bodies: how long they may be, of which kind, and JSON taken at its word."""

import json
import math
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from photochrom.web.limits import Limits
from photochrom.web.problems import temporary_files
from photochrom.web.service import Service

__all__ = ["JsonRoute", "UploadRoute", "strict_json"]

_MOST_FIELDS = 16
# Far from where Python's recursion ends: what was read must also be checked and written again.
_MOST_LEVELS = 100

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRoute(APIRoute):
    """A route whose body, if any, is JSON."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            if request.method == "POST":
                _check_kind(request, "application/json")
            limit = request.app.state.service.limits.json_bytes
            return await handle(_StrictRequest(request.scope, _limited(request, limit)))

        return handle_json


class UploadRoute(APIRoute):
    """A route whose body is a form with a picture in it."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def handle_upload(request: Request) -> Response:
            _check_kind(request, "multipart/form-data")
            service: Service = request.app.state.service
            if service.uploading >= service.limits.uploads:
                raise HTTPException(503, "too many uploads at once; try again", {"Retry-After": "1"})
            service.uploading += 1
            try:
                return await handle(_OneFileRequest(request.scope, _limited(request, service.limits.upload_bytes)))
            finally:
                service.uploading -= 1

        return handle_upload


class _OneFileRequest(Request):
    """A request whose form holds one file and a few short fields, those of its route."""

    async def form(self, **_: Any) -> FormData:  # type: ignore[override]  # FastAPI awaits it and no more
        limits: Limits = self.app.state.service.limits
        with temporary_files():
            form = await super().form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=limits.json_bytes)
        # A misspelt field would be a wish that nobody hears.
        known = [field.alias for field in self.scope["route"].dependant.body_params]  # codespell:ignore dependant
        for name in form:
            if name not in known:
                await form.close()
                raise HTTPException(422, f"{name!r:.40} is no field of this form; it has {', '.join(known)}")
        return form


class _StrictRequest(Request):
    """A request whose JSON is read by `strict_json`."""

    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict_json(await self.body())
            except ValueError as error:
                raise HTTPException(400, f"the body is no JSON that is read here: {error}") from error
        return self._json


def strict_json(text: str | bytes) -> Any:
    """The content of a JSON text.

    Raises:
        ValueError: it is none, is nested too deeply, holds NaN or numbers beyond float64, or a key twice.
    """
    try:
        content = json.loads(text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _check_levels(content)
    return content


def _check_kind(request: Request, kind: str) -> None:
    """Refuses other media types, and compressed bodies, before anything of them is read."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != kind:
        raise HTTPException(415, f"send {kind}, not {given or 'a body without Content-Type'}")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415, "send the body as it is, without Content-Encoding")


def _limited(request: Request, limit: int) -> Receive:
    """The request's `receive`, which refuses a body as soon as it is, or says that it will be, too long."""
    refusal = HTTPException(413, f"the body has more than {limit:,} bytes")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise refusal
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise refusal
        return message

    return receive


def _check_levels(content: Any) -> None:
    level = _nested([content])
    for _ in range(_MOST_LEVELS):
        level = [inner for outer in level for inner in _nested(outer.values() if isinstance(outer, dict) else outer)]
    if level:
        raise ValueError("it is nested too deeply")


def _nested(values: Iterable[Any]) -> list[dict[str, Any] | list[Any]]:
    return [value for value in values if isinstance(value, dict | list)]


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no finite number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{twice!r:.40} is given twice")
    return content
