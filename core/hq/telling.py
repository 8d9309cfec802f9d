"""What stores are told of what the terminals sent: feeds that head office derives from the log, as it does projections.

Each is told to the stores that it concerns, in the transaction that finds it:

* `units`: what a unit is by all that was said of it, to the stores that ever had to do with it
* `conflicts`: what cannot all be true of a unit, to the stores whose facts do not hold
* `findings`: facts of a store that do not count as they say
* `credits`: what people are credited with on a day, till by till
* `balances`: the points of members, till by till
* `coupons`: coupons, and the sales that they took something off
* `overspent`: of which of both more was used than there was
* `days`: what each till of a store sold on a day
* `members`: who is a member of a store, and what they agree to
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select

from core.hq import feeds
from core.hq.feeds import Feed
from core.hq.reading import Reason
from core.hq.schema import ANSWER, DAY, DAY_CREDIT, FEED, FEED_HEAD, FINDING, MEMBER_POINTS, STREAM
from core.hq.units import KINDS, Contradiction, Said, standing_of
from core.rows import (
    ConflictRow,
    CouponRow,
    CreditDayRow,
    DayRow,
    FindingRow,
    MemberRow,
    OverspentRow,
    PartyRow,
    PointsRow,
    UnitRow,
)

SCOPES = ("balances", "conflicts", "coupons", "credits", "days", "findings", "members", "overspent", "units")
_AT_ONCE = 500


def forget(connection: Connection) -> None:
    """Nothing of it is told any more; it is about to be derived anew."""
    heads = select(FEED_HEAD.c.scope, FEED_HEAD.c.store_id, FEED_HEAD.c.terminal_id).where(
        FEED_HEAD.c.scope.in_(SCOPES)
    )
    for found in connection.execute(heads).all():
        feed = Feed(*found)
        feeds.change(connection, feed, dict.fromkeys(feeds.keys_of(connection, feed), ""))


def told(connection: Connection, scope: str) -> set[tuple[str, str, str]]:
    """Everything that is told in a scope: stores, keys and bodies."""
    columns = (FEED.c.store_id, FEED.c.key, FEED.c.body)
    rows = connection.execute(select(*columns).where(FEED.c.scope == scope, FEED.c.body != ""))
    return {(store, key, body) for store, key, body in rows}


def tell_units(connection: Connection, store: str, said: Mapping[str, Sequence[Said]]) -> None:
    """What is said of units now. Args: store: whose facts came or went."""
    bodies: dict[str, dict[str, str]] = {}
    for unit, claims in said.items():
        # A store whose claim gave way has to do with it no more.
        bodies.setdefault(store, {})[unit] = ""
        for concerned in {claim.store for claim in claims}:
            bodies.setdefault(concerned, {})[unit] = _body(_unit(standing_of(claims)))
    _tell(connection, "units", bodies)


def tell_conflicts(
    connection: Connection,
    store: str,
    said: Mapping[str, Sequence[Said]],
    found: Mapping[str, Sequence[Contradiction]],
) -> None:
    """What cannot all be true of units now. Args: store: whose facts came or went."""
    bodies: dict[str, dict[str, str]] = {}
    for unit, claims in said.items():
        now = {one.kind: one for one in found.get(unit, ())}
        for concerned in {store, *(claim.store for claim in claims)}:
            rows = bodies.setdefault(concerned, {})
            for kind in KINDS:
                row = _conflict(now[kind], claims) if kind in now else None
                told = row and concerned in {party.store for party in row.parties[1:]}
                rows[f"{kind}:{unit}"] = _body(row) if row and told else ""
    _tell(connection, "conflicts", bodies)


def tell_findings(connection: Connection, store: str, digests: Iterable[bytes]) -> None:
    """Which of these facts do not count as they say now, and nobody answered for."""
    asked = sorted(set(digests))
    if not asked:
        return
    bodies = {f"{reason}:{digest.hex()}": "" for digest in asked for reason in Reason}
    columns = (FINDING.c.digest, FINDING.c.reason, FINDING.c.seq, FINDING.c.kind, FINDING.c.at, FINDING.c.detail)
    rows = connection.execute(
        select(STREAM.c.terminal_id, *columns)
        .join(STREAM, (STREAM.c.store_id == FINDING.c.store_id) & (STREAM.c.stream_id == FINDING.c.stream_id))
        .where(FINDING.c.store_id == store, FINDING.c.digest.in_(asked))
    )
    for terminal, digest, reason, seq, kind, at, detail in rows:
        row = FindingRow(terminal=terminal, seq=seq, fact=kind, at=max(at, 0), detail=detail)
        bodies[f"{reason}:{bytes(digest).hex()}"] = _body(row)
    answered = select(ANSWER.c.subject, ANSWER.c.matter).where(
        ANSWER.c.store_id == store, ANSWER.c.subject.in_([digest.hex() for digest in asked])
    )
    bodies |= dict.fromkeys((f"{matter}:{subject}" for subject, matter in connection.execute(answered)), "")
    _tell(connection, "findings", {store: bodies})


def tell_days(connection: Connection, store: str, days: Iterable[tuple[str, str]]) -> None:
    """What tills of a store sold on days. Args: days: business dates, and terminals."""
    bodies = {f"{date}:{terminal}": "" for date, terminal in days}
    if not bodies:
        return
    columns = (DAY.c.date, DAY.c.terminal_id, DAY.c.net, DAY.c.orders, DAY.c.pieces)
    dates = {key.partition(":")[0] for key in bodies}
    for date, terminal, *figures in connection.execute(
        select(*columns).where(DAY.c.store_id == store, DAY.c.date.in_(dates))
    ):
        bodies[f"{date}:{terminal}"] = _body(DayRow(*figures))
    _tell(connection, "days", {store: bodies})


def tell_credits(connection: Connection, store: str, keys: Iterable[tuple[str, str, str]]) -> None:
    """What people are credited with. Args: keys: business dates, terminals and people."""
    bodies = {f"{date}:{terminal}:{person}": "" for date, terminal, person in keys}
    if not bodies:
        return
    columns = (DAY_CREDIT.c.date, DAY_CREDIT.c.terminal_id, DAY_CREDIT.c.person, DAY_CREDIT.c.amount)
    dates = {key.partition(":")[0] for key in bodies}
    for date, terminal, person, amount in connection.execute(
        select(*columns).where(DAY_CREDIT.c.store_id == store, DAY_CREDIT.c.date.in_(dates))
    ):
        key = f"{date}:{terminal}:{person}"
        if key in bodies:
            bodies[key] = _body(CreditDayRow(int(amount)))
    _tell(connection, "credits", {store: bodies})


def tell_points(connection: Connection, store: str, keys: Iterable[tuple[str, str]]) -> None:
    """Points of members, and who used more than they have. Args: keys: members and terminals."""
    members = sorted({member for member, _ in keys})
    bodies = {f"{member}:{terminal}": "" for member, terminal in keys}
    left = dict.fromkeys(members, 0)
    columns = (MEMBER_POINTS.c.points, MEMBER_POINTS.c.used, MEMBER_POINTS.c.facts)
    for start in range(0, len(members), _AT_ONCE):
        asked = members[start : start + _AT_ONCE]
        for member, terminal, points, *rest in connection.execute(
            select(MEMBER_POINTS.c.member_id, MEMBER_POINTS.c.terminal_id, *columns).where(
                MEMBER_POINTS.c.store_id == store, MEMBER_POINTS.c.member_id.in_(asked)
            )
        ):
            left[member] += points
            bodies[f"{member}:{terminal}"] = _body(PointsRow(points, *rest))
    if members:
        _tell(connection, "balances", {store: bodies})
        _tell_overspent(connection, store, {f"points:{member}": (-points, ()) for member, points in left.items()})


def tell_coupons(connection: Connection, store: str, coupons: Mapping[str, CouponRow | None]) -> None:
    """What coupons are now, and which were used more than once."""
    uses = {coupon: tuple(use.receipt for use in row.uses) if row else () for coupon, row in coupons.items()}
    _tell(connection, "coupons", {store: {coupon: _body(row) if row else "" for coupon, row in coupons.items()}})
    _tell_overspent(connection, store, {f"coupon:{coupon}": (len(found) - 1, found) for coupon, found in uses.items()})


def _tell_overspent(connection: Connection, store: str, found: Mapping[str, tuple[int, tuple[str, ...]]]) -> None:
    """Of what more was used than there was: how much, and on which receipts."""
    rows = {key: _body(OverspentRow(count=n, receipts=on)) if n > 0 else "" for key, (n, on) in found.items()}
    _tell(connection, "overspent", {store: rows})


def tell_members(connection: Connection, store: str, standings: Mapping[str, MemberRow | None]) -> None:
    """What members of a store are now; none of whom nothing is said any more."""
    _tell(connection, "members", {store: {member: _body(row) if row else "" for member, row in standings.items()}})


def _tell(connection: Connection, scope: str, bodies: Mapping[str, Mapping[str, str]]) -> None:
    # In order, so that two who tell the same stores do not wait for each other.
    for store, rows in sorted(bodies.items()):
        feeds.change(connection, Feed(scope, store), rows)


def _unit(claim: Said) -> UnitRow:
    return UnitRow(
        state=claim.kind,
        code=claim.code,
        store=claim.store,
        terminal=claim.terminal,
        receipt=claim.receipt,
        at=max(claim.at, 0),
    )


def _conflict(found: Contradiction, claims: Sequence[Said]) -> ConflictRow:
    first = {claim.op: claim for claim in reversed(claims)}
    parties = [first[op] for op in (found.holder, *found.others)]
    return ConflictRow(
        code=max(claim.code for claim in claims),
        at=max(found.at, 0),
        parties=[
            PartyRow(op=one.op, store=one.store, terminal=one.terminal, receipt=one.receipt, at=max(one.at, 0))
            for one in parties
        ],
    )


def _body(row: msgspec.Struct) -> str:
    return msgspec.json.encode(row).decode()
