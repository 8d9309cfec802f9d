"""Rewards, as the screens read them: by this terminal's facts."""

from __future__ import annotations

from dataclasses import dataclass

from core.database import Connection
from core.rewards.rules import NO_POINTS, Coupon, PointsRule

_RULE = "SELECT since, spend, worth, most, unheard FROM points_rule"
_COUPON = "SELECT coupon, off, least, until, member, used FROM coupon"


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
    """A coupon by this terminal's facts; one that was given elsewhere and used here takes nothing off."""
    row = connection.execute(f"{_COUPON} WHERE coupon = ?", (code,)).fetchone()
    return Coupon(*row) if row else None


def coupons(connection: Connection) -> list[Coupon]:
    """The coupons that were given here, the newest first."""
    return [Coupon(*row) for row in connection.execute(f"{_COUPON} WHERE position > 0 ORDER BY position DESC")]
