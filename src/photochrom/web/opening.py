"""The picture named on the command line of `photochrom studio`, handed to the page once."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Opening"]


@dataclass(eq=False)
class Opening:
    """A file under a name that only whoever started the studio is told.

    Attributes:
        path: of the file; given on the command line, never by a request.
        id: 128 random bits in hexadecimal.
        taken: whether it was handed out.
    """

    path: Path
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    taken: bool = False

    def take(self, id: str) -> Path | None:
        """The file, the first time that it is asked for by its name."""
        if self.taken or not secrets.compare_digest(id, self.id):
            return None
        self.taken = True
        return self.path
