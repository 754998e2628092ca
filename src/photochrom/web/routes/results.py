"""What leaves the studio: pictures at full size, and session files."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, File, Form, Response, UploadFile
from pydantic import ValidationError

from photochrom.errors import InvalidHint
from photochrom.images import FORMATS, output_format
from photochrom.pipeline import Result, Work
from photochrom.session import Session
from photochrom.web.admission import Stop
from photochrom.web.binary import FileAnswer, binary
from photochrom.web.intake import JsonRoute, UploadRoute, strict_json
from photochrom.web.problems import declared, first_fault, temporary_files
from photochrom.web.routes.guidance import sent_reference
from photochrom.web.schemas import (
    Decode,
    ExportRequest,
    OutputFormatName,
    Reference,
    SessionFile,
    SessionRequest,
    WorkId,
)
from photochrom.web.service import Served
from photochrom.web.session_files import checked_session, session_text, written_session
from photochrom.web.uploads import open_work, reference_of

__all__ = ["router", "upload_router"]

router = APIRouter(tags=["results"], route_class=JsonRoute, responses=declared(408, 413, 415))
upload_router = APIRouter(tags=["results"], route_class=UploadRoute, responses=declared(408, 413, 415))

_PICTURES = [f"image/{name}" for name in FORMATS]
_SESSION_JSON: dict[int | str, dict[str, Any]] = {200: {"model": SessionFile}}


@router.post("/v1/works/{id}/export", response_class=Response, responses=binary(*_PICTURES) | declared(404))
async def export_work(service: Served, id: WorkId, asked: ExportRequest) -> Response:
    """The picture at full size with all that came with it, but GPS positions; or its colours alone."""
    held = service.works.use(id)
    session = checked_session(asked.session)

    def render(stop: Stop) -> BinaryIO:
        result = _result(held.work, session, {})
        return _encoded(result.save_layer if asked.layer else partial(result.encode, format=asked.format), stop)

    return _picture(await service.admission.run(render, held.alone), "png" if asked.layer else asked.format)


@router.post("/v1/works/{id}/session", response_class=Response, responses=_SESSION_JSON | declared(404))
async def write_session(service: Served, id: WorkId, asked: SessionRequest) -> Response:
    """The session file, which `photochrom colorize --hints` replays to the same bytes."""
    held = service.works.use(id)
    engine = await service.engine()
    session = written_session(asked, held, {"name": engine.spec.name, "sha256": engine.sha256})
    return _session_file(session)


@router.post("/v1/sessions/check", response_class=Response, responses=_SESSION_JSON)
async def check_session(service: Served, file: SessionFile) -> Response:
    """The session file as this version would write it, if it can be used."""
    return _session_file(checked_session(file))


@upload_router.post("/v1/references")
async def read_reference(service: Served, image: Annotated[UploadFile, File()]) -> Reference:
    """The palette of a picture, in numbers; nothing is kept of it."""
    return sent_reference(await service.admission.run(lambda stop: reference_of(image.file, service.limits, stop)))


@upload_router.post("/v1/colorize", response_class=Response, responses=binary(*_PICTURES))
async def colorize(
    service: Served,
    image: Annotated[UploadFile, File()],
    decode: Annotated[Decode | None, Form()] = None,
    saturation: Annotated[float | None, Form(ge=0, le=100, allow_inf_nan=False)] = None,
    temperature: Annotated[float | None, Form(ge=-50, le=50, allow_inf_nan=False)] = None,
    format: Annotated[OutputFormatName | None, Form(description="The photograph's own by default.")] = None,
    session: Annotated[str | None, Form(description="A session file; the other fields go before it.")] = None,
) -> Response:
    """One photograph in, the same in colour out; nothing is kept."""
    await service.engine()
    asked = _form_session(session)
    given = {"decode": decode, "saturation": saturation, "temperature": temperature}
    settings = {name: value for name, value in given.items() if value is not None}

    def work(stop: Stop) -> tuple[BinaryIO, str]:
        opened = open_work(image.file, service.colorizer, service.limits, stop).work
        chosen = output_format(opened.photograph, None, format)
        result = _result(opened, asked, settings)
        return _encoded(partial(result.encode, format=chosen), stop), chosen

    return _picture(*await service.admission.run(work))


def _form_session(text: str | None) -> Session | None:
    """The session in a form's field."""
    if text is None:
        return None
    try:
        return checked_session(SessionFile.model_validate(strict_json(text)))
    except ValidationError as error:
        raise InvalidHint(f"session: {first_fault(error)}") from error
    except ValueError as error:
        raise InvalidHint(f"session: this is no JSON that is read here: {error}") from error


def _result(work: Work, session: Session | None, settings: Mapping[str, Any]) -> Result:
    """The photograph coloured as a session says; `settings` go before its own."""
    if session is None:
        return work.render(**settings)
    own = {"decode": session.decode, "saturation": session.saturation, "temperature": session.temperature}
    return work.render(session.hints, session.reference, **{**own, **settings})


def _encoded(encode: Callable[[BinaryIO], None], stop: Stop) -> BinaryIO:
    """A temporary file, without a name, with a picture in it."""
    stop.check()
    with temporary_files(), ExitStack() as unless_done:
        file = cast(BinaryIO, unless_done.enter_context(tempfile.TemporaryFile()))
        encode(file)
        stop.check()
        unless_done.pop_all()  # its reader closes it
    return file


def _picture(file: BinaryIO, format: str) -> Response:
    return FileAnswer(file, f"image/{format}", f"photograph{FORMATS[format].suffixes[0]}")


def _session_file(session: Session) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="photograph.photochrom.json"'}
    return Response(session_text(session), media_type="application/json", headers=headers)
