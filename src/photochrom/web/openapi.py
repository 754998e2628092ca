"""Writes the OpenAPI document, from which the page's client is made: `python -m photochrom.web.openapi`."""

import json
import sys

from photochrom.web.app import create_app

__all__ = ["document"]


def document() -> str:
    """The document as text, always the same for the same code."""
    return json.dumps(create_app().openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
