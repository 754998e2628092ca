"""How this copy of photochrom was installed, for messages that say what else to install."""

import json
import sys
from pathlib import Path

__all__ = ["install_command"]


def install_command(extra: str) -> str:
    """The command that adds an extra to this very installation: from a package index, a checkout or an archive.

    Where it came from stands in direct_url.json (PEP 610); a copy from an index has none. The quotes are those that
    every shell knows, cmd.exe too.

    Args:
        extra: name of the optional dependencies in pyproject.toml.
    """
    # Together these take longer to import than the rest of the command line.
    from importlib.metadata import PackageNotFoundError, distribution
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    try:
        origin = json.loads(distribution("photochrom").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, ValueError):
        origin = {}
    url, pip = origin.get("url", ""), _pip()
    if "dir_info" in origin:
        editable = "-e " if origin["dir_info"].get("editable") else ""
        return f'{pip} install {editable}"{url2pathname(urlsplit(url).path)}[{extra}]"'
    if url:
        system = f"{origin['vcs_info']['vcs']}+" if "vcs_info" in origin else ""
        return f'{pip} install "photochrom[{extra}] @ {system}{url}"'
    return f'{pip} install "photochrom[{extra}]"'


def _pip() -> str:
    """This Python's pip: by its short name where a shell finds no other."""
    import shutil

    found = shutil.which("pip")
    if found and Path(found).parent == Path(sys.executable).parent:
        return "pip"
    return f'"{sys.executable}" -m pip'
