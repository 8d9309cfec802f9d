"""Figures of a day or a period, read from the roll-ups."""

from __future__ import annotations

from dataclasses import fields

from core.database import Connection
from core.errors import RefusedError
from core.reports.kpi import Credit, Figures, Funnel, Group, Repeat, Report, TenderGroup, total

_DAYS = f"SELECT date, {', '.join(f.name for f in fields(Figures))} FROM day WHERE date BETWEEN ? AND ? ORDER BY date"


def report(connection: Connection, start: str, end: str, repeat_days: int) -> Report:
    """The figures from one business date to another.

    Args:
        repeat_days: over how many days before its end it is counted who came again.

    Raises:
        RefusedError: `bad_period` when it ends before it starts.
    """
    if end < start:
        raise RefusedError("bad_period", start=start, end=end)
    period = (start, end)
    days = tuple((row[0], Figures(*row[1:])) for row in connection.execute(_DAYS, period))
    return Report(
        start,
        end,
        total(figures for _, figures in days),
        days,
        _groups(connection, "SELECT hour, sum(net), sum(orders), sum(pieces) FROM day_hour", "hour", period),
        tuple(
            TenderGroup(*row)
            for row in connection.execute(
                "SELECT tender, sum(amount), sum(count) FROM day_tender WHERE date BETWEEN ? AND ?"
                " GROUP BY tender ORDER BY tender",
                period,
            )
        ),
        _products(connection, period),
        _people(connection, "seller", period),
        _people(connection, "cashier", period),
        _groups(
            connection,
            "SELECT touchpoint, sum(net), sum(orders), sum(pieces) FROM day_touchpoint",
            "touchpoint",
            period,
        ),
        repeat(connection, end, repeat_days),
        funnel(connection, start, end),
        _credit(connection, period),
    )


def funnel(connection: Connection, start: str, end: str) -> tuple[Funnel, ...]:
    """What became of the members who were bound here in a period, by touchpoint."""
    rows = connection.execute(
        "SELECT touchpoint, count(*), sum(days > 0), sum(days > 1), sum(net) FROM ("
        " SELECT m.member, m.touchpoint, count(d.orders > 0 OR NULL) AS days, coalesce(sum(d.net), 0) AS net"
        " FROM member AS m LEFT JOIN day_member AS d ON d.member = m.member"
        " WHERE m.position > 0 AND m.date BETWEEN ? AND ? GROUP BY m.member)"
        " GROUP BY touchpoint ORDER BY touchpoint",
        (start, end),
    )
    return tuple(Funnel(*row) for row in rows)


def repeat(connection: Connection, end: str, days: int) -> Repeat:
    """Who bought in so many days, of which a business date is the last, and who of them on two or more."""
    (members, again) = connection.execute(
        "SELECT count(*), coalesce(sum(bought > 1), 0) FROM (SELECT count(*) AS bought FROM day_member"
        " WHERE orders > 0 AND date > date(?1, ?2) AND date <= ?1 GROUP BY member)",
        (end, f"-{days} days"),
    ).fetchone()
    return Repeat(days, members, again)


def figures(connection: Connection, date: str) -> Figures:
    """The sums of one business date."""
    return figures_of(connection, date, date)


def figures_of(connection: Connection, start: str, end: str) -> Figures:
    """The sums from one business date to another."""
    return total(Figures(*row[1:]) for row in connection.execute(_DAYS, (start, end)))


def first_day(connection: Connection) -> str:
    """The first business date with figures; empty when there is none."""
    return str(connection.execute("SELECT coalesce(min(date), '') FROM day").fetchone()[0])


def _groups(connection: Connection, select: str, key: str, period: tuple[str, str]) -> tuple[Group, ...]:
    rows = connection.execute(f"{select} WHERE date BETWEEN ? AND ? GROUP BY {key} ORDER BY {key}", period)
    return tuple(Group(str(name), *figures) for name, *figures in rows)


def _people(connection: Connection, role: str, period: tuple[str, str]) -> tuple[Group, ...]:
    rows = connection.execute(
        "SELECT person, sum(net), sum(orders), sum(pieces),"
        " coalesce((SELECT name FROM staff WHERE id = person), '') FROM day_person"
        " WHERE role = ? AND date BETWEEN ? AND ? GROUP BY person ORDER BY 2 DESC, person",
        (role, *period),
    )
    return tuple(Group(*row) for row in rows)


def _credit(connection: Connection, period: tuple[str, str]) -> tuple[Credit, ...]:
    rows = connection.execute(
        "SELECT person, sum(amount), coalesce((SELECT name FROM staff WHERE id = person), '') FROM day_credit"
        " WHERE date BETWEEN ? AND ? GROUP BY person ORDER BY 2 DESC, person",
        period,
    )
    return tuple(Credit(*row) for row in rows)


def _products(connection: Connection, period: tuple[str, str]) -> tuple[Group, ...]:
    rows = connection.execute(
        "SELECT code, sum(net), 0, sum(pieces),"
        " coalesce((SELECT name FROM product AS p WHERE p.code = d.code),"
        " (SELECT name FROM feed_product AS f WHERE f.code = d.code), '')"
        " FROM day_product AS d WHERE date BETWEEN ? AND ? GROUP BY code ORDER BY 2 DESC, code",
        period,
    )
    return tuple(Group(*row) for row in rows)
