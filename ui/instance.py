"""One window a home: a second start brings the first to the front."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if TYPE_CHECKING:
    from ui.window import Window

_log = logging.getLogger(__name__)
_PATIENCE = 1000  # ms


def _name(home: Path) -> str:
    return "store-assistant-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def call(home: Path) -> bool:
    """Call the window on a home to the front. Returns whether there is one."""
    socket = QLocalSocket()
    socket.connectToServer(_name(home))
    if not socket.waitForConnected(_PATIENCE):
        return False
    socket.disconnectFromServer()
    return True


def answer(home: Path, window: Window) -> QLocalServer:
    """Come to the front when a second start calls; as long as the window lives, or the server is closed."""
    server = QLocalServer(window)
    QLocalServer.removeServer(_name(home))
    if not server.listen(_name(home)):
        _log.warning("a second start will not be answered: %s", server.errorString())

    def come_forward() -> None:
        server.nextPendingConnection().deleteLater()
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()

    server.newConnection.connect(come_forward)
    # What is still finished behind a closed window must not answer for it.
    window.closed.connect(server.close)
    return server
