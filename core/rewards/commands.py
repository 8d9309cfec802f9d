"""What a person can do about rewards: each makes one fact."""

from __future__ import annotations

from core.clock import parse_date
from core.events import CouponGiven, Head, PointsAdjusted, PointsRuleSet
from core.privacy import clean_words
from core.rewards.rules import Coupon, PointsRule, check_coupon, check_points, check_rule


def set_rule(head: Head, rule: PointsRule) -> PointsRuleSet:
    """The fact that members earn and use points otherwise from a day on.

    Raises:
        RefusedError: `bad_points_rule`, `bad_date`.
    """
    check_rule(rule)
    return PointsRuleSet(
        head=head, since=parse_date(rule.since), spend=rule.spend, worth=rule.worth, most=rule.most,
        unheard=rule.unheard,
    )  # fmt: skip


def adjust_points(head: Head, member: str, points: int, reason: str) -> PointsAdjusted:
    """The fact that somebody gave a member points, or took some away.

    Raises:
        RefusedError: `bad_points`, `bad_reason`, `payment_code`, `card_number`.
    """
    check_points(points)
    return PointsAdjusted(head=head, member=member, points=points, reason=clean_words(reason))


def give_coupon(head: Head, coupon: Coupon) -> CouponGiven:
    """The fact that a coupon was made.

    Raises:
        RefusedError: `bad_coupon`, `bad_date`.
    """
    until = parse_date(coupon.until)
    check_coupon(coupon, head.date)
    return CouponGiven(
        head=head, coupon=coupon.code, off=coupon.off, least=coupon.least, until=until, member=coupon.member
    )
