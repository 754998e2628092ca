"""A Krita plug-in that plays the person: opens a picture, chooses the plug-in's entry, and answers its dialogs.

The environment says what to do (PERSON_...); what was seen goes to a JSON file, a screenshot beside it.
"""

import json
import os
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from krita import Extension, Krita, Window
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QDialog, QMessageBox, QProgressDialog

PICTURE, SILENT, DEAD, ALIVE, REPORT = (
    os.environ[f"PERSON_{name}"] for name in ("PICTURE", "SILENT", "DEAD", "ALIVE", "REPORT")
)
LOOK_EVERY = 100  # milliseconds

T = TypeVar("T")
Steps: TypeAlias = Generator[Callable[[], object], None, T]


class Person(Extension):
    """Takes the steps one by one, each as soon as what it waits for is there."""

    def setup(self) -> None:
        self.steps = steps()
        self.until: Callable[[], object] = lambda: True
        self.timer = QTimer()
        self.timer.timeout.connect(self.look)
        self.timer.start(LOOK_EVERY)

    def createActions(self, window: Window) -> None:  # noqa: N802  # Krita's name
        """Krita asks for it."""

    def look(self) -> None:
        try:
            if self.until():
                self.until = next(self.steps)
        except StopIteration as end:
            leave(end.value)
        except Exception:
            leave({"error": traceback.format_exc()})


def steps() -> Steps[dict[str, Any]]:
    """Yields what is waited for; returns what was seen."""
    krita = Krita.instance()
    seen: dict[str, Any] = {}
    yield krita.activeWindow
    document = krita.openDocument(PICTURE)
    krita.activeWindow().addView(document)
    yield krita.activeDocument

    yield from choose(DEAD)
    yield lambda: modal(QMessageBox)
    seen["nobody answers"] = modal(QMessageBox).text()
    modal(QMessageBox).accept()
    yield lambda: not modal(QDialog)

    yield from choose(SILENT)
    yield lambda: modal(QProgressDialog)
    modal(QProgressDialog).cancel()
    yield lambda: not modal(QDialog)
    seen["cancelled"] = layers(document)

    yield from choose(ALIVE)
    yield lambda: len(layers(document)) > 1 and not modal(QDialog)
    seen["coloured"] = layers(document)
    QApplication.primaryScreen().grabWindow(0).save(str(Path(REPORT).with_suffix(".png")))

    krita.action("edit_undo").trigger()
    yield lambda: len(layers(document)) == 1
    seen["undone"] = layers(document)
    return seen


def choose(address: str) -> Steps[None]:
    """Chooses the entry, and fills in the dialog."""
    action = Krita.instance().action("photochrom_layer")
    QTimer.singleShot(0, action.trigger)  # it returns only when all dialogs are closed
    yield lambda: hasattr(modal(QDialog), "address")
    dialog = modal(QDialog)
    dialog.address.setText(address)
    QTimer.singleShot(0, dialog.accept)
    yield lambda: modal(QDialog) is not dialog


def modal(kind: type) -> Any:
    """The dialog of a kind that wants an answer now, or None."""
    widget = QApplication.activeModalWidget()
    return widget if isinstance(widget, kind) else None


def layers(document: Any) -> list[list[str]]:
    return [[layer.name(), layer.blendingMode()] for layer in document.topLevelNodes()]


def leave(seen: dict[str, Any]) -> None:
    Path(REPORT).write_text(json.dumps(seen), "utf-8")
    os._exit(0)  # without Krita's question about unsaved pictures


Krita.instance().addExtension(Person(Krita.instance()))
