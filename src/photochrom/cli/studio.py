"""`photochrom studio [IMAGE]`."""

from __future__ import annotations

import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from photochrom.cli.serve import (
    allowed_host_option,
    check_token,
    host_option,
    model_option,
    open_model,
    run_service,
    token_option,
)
from photochrom.errors import InputError

if TYPE_CHECKING:
    import socket

# Always the same while it is free: a browser keeps what the page saves for each port apart.
_USUAL_PORT = 8800


@click.command()
@click.argument("image", required=False, type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@host_option
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help=f"The port to listen on; by default {_USUAL_PORT}, or a free one.",
)
@token_option
@allowed_host_option
@model_option
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def studio(
    image: Path | None,
    host: str,
    port: int | None,
    token: str | None,
    allowed_hosts: tuple[str, ...],
    model: str | None,
    no_browser: bool,
) -> None:
    """Colour photographs by hand, in the browser.

    Opens the interactive page, with IMAGE if it is given. Nothing leaves this computer. Ctrl-C ends it.
    """
    check_token(host, token)
    colorizer = open_model(model)
    from photochrom.web.limits import STUDIO
    from photochrom.web.opening import Opening
    from photochrom.web.routes.page import page_is_built
    from photochrom.web.server import address

    if not page_is_built():
        raise InputError("the studio's page is not built; in a checkout, build it with: make studio")
    opening = Opening(image.absolute()) if image else None
    # After the #, which browsers keep to themselves.
    told = {"opening": opening and opening.id, "token": token}
    fragment = urlencode({name: value for name, value in told.items() if value})
    with _listener(host, port) as listener:
        page = f"{address(host, listener)}/" + (f"#{fragment}" if fragment else "")
        click.echo(f"The studio is at {page} (Ctrl-C ends it).", err=True)
        if not no_browser:
            threading.Thread(target=webbrowser.open, args=(page,), daemon=True).start()
        run_service(STUDIO, host, token, allowed_hosts, listener, opening, colorizer)


def _listener(host: str, port: int | None) -> socket.socket:
    from photochrom.web.server import listen

    if port is not None:
        return listen(host, port)
    try:
        return listen(host, _USUAL_PORT)
    except InputError:
        return listen(host, 0)
