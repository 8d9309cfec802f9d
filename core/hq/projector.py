"""Head office counts: what the facts of the log say, each once, whatever the order in which they arrived.

A store's facts are projected under the lock of its row, stream by stream from where the last step ended; the figures
and the new ends are one transaction. What is derived is made of sums and of the newest or the least of what was said,
so the order of arrival does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, select, text, update

from core.events import MemberBound, MemberInvited, ProductChanged, SaleCompleted, StaffChanged, TerminalSetUp
from core.hq import bindings, claims, credit, members, reading, rewards, telling
from core.hq.claims import Values
from core.hq.database import Database
from core.hq.reading import Fact, Reason
from core.hq.schema import (
    AHEAD,
    DAY,
    DAY_CREDIT,
    DAY_HOUR,
    DAY_MEMBER,
    DAY_PERSON,
    DAY_PRODUCT,
    DAY_TENDER,
    DAY_TOUCHPOINT,
    EVENT,
    FACT,
    FINDING,
    MEMBER_POINTS,
    NAME,
    STORE,
    STREAM,
    tables,
)
from core.hq.streams import hold
from core.reports.sums import new_member, sums_of

STEP = 500
"""Facts in one transaction."""

_DIGEST = re.compile(r"[0-9a-f]{64}")

Key = tuple[Any, ...]


class Projector:
    """Keeps the projections up with the log. Several may work at a time, in several processes."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def run(self) -> int:
        """Project all that is in the log by now. Returns how many facts that were.

        Raises:
            BrokenWorldError: `hq_database`.
        """
        waiting = select(STREAM.c.store_id).where(STREAM.c.acked > STREAM.c.projected).distinct()
        done, failed = 0, cast("Exception | None", None)
        for store in self._db.read(lambda connection: list(connection.execute(waiting).scalars())):
            try:
                while count := self._db.write(partial(_step, store=store)):
                    done += count
            except Exception as error:  # noqa: BLE001 - what is wrong with one store is not the others' fault
                failed = failed or error
        if failed:
            raise failed
        return done

    def rebuild(self) -> int:
        """Forget every projection, and derive it anew from the first fact. Returns how many facts there were."""

        def forget(connection: Connection) -> None:
            connection.execute(select(STORE.c.store_id).with_for_update()).all()
            for table in tables("projection"):
                connection.execute(delete(table))
            telling.forget(connection)
            connection.execute(update(STREAM).values(projected=0))

        self._db.write(forget)
        self.take_ahead()
        return self.run()

    def take_ahead(self) -> None:
        """Have withdrawals hold that were sent ahead of their streams."""
        stores = select(AHEAD.c.store_id).distinct()
        for store in self._db.read(lambda connection: list(connection.execute(stores).scalars())):
            self._db.write(partial(_take_ahead, store=store))

    def try_again(self) -> int:
        """Read once more what could not be read before. Returns how many facts can be counted now."""
        again = select(FINDING.c.store_id).where(FINDING.c.reason.in_(reading.AFTER_A_FIX)).distinct()
        stores = self._db.read(lambda connection: list(connection.execute(again).scalars()))
        return sum(self._db.write(partial(_try_again, store=store)) for store in stores)


def _take_ahead(connection: Connection, store: str) -> None:
    hold(connection, store)
    members.write_ahead(connection, store)


def _step(connection: Connection, store: str) -> int:
    hold(connection, store)
    streams = connection.execute(
        select(STREAM.c.stream_id, STREAM.c.terminal_id, STREAM.c.projected)
        .where(STREAM.c.store_id == store, STREAM.c.acked > STREAM.c.projected)
        .order_by(STREAM.c.stream_id)
    ).all()
    facts: list[Fact] = []
    for stream, terminal, projected in streams:
        rows = connection.execute(
            select(EVENT.c.seq, EVENT.c.raw)
            .where(EVENT.c.store_id == store, EVENT.c.stream_id == stream, EVENT.c.seq > projected)
            .order_by(EVENT.c.seq)
            .limit(STEP - len(facts))
        ).all()
        if not rows:
            break
        facts += [reading.read(terminal, stream, seq, bytes(raw)) for seq, raw in rows]
        connection.execute(
            update(STREAM)
            .where(STREAM.c.store_id == store, STREAM.c.stream_id == stream)
            .values(projected=rows[-1].seq)
        )
    _project(connection, store, facts)
    return len(facts)


