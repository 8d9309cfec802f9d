"""What happens on the Today page: a day is read, or the one before or after it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from core.errors import StoreError
from core.shop.days import DayBeside, beside
from core.shop.terminal import Actor
from core.texts import sentence
from ui.tasks import Tasks
from ui.today.state import TodayState


class TodayPresenter(QObject):
    """Reads days.

    Args:
        tasks: where use cases go.
        by: who looks.
        currency: of the shop.

    Signals:
        changed: the new `TodayState`.
    """

    changed = Signal(object)

    def __init__(self, tasks: Tasks, by: Actor, currency: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._by = by
        self.state = TodayState(currency)

    def start(self) -> None:
        """Read the current business day."""
        self._read("", 0)

    def step(self, days: int) -> None:
        """Read the day so many days later."""
        if self.state.found:
            self._read(self.state.found.report.start, days)

    def _read(self, date: str, days: int) -> None:
        self._tasks.read(partial(beside, by=self._by, date=date, days=days), self._on_read, self._on_failed)

    def _on_read(self, found: DayBeside) -> None:
        self._show(found=found, complaint="")

    def _on_failed(self, error: StoreError) -> None:
        self._show(complaint=sentence(error))

    def _show(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.changed.emit(state)
