"""Credit, as the screens and reports read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from core import events
from core.credit.rules import BUILT_IN, Decision, Group, Rule, Share, shares_in
from core.database import Connection
from core.events import CreditDecided, CreditDisputed, CreditPart, CreditRuleSet

_decided = msgspec.json.Decoder(tuple[tuple[str, int], ...])
_parts = msgspec.json.Decoder(tuple[CreditPart, ...])


@dataclass(frozen=True, slots=True)
class Credited:
    """Somebody's share of goods that changed hands.

    Attributes:
        receipt: of their sale; `slip`: of the fact in which they changed hands.
        total: of which the share is a part; minor units.
    """

    receipt: str
    slip: str
    at: int
    date: str
    total: int
    share: Share


def rule_of(event: CreditRuleSet) -> Rule:
    """The rule that a fact sets."""
    return Rule(event.since, event.binder, event.window, event.protected)


def rule_on(connection: Connection, date: str) -> Rule:
    """The rule in force on a business date."""
    row = connection.execute(
        "SELECT since, binder, window, protected FROM credit_rule WHERE since <= ?"
        " ORDER BY since DESC, position DESC LIMIT 1",
        (date,),
    ).fetchone()
    return Rule(*row) if row else BUILT_IN


def rules(connection: Connection) -> list[Rule]:
    """Every rule that was set, the newest first."""
    rows = connection.execute(
        "SELECT since, binder, window, protected FROM credit_rule ORDER BY since DESC, position DESC"
    )
    return [Rule(*row) for row in rows]


def rule_named(connection: Connection, name: str) -> Rule | None:
    """A rule by its name."""
    if name == BUILT_IN.name:
        return BUILT_IN
    row = connection.execute(
        "SELECT since, binder, window, protected FROM credit_rule WHERE name = ?", (name,)
    ).fetchone()
    return Rule(*row) if row else None


def said(connection: Connection, receipt: str) -> list[CreditDisputed | CreditDecided]:
    """What was said of a sale's credit, in the order in which it was recorded."""
    rows = connection.execute(
        "SELECT j.event FROM credit_said AS c JOIN journal AS j ON j.position = c.position"
        " WHERE c.receipt = ? ORDER BY c.position",
        (receipt,),
    )
    found = (events.decode(raw) for (raw,) in rows)
    return [event for event in found if isinstance(event, CreditDisputed | CreditDecided)]


def decisions(connection: Connection, receipt: str) -> list[Decision]:
    """What was decided about a sale."""
    rows = connection.execute(
        "SELECT mark, at, seen, parts FROM credit_said WHERE receipt = ? AND parts IS NOT NULL", (receipt,)
    )
    return [Decision(mark, at, frozenset(seen.split()), _decided.decode(parts)) for mark, at, seen, parts in rows]


def disputed(connection: Connection) -> Iterator[CreditDisputed]:
    """The last dispute of each sale of which nothing was said after it."""
    rows = connection.execute(
        "SELECT j.event FROM (SELECT max(position) AS position FROM credit_said GROUP BY receipt) AS last"
        " JOIN journal AS j ON j.position = last.position ORDER BY j.position"
    )
    for (raw,) in rows:
        event = events.decode(raw)
        if isinstance(event, CreditDisputed):
            yield event


@dataclass(frozen=True, slots=True)
class Shared:
    """Goods of a sale that changed hands in a fact, and who is credited with them."""

    position: int
    date: str
    amount: int
    shares: list[Share]


def credits_of(connection: Connection, receipt: str) -> list[Shared]:
    """Who is credited with a sale, and with what came back of it."""
    rows = connection.execute(
        "SELECT position, date, amount, parts FROM credit WHERE receipt = ? ORDER BY date, op", (receipt,)
    ).fetchall()
    groups = [Group(receipt, amount, _parts.decode(parts)) for _, _, amount, parts in rows]
    shares = shares_in(groups, decisions(connection, receipt))
    return [
        Shared(position, date, amount, found) for (position, date, amount, _), found in zip(rows, shares, strict=True)
    ]


def credited(connection: Connection, person: str, start: str, end: str) -> list[Credited]:
    """Somebody's shares from one business date to another, the newest first."""
    rows = connection.execute(
        "SELECT c.receipt, s.receipt, s.at, c.position FROM credit AS c JOIN sale AS s ON s.position = c.position"
        " WHERE c.date BETWEEN ? AND ? ORDER BY c.position DESC, c.receipt",
        (start, end),
    ).fetchall()
    shared = {receipt: {one.position: one for one in credits_of(connection, receipt)} for receipt, *_ in rows}
    found = []
    for receipt, slip, at, position in rows:
        one = shared[receipt][position]
        found += [
            Credited(receipt, slip, at, one.date, one.amount, share) for share in one.shares if share.person == person
        ]
    return found
