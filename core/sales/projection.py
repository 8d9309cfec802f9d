"""Receipts as rows: what was sold on them, and how much of it has come back."""

from __future__ import annotations

from collections import Counter

from core.database import Connection
from core.errors import RefusedError
from core.events import Event, LineKind, ReceiptReprinted, SaleCompleted
from core.sales.queries import SoldLine, sold_lines

TABLES = ("sale", "sale_line", "sale_tender", "receipt_counter")


def check(connection: Connection, event: Event) -> None:
    """Never more comes back than was sold, and never for more than was paid."""
    if not isinstance(event, SaleCompleted):
        return
    in_hand: Counter[tuple[str, int]] = Counter()
    sold_on: dict[str, dict[int, SoldLine]] = {}
    for line in event.lines:
        if line.kind is not LineKind.RETURN:
            continue
        if line.origin not in sold_on:
            sold_on[line.origin] = {sold.n: sold for sold in sold_lines(connection, line.origin)}
        sold = sold_on[line.origin].get(line.origin_line)
        if sold is None:
            raise RefusedError("no_such_receipt", receipt=line.origin)
        key, count = (line.origin, line.origin_line), -line.quantity
        returned = sold.returned + in_hand[key]
        if returned + count > sold.quantity:
            raise RefusedError("more_than_sold", name=line.name, sold=sold.quantity, left=sold.quantity - returned)
        if (-line.amount, -line.tax, -line.rounding) != sold.part(count, returned):
            raise RefusedError("return_changed", receipt=line.origin)
        in_hand[key] += count


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, SaleCompleted):
        _apply_sale(connection, position, event)
    elif isinstance(event, ReceiptReprinted):
        connection.execute("UPDATE sale SET copies = ? WHERE receipt = ?", (event.copy, event.receipt))


def _apply_sale(connection: Connection, position: int, event: SaleCompleted) -> None:
    head = event.head
    net = tax = pieces = 0
    lines, returned = [], []
    for n, line in enumerate(event.lines, 1):
        net += line.amount
        tax += line.tax
        pieces += line.quantity
        lines.append((position, n, str(line.kind), line.code, line.name, line.quantity, line.amount, line.tax))
        if line.kind is LineKind.RETURN:
            returned.append((-line.quantity, line.origin, line.origin_line))
    tenders = [(position, n, str(t.kind), t.amount, t.reference) for n, t in enumerate(event.tenders, 1)]
    refunded = [(-t.amount, t.origin, t.origin_tender) for t in event.tenders if t.origin]
    connection.execute(
        "INSERT INTO sale (position, op, receipt, date, at, net, tax, rounding, pieces, cashier, seller, member)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            position,
            head.op,
            event.receipt,
            head.date,
            head.at,
            net,
            tax,
            event.rounding,
            pieces,
            head.staff,
            event.seller,
            event.member,
        ),
    )
    connection.executemany(
        "INSERT INTO sale_line (position, n, kind, code, name, quantity, amount, tax) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        lines,
    )
    connection.executemany(
        "INSERT INTO sale_tender (position, n, kind, amount, reference) VALUES (?, ?, ?, ?, ?)", tenders
    )
    connection.execute(
        "INSERT INTO receipt_counter (date, last) VALUES (?, 1) ON CONFLICT (date) DO UPDATE SET last = last + 1",
        (head.date,),
    )
    if returned:
        connection.executemany(
            "UPDATE sale_line SET returned = returned + ?"
            " WHERE position = (SELECT position FROM sale WHERE receipt = ?) AND n = ?",
            returned,
        )
    if refunded:
        connection.executemany(
            "UPDATE sale_tender SET refunded = refunded + ?"
            " WHERE position = (SELECT position FROM sale WHERE receipt = ?) AND n = ?",
            refunded,
        )
