"""Credit, as the screens and reports read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from core import events
from core.credit.rules import BUILT_IN, Decision, Group, Rule, Share, shares_of
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


def groups(connection: Connection, receipt: str) -> list[tuple[str, int, tuple[CreditPart, ...]]]:
    """Business date, amount and parts of the goods of a sale, and of those that came back."""
    rows = connection.execute("SELECT date, amount, parts FROM credit WHERE receipt = ? ORDER BY position", (receipt,))
    return [(date, amount, _parts.decode(parts)) for date, amount, parts in rows]


def credited(connection: Connection, person: str, start: str, end: str) -> list[Credited]:
    """Somebody's shares from one business date to another, the newest first."""
    rows = connection.execute(
        "SELECT c.receipt, s.receipt, s.at, c.date, c.amount, c.parts FROM credit AS c"
        " JOIN sale AS s ON s.position = c.position WHERE c.date BETWEEN ? AND ? ORDER BY c.position DESC, c.receipt",
        (start, end),
    ).fetchall()
    found = []
    for receipt, slip, at, date, amount, parts in rows:
        group = Group(receipt, amount, _parts.decode(parts))
        for share in shares_of(group, decisions(connection, receipt)):
            if share.person == person:
                found.append(Credited(receipt, slip, at, date, amount, share))
    return found
