"""Receipts found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core import events
from core.database import Connection
from core.errors import RefusedError
from core.events import LineKind, SaleCompleted, TenderKind
from core.money import part_of, split
from core.sales.payment import Way

_ROW = (
    "SELECT position, receipt, date, at,"
    " (SELECT coalesce(sum(amount), 0) FROM sale_tender AS t WHERE t.position = sale.position),"
    " pieces, cashier, copies FROM sale"
)

_WITH_RETURNS = "EXISTS (SELECT 1 FROM sale_line WHERE position = sale.position AND quantity < 0)"


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A line of the list of receipts. `at` in ms since the epoch, `total` in minor units."""

    position: int
    receipt: str
    date: str
    at: int
    total: int
    pieces: int
    cashier: str
    copies: int


@dataclass(frozen=True, slots=True)
class ReceiptQuery:
    """Which receipts are looked for; what is empty does not matter.

    Attributes:
        text: a part of the number.
        start, end: business dates, both included.
        hour: of the day at which they were made; -1 = any.
        total: paid or paid back on them, minor units; 0 = any.
        tender: a way of paying that was used.
        code: of a product that is on them.
        cashier: who took the money.
        returns: only those on which goods came back.
    """

    text: str = ""
    start: str = ""
    end: str = ""
    hour: int = -1
    total: int = 0
    tender: str = ""
    code: str = ""
    cashier: str = ""
    returns: bool = False


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


def find_receipts(connection: Connection, query: ReceiptQuery, before: int = 0) -> Iterator[ReceiptRow]:
    """Receipts, newest first; their hour is not looked at.

    Args:
        before: position of the last one that is known already.
    """
    here = "WHERE position = sale.position AND"
    terms = {
        "position < ?": before,
        "instr(receipt, ?)": query.text.strip().upper(),
        "date >= ?": query.start,
        "date <= ?": query.end,
        f"(SELECT abs(sum(amount)) FROM sale_tender {here} 1) = ?": abs(query.total),
        f"EXISTS (SELECT 1 FROM sale_tender {here} kind = ?)": query.tender,
        f"EXISTS (SELECT 1 FROM sale_line {here} code = ?)": query.code,
        "cashier = ?": query.cashier,
    }
    wanted = {term: value for term, value in terms.items() if value}
    where = " AND ".join((*wanted, *([_WITH_RETURNS] if query.returns else [])))
    rows = connection.execute(f"{_ROW} WHERE {where or '1'} ORDER BY position DESC", tuple(wanted.values()))
    return (ReceiptRow(*row) for row in rows)
