"""The menu's entry: asks, waits for the service with the editor alive, and lays the colours over the picture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from krita import Document, Extension, Krita, Window
from PyQt5.QtCore import QEventLoop, Qt, QTimer
from PyQt5.QtWidgets import QMessageBox, QProgressDialog, QWidget

from .dialog import Dialog
from .document import check_model, encoded, lay_over, picture_of
from .service import Cancelled, Client, ServiceError, Settings

__all__ = ["PhotochromLayer"]

T = TypeVar("T")

_LOOK_EVERY = 50  # milliseconds


class PhotochromLayer(Extension):
    """Tools > Scripts > Colour with Photochrom..."""

    def setup(self) -> None:
        """Krita asks for it; there is nothing to do."""

    def createActions(self, window: Window) -> None:  # noqa: N802  # Krita's name
        """Puts the entry into a window's menu."""
        action = window.createAction("photochrom_layer", "Colour with Photochrom...", "tools/scripts")
        action.triggered.connect(self._run)

    def _run(self) -> None:
        # Asked for now: the window given to `createActions` is gone after it.
        parent = Krita.instance().activeWindow().qwindow()
        document = Krita.instance().activeDocument()
        try:
            if document is None:
                raise ServiceError("Open a photograph first.")
            dialog = Dialog(parent)
            if dialog.exec_() == Dialog.Accepted:
                client = Client(dialog.address.text(), dialog.token.text())
                colour(document, client, dialog.settings(), parent)
        except ServiceError as error:
            QMessageBox.warning(parent, "Photochrom", str(error))
        except Cancelled:
            pass


def colour(document: Document, client: Client, settings: Settings, parent: QWidget | None = None) -> None:
    """Lays colours from the service over a document.

    Raises:
        ServiceError: the document holds no colours, or the service does not answer, or refuses.
        Cancelled: the person no longer wanted it.
    """
    check_model(document)
    waiting = QProgressDialog("Looking for the service...", "Cancel", 0, 0, parent)
    waiting.setWindowTitle("Photochrom")
    waiting.setWindowModality(Qt.ApplicationModal)
    waiting.canceled.connect(client.cancel)
    waiting.show()
    try:
        limits = _answer(client, client.limits)
        limits.check(document.width(), document.height())
        waiting.setLabelText("The colours are being made...")
        picture = picture_of(document)

        def made() -> bytes:
            png = encoded(picture)
            limits.check_file(len(png))
            return client.colorize(png, settings)

        lay_over(document, _answer(client, made))
    finally:
        waiting.reset()
        waiting.deleteLater()


def _answer(client: Client, ask: Callable[[], T]) -> T:
    """What `ask` gives, from a thread of its own; meanwhile the editor lives.

    Raises:
        ServiceError: `ask` raised it.
        Cancelled: the person no longer wants it.
    """
    answers: list[T] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            answers.append(ask())
        except Exception as error:  # raised again where it can be shown
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    loop, timer = QEventLoop(), QTimer()
    timer.timeout.connect(lambda: loop.quit() if client.cancelled or not thread.is_alive() else None)
    thread.start()
    timer.start(_LOOK_EVERY)
    loop.exec_()
    timer.stop()
    if client.cancelled:
        raise Cancelled
    if errors:
        raise errors[0]
    return answers[0]
