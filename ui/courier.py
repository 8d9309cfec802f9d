"""Runs to head office whenever something waits, and tells how it stands. The counter never waits for it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from core.errors import StoreError
    from core.shop.standing import Status
    from core.shop.sync import Outcome
    from core.shop.terminal import Terminal, View
    from ui.tasks import Tasks

_FIRST_MS, _LINGER_MS, _IDLE_MS = 1_500, 2_000, 60_000
"""After the window stands; after something was recorded; where nothing was."""


class Courier(QObject):
    """Sends what waits, one run at a time.

    Signals:
        told: the `Status`; none where this terminal has no head office.
        fetched: head office said something new.
    """

    told = Signal(object)
    fetched = Signal()

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.status: Status | None = None
        self._runs, self._open = False, True
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.look)
        tasks.wrote.connect(self._on_written)
        # The window has its first moments for itself.
        self._next.start(_FIRST_MS)

    def look(self) -> None:
        """See how it stands, and run where something waits or nobody was asked for long."""
        self._tasks.read(_look, self._on_seen, self._on_unseen)

    def run(self) -> None:
        """Run now, whatever the last run came back with."""
        if not self._runs and self._open and self.status:
            self._runs = True
            self._tasks.net(self._carry, self._on_back, self._on_lost)

    def stop(self) -> None:
        """Nothing more is sent; what waits is sent when the program runs again."""
        self._open = False
        self._next.stop()

    def _carry(self, terminal: Terminal) -> Outcome:
        from core.shop.retention import expire
        from core.shop.sync import Sync

        found = Sync(terminal, goes_on=lambda: self._open).run()
        if self._open:
            expire(terminal)
        return found

    def _on_written(self) -> None:
        if self._open and (not self._next.isActive() or self._next.remainingTime() > _LINGER_MS):
            self._next.start(_LINGER_MS)

    def _on_seen(self, seen: tuple[Status | None, int]) -> None:
        status, now = seen
        self._show(status)
        if status is None and self._open:
            # Nobody else knows of members: what is kept too long is seen here alone.
            self._tasks.slow(_expire, lambda _: None, lambda _: None)
        if status is None or self._runs or not self._open:
            return
        due = status.next_try - now if status.trouble else 0 if status.waiting else status.contact + _IDLE_MS - now
        if due <= 0:
            self.run()
        else:
            self._next.start(min(due, _IDLE_MS) + random.randrange(1_000))

    def _on_back(self, outcome: Outcome) -> None:
        self._runs = False
        if outcome.pulled:
            self.fetched.emit()
        self.look()

    def _on_lost(self, _: StoreError) -> None:
        # The disk refused, or the chain was left meanwhile; whatever it was, the counter says it, too.
        self._runs = False
        self._next.start(_IDLE_MS)

    def _on_unseen(self, _: StoreError) -> None:
        self._next.start(_IDLE_MS)

    def _show(self, status: Status | None) -> None:
        if status != self.status:
            self.status = status
            self.told.emit(status)


def _expire(terminal: Terminal) -> int:
    from core.shop.retention import expire

    return expire(terminal)


def _look(view: View) -> tuple[Status | None, int]:
    from core.shop.standing import status

    return status(view), view.clock.now_ms()
