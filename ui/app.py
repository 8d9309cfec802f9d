"""The application: the frame first, then the shop in it; and what happens when something breaks."""

from __future__ import annotations

import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QLibraryInfo, QLocale, QTimer, QTranslator
from PySide6.QtWidgets import QApplication

from core import texts
from core.errors import BrokenWorldError, RefusedError, StoreError
from core.shop.glance import Glance, glance, take_home
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


def dress(language: str, colours: str = "light") -> theme.Tokens:
    """Speak a language and wear the colours of a theme from now on. Returns the colours."""
    texts.use(language)
    _speak_as_qt(language)
    tokens = theme.THEMES.get(colours, theme.LIGHT)
    theme.apply(application(), tokens)
    return tokens


def _speak_as_qt(language: str) -> None:
    """Qt's own dialogs speak the language, too."""
    program = application()
    for spoken in program.findChildren(QTranslator):
        program.removeTranslator(spoken)
        spoken.deleteLater()
    if language != "en":
        translator = QTranslator(program)
        if translator.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            program.installTranslator(translator)


def run(home: Path, staff: str = "") -> int:
    """Show the window on a home until it is closed. Returns the exit code.

    Args:
        staff: id of the person who is known to be at the terminal; otherwise people sign in.

    The frame stands as soon as Qt does; what works in it is loaded when it has been painted. Where there is no shop
    yet, the pages of the first start come before it.

    Raises:
        BrokenWorldError: `home_in_use`, or a disk's fault.
    """
    shop = _glance_or_new(home)
    try:
        lock = take_home(home)
    except BrokenWorldError as broken:
        if broken.code == "home_in_use" and _call_running(home):
            return 0
        raise
    from ui.crash import install, start_again

    program = application()
    again = False

    def leave(wanted: bool) -> None:
        nonlocal again
        again = wanted
        QApplication.exit(BUG)

    install(lambda: home / "log", leave)
    window = _frame(shop.name, shop.terminal, shop.language, shop.theme)
    failures: list[StoreError] = []
    with contextlib.ExitStack() as opened:
        opened.callback(lock.release)

        def fail(error: StoreError) -> None:
            failures.append(error)
            window.close()

        def open_shop() -> None:
            from ui.opening import open_shop

            open_shop(home, lock, window, opened, fail, staff=staff)

        def found_shop() -> None:
            from ui.opening import found_shop

            found_shop(home, lock, window, opened)

        window.painted.connect(open_shop if shop.terminal else found_shop)
        window.showFullScreen() if shop.full_screen else window.show()
        code = program.exec()
    if again:
        start_again()
    if failures:
        raise failures[0]
    return code


def build_window(terminal: Terminal, settings: Settings, by: Actor | None = None) -> Window:
    """The window on an open terminal, in the shop's language and colours, with its first room open.

    Args:
        by: who is known to be there.
    """
    from core.shop.people import arrive
    from ui.tasks import Tasks

    window = _frame(settings["name"], settings["terminal"], settings["language"], settings["theme"])
    window.open_rooms(Tasks(terminal, application()), settings, terminal.read(partial(arrive, by=by)).result())
    return window


def picture(home: Path, path: Path, by: Actor) -> bool:
    """Draw the window on a home into a PNG file, with somebody at the counter. Returns whether it was written."""
    from core.shop.terminal import Terminal

    program = application()
    with Terminal(home) as terminal:
        settings = terminal.write(lambda session: session.settings).result()
        window = build_window(terminal, settings, by)
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


def _frame(name: str, terminal: str, language: str, colours: str) -> Window:
    window = Window(name, terminal, dress(language, colours))
    window.resize(*SIZE)
    return window


def _glance_or_new(home: Path) -> Glance:
    """A first look at a home; one without a shop has no terminal, and speaks the system's language."""
    try:
        return glance(home)
    except RefusedError:
        return Glance("", "", texts.language_of(QLocale.system().name()), "light", full_screen=False)


def _call_running(home: Path) -> bool:
    """Bring the window that is already open on this home to the front. Returns whether there is one."""
    application()
    from ui.instance import call

    return call(home)
