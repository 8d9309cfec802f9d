"""The processes of the benchmarks `start` and `ready`. Each says when its window is painted, then what it imported.

Nothing but the standard library is imported at the top: what a side imports is its own affair.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

PAINTED = "painted"


def bare() -> None:
    """An empty main window, with no more of Qt touched than it needs."""
    from PySide6.QtWidgets import QApplication, QMainWindow

    program = QApplication(["bare"])
    window = QMainWindow()
    window.resize(1366, 768)
    window.show()
    # A window is painted while its expose event is processed.
    while not window.windowHandle().isExposed():
        program.processEvents()
    _report()


def shop(home: str) -> None:
    """The window on a home, as `main.py --home` opens it, until it is painted for the first time."""
    _open(home, _reporting_paint)


def ready(home: str) -> None:
    """The same until the cart and the day are painted in it, and somebody can sell."""
    _open(home, _reporting_readiness)


def _open(home: str, watched: Callable[[type[Any]], type[Any]]) -> None:
    """Only the question whether somebody could see it is left out: a benchmark runs without a screen."""
    from ui import cli
    from ui.cli.session import home_of
    from ui.platform import ready_to_draw

    folder = home_of(cli.parse(["--home", home]))
    ready_to_draw()
    from ui import app

    app.Window = watched(app.Window)  # type: ignore[misc]
    app.run(folder)


def _reporting_readiness(kind: type[Any]) -> type[Any]:
    """A kind of window that reports when what it has found is painted, and ends the process."""
    from PySide6.QtCore import QTimer

    class Watched(kind):  # type: ignore[misc]
        def start(self) -> None:
            self.sell.changed.connect(self._look)
            super().start()

        def _look(self, state: Any) -> None:
            if state.cart.op and state.date:
                self.repaint()
                QTimer.singleShot(0, _report)

    return Watched


def _reporting_paint(kind: type[Any]) -> type[Any]:
    """A kind of window that reports its first paint and ends the process."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject
    from PySide6.QtGui import QShowEvent

    class Witness(QObject):
        """Delivers the first expose event itself: when that returns, everything in the window is painted."""

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is not QEvent.Type.Expose:
                return False
            watched.removeEventFilter(self)
            QCoreApplication.sendEvent(watched, event)
            _report()
            return True

    class Watched(kind):  # type: ignore[misc]
        def showEvent(self, event: QShowEvent) -> None:
            super().showEvent(event)
            self._witness = Witness(self)
            self.windowHandle().installEventFilter(self._witness)

    return Watched


def _report() -> None:
    print(PAINTED, flush=True)
    print(*sorted({name.partition(".")[0] for name in sys.modules}), flush=True)
    # Saved is what was committed; an orderly end is not what is measured here.
    os._exit(0)
