"""The application: one instance a home, font and style, the window, and what happens when something breaks."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from core import texts
from core.errors import BrokenWorldError, RefusedError
from core.log import log_to
from core.settings import Settings
from core.shop.terminal import Terminal
from ui import theme
from ui.tasks import Tasks
from ui.window import Window

_log = logging.getLogger(__name__)
SIZE = (1366, 768)
BUG = 70


def application() -> QApplication:
    """The application object, made and dressed if there is none."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    made = QApplication(sys.argv[:1])
    made.setApplicationName("Store Assistant")
    made.setStyle("Fusion")
    return made


def run(home: Path) -> int:
    """Show the window on a home until it is closed. Returns the exit code.

    Raises:
        RefusedError: `not_set_up`.
        BrokenWorldError: `home_in_use`, or a disk's fault.
    """
    program = application()
    if not home.is_dir():
        raise RefusedError("not_set_up", home=home)
    try:
        terminal = Terminal(home)
    except BrokenWorldError as broken:
        if broken.code == "home_in_use" and _call_running(home):
            return 0
        raise
    with terminal, log_to(terminal.home.logs), _crashes_kept(terminal.home.logs):
        settings = terminal.write(lambda session: session.settings).result()
        window = build_window(terminal, settings)
        window.show()
        window.start()
        # When the window stands there is time for everything else.
        QTimer.singleShot(0, window, lambda: _answer_calls(home, window))
        return program.exec()


@contextlib.contextmanager
def _crashes_kept(folder: Path) -> Iterator[None]:
    """Keep a report of what ends the program: a bug goes into the log, a crash below Python into a file beside it."""
    with (folder / "crash.log").open("a", encoding="utf-8") as file:
        faulthandler.enable(file)
        sys.excepthook = _leave_with_report
        try:
            yield
        finally:
            sys.excepthook = sys.__excepthook__
            faulthandler.disable()


def build_window(terminal: Terminal, settings: Settings, tokens: theme.Tokens = theme.LIGHT) -> Window:
    """The window on an open terminal, in the shop's language."""
    texts.use(settings["language"])
    theme.apply(application(), tokens)
    tasks = Tasks(terminal, application())
    window = Window(tasks, settings, tokens)
    window.resize(*SIZE)
    return window


def picture(home: Path, path: Path) -> bool:
    """Draw the window on a home into a PNG file. Returns whether it was written."""
    program = application()
    with Terminal(home) as terminal:
        window = build_window(terminal, terminal.write(lambda session: session.settings).result())
        window.show()
        window.start()
        # The day arrives last: what was asked before it has arrived by then.
        arrived = QEventLoop()
        window.sell.changed.connect(lambda state: arrived.quit() if state.date else None)
        patience = QTimer(singleShot=True, interval=10_000)
        patience.timeout.connect(arrived.quit)
        patience.start()
        arrived.exec()
        patience.stop()
        program.processEvents()
        written = window.grab().save(str(path))
        window.close()
    return written


def _call_running(home: Path) -> bool:
    """Bring the window that is already open on this home to the front. Returns whether there is one."""
    from ui.instance import call

    return call(home)


def _answer_calls(home: Path, window: Window) -> None:
    from ui.instance import answer

    answer(home, window)


def _leave_with_report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug: keep a report and leave. What was saved is saved; the open cart comes back at the next start."""
    with contextlib.suppress(Exception):
        _log.critical("a bug ended the program", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
    QApplication.exit(BUG)
