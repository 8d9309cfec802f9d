"""Figures of a period over all stores, or of one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, Table, case, func, literal, select

from core.errors import RefusedError
from core.hq.members import BOUND
from core.hq.schema import (
    DAY,
    DAY_CREDIT,
    DAY_HOUR,
    DAY_MEMBER,
    DAY_PERSON,
    DAY_PRODUCT,
    DAY_TENDER,
    DAY_TOUCHPOINT,
    INVITATION,
    MEMBER_SAID,
    NAME,
    REPLY,
    SCAN,
)
from core.reports.kpi import Credit, Figures, Funnel, Group, Repeat, Report, TenderGroup, total
from core.reports.sums import FIGURES

_REPEAT_DAYS = 30
"""Over how many days before the end of a period it is counted who came again."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """A period over stores.

    Attributes:
        stores: the sums of each.
        currency: ISO 4217; empty where no store has told its own.
    """

    report: Report
    stores: tuple[tuple[str, Figures], ...]
    currency: str


def chain_report(connection: Connection, start: str, end: str, store: str = "") -> ChainReport:
    """The figures from one business date to another; of every store, if none is named.

    Raises:
        RefusedError: `bad_period`; `mixed_currencies` where the stores' amounts cannot be added up.
    """
    if end < start:
        raise RefusedError("bad_period", start=start, end=end)
    found = connection.execute(_where(select(NAME.c.name).where(NAME.c.kind == "currency"), NAME, store)).scalars()
    currencies = sorted(set(found))
    if len(currencies) > 1:
        raise RefusedError("mixed_currencies", currencies=" ".join(currencies))
    period = (start, end, store)
    sums = [func.sum(DAY.c[name]) for name in FIGURES]
    days = tuple((row[0], _figures(row[1:])) for row in _rows(connection, DAY, [DAY.c.date], sums, period))
    stores = tuple((row[0], _figures(row[1:])) for row in _rows(connection, DAY, [DAY.c.store_id], sums, period))
    report = Report(
        start,
        end,
        total(figures for _, figures in days),
        days,
        _groups(connection, DAY_HOUR, "hour", period),
        tuple(
            TenderGroup(tender, int(amount), int(count))
            for tender, amount, count in _rows(
                connection,
                DAY_TENDER,
                [DAY_TENDER.c.tender],
                [func.sum(DAY_TENDER.c.amount), func.sum(DAY_TENDER.c["count"])],
                period,
            )
        ),
        _named(connection, DAY_PRODUCT, "code", "product", period),
        _named(connection, DAY_PERSON, "person", "staff", period, role="seller"),
        _named(connection, DAY_PERSON, "person", "staff", period, role="cashier"),
        _groups(connection, DAY_TOUCHPOINT, "touchpoint", period),
        _repeat(connection, end, store),
        _funnel(connection, period),
        _credit(connection, period),
    )
    return ChainReport(report, stores, currencies[0] if currencies else "")


def first_and_last(connection: Connection) -> tuple[str, str]:
    """The first and the last business date with figures; empty where there are none."""
    row = connection.execute(select(func.min(DAY.c.date), func.max(DAY.c.date))).one()
    return str(row[0] or ""), str(row[1] or "")


def first_currency(connection: Connection) -> str:
    """The currency of the chain's first store (ISO 4217); empty while none has told its own."""
    query = select(NAME.c.name).where(NAME.c.kind == "currency").order_by(NAME.c.store_id).limit(1)
    return connection.execute(query).scalar() or ""


def _repeat(connection: Connection, end: str, store: str) -> Repeat:
    """Who bought in the days that end with a business date, and who of them came again."""
    first = (date.fromisoformat(end) - timedelta(days=_REPEAT_DAYS - 1)).isoformat()
    bought = (
        select(func.count(func.distinct(DAY_MEMBER.c.date)).label("days"))
        .where(DAY_MEMBER.c.orders > 0, DAY_MEMBER.c.date.between(first, end))
        .group_by(DAY_MEMBER.c.member_id)
    )
    found = _where(bought, DAY_MEMBER, store).subquery()
    again = func.sum(case((found.c.days > 1, 1), else_=0))
    row = connection.execute(select(func.count(), again).select_from(found)).one()
    return Repeat(_REPEAT_DAYS, int(row[0]), int(row[1] or 0))