def _try_again(connection: Connection, store: str) -> int:
    hold(connection, store)
    where = (FINDING.c.store_id == store) & FINDING.c.reason.in_(reading.AFTER_A_FIX)
    rows = connection.execute(
        select(EVENT.c.stream_id, STREAM.c.terminal_id, EVENT.c.seq, EVENT.c.raw)
        .join(FINDING, (FINDING.c.store_id == EVENT.c.store_id) & (FINDING.c.stream_id == EVENT.c.stream_id)
              & (FINDING.c.seq == EVENT.c.seq))
        .join(STREAM, (STREAM.c.store_id == EVENT.c.store_id) & (STREAM.c.stream_id == EVENT.c.stream_id))
        .where(where)
    ).all()  # fmt: skip
    facts = [reading.read(terminal, stream, seq, bytes(raw)) for stream, terminal, seq, raw in rows]
    connection.execute(delete(FINDING).where(where))
    _project(connection, store, facts)
    telling.tell_findings(connection, store, [fact.digest for fact in facts])
    return sum(fact.event is not None for fact in facts)


def _project(connection: Connection, store: str, facts: Sequence[Fact]) -> None:
    changes = _Changes(store)
    counted = _counted(connection, store, [fact.op for fact in facts if fact.event])
    for fact in facts:
        if fact.event is None:
            changes.find(fact)
            continue
        before = counted.get(fact.op)
        if before is None:
            kept = fact
            changes.count(fact)
        elif before.digest == fact.digest:
            # Told twice: the place that is kept does not depend on which came first.
            kept = min(before, fact, key=_place)
            if kept.terminal != before.terminal:
                changes.count(before, -1)
                changes.count(kept)
            changes.find(kept)
        else:
            # Two facts under one id: the lesser digest holds, whichever came first.
            kept, other = (fact, before) if fact.digest < before.digest else (before, fact)
            changes.name(fact)
            if kept is fact:
                changes.count(before, -1)
                changes.count(fact)
            changes.find(other, ((Reason.OP_TAKEN, other.op),))
        counted[fact.op] = kept
        changes.facts[fact.op] = kept
    changes.write(connection)


def _place(fact: Fact) -> tuple[str, int]:
    return fact.stream, fact.seq


def _counted(connection: Connection, store: str, ops: Sequence[str]) -> dict[str, Fact]:
    """Facts of these ids that were counted before."""
    if not ops:
        return {}
    rows = connection.execute(
        select(STREAM.c.terminal_id, FACT.c.stream_id, FACT.c.seq, EVENT.c.raw)
        .join(STREAM, (STREAM.c.store_id == FACT.c.store_id) & (STREAM.c.stream_id == FACT.c.stream_id))
        .join(EVENT, (EVENT.c.store_id == FACT.c.store_id) & (EVENT.c.stream_id == FACT.c.stream_id)
              & (EVENT.c.seq == FACT.c.seq))
        .where(FACT.c.store_id == store, FACT.c.op.in_(ops))
    )  # fmt: skip
    found = (reading.read(terminal, stream, seq, bytes(raw)) for terminal, stream, seq, raw in rows)
    return {fact.op: fact for fact in found}


