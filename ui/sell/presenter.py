"""What happens on the Sell page: intents come in, use cases go out, states come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from core import money
from core.errors import BrokenWorldError, RefusedError, StoreError
from core.events import SaleCompleted, TenderKind
from core.reports.kpi import Figures
from core.sales import cart as carts
from core.sales.cart import Cart, CartLine
from core.sales.payment import Payment
from core.shop import counter
from core.shop.counter import Counter
from core.shop.terminal import Actor
from core.texts import sentence, tr
from ui.sell.state import SellState, Tone, Verdict
from ui.tasks import Tasks

_LONGEST_ENTRY = 40
_PAD = set("0123456789.")


class SellPresenter(QObject):
    """Runs the counter.

    Args:
        tasks: where use cases go.
        by: who is at the counter.
        currency: of the shop.

    Signals:
        changed: the new `SellState`.
    """

    changed = Signal(object)

    def __init__(self, tasks: Tasks, by: Actor, currency: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.by = by
        self.state = SellState(Cart(op=""), 0, currency, _ready())

    def start(self) -> None:
        """Show what lies on the counter, and the day so far."""
        self._tasks.db(counter.look, self._on_found, self._on_failed)
        self._refresh_day()

    def scan(self, text: str) -> None:
        """Something was scanned, or its code was typed."""
        self._show(entry="", asking="")
        scan = partial(counter.scan, by=self.by, text=text, keep_now=False)
        self._tasks.db(scan, self._on_scanned, partial(self._on_scan_failed, text))

    def press(self, key: str) -> None:
        """A key of the pad: digits, `.`, or a letter of a code."""
        if len(self.state.entry) + len(key) <= _LONGEST_ENTRY:
            self._show(entry=self.state.entry + key)

    def erase(self) -> None:
        """Take the last character back."""
        self._show(entry=self.state.entry[:-1])

    def clear(self) -> None:
        """Forget what was typed and what was asked."""
        self._show(entry="", asking="", verdict=_ready())

    def enter(self) -> None:
        """What was typed is a code, or the price that was asked for."""
        entry, asking = self.state.entry, self.state.asking
        if not entry:
            return
        if not asking:
            self.scan(entry)
            return
        price = self._amount(entry)
        if price:
            self._show(entry="", asking="")
            self._tasks.db(
                partial(counter.scan, by=self.by, text=asking, price=price),
                self._on_scanned,
                partial(self._on_scan_failed, asking),
            )

    def select(self, n: int) -> None:
        """The next step is about that line."""
        self._show(selected=n)

    def set_quantity(self) -> None:
        """What was typed is the quantity of the selected line."""
        entry = self.state.entry
        quantity = int(entry) if entry.isascii() and entry.isdigit() else 0
        self._change(lambda cart, n: carts.with_quantity(cart, n, quantity))

    def set_discount(self) -> None:
        """What was typed is the discount of the selected line, in percent."""
        entry = self.state.entry
        try:
            rate = money.parse_rate(f"{entry}%")
        except RefusedError as refused:
            self._on_failed(refused)
            return
        discount = partial(counter.discount, by=self.by, n=self.state.selected, rate=rate)
        self._show(entry="")
        self._tasks.db(discount, self._on_changed, self._on_failed)

    def remove(self) -> None:
        """Take the selected line away."""
        self._change(carts.without)

    def note(self, minor: int) -> None:
        """A bank note was tapped: it is added to what was typed."""
        typed = self._amount(self.state.entry) if self.state.entry else 0
        if typed is not None:
            self._show(entry=money.format_amount(typed + minor, self.state.currency, grouped=False))

    def pay_cash(self) -> None:
        """Take cash: what was typed, or exactly what is due."""
        if self.state.paying:
            return
        given = self._amount(self.state.entry) if self.state.entry else self.state.cash_due
        if given is None:
            return
        cart = self.state.cart
        payments = [Payment(TenderKind.CASH, given)] if cart.total > 0 else []
        self._show(paying=True)
        self._tasks.db(
            partial(counter.pay, by=self.by, op=cart.op, payments=payments), self._on_paid, self._on_pay_failed
        )

    def _change(self, step: Callable[[Cart, int], Cart]) -> None:
        n = self.state.selected
        self._show(entry="")
        self._tasks.db(
            partial(counter.change, by=self.by, step=lambda cart: step(cart, n)), self._on_changed, self._on_failed
        )

    def _amount(self, text: str) -> int | None:
        try:
            return money.parse_amount(text, self.state.currency)
        except RefusedError as refused:
            self._on_failed(refused)
            return None

    def _refresh_day(self) -> None:
        self._tasks.read(counter.today, self._on_day, self._on_failed)

    def _on_found(self, found: Counter) -> None:
        lines = found.cart.lines
        verdict = _ready()
        if lines:
            verdict = Verdict(Tone.WARN, tr("This cart was still open"), tr("Go on with it, or remove its lines."))
        if found.lost:
            verdict = Verdict(
                Tone.WARN, tr("The open cart cannot be read"), tr("It was put aside. Scan the goods again.")
            )
        self._take(found, verdict, lines[-1].n if lines else 0)

    def _on_scanned(self, result: tuple[Counter, CartLine]) -> None:
        found, line = result
        detail = tr("{code} · {quantity} in the cart", code=shown_code(line), quantity=line.quantity)
        verdict = Verdict(Tone.GOOD, tr("Added: {name}", name=line.name), detail, self._show_amount(line.amount))
        self._take(found, verdict, line.n)
        # The line is seen while it goes to the disk; where that fails it is taken back, and said so.
        self._tasks.db(counter.keep, lambda _: None, self._on_not_kept)

    def _on_scan_failed(self, text: str, error: StoreError) -> None:
        if error.code == "price_unknown":
            ask = tr("Type the price of one and press Enter.")
            self._show(asking=text, verdict=Verdict(Tone.WARN, sentence(error), ask))
        else:
            self._on_failed(error)

    def _on_not_kept(self, error: StoreError) -> None:
        self._on_failed(error)
        self._tasks.db(counter.look, self._on_looked_again, self._on_failed)

    def _on_looked_again(self, found: Counter) -> None:
        self._take(found, self.state.verdict, found.cart.lines[-1].n if found.cart.lines else 0)

    def _on_changed(self, found: Counter) -> None:
        numbers = [line.n for line in found.cart.lines]
        selected = self.state.selected if self.state.selected in numbers else (numbers or [0])[-1]
        self._take(found, Verdict(Tone.GOOD, tr("Changed")), selected)

    def _on_paid(self, result: tuple[SaleCompleted, Counter]) -> None:
        event, found = result
        title = tr("Paid. Change {amount}", amount=self._show_amount(event.change))
        if event.due < 0:
            title = tr("Paid back {amount}", amount=self._show_amount(-event.due))
        detail = tr("Receipt {receipt} · saved", receipt=event.receipt)
        self._show(paying=False, entry="")
        self._take(found, Verdict(Tone.GOOD, title, detail, self._show_amount(event.due)), 0)
        self._refresh_day()

    def _on_pay_failed(self, error: StoreError) -> None:
        self._show(paying=False)
        self._on_failed(error)

    def _on_failed(self, error: StoreError) -> None:
        tone = Tone.BAD if isinstance(error, BrokenWorldError) else Tone.WARN
        title = tr("Not saved") if isinstance(error, BrokenWorldError) else tr("Not possible")
        self._show(verdict=Verdict(tone, title, sentence(error)))

    def _on_day(self, found: tuple[str, Figures]) -> None:
        self._show(date=found[0], day=found[1])

    def _take(self, found: Counter, verdict: Verdict, selected: int) -> None:
        self._show(cart=found.cart, cash_due=found.cash_due, verdict=verdict, selected=selected)

    def _show_amount(self, minor: int) -> str:
        return money.format_amount(minor, self.state.currency)

    def _show(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.changed.emit(state)


def is_pad_key(text: str) -> bool:
    """Whether a typed character belongs into the entry."""
    return len(text) == 1 and (text in _PAD or (text.isascii() and text.isalnum()) or text == "-")


def shown_code(line: CartLine) -> str:
    """The code of a line as people know it."""
    from core.codes.gs1 import gtin14, short_gtin

    return short_gtin(line.code) if len(line.code) == 14 and gtin14(line.code) else line.code


def _ready() -> Verdict:
    return Verdict(Tone.CALM, tr("Ready to scan"), tr("Scan goods, or type a code and press Enter."))
