"""Receipts found again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import events
from core.database import Connection
from core.errors import RefusedError
from core.events import LineKind, SaleCompleted, TenderKind
from core.money import part_of, split
from core.sales.payment import Way

_ROW = (
    "SELECT receipt, date, at,"
    " (SELECT coalesce(sum(amount), 0) FROM sale_tender AS t WHERE t.position = sale.position),"
    " pieces, cashier, copies FROM sale"
)


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A line of the list of receipts. `at` in ms since the epoch, `total` in minor units."""

    receipt: str
    date: str
    at: int
    total: int
    pieces: int
    cashier: str
    copies: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line that can be brought back: what it was and how much of it is still with the customer.

    `rounding` is its share of what was let go when the sale was paid in cash; never positive.
    """

    n: int
    code: str
    name: str
    quantity: int
    amount: int
    tax: int
    returned: int
    rounding: int = 0

    @property
    def left(self) -> int:
        return self.quantity - self.returned

    def part(self, count: int, returned: int | None = None) -> tuple[int, int, int]:
        """Amount, tax and rounding of the next `count` pieces that come back.

        Args:
            returned: pieces that came back before; for a check that has some of them in hand.
        """
        start = self.returned if returned is None else returned

        def part(whole: int) -> int:
            return part_of(whole, start, count, self.quantity)

        # Of what was paid and not of the rounding: a piece never costs its customer anything to bring back.
        return part(self.amount), part(self.tax), part(self.amount + self.rounding) - part(self.amount)


def next_receipt_number(connection: Connection, prefix: str, date: str) -> str:
    """The next number of a business date: `T1K7-261123-0042`; of another century's with all digits of the year."""
    row = connection.execute("SELECT last FROM receipt_counter WHERE date = ?", (date,)).fetchone()
    return f"{prefix}-{date.removeprefix('20').replace('-', '')}-{(row[0] if row else 0) + 1:04}"


def receipt(connection: Connection, number: str) -> SaleCompleted:
    """The sale of a receipt, as it was recorded.

    Raises:
        RefusedError: `no_such_receipt`.
    """
    row = connection.execute(
        "SELECT event FROM journal JOIN sale USING (position) WHERE receipt = ?", (number.strip().upper(),)
    ).fetchone()
    event = events.decode(row[0]) if row else None
    if not isinstance(event, SaleCompleted):
        raise RefusedError("no_such_receipt", receipt=number.strip()[:40])
    return event


def copies(connection: Connection, number: str) -> int:
    """How many copies of a receipt were printed after the first."""
    row = connection.execute("SELECT copies FROM sale WHERE receipt = ?", (number,)).fetchone()
    return int(row[0]) if row else 0


def sold_lines(connection: Connection, number: str) -> list[SoldLine]:
    """The lines of a receipt that were sold on it, and what came back of them."""
    sale = connection.execute("SELECT position, rounding FROM sale WHERE receipt = ?", (number,)).fetchone()
    if sale is None:
        return []
    position, rounding = sale
    lines = [
        SoldLine(*row)
        for row in connection.execute(
            "SELECT n, code, name, quantity, amount, tax, returned FROM sale_line"
            " WHERE position = ? AND kind = ? ORDER BY n",
            (position, LineKind.SALE.value),
        )
    ]
    if not rounding:
        return lines
    shares = split(rounding, [line.amount for line in lines])
    return [replace(line, rounding=share) for line, share in zip(lines, shares, strict=True)]


def ways_back(connection: Connection, number: str) -> list[Way]:
    """The tenders of a receipt on which money can still go back."""
    rows = connection.execute(
        "SELECT n, kind, amount - refunded, reference FROM sale_tender"
        " WHERE position = (SELECT position FROM sale WHERE receipt = ?) AND amount > refunded ORDER BY n",
        (number,),
    )
    return [Way(number, n, TenderKind(kind), left, reference) for n, kind, left, reference in rows]


def find_receipts(connection: Connection, text: str = "", date: str = "", limit: int = 50) -> list[ReceiptRow]:
    """Receipts, newest first: whose number contains `text`, of a business date where one is given."""
    rows = connection.execute(
        f"{_ROW} WHERE (?1 = '' OR date = ?1) AND (?2 = '' OR instr(receipt, ?2)) ORDER BY position DESC LIMIT ?3",
        (date, text.strip().upper(), limit),
    )
    return [ReceiptRow(*row) for row in rows]
