"""What the person at the editor is asked: which colours, and from which service."""

from __future__ import annotations

from pathlib import Path

from krita import Krita
from PyQt5.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .service import ADDRESS, ServiceError, Settings

__all__ = ["Dialog"]

_GROUP = "photochrom_layer"
# A session file is kilobytes; the service takes no more than this either.
_MOST_SESSION_BYTES = 256 << 10


class Dialog(QDialog):
    """Remembers address, token and settings in Krita's configuration; a session is for one picture."""

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Colour with Photochrom")
        self.decode = QComboBox()
        self.decode.addItem("Vivid: lively colours", "vivid")
        self.decode.addItem("Accurate: the safest average", "accurate")
        self.saturation = QDoubleSpinBox()
        self.saturation.setRange(0, 100)
        self.saturation.setSingleStep(0.1)
        self.session = QLineEdit()
        self.session.setPlaceholderText("none; made in the studio, with your own colours")
        self.session.textChanged.connect(self._prefer_session)
        self.address = QLineEdit()
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.Password)
        self.token.setPlaceholderText("none")
        self._lay_out()
        self._restore()

    def settings(self) -> Settings:
        """What was chosen.

        Raises:
            ServiceError: the session file cannot be read.
        """
        path = self.session.text().strip()
        if not path:
            return Settings(self.decode.currentData(), self.saturation.value())
        try:
            content = Path(path).read_bytes()
            if len(content) > _MOST_SESSION_BYTES:
                raise ServiceError(f"{path} is no session file: it is too long.")
            return Settings(session=content.decode("utf-8"))
        except (OSError, ValueError) as error:
            raise ServiceError(f"{path} cannot be read as a session file: {error}") from error

    def accept(self) -> None:
        """Remembers what was chosen."""
        for name, value in (
            ("decode", self.decode.currentData()),
            ("saturation", repr(self.saturation.value())),
            ("address", self.address.text()),
            ("token", self.token.text()),
        ):
            Krita.instance().writeSetting(_GROUP, name, value)
        super().accept()

    def _lay_out(self) -> None:
        browse = QPushButton("Choose...")
        browse.clicked.connect(self._browse)
        session = QHBoxLayout()
        session.addWidget(self.session)
        session.addWidget(browse)
        form = QFormLayout()
        form.addRow("Colours:", self.decode)
        form.addRow("Saturation:", self.saturation)
        form.addRow("Session file:", session)
        form.addRow("Service:", self.address)
        form.addRow("Token:", self.token)
        buttons = QDialogButtonBox(QDialogButtonBox.Ok | QDialogButtonBox.Cancel)
        buttons.button(QDialogButtonBox.Ok).setText("Colour")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(QLabel("The picture goes to this service alone. It runs here after: photochrom serve"))
        whole.addWidget(buttons)
        self.setMinimumWidth(480)

    def _restore(self) -> None:
        def read(name: str, default: str) -> str:
            return str(Krita.instance().readSetting(_GROUP, name, default))

        self.decode.setCurrentIndex(max(0, self.decode.findData(read("decode", "vivid"))))
        try:
            self.saturation.setValue(float(read("saturation", "1.0")))
        except ValueError:
            self.saturation.setValue(1.0)
        self.address.setText(read("address", ADDRESS) or ADDRESS)
        self.token.setText(read("token", ""))

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Session file", "", "Session files (*.photochrom.json *.json)")
        if path:
            self.session.setText(path)

    def _prefer_session(self, path: str) -> None:
        """The session says which colours, so nothing else does."""
        for widget in (self.decode, self.saturation):
            widget.setEnabled(not path.strip())
