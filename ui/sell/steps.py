"""How a step at the counter is done: a use case runs, and what became of it is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal

from core import money
from core.errors import BrokenWorldError, RefusedError, StoreError
from core.reports.kpi import Figures
from core.sales.cart import Cart
from core.shop import counter
from core.shop.counter import Counter
from core.texts import tr
from ui.presenter import Place, Presenter
from ui.sell import answers
from ui.sell.state import Ask, AskKind, SellState, Tone, Verdict


class Steps(Presenter[SellState]):
    """Runs steps and shows what became of them.

    Args:
        place: where it stands.

    Signals:
        answered: the `Verdict` of a step, also where it is the same as the last.
    """

    answered = Signal(object)

    def __init__(self, place: Place) -> None:
        super().__init__(SellState(Cart(op=""), 0, place.settings.currency, answers.ready()))
        self._tasks = place.tasks
        self.by = place.by

    def may_leave(self) -> bool:
        """Whether the till can be left to somebody else; says so, where a part was paid already."""
        if self.state.payments or self.state.paying:
            self._show(verdict=answers.paid_in_part())
            return False
        return True

    def _asks(self, kind: AskKind) -> bool:
        return self.state.ask is not None and self.state.ask.kind is kind

    def _ask(self, kind: AskKind, title: str) -> None:
        if self.state.selected:
            verdict = Verdict(Tone.WARN, title, tr("Type it and press Enter."))
            self._show(ask=Ask(kind), choosing=False, change=None, verdict=verdict)

    def _change(
        self, use_case: Callable[..., Counter], said: Callable[[Counter, str], Verdict] = answers.changed
    ) -> None:
        if not self.may_leave():
            # Less than what was paid already, or somebody else's cart.
            return
        not_done = partial(self._on_not_done, self.state.entry, self.state.ask)
        self._show(entry="", ask=None, change=None)
        self._tasks.db(partial(use_case, by=self.by), partial(self._on_changed, said), not_done)

    def _amount(self, text: str) -> int | None:
        try:
            return money.parse_amount(text, self.state.currency)
        except RefusedError as refused:
            self._on_failed(refused)
            return None

    def _refresh_day(self) -> None:
        # How the day goes says nothing of the step that was just done: that it cannot be read is no bad news of it.
        self._tasks.read(partial(counter.today, by=self.by), self._on_day, lambda _: None)

    def _on_changed(self, said: Callable[[Counter, str], Verdict], found: Counter) -> None:
        numbers = [line.n for line in found.cart.lines]
        selected = self.state.selected if self.state.selected in numbers else (numbers or [0])[-1]
        self._take(found, said(found, self.state.currency), selected)

    def _on_not_done(self, entry: str, ask: Ask | None, error: StoreError) -> None:
        """Where the world is at fault, what was typed can be tried again."""
        if isinstance(error, BrokenWorldError) and not self.state.entry:
            self._show(entry=entry, ask=ask)
        self._on_failed(error)

    def _on_failed(self, error: StoreError) -> None:
        self._show(verdict=answers.failed(error))

    def _on_day(self, found: tuple[str, Figures | None]) -> None:
        self._show(date=found[0], day=found[1])

    def _take(self, found: Counter, verdict: Verdict, selected: int) -> None:
        self._show(cart=found.cart, coin=found.coin, back=found.back, buyer=found.buyer, has=found.has)
        self._show(verdict=verdict, selected=selected)

    def _show_amount(self, minor: int) -> str:
        return money.format_amount(minor, self.state.currency)

    def _show(self, **changes: object) -> None:
        super()._show(**changes)
        if "verdict" in changes:
            self.answered.emit(self.state.verdict)