class _Changes:
    """What facts of a store change, gathered so that each row is written once."""

    def __init__(self, store: str) -> None:
        self._store = store
        self._sums: dict[Table, dict[Key, list[int]]] = {table: {} for table in _SUMMED}
        self._names: dict[Key, tuple[int, str, str]] = {}
        self._findings: dict[Key, dict[str, object]] = {}
        self._emptied: set[tuple[Table, Key]] = set()
        self._gone: set[tuple[bytes, str]] = set()
        self._claims: list[Values] = []
        self._answers: list[Values] = []
        self._undone: set[str] = set()
        self._members: list[tuple[Fact, int]] = []
        self._credit: list[tuple[Fact, int]] = []
        self._coupons: list[tuple[Fact, int]] = []
        self._invitations: list[tuple[Fact, int]] = []
        self.facts: dict[str, Fact] = {}

    def count(self, fact: Fact, sign: int = 1) -> None:
        """Count a fact, or take back what it counted."""
        event = fact.event
        if sign > 0:
            self.find(fact)
            self.name(fact)
        else:
            for reason, _ in fact.reasons:
                self._findings.pop((fact.digest, str(reason)), None)
                self._gone.add((fact.digest, reason))
        if isinstance(event, SaleCompleted):
            self._count_sale(fact, event, sign)
        elif isinstance(event, MemberBound):
            self._add(DAY, (event.head.date, fact.terminal), new_member(), sign)
        self._members += [(fact, sign)] if members.is_about(event) else []
        self._credit += [(fact, sign)] if credit.is_about(event) else []
        self._coupons += [(fact, sign)] if rewards.is_about(event) else []
        for member, figures in rewards.points_in(event).items():
            self._add(MEMBER_POINTS, (member, fact.terminal), figures, sign)
        self._invitations += [(fact, sign)] if isinstance(event, MemberInvited) else []
        said, answered = claims.claims_in(self._store, fact), claims.answers_in(self._store, fact)
        if sign > 0:
            self._claims += said
            self._answers += answered
        elif said or answered:
            self._undone.add(fact.op)
            self._claims = [row for row in self._claims if row["op"] != fact.op]
            self._answers = [row for row in self._answers if row["op"] != fact.op]

    def find(self, fact: Fact, reasons: Iterable[tuple[Reason, str]] | None = None) -> None:
        """Keep why a fact does not count as it says."""
        for reason, detail in fact.reasons if reasons is None else reasons:
            key = (fact.digest, str(reason))
            before = self._findings.get(key)
            if before is None or _place(fact) < (before["stream_id"], before["seq"]):
                self._findings[key] = {
                    "store_id": self._store, "digest": fact.digest, "reason": str(reason), "stream_id": fact.stream,
                    "seq": fact.seq, "op": fact.op, "kind": fact.kind, "at": fact.at, "detail": detail,
                }  # fmt: skip

    def name(self, fact: Fact) -> None:
        """Keep what a fact calls things; the newest name holds."""
        event, names = fact.event, list[tuple[str, str, str]]()
        if isinstance(event, SaleCompleted):
            names = [("product", line.code, line.name) for line in event.lines]
        elif isinstance(event, ProductChanged):
            names = [("product", event.code, event.name)]
        elif isinstance(event, StaffChanged):
            names = [("staff", event.id, event.name)]
        elif isinstance(event, TerminalSetUp):
            names = [("store", "", event.name), ("currency", "", event.currency), ("timezone", "", event.timezone)]
        for kind, key, name in names:
            said = (fact.at, fact.op, name)
            self._names[kind, key] = max(self._names.get((kind, key), said), said)

    def _count_sale(self, fact: Fact, sale: SaleCompleted, sign: int) -> None:
        date, sums = sale.head.date, sums_of(sale)
        three = (sums.net, sums.orders, sums.pieces)
        self._add(DAY, (date, fact.terminal), sums.day, sign)
        self._add(DAY_HOUR, (date, sums.hour), three, sign)
        self._add(DAY_TOUCHPOINT, (date, sale.head.touchpoint), three, sign)
        for tender in sale.tenders:
            self._add(DAY_TENDER, (date, str(tender.kind)), (tender.amount, 1), sign)
        for code, figures in sums.products.items():
            self._add(DAY_PRODUCT, (date, code), figures, sign)
        for who in sums.people:
            self._add(DAY_PERSON, (date, *who), three, sign)
        if sale.member:
            self._add(DAY_MEMBER, (date, sale.member), (sums.net, sums.orders), sign)

    def _add(self, table: Table, key: Key, figures: Sequence[int], sign: int) -> None:
        if sign < 0:
            self._emptied.add((table, key))
        added = [sign * figure for figure in (*figures, 1)]
        rows = self._sums[table]
        before = rows.get(key)
        rows[key] = added if before is None else [one + other for one, other in zip(before, added, strict=True)]

    def write(self, connection: Connection) -> None:
        """Write it all."""
        for key, (amount, count) in credit.write(connection, self._store, self._credit).items():
            self._sums[DAY_CREDIT][key] = [amount, count]
            self._emptied.add((DAY_CREDIT, key))
        for table, rows in self._sums.items():
            if rows:
                columns = [column.name for column in table.columns]
                # In order, so that two who write the same rows do not wait for each other.
                values = [
                    dict(zip(columns, (self._store, *key, *figures), strict=True))
                    for key, figures in sorted(rows.items(), key=lambda item: item[0])
                ]
                connection.execute(text(_SUMMED[table]), values)
        for table, key in self._emptied:
            _drop_if_empty(connection, table, (self._store, *key))
        if self._names:
            connection.execute(text(_NAMED), [
                {"store_id": self._store, "kind": kind, "key": key, "at": at, "op": op, "name": name}
                for (kind, key), (at, op, name) in sorted(self._names.items())
            ])  # fmt: skip
        if self.facts:
            connection.execute(text(_KEPT), [
                {"store_id": self._store, "op": op, "digest": fact.digest, "stream_id": fact.stream, "seq": fact.seq}
                for op, fact in sorted(self.facts.items())
            ])  # fmt: skip
        for digest, reason in self._gone:
            where = (FINDING.c.store_id == self._store) & (FINDING.c.digest == digest) & (FINDING.c.reason == reason)
            connection.execute(delete(FINDING).where(where))
        if self._findings:
            connection.execute(text(_FOUND), list(self._findings.values()))
        telling.tell_days(connection, self._store, self._sums[DAY])
        telling.tell_credits(connection, self._store, self._sums[DAY_CREDIT])
        telling.tell_points(connection, self._store, self._sums[MEMBER_POINTS])
        rewards.write_coupons(connection, self._store, self._coupons)
        bought = {member for _, member in self._sums[DAY_MEMBER]}
        members.write(connection, self._store, self._members, bought)
        bindings.take_invitations(connection, self._store, self._invitations)
        subjects = claims.write(connection, self._store, self._claims, self._answers, self._undone)
        found = {bytes(digest) for digest, _ in self._findings.keys() | self._gone}
        found |= {bytes.fromhex(subject) for subject in subjects if _DIGEST.fullmatch(subject)}
        telling.tell_findings(connection, self._store, found)


