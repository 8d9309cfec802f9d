"""The two processes of the benchmark `start`. Each says `painted` when the first window is, then what it imported.

Nothing but the standard library is imported at the top: what a side imports is its own affair.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

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
    """The window on a home, as `main.py --home` opens it.

    Only the question whether somebody could see it is left out: a benchmark runs without a screen.
    """
    from ui import cli
    from ui.cli.session import home_of
    from ui.platform import ready_to_draw

    folder = home_of(cli.parse(["--home", home]))
    ready_to_draw()
    from ui import app

    app.Window = _watched(app.Window)  # type: ignore[misc]
    app.run(folder)


def _watched(kind: type[QMainWindow]) -> type[QMainWindow]:
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

    class Watched(kind):  # type: ignore[misc,valid-type]
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
