"""What somebody should look at: facts that do not count as they say, and what cannot all be true of a unit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.hq.schema import CLAIM, CONFLICT, FINDING, STREAM

_AT_ONCE = 500
_ITS_STREAM = (STREAM.c.store_id == FINDING.c.store_id) & (STREAM.c.stream_id == FINDING.c.stream_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact that does not count as it says. `at` in ms since the epoch, 0 where it cannot be read."""

    store: str
    terminal: str
    stream: str
    seq: int
    kind: str
    at: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Party:
    """One of those who say something of a unit; `receipt` is empty for one who voided it."""

    store: str
    terminal: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What cannot all be true of a unit. `at` in ms since the epoch."""

    unit: str
    kind: str
    at: int
    holder: Party
    others: tuple[Party, ...]


def findings(connection: Connection, store: str = "", limit: int = 100) -> list[Finding]:
    """The newest first; of every store, if none is named."""
    columns = (FINDING.c.stream_id, FINDING.c.seq, FINDING.c.kind, FINDING.c.at, FINDING.c.reason, FINDING.c.detail)
    query = (
        select(FINDING.c.store_id, STREAM.c.terminal_id, *columns)
        .join(STREAM, _ITS_STREAM)
        .order_by(FINDING.c.at.desc(), FINDING.c.store_id, FINDING.c.digest, FINDING.c.reason)
        .limit(limit)
    )
    return [Finding(*row) for row in connection.execute(query.where(FINDING.c.store_id == store) if store else query)]


def count_findings(connection: Connection, store: str, terminal: str) -> int:
    """Facts of a terminal that do not count as they say."""
    query = (
        select(func.count(FINDING.c.digest.distinct()))
        .join(STREAM, _ITS_STREAM)
        .where(FINDING.c.store_id == store, STREAM.c.terminal_id == terminal)
    )
    return int(connection.execute(query).scalar_one())


def conflicts(connection: Connection, store: str = "", limit: int = 100) -> list[Conflict]:
    """The newest first; those that a store has a part in, if one is named."""
    rows = connection.execute(select(CONFLICT).order_by(CONFLICT.c.at.desc(), CONFLICT.c.unit, CONFLICT.c.kind)).all()
    found: list[Conflict] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        columns = (CLAIM.c.unit, CLAIM.c.op, CLAIM.c.store_id, CLAIM.c.terminal_id, CLAIM.c.receipt)
        units = {row.unit for row in part}
        parties = {
            (unit, op): Party(*party)
            for unit, op, *party in connection.execute(select(*columns).where(CLAIM.c.unit.in_(units)))
        }
        for row in part:
            holder, *others = (parties[row.unit, op] for op in (row.holder, *row.others.split()))
            if not store or store in {party.store for party in (holder, *others)}:
                found.append(Conflict(row.unit, row.kind, row.at, holder, tuple(others)))
            if len(found) == limit:
                return found
    return found
