"""Session files as the service reads and writes them: the same that the command line replays."""

import json
from typing import Any

from photochrom.session import VERSION, Session
from photochrom.web.schemas import SessionFile, SessionRequest
from photochrom.web.works import HeldWork

__all__ = ["checked_session", "session_text", "written_session"]


def checked_session(file: SessionFile) -> Session:
    """The session of a file.

    Raises:
        InvalidHint: it is of a newer version, or holds what cannot be used.
    """
    return Session.from_dict(file.model_dump(exclude_unset=True))


def written_session(asked: SessionRequest, held: HeldWork, model: dict[str, str]) -> Session:
    """A person's decisions about one photograph as a session.

    Args:
        asked: the decisions.
        held: the photograph.
        model: name and sha256 of the network.

    Raises:
        InvalidHint: something of it cannot be used.
    """
    photograph = held.work.photograph
    settings = {"decode": asked.decode, "saturation": asked.saturation, "temperature": asked.temperature}
    content: dict[str, Any] = {
        **asked.extra,
        "photochrom": VERSION,
        "image": {"sha256": held.sha256, "width": photograph.width, "height": photograph.height},
        "model": model,
        "hints": [hint.model_dump() for hint in asked.hints],
        "reference": asked.reference and asked.reference.model_dump(),
        "settings": {**asked.extra.get("settings", {}), **settings},
    }
    return Session.from_dict(content)


def session_text(session: Session) -> str:
    """The file, as `Session.save` writes it."""
    return json.dumps(session.to_dict(), indent=1, allow_nan=False) + "\n"