def _funnel(connection: Connection, period: tuple[str, str, str]) -> tuple[Funnel, ...]:
    """What became of the members who were bound in a period, by touchpoint."""
    start, end, store = period
    days = func.sum(case((DAY_MEMBER.c.orders > 0, 1), else_=0))
    bound = (
        select(
            MEMBER_SAID.c.touchpoint,
            func.coalesce(days, 0).label("days"),
            func.coalesce(func.sum(DAY_MEMBER.c.net), 0).label("net"),
        )
        .outerjoin(
            DAY_MEMBER,
            (DAY_MEMBER.c.store_id == MEMBER_SAID.c.store_id) & (DAY_MEMBER.c.member_id == MEMBER_SAID.c.member_id),
        )
        .where(MEMBER_SAID.c.kind == BOUND, MEMBER_SAID.c.date.between(start, end))
        .group_by(MEMBER_SAID.c.store_id, MEMBER_SAID.c.member_id, MEMBER_SAID.c.op, MEMBER_SAID.c.touchpoint)
    )
    found = _where(bound, MEMBER_SAID, store).subquery()
    touched = _touched(connection, period)
    rows = connection.execute(
        select(
            found.c.touchpoint,
            func.count(),
            func.sum(case((found.c.days > 0, 1), else_=0)),
            func.sum(case((found.c.days > 1, 1), else_=0)),
            func.sum(found.c.net),
        )
        .group_by(found.c.touchpoint)
        .order_by(found.c.touchpoint)
    ).all()
    known = {touchpoint: Funnel(touchpoint, *map(int, figures)) for touchpoint, *figures in rows}
    return tuple(
        replace(known.get(where, Funnel(where, 0, 0, 0, 0)), touched=touched.get(where, 0))
        for where in sorted({*known, *touched})
    )


def _touched(connection: Connection, period: tuple[str, str, str]) -> dict[str, int]:
    """How many people scanned codes in a period, by touchpoint; whoever answered one, did, also where WeChat told of no
    scan.
    """
    first, last = (datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in period[:2])
    start, end = (int(day.timestamp() * 1000) for day in (first, last + timedelta(days=1)))
    most: dict[tuple[str, str], int] = {}
    for table in (SCAN, REPLY):
        local = table.c.at + INVITATION.c.offset * 60_000
        query = (
            select(INVITATION.c.touchpoint, table.c.token, func.count(table.c.person.distinct()))
            .join(INVITATION, INVITATION.c.token == table.c.token)
            .where(local >= start, local < end)
            .group_by(INVITATION.c.touchpoint, table.c.token)
        )
        for where, token, people in connection.execute(_where(query, INVITATION, period[2])):
            most[where, token] = max(most.get((where, token), 0), int(people))
    found: dict[str, int] = {}
    for (where, _), people in most.items():
        found[where] = found.get(where, 0) + people
    return found


def _credit(connection: Connection, period: tuple[str, str, str]) -> tuple[Credit, ...]:
    known = _names(connection, "staff", period[2])
    sums = _rows(connection, DAY_CREDIT, [DAY_CREDIT.c.person], [func.sum(DAY_CREDIT.c.amount)], period)
    found = [Credit(person, int(amount), known.get(person, "")) for person, amount in sums]
    return tuple(sorted(found, key=lambda one: (-one.amount, one.person)))


Period = tuple[str, str, str]


def _figures(row: Any) -> Figures:
    return Figures(*(int(value) for value in row))


def _where(query: Select[Any], table: Table, store: str) -> Select[Any]:
    return query.where(table.c.store_id == store) if store else query


def _rows(connection: Connection, table: Table, keys: list[Any], sums: list[Any], period: Period) -> Any:
    start, end, store = period
    query = select(*keys, *sums).where(table.c.date.between(start, end)).group_by(*keys).order_by(*keys)
    return connection.execute(_where(query, table, store)).all()


def _groups(connection: Connection, table: Table, key: str, period: Period) -> tuple[Group, ...]:
    sums = [func.sum(table.c[name]) for name in ("net", "orders", "pieces")]
    rows = _rows(connection, table, [table.c[key]], sums, period)
    return tuple(Group(str(name), int(net), int(orders), int(pieces)) for name, net, orders, pieces in rows)


def _named(
    connection: Connection, table: Table, key: str, kind: str, period: Period, *, role: str = ""
) -> tuple[Group, ...]:
    start, end, store = period
    orders: Any = func.sum(table.c.orders) if role else literal(0)
    query = (
        select(table.c[key], func.sum(table.c.net), orders, func.sum(table.c.pieces))
        .where(table.c.date.between(start, end))
        .group_by(table.c[key])
        .order_by(func.sum(table.c.net).desc(), table.c[key])
    )
    if role:
        query = query.where(table.c.role == role)
    rows = connection.execute(_where(query, table, store)).all()
    known = _names(connection, kind, store)
    return tuple(Group(who, int(net), int(count), int(pieces), known.get(who, "")) for who, net, count, pieces in rows)


def _names(connection: Connection, kind: str, store: str) -> dict[str, str]:
    """What stores call their goods, or their people."""
    told = select(NAME.c.key, func.max(NAME.c.name)).where(NAME.c.kind == kind).group_by(NAME.c.key)
    rows = connection.execute(_where(told, NAME, store)).all()
    return {row[0]: row[1] for row in rows}
