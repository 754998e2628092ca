"""The studio's page, as `make studio` has built it into the package."""

from pathlib import Path

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

__all__ = ["STATIC", "page_is_built", "router"]

STATIC = Path(__file__).resolve().parents[1] / "static"

router = APIRouter(include_in_schema=False)


def page_is_built() -> bool:
    """Whether there is a page to show."""
    return (STATIC / "index.html").is_file()


@router.api_route("/", methods=["GET", "HEAD"])
async def get_page() -> Response:
    """The page itself, looked for anew each time: it names its assets by what they hold."""
    if not page_is_built():
        raise HTTPException(404, "the studio's page is not built; from a checkout: make studio")
    return _file("index.html", "no-cache")


@router.api_route("/assets/{path:path}", methods=["GET", "HEAD"])
async def get_asset(path: str) -> Response:
    """What the page needs, under names that change with their content."""
    return _file(f"assets/{path}", "public, max-age=31536000, immutable")


@router.api_route("/{name}", methods=["GET", "HEAD"])
async def get_root_file(name: str) -> Response:
    """The few files with names of their own, such as the icon."""
    return _file(name, "no-cache")


def _file(name: str, caching: str) -> Response:
    # Resolved first, so that neither ".." nor a link nor a drive's letter leads out of the folder.
    try:
        path = (STATIC / name).resolve()
        there = path.is_relative_to(STATIC) and path.is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL in it
        there = False
    if not there:
        raise HTTPException(404, "there is nothing at this address")
    return FileResponse(path, headers={"Cache-Control": caching})
