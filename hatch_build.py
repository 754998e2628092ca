"""No package leaves without the studio's page: hatchling runs this before it builds one (pyproject.toml)."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the page from frontend/ where it is missing; a source distribution holds it, so needs no Node."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before a wheel or a source distribution is put together; an editable installation goes without the page.

        Raises:
            SystemExit: the page is not there and cannot be built.
        """
        root = Path(self.root)
        if version == "editable" or (root / "src/photochrom/web/static/index.html").is_file():
            return
        npm = shutil.which("npm")
        if npm is None:
            self.app.abort(
                "the studio's page is not built, and there is no npm to build it with. Install Node.js 20.19 or newer, "
                "or a released package, which holds the page, or go without the page: pip install -e ."
            )
            return
        for command in (["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], ["run", "build"]):
            self.app.display_waiting(f"the studio's page: npm {command[0]}")
            if subprocess.run([npm, *command], cwd=root / "frontend").returncode:
                self.app.abort(f"the studio's page could not be built: npm {command[0]} failed in frontend/, see above")
