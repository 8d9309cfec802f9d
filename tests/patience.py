"""Waiting for a window without a clock of one's own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEventLoop, QTimer

_PATIENCE = 20_000  # ms


def until(condition: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    clock = QElapsedTimer()
    clock.start()
    while not condition():
        assert clock.elapsed() < _PATIENCE, "did not happen"
        pause = QEventLoop()
        QTimer.singleShot(5, pause, pause.quit)
        pause.exec()