def _drop_if_empty(connection: Connection, table: Table, key: Key) -> None:
    """A row from which everything was taken back says nothing."""
    keys = zip(table.columns, key, strict=False)
    connection.execute(delete(table).where(table.c.facts == 0, *(column == value for column, value in keys)))


def _put(table: Table, keys: int, then: str) -> str:
    columns = [column.name for column in table.columns]
    return (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
        f" ON CONFLICT ({', '.join(columns[:keys])}) DO UPDATE SET {then}"
    )


def _sum(table: Table, keys: int) -> str:
    figures = [column.name for column in table.columns][keys:]
    return _put(table, keys, ", ".join(f"{name} = {table.name}.{name} + excluded.{name}" for name in figures))


_SUMMED = {
    DAY: _sum(DAY, 3),
    DAY_HOUR: _sum(DAY_HOUR, 3),
    DAY_TENDER: _sum(DAY_TENDER, 3),
    DAY_PRODUCT: _sum(DAY_PRODUCT, 3),
    DAY_TOUCHPOINT: _sum(DAY_TOUCHPOINT, 3),
    DAY_PERSON: _sum(DAY_PERSON, 4),
    DAY_MEMBER: _sum(DAY_MEMBER, 3),
    DAY_CREDIT: _sum(DAY_CREDIT, 4),
    MEMBER_POINTS: _sum(MEMBER_POINTS, 3),
}
_NAMED = _put(NAME, 3, "name = excluded.name, at = excluded.at, op = excluded.op") + (
    " WHERE (excluded.at, excluded.op, excluded.name) > (name.at, name.op, name.name)"
)
_KEPT = _put(FACT, 2, "digest = excluded.digest, stream_id = excluded.stream_id, seq = excluded.seq")
_FOUND = _put(
    FINDING,
    3,
    "stream_id = CASE WHEN (excluded.stream_id, excluded.seq) < (finding.stream_id, finding.seq)"
    " THEN excluded.stream_id ELSE finding.stream_id END,"
    " seq = CASE WHEN (excluded.stream_id, excluded.seq) < (finding.stream_id, finding.seq)"
    " THEN excluded.seq ELSE finding.seq END",
)
