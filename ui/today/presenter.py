"""What happens on the Today page: a day is read, or the one before or after it."""

from __future__ import annotations

from functools import partial

from core.errors import StoreError
from core.shop.days import DayBeside, beside
from core.texts import sentence
from ui.presenter import Place, Presenter
from ui.today.state import TodayState


class TodayPresenter(Presenter[TodayState]):
    """Reads days.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(TodayState(place.settings.currency))
        self._tasks = place.tasks
        self._by = place.by

    def visit(self, what: object = None) -> None:
        """Somebody comes in to look at the day."""
        self.start()

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
