"""Who is credited with the sales of a store, whatever the order in which its facts arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select

from core.credit.rules import Decision, Group, groups_of, shares_in
from core.events import CreditDecided, CreditPart, Event, SaleCompleted
from core.hq.reading import Fact
from core.hq.schema import CREDIT, CREDIT_DECIDED
from core.hq.streams import put_if_new
from core.rows import op_mark

_AT_ONCE = 500
_parts = msgspec.json.Decoder(tuple[CreditPart, ...])
_decided = msgspec.json.Decoder(tuple[tuple[str, int], ...])

Sums = dict[tuple[str, str, str], list[int]]
"""Amount and number of shares by business date, terminal and person."""


def is_about(event: Event | None) -> bool:
    """Whether a fact says who is credited with something."""
    return isinstance(event, CreditDecided) or (isinstance(event, SaleCompleted) and bool(event.credit_rule))


@dataclass
class _Of:
    """All that is known of a sale's credit."""

    groups: list[tuple[str, str, Group]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def write(connection: Connection, store: str, facts: Iterable[tuple[Fact, int]]) -> Sums:
    """Keep what facts of a store say of credit, or take it back. Under the store's lock.

    Args:
        facts: each with 1, or -1 where it is taken back.

    Returns:
        What changes of the sums of days.
    """
    facts = list(facts)
    receipts = sorted({receipt for fact, _ in facts for receipt in _receipts(fact)})
    before = _sums(connection, store, receipts)
    for fact, sign in facts:
        if sign > 0:
            _say(connection, store, fact)
        else:
            for table in (CREDIT, CREDIT_DECIDED):
                where = (table.c.store_id == store) & (table.c.op == fact.op)
                connection.execute(delete(table).where(where, table.c.receipt.in_(_receipts(fact))))
    changed = _sums(connection, store, receipts)
    for key, (amount, count) in before.items():
        sums = changed[key]
        changed[key] = [sums[0] - amount, sums[1] - count]
    return {key: sums for key, sums in changed.items() if any(sums)}


def _receipts(fact: Fact) -> list[str]:
    event = fact.event
    if isinstance(event, SaleCompleted):
        return [group.receipt for group in groups_of(event)]
    return [event.receipt] if isinstance(event, CreditDecided) else []


def _say(connection: Connection, store: str, fact: Fact) -> None:
    event = fact.event
    if isinstance(event, CreditDecided):
        parts = tuple((one.person, one.part) for one in event.parts)
        put_if_new(
            connection, CREDIT_DECIDED, store_id=store, receipt=event.receipt, op=fact.op, at=fact.at,
            seen=" ".join(sorted(set(event.seen))), parts=msgspec.json.encode(parts).decode(),
        )  # fmt: skip
    elif isinstance(event, SaleCompleted):
        for group in groups_of(event):
            put_if_new(
                connection, CREDIT, store_id=store, receipt=group.receipt, op=fact.op, terminal_id=fact.terminal,
                date=event.head.date, amount=group.amount, parts=msgspec.json.encode(group.parts).decode(),
            )  # fmt: skip


def _sums(connection: Connection, store: str, receipts: Sequence[str]) -> Sums:
    """What is credited of sales, and of what came back of them."""
    sums: Sums = defaultdict(lambda: [0, 0])
    for start in range(0, len(receipts), _AT_ONCE):
        for sale in _known(connection, store, receipts[start : start + _AT_ONCE]).values():
            shares = shares_in([group for _, _, group in sale.groups], sale.decisions)
            for (date, terminal, _), found in zip(sale.groups, shares, strict=True):
                for share in found:
                    known = sums[date, terminal, share.person]
                    known[0] += share.amount
                    known[1] += 1
    return sums


def _known(connection: Connection, store: str, receipts: Sequence[str]) -> dict[str, _Of]:
    found: dict[str, _Of] = defaultdict(_Of)
    for row in sorted(_rows(connection, CREDIT, store, receipts), key=lambda row: (row.date, row.op)):
        group = Group(row.receipt, row.amount, _parts.decode(row.parts))
        found[row.receipt].groups.append((row.date, row.terminal_id, group))
    for row in _rows(connection, CREDIT_DECIDED, store, receipts):
        seen = frozenset(row.seen.split())
        found[row.receipt].decisions.append(Decision(op_mark(row.op), row.at, seen, _decided.decode(row.parts)))
    return found


def _rows(connection: Connection, table: Any, store: str, receipts: Sequence[str]) -> Any:
    return connection.execute(select(table).where(table.c.store_id == store, table.c.receipt.in_(receipts))).all()
