"""Rewards as the facts left them: rules, points, and coupons."""

from __future__ import annotations

from core.database import Connection
from core.errors import RefusedError
from core.events import CouponGiven, Event, PointsRuleSet, SaleCompleted
from core.rewards import queries
from core.rewards.rules import changes_in
from core.rows import op_mark

TABLES = ("points_rule", "points", "coupon", "coupon_said")

_ADD = (
    "INSERT INTO points (member, points, used, facts) VALUES (?, ?, ?, 1) ON CONFLICT (member) DO UPDATE"
    " SET points = points + excluded.points, used = used + excluded.used, facts = facts + 1"
)
_SAY = "INSERT INTO coupon_said (coupon, position, mark, used, receipt) VALUES (?, ?, ?, ?, ?)"


def check(connection: Connection, event: Event) -> None:
    """A coupon is used once here."""
    if isinstance(event, SaleCompleted) and event.coupon:
        used = queries.used_on(queries.coupon_said(connection, event.coupon))
        if used:
            raise RefusedError("coupon_used", coupon=event.coupon, receipt=used)


def apply(connection: Connection, position: int, event: Event) -> None:
    for member, (earned, used) in changes_in(event).items():
        connection.execute(_ADD, (member, earned - used, used))
    if isinstance(event, SaleCompleted):
        said = {back.coupon: (0, back.receipt) for back in event.coupons_back}
        said |= {event.coupon: (1, event.receipt)} if event.coupon else {}
        for coupon, (is_used, receipt) in said.items():
            connection.execute(_SAY, (coupon, position, op_mark(event.head.op), is_used, receipt))
    elif isinstance(event, CouponGiven):
        connection.execute(
            "INSERT INTO coupon (coupon, position, off, least, until, member) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (coupon) DO NOTHING",
            (event.coupon, position, event.off, event.least, event.until, event.member),
        )
    elif isinstance(event, PointsRuleSet):
        connection.execute(
            "INSERT INTO points_rule (position, since, spend, worth, most, unheard) VALUES (?, ?, ?, ?, ?, ?)",
            (position, event.since, event.spend, event.worth, event.most, event.unheard),
        )
