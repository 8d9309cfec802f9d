"""The application: the frame first, then the shop in it; and what happens when something breaks."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from core import texts
from core.errors import BrokenWorldError, StoreError
from core.shop.glance import glance, take_home
from ui import theme
from ui.window import Window

if TYPE_CHECKING:
    from core.settings import Settings
    from core.shop.terminal import Actor, Terminal

SIZE = (1366, 768)
BUG = 70


def application() -> QApplication:
    """The application object, made if there is none."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    made = QApplication(sys.argv[:1])
    made.setApplicationName("Store Assistant")
    made.setStyle("Fusion")
    return made


def run(home: Path, staff: str = "") -> int:
    """Show the window on a home until it is closed. Returns the exit code.

    Args:
        staff: id of the person who is known to be at the terminal; otherwise people sign in.

    The frame stands as soon as Qt does; what works in it is loaded when it has been painted.

    Raises:
        RefusedError: `not_set_up`.
        BrokenWorldError: `home_in_use`, or a disk's fault.
    """
    shop = glance(home)
    try:
        lock = take_home(home)
    except BrokenWorldError as broken:
        if broken.code == "home_in_use" and _call_running(home):
            return 0
        raise
    program = application()
    sys.excepthook = _leave_with_report
    window = _frame(shop.name, shop.terminal, shop.language, theme.THEMES.get(shop.theme, theme.LIGHT))
    failures: list[StoreError] = []
    with contextlib.ExitStack() as opened:

        def fail(error: StoreError) -> None:
            failures.append(error)
            window.close()

        def open_shop() -> None:
            from ui.opening import open_shop

            open_shop(home, lock, window, opened, fail, staff=staff)

        window.painted.connect(open_shop)
        window.show()
        code = program.exec()
    if failures:
        raise failures[0]
    return code


def build_window(
    terminal: Terminal, settings: Settings, tokens: theme.Tokens = theme.LIGHT, by: Actor | None = None
) -> Window:
    """The window on an open terminal, in the shop's language, with its first room open.

    Args:
        by: who is known to be there.
    """
    from core.shop.people import arrive
    from ui.tasks import Tasks

    window = _frame(settings["name"], settings["terminal"], settings["language"], tokens)
    window.open_rooms(Tasks(terminal, application()), settings, terminal.read(partial(arrive, by=by)).result())
    return window


def picture(home: Path, path: Path, by: Actor) -> bool:
    """Draw the window on a home into a PNG file, with somebody at the counter. Returns whether it was written."""
    from core.shop.terminal import Terminal

    program = application()
    with Terminal(home) as terminal:
        settings = terminal.write(lambda session: session.settings).result()
        window = build_window(terminal, settings, theme.THEMES[settings["theme"]], by)
        window.show()
        window.start()
        # The day arrives last: what was asked before it has arrived by then.
        arrived = QEventLoop()
        assert window.sell
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


def _frame(name: str, terminal: str, language: str, tokens: theme.Tokens) -> Window:
    texts.use(language)
    theme.apply(application(), tokens)
    window = Window(name, terminal, tokens)
    window.resize(*SIZE)
    return window


def _call_running(home: Path) -> bool:
    """Bring the window that is already open on this home to the front. Returns whether there is one."""
    application()
    from ui.instance import call

    return call(home)


def _leave_with_report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug: keep a report and leave. What was saved is saved; the open cart comes back at the next start."""
    with contextlib.suppress(Exception):
        import logging

        logging.getLogger(__name__).critical("a bug ended the program", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)
    QApplication.exit(BUG)
