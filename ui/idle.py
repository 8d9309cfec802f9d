"""Notices when nobody has touched the terminal for a while."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

_SIGNS_OF_LIFE = (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel)


class Idle(QObject):
    """Watches the windows whose event filter it is.

    Args:
        minutes: without a key or a touch; 0 = never.

    Signals:
        idle: nobody was here for that long.
    """

    idle = Signal()

    def __init__(self, minutes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(minutes * 60_000)
        self._timer.timeout.connect(self.idle)
        self.begin()

    def begin(self) -> None:
        """Somebody is here."""
        if self._timer.interval():
            self._timer.start()

    def stop(self) -> None:
        """Nobody is expected to be here."""
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS_OF_LIFE:
            self.begin()
        return False


def watch(window: QWidget, minutes: int, idle: Callable[[], object], before: Idle | None) -> Idle:
    """Begin to watch a window, in place of whoever watched it before."""
    if before:
        before.stop()
        before.deleteLater()
    made = Idle(minutes, window)
    made.idle.connect(idle)
    if handle := window.windowHandle():
        handle.installEventFilter(made)
    made.begin()
    return made
