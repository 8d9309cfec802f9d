"""The dialog of a home that cannot be opened: what is wrong, and another try."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout

from core.texts import tr
from ui.widgets.parts import button, filling, keyed, label

_WIDTH = 560


class TroubleDialog(QDialog):
    """Accepted for another try.

    Args:
        sentence: what is wrong, and what to do.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.setWindowTitle(tr("Store Assistant"))
        self.setObjectName("page")
        self.setFixedWidth(_WIDTH)
        title, words = label("heading", tr("The shop cannot be opened")), label("plain", sentence)
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._again = button(keyed(tr("Try again"), "Enter"), self.accept, role="pay")
        close = button(keyed(tr("Close"), "Esc"), self.reject)
        keys = QHBoxLayout()
        keys.setSpacing(12)
        for made in (close, self._again):
            keys.addWidget(filling(made), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 24, 32, 24)
        column.setSpacing(16)
        column.addWidget(title)
        column.addWidget(words)
        column.addLayout(keys)
        self._again.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        else:
            super().keyPressEvent(event)


def ask_again(sentence: str) -> bool:
    """Say what is wrong. Returns whether somebody wants another try."""
    return bool(TroubleDialog(sentence).exec())
