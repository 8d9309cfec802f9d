"""Credit as the facts left it: rules, the goods of each sale, what was said of it, and a day's sums."""

from __future__ import annotations

from collections import Counter

import msgspec

from core.credit import queries
from core.credit.rules import groups_of, shares_of
from core.database import Connection
from core.events import CreditDecided, CreditDisputed, CreditRuleSet, Event, SaleCompleted
from core.rows import op_mark

TABLES = ("credit_rule", "credit", "credit_said", "day_credit")

_ADD_DAY = (
    "INSERT INTO day_credit (date, person, amount) VALUES (?, ?, ?)"
    " ON CONFLICT (date, person) DO UPDATE SET amount = amount + excluded.amount"
)


def check(connection: Connection, event: Event) -> None:
    """Credit refuses nothing that is a sale."""


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, SaleCompleted):
        if event.credit_rule:
            _count(connection, position, event)
    elif isinstance(event, CreditDisputed | CreditDecided):
        before = _sums(connection, event.receipt)
        connection.execute(
            "INSERT INTO credit_said (receipt, position, mark, at, seen, parts) VALUES (?, ?, ?, ?, ?, ?)",
            (event.receipt, position, op_mark(event.head.op), event.head.at, *_said(event)),
        )
        if isinstance(event, CreditDecided):
            _add_changes(connection, before, _sums(connection, event.receipt))
    elif isinstance(event, CreditRuleSet):
        connection.execute(
            "INSERT INTO credit_rule (name, position, since, binder, window, protected) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            (queries.rule_of(event).name, position, event.since, event.binder, event.window, event.protected),
        )


def _said(event: CreditDisputed | CreditDecided) -> tuple[str, str | None]:
    if isinstance(event, CreditDisputed):
        return "", None
    return " ".join(event.seen), msgspec.json.encode([(one.person, one.part) for one in event.parts]).decode()


def _count(connection: Connection, position: int, sale: SaleCompleted) -> None:
    for group in groups_of(sale):
        own = group.receipt == sale.receipt
        before = Counter[tuple[str, str]]() if own else _sums(connection, group.receipt)
        connection.execute(
            "INSERT INTO credit (receipt, position, op, date, amount, parts) VALUES (?, ?, ?, ?, ?, ?)",
            (
                group.receipt, position, sale.head.op, sale.head.date, group.amount,
                msgspec.json.encode(group.parts).decode(),
            ),
        )  # fmt: skip
        if own:
            # What is sold now, nobody can have decided on yet, and nothing of it came back.
            shares = shares_of(group)
            connection.executemany(_ADD_DAY, [(sale.head.date, share.person, share.amount) for share in shares])
        else:
            _add_changes(connection, before, _sums(connection, group.receipt))


def _add_changes(connection: Connection, before: Counter[tuple[str, str]], after: Counter[tuple[str, str]]) -> None:
    changed = {key: after[key] - before[key] for key in {*before, *after}}
    connection.executemany(_ADD_DAY, [(*key, amount) for key, amount in sorted(changed.items()) if amount])


def _sums(connection: Connection, receipt: str) -> Counter[tuple[str, str]]:
    """What is credited of a sale and of what came back of it, by day and person."""
    sums: Counter[tuple[str, str]] = Counter()
    for one in queries.credits_of(connection, receipt):
        for share in one.shares:
            sums[one.date, share.person] += share.amount
    return sums
