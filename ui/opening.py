"""What is loaded when the frame stands: the terminal, the log, the rooms."""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

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
    terminal = opened.enter_context(Terminal(home, lock=lock))
    opened.enter_context(log_to(terminal.home.logs))
    opened.enter_context(_crashes_kept(terminal.home.logs))
    tasks = Tasks(terminal, window)

    def open_rooms(found: tuple[Settings, Arrival]) -> None:
        window.open_rooms(tasks, *found)
        window.start()
        answer(home, window)

    by = Actor(staff) if staff else None
    tasks.db(lambda session: (session.settings, arrive(session, by)), open_rooms, failed)


@contextlib.contextmanager
def _crashes_kept(folder: Path) -> Iterator[None]:
    """Keep a report of a crash below Python in `folder`."""
    with (folder / "crash.log").open("a", encoding="utf-8") as file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
