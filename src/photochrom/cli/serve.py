"""`photochrom serve`, and what `photochrom studio` has in common with it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import socket

    from photochrom.pipeline import Colorizer
    from photochrom.web.limits import Limits
    from photochrom.web.opening import Opening

_LOOPBACK = ("127.0.0.1", "::1", "localhost")

host_option = click.option("--host", default="127.0.0.1", metavar="H", help="Where to listen; 127.0.0.1 by default.")
token_option = click.option(
    "--token",
    envvar="PHOTOCHROM_TOKEN",
    metavar="T",
    help="What clients must send (Authorization: Bearer T). The environment variable PHOTOCHROM_TOKEN hides it better.",
)
allowed_host_option = click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A further name, without port, under which clients may reach it; may be repeated.",
)
model_option = click.option(
    "--model", metavar="NAME", help="A network of yours that takes hints and references, in place of compact."
)


@click.command()
@host_option
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, metavar="N", help="The port to listen on; 8000 by default."
)
@token_option
@allowed_host_option
@model_option
def serve(host: str, port: int, token: str | None, allowed_hosts: tuple[str, ...], model: str | None) -> None:
    """Serve colours over HTTP.

    Only this computer reaches the service unless --host says otherwise, and then only with a token. Ctrl-C or SIGTERM
    stops it when the requests under way are done.
    """
    check_token(host, token)
    colorizer = open_model(model)
    from photochrom.web.limits import SERVE
    from photochrom.web.server import address, listen

    with listen(host, port) as listener:
        click.echo(f"Serving on {address(host, listener)} (Ctrl-C stops).", err=True)
        run_service(SERVE, host, token, allowed_hosts, listener, colorizer=colorizer)


def check_token(host: str, token: str | None) -> None:
    """Refuses to be reached from other computers without a token.

    Raises:
        UsageError: there is none, or one that cannot be sent.
    """
    if token is not None and (not token.isascii() or not token.isprintable() or not token or " " in token):
        raise click.UsageError("the token must be printable ASCII without spaces; make one with: openssl rand -hex 32")
    if token is None and host not in _LOOPBACK:
        raise click.UsageError(
            f"on {host} others reach the service: give a token in PHOTOCHROM_TOKEN (or --token), or leave out --host"
        )


def open_model(name: str | None) -> Colorizer | None:
    """The network to use in place of compact, opened, so that what is wrong with it is said now; None: none.

    Raises:
        UsageError: it does not take hints and references.
        ModelError, BackendError: it cannot be opened.
    """
    if name is None:
        return None
    from photochrom.pipeline import Colorizer

    colorizer = Colorizer(name)
    if not (colorizer.spec.takes_hints and colorizer.spec.takes_reference):
        raise click.UsageError(
            f"the page and the service need a network that takes hints and references, as compact does; {name} does not"
        )
    _ = colorizer.engine
    return colorizer


def run_service(
    limits: Limits,
    host: str,
    token: str | None,
    allowed_hosts: tuple[str, ...],
    listener: socket.socket,
    opening: Opening | None = None,
    colorizer: Colorizer | None = None,
) -> None:
    """Serves until stopped; the log goes to stderr."""
    from photochrom.web.app import create_app
    from photochrom.web.guard import hosts_of
    from photochrom.web.server import run

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    run(create_app(limits, token, hosts_of(host, allowed_hosts), opening, colorizer), listener)
