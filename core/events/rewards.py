"""Facts about what members get for buying here: points, and coupons."""

from __future__ import annotations

from core.events.base import Event, fact, version


@fact
class PointsRuleSet(Event, frozen=True, kw_only=True, omit_defaults=True, tag="points.rule_set"):
    """What members earn and what it is worth, from a day on. Sales keep the points that they were made with.

    Attributes:
        since: first business date.
        spend: minor units for which a member gets a point; 0 = none are earned.
        worth: minor units that a point takes off; 0 = none can be used.
        most: of what goods cost, so much may points take off; parts per million.
        unheard: so many points of a member may be used at a till that head office does not hear at the time.
    """

    v: int = version(1)
    since: str
    spend: int
    worth: int
    most: int
    unheard: int = 0


@fact
class PointsAdjusted(Event, frozen=True, kw_only=True, omit_defaults=True, tag="points.adjusted"):
    """Somebody gave a member points, or took some away, for a reason in words."""

    v: int = version(1)
    member: str
    points: int
    reason: str


@fact
class CouponGiven(Event, frozen=True, kw_only=True, omit_defaults=True, tag="coupon.given"):
    """A coupon was made: whoever shows it pays less, once.

    Attributes:
        coupon: its code; random, so that nobody can guess one.
        off: what it takes off, minor units.
        least: what the goods must cost, minor units.
        until: last business date.
        member: whose it is; empty for whoever shows it.
    """

    v: int = version(1)
    coupon: str
    off: int
    least: int = 0
    until: str
    member: str = ""
