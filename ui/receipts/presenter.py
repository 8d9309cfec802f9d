"""What happens on the Receipts page: one is found, looked at, printed again, or brought back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial

from core import money
from core.errors import RefusedError, StoreError
from core.events import ReceiptReprinted, SaleCompleted
from core.sales.queries import ReceiptQuery, ReceiptRow
from core.sales.receipt import Slip, compose
from core.shop import selling
from core.shop.terminal import Terminal, View
from core.staff.permissions import Permission
from core.texts import sentence, tr
from ui.presenter import Place, Presenter
from ui.receipts.state import ReceiptsState

_PAGE = 100
_SHORTEST_NUMBER = 4


class ReceiptsPresenter(Presenter[ReceiptsState]):
    """Finds receipts.

    Args:
        place: where it stands.
    """

    def __init__(self, place: Place) -> None:
        super().__init__(ReceiptsState())
        self._tasks = place.tasks
        self._by = place.by
        self.may_bring_back = place.may(Permission.RETURN)
        self.currency = place.settings.currency
        self._calendar = place.settings.calendar()

    def time_of(self, row: ReceiptRow) -> str:
        """Day and hour of a receipt, as the shop's clock showed them."""
        return f"{self._calendar.local(row.at):%Y-%m-%d %H:%M}"

    def visit(self, what: object = None) -> None:
        """Show the newest; or, with a title and a `ReceiptQuery`, those of which a figure is made."""
        title, query = what if isinstance(what, tuple) else ("", ReceiptQuery())
        self._look_for(query, typed="", title=title)

    def scan(self, text: str) -> bool:
        """A receipt's code, or goods that are on receipts; a unit that is on none is looked at by itself."""
        read = partial(_query_of, text=text, currency=self.currency)
        self._tasks.read(read, partial(self._on_scanned, text), self._on_failed)
        return True

    def search(self, typed: str) -> None:
        """Look for a part of a number, an amount, or the code of goods."""
        self._show(typed=typed)
        read = partial(_query_of, text=typed, currency=self.currency)
        self._tasks.read(read, partial(self._on_meant, typed), self._on_failed)

    def choose(self, row: int) -> None:
        """Look at a receipt."""
        if 0 <= row < len(self.state.rows):
            self._show(row=row, said="", refused=False)
            number = self.state.rows[row].receipt
            self._tasks.read(partial(_slip_of, number=number), self._on_slip, self._on_failed)

    def step(self, by: int) -> None:
        """The receipt so many rows further down."""
        self.choose(self.state.row + by)

    def more(self) -> None:
        """The next ones, older than those."""
        if self.state.rows:
            query, last = self.state.query, self.state.rows[-1].position
            find = partial(selling.find_receipts, query=query, before=last, limit=_PAGE)
            self._tasks.read(find, partial(self._on_more, query), self._on_failed)

    def reprint(self) -> None:
        """Print one more copy."""
        if (chosen := self.state.chosen) and not self.state.busy:
            self._show(busy=True, said="", refused=False)
            self._tasks.brief(
                partial(_print_again, reprint=partial(selling.reprint, by=self._by, number=chosen.receipt)),
                self._on_printed,
                self._on_failed,
            )

    def leave(self) -> None:
        """Back to the figure whose receipts these are, or to the newest."""
        if self.state.title:
            self.wanted.emit("today", None)
        self.visit()

    def bring_back(self) -> None:
        """Goods of it come back: to the counter with them."""
        if self.state.chosen and self.may_bring_back:
            self.wanted.emit("sell", self.state.chosen.receipt)

    def _on_scanned(self, text: str, query: ReceiptQuery | None) -> None:
        if query:
            self._look_for(query, typed=text, title="")
        else:
            self.wanted.emit("codes", text)

    def _on_meant(self, typed: str, query: ReceiptQuery | None) -> None:
        # What was typed meanwhile is looked for already.
        if typed == self.state.typed:
            self._look_for(query or ReceiptQuery(text=typed.strip()), typed=typed, title="")

    def _look_for(self, query: ReceiptQuery, *, typed: str, title: str) -> None:
        self._show(typed=typed, query=query, title=title, said="", refused=False)
        find = partial(selling.find_receipts, query=query, limit=_PAGE)
        self._tasks.read(find, partial(self._on_found, query), self._on_failed)

    def _on_found(self, query: ReceiptQuery, rows: list[ReceiptRow]) -> None:
        if query == self.state.query:
            self._show(rows=tuple(rows), goes_on=len(rows) == _PAGE, row=-1, slip=None)
            self.choose(0)

    def _on_more(self, query: ReceiptQuery, rows: list[ReceiptRow]) -> None:
        if query == self.state.query:
            self._show(rows=self.state.rows + tuple(rows), goes_on=len(rows) == _PAGE)

    def _on_slip(self, slip: Slip) -> None:
        if self.state.chosen and slip.code == self.state.chosen.receipt:
            self._show(slip=slip)

    def _on_printed(self, result: tuple[int, str]) -> None:
        copy, place = result
        words = tr("Copy {n} of the receipt: {place}", n=copy, place=place)
        if place.endswith(".pdf"):
            words = tr("There is no printer; copy {n} is a file: {place}", n=copy, place=place)
        self._show(busy=False, said=words, refused=False)
        rows = [replace(row, copies=copy) if row == self.state.chosen else row for row in self.state.rows]
        self._show(rows=tuple(rows))

    def _on_failed(self, error: StoreError) -> None:
        self._show(busy=False, said=sentence(error), refused=True)


def _query_of(view: View, text: str, currency: str) -> ReceiptQuery | None:
    """What somebody means who types that: goods of the catalogue, an amount with its decimals, or a number.

    Returns:
        None for one unit that is on no receipt.
    """
    text = text.strip()
    if len(text) >= _SHORTEST_NUMBER:
        scan = selling.read_scan(view, text)
        if scan.unit:
            return ReceiptQuery(text=scan.unit.receipt) if scan.unit.receipt else None
        if scan.product:
            return ReceiptQuery(code=scan.product.code)
        if scan.kind == "payment":
            raise RefusedError("payment_code")
    if "." in text:
        with suppress(RefusedError):
            return ReceiptQuery(total=money.parse_amount(text, currency))
    return ReceiptQuery(text=text)


def _slip_of(view: View, number: str) -> Slip:
    return compose(selling.receipt_of(view, number), view.settings)


def _print_again(terminal: Terminal, reprint: partial[tuple[SaleCompleted, ReceiptReprinted]]) -> tuple[int, str]:
    """Returns which copy it was, and where it came out."""
    from ui.printing.receipt import print_slip

    event, copy = terminal.write(reprint).result()
    settings = terminal.read(lambda view: view.settings).result()
    return copy.copy, print_slip(compose(event, settings, copy.copy), terminal.home.folder / "receipts")
