"""What went wrong, as RFC 9457 says it: `application/problem+json`, one line of detail, never a stack trace."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from photochrom.errors import ImageTooLarge, InputError, PhotochromError, UnsupportedFormat

__all__ = [
    "LastResort",
    "Problem",
    "ProblemResponse",
    "declared",
    "first_fault",
    "install_handlers",
    "temporary_files",
]

_log = logging.getLogger("photochrom")

_LONGEST = 400

_MEANINGS = {
    400: "The request is malformed.",
    401: "The service wants a token: Authorization: Bearer.",
    403: "The request comes from another site's page.",
    404: "There is no such thing, or no longer.",
    408: "The body did not arrive in time.",
    413: "The body, or the picture by its header, is too large.",
    415: "The body, or the picture, is of a kind that is not read here.",
    421: "The request names another host.",
    422: "A value cannot be used.",
    500: "The service is at fault.",
    503: "Too much is asked of the service at once, or it is starting; Retry-After says when to come back.",
}


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


class ProblemResponse(Response):
    """A problem as an answer.

    Args:
        status: of HTTP.
        detail: what went wrong, and what to do; made one line, and cut where a request's own long words are in it.
        headers: further ones.
    """

    media_type = "application/problem+json"

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        line = " ".join(detail.split())[:_LONGEST]
        problem = Problem(type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=line)
        # ASCII, since a value quoted from a request may hold half a surrogate pair, which UTF-8 cannot.
        super().__init__(json.dumps(problem.model_dump()), status, headers)


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Problems that a route may answer with, for the OpenAPI document."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


def install_handlers(app: FastAPI) -> None:
    """Makes every error of the app a problem."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(PhotochromError, _expected)
    app.add_exception_handler(MemoryError, _memory)


def first_fault(error: RequestValidationError | ValidationError) -> str:
    """Where the first wrong value stands, and what is wrong with it."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    words = str(first["msg"])
    if not place:
        return words
    # pydantic's sentences are about an "Input"; to a person it is the place in their file.
    return f"{place} {words.removeprefix('Input ')}" if words.startswith("Input ") else f"{place}: {words}"


@contextmanager
def temporary_files() -> Iterator[None]:
    """For what writes temporary files: that there is no room for them is not the fault of whoever asks.

    Raises:
        HTTPException: 503, a file cannot be written.
    """
    try:
        yield
    except OSError as error:
        _log.error("a temporary file cannot be written: %s", error)
        detail = f"the service has no room for this now ({error.strerror or error}); try again later"
        raise HTTPException(503, detail, {"Retry-After": "10"}) from error


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = f"{request.method} is not for this address; see Allow" if error.status_code == 405 else str(error.detail)
    return ProblemResponse(error.status_code, detail, error.headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return ProblemResponse(422, first_fault(error))


async def _expected(request: Request, error: Exception) -> Response:
    if not isinstance(error, InputError):
        _log.error("%s", error)
        return ProblemResponse(500, "the service cannot run its network; its log says why")
    status = 415 if isinstance(error, UnsupportedFormat) else 413 if isinstance(error, ImageTooLarge) else 422
    return ProblemResponse(status, str(error).replace("the given stream", "the picture"))  # an upload has no name


async def _memory(request: Request, error: Exception) -> Response:
    return ProblemResponse(503, "not enough memory for this now; try again later", {"Retry-After": "10"})


class LastResort:
    """The innermost layer of the app: an error that nobody expected goes to the log, and a problem to the client."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:
            if started or scope["type"] != "http":
                raise
            _log.exception("an unexpected error in %s %s", scope["method"], scope["path"])
            await ProblemResponse(500, "an error of the service's own; its log has the details")(scope, receive, send)
