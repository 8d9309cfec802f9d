"""What is loaded when the frame stands: the terminal, the log, the rooms."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from core import texts
from core.errors import StoreError
from core.log import log_to
from core.settings import Settings
from core.shop.people import Arrival, arrive
from core.shop.terminal import Actor, Terminal
from ui.instance import answer
from ui.tasks import Tasks
from ui.window import Window

if TYPE_CHECKING:
    from core.database import WriterLock

_log = logging.getLogger(__name__)


def open_shop(
    home: Path,
    lock: WriterLock,
    window: Window,
    opened: ExitStack,
    failed: Callable[[StoreError], None],
    *,
    staff: str = "",
) -> None:
    """Open a home behind the window that shows its frame.

    Args:
        opened: what was opened, to be closed when the program ends.
        failed: told when the home cannot be opened.
        staff: id of the person who is known to be there.
    """
    tasks = _open_home(home, lock, window, opened)
    _open_rooms(tasks, window, failed, Actor(staff) if staff else None)
    answer(home, window)


def found_shop(home: Path, lock: WriterLock, window: Window, opened: ExitStack) -> None:
    """Ask what a shop needs to be told before it opens; then open it.

    Args:
        opened: as `open_shop`.
    """
    from ui.setup.presenter import SetupPresenter

    presenter = SetupPresenter(texts.language(), lambda: _open_home(home, lock, window, opened))

    def open_rooms(by: Actor) -> None:
        assert presenter.tasks
        _open_rooms(presenter.tasks, window, presenter.fail, by)

    presenter.finished.connect(open_rooms)
    window.open_setup(presenter)
    answer(home, window)


def _open_home(home: Path, lock: WriterLock, window: Window, opened: ExitStack) -> Tasks:
    terminal = opened.enter_context(Terminal(home, lock=lock))
    opened.enter_context(log_to(terminal.home.logs))
    opened.enter_context(_crashes_kept(terminal.home.logs))
    return Tasks(terminal, window)


def _open_rooms(tasks: Tasks, window: Window, failed: Callable[[StoreError], None], by: Actor | None) -> None:
    def show(found: tuple[Settings, Arrival]) -> None:
        window.open_rooms(tasks, *found)
        window.start()

    tasks.db(lambda session: (session.settings, arrive(session, by)), show, failed)


@contextlib.contextmanager
def _crashes_kept(folder: Path) -> Iterator[None]:
    """Keep a report of a crash below Python in `folder`."""
    try:
        file = (folder / "crash.log").open("a", encoding="utf-8")
    except OSError as error:
        # Like the log: everything else goes on without it.
        _log.warning("crashes below Python leave no report: %s", error)
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
