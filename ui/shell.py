"""The window as the system sees it: its first paint, the scanner, keys that mean the same everywhere, its end."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow

from ui.scanner import Scanner

_DIGITS = 10
_WRITES = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
"""With Alt: AltGr, by which some keyboards write, and keys of the system."""


class Shell(QMainWindow):
    """What every window of ours does, whatever is in it.

    Signals:
        painted: for the first time; from now on there is time for everything else.
        closed: nobody comes back to it.
    """

    painted = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._was_painted = False
        self.scanner = Scanner(self, self._take)
        # A scanner's keys must come through as they are.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def go_to(self, number: int) -> None:
        """Alt and a digit from 1 on were pressed."""

    def lock(self) -> None:
        """F10 was pressed."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _take(self, event: QKeyEvent) -> bool:
        """Keys that mean the same whatever has the focus; a field would take them for text."""
        if event.modifiers() & _WRITES:
            return False
        # 0 stands behind 9, as it does on a keyboard.
        number = event.key() - Qt.Key.Key_0 or _DIGITS
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not enter and not 1 <= number <= _DIGITS:
            return False
        if enter:
            self.toggle_full_screen()
        else:
            self.go_to(number)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F10:
            self.lock()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scanner.watch(self.windowHandle())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closed.emit()
        self.scanner.close()
        super().closeEvent(event)
