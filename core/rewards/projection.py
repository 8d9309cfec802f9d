"""Rewards as the facts left them: rules, points, and coupons."""

from __future__ import annotations

from core.database import Connection
from core.errors import RefusedError
from core.events import CouponGiven, Event, PointsAdjusted, PointsRuleSet, SaleCompleted
from core.rewards.rules import points_of

TABLES = ("points_rule", "points", "coupon")

_ADD = (
    "INSERT INTO points (member, points, used, facts) VALUES (?, ?, ?, 1) ON CONFLICT (member) DO UPDATE"
    " SET points = points + excluded.points, used = used + excluded.used, facts = facts + 1"
)
_USE = (
    "INSERT INTO coupon (coupon, position, off, least, until, member, used) VALUES (?1, 0, 0, 0, '', '', ?2)"
    " ON CONFLICT (coupon) DO UPDATE SET used = excluded.used"
)
"""One that was given at another till has no row before: position 0."""


def check(connection: Connection, event: Event) -> None:
    """A coupon is used once here."""
    if isinstance(event, SaleCompleted) and event.coupon:
        row = connection.execute("SELECT used FROM coupon WHERE coupon = ?", (event.coupon,)).fetchone()
        if row and row[0]:
            raise RefusedError("coupon_used", coupon=event.coupon, receipt=row[0])


def apply(connection: Connection, position: int, event: Event) -> None:
    if isinstance(event, SaleCompleted):
        for member, (earned, used) in points_of(event).items():
            connection.execute(_ADD, (member, earned - used, used))
        for back in event.coupons_back:
            connection.execute("UPDATE coupon SET used = '' WHERE (coupon, used) = (?, ?)", (back.coupon, back.receipt))
        if event.coupon:
            connection.execute(_USE, (event.coupon, event.receipt))
    elif isinstance(event, PointsAdjusted):
        connection.execute(_ADD, (event.member, event.points, 0))
    elif isinstance(event, CouponGiven):
        connection.execute(
            "INSERT INTO coupon (coupon, position, off, least, until, member, used) VALUES (?, ?, ?, ?, ?, ?, '')"
            " ON CONFLICT (coupon) DO UPDATE SET position = excluded.position, off = excluded.off,"
            " least = excluded.least, until = excluded.until, member = excluded.member",
            (event.coupon, position, event.off, event.least, event.until, event.member),
        )
    elif isinstance(event, PointsRuleSet):
        connection.execute(
            "INSERT INTO points_rule (position, since, spend, worth, most, unheard) VALUES (?, ?, ?, ?, ?, ?)",
            (position, event.since, event.spend, event.worth, event.most, event.unheard),
        )
