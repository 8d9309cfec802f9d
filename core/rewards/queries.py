"""Rewards, as the screens read them: by this terminal's facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.database import Connection
from core.rewards.rules import NO_POINTS, Coupon, PointsRule

_RULE = "SELECT since, spend, worth, most, unheard FROM points_rule"
_COUPON = "SELECT coupon, off, least, until, member FROM coupon"


@dataclass(frozen=True, slots=True)
class Points:
    """A member's points by some facts.

    Attributes:
        points: left of what they earned and were given.
        used: of which they used so many.
        facts: how many say so.
    """

    points: int = 0
    used: int = 0
    facts: int = 0


@dataclass(frozen=True, slots=True)
class CouponSaid:
    """What a sale says of a coupon: that it took something off, or is back.

    Attributes:
        mark: of its fact (`core.rows.op_mark`).
        receipt: of the sale that it took something off.
    """

    mark: str
    used: int
    receipt: str


def rule_on(connection: Connection, date: str) -> PointsRule:
    """The rule in force on a business date."""
    row = connection.execute(f"{_RULE} WHERE since <= ? ORDER BY since DESC, position DESC LIMIT 1", (date,)).fetchone()
    return PointsRule(*row) if row else NO_POINTS


def rules(connection: Connection) -> list[PointsRule]:
    """Every rule that was set, the newest first."""
    return [PointsRule(*row) for row in connection.execute(f"{_RULE} ORDER BY since DESC, position DESC")]


def points_here(connection: Connection, member: str) -> Points:
    """A member's points by this terminal's facts."""
    row = connection.execute("SELECT points, used, facts FROM points WHERE member = ?", (member,)).fetchone()
    return Points(*row) if row else Points()


def coupon(connection: Connection, code: str) -> Coupon | None:
    """A coupon that was given here, by this terminal's facts."""
    row = connection.execute(f"{_COUPON} WHERE coupon = ?", (code,)).fetchone()
    return replace(Coupon(*row), used=used_on(coupon_said(connection, code))) if row else None


def coupons(connection: Connection) -> list[str]:
    """The codes of all coupons of the store."""
    rows = connection.execute("SELECT coupon FROM coupon UNION SELECT coupon FROM feed_coupon")
    return [code for (code,) in rows]


def coupons_of(connection: Connection, member: str) -> list[str]:
    """The codes of a member's coupons."""
    query = "SELECT coupon FROM coupon WHERE member = ?1 UNION SELECT coupon FROM feed_coupon WHERE member = ?1"
    return [code for (code,) in connection.execute(query, (member,))]


def coupon_said(connection: Connection, code: str) -> list[CouponSaid]:
    """What sales here say of a coupon, wherever it was given; in the order in which they were recorded."""
    rows = connection.execute("SELECT mark, used, receipt FROM coupon_said WHERE coupon = ? ORDER BY position", (code,))
    return [CouponSaid(*row) for row in rows]


def used_on(said: Iterable[CouponSaid], before: Iterable[str] = ()) -> str:
    """The receipt on which a coupon is used; empty where it can be used.

    Args:
        before: receipts on which it was used, by what was said before.
    """
    said = list(said)
    back = {one.receipt for one in said if not one.used}
    uses = (*before, *(one.receipt for one in said if one.used))
    return next((receipt for receipt in uses if receipt not in back), "")
