"""Answers that are no JSON: how the OpenAPI document declares them, and how they are sent."""

from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

__all__ = ["FileAnswer", "binary"]

_PIECE = 256 << 10


def binary(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """The successful answer of a route as bytes of one of these types."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": "Success", "content": {kind: {"schema": schema} for kind in media_types}}}


class FileAnswer(StreamingResponse):
    """A file in pieces, so that one to a slow client takes no memory; it is closed, and thus gone, at the end."""

    def __init__(self, file: BinaryIO, media_type: str, name: str) -> None:
        size = file.seek(0, 2)
        headers = {"Content-Length": str(size), "Content-Disposition": f'attachment; filename="{name}"'}
        super().__init__(_pieces(file), media_type=media_type, headers=headers)


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := await run_in_threadpool(file.read, _PIECE):
            yield piece
