"""What points and a coupon do to a cart. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from core.events import LineKind
from core.money import share
from core.rewards.rules import Coupon, PointsRule, spread
from core.sales.cart import Cart, CartLine


def most_usable(cart: Cart, rule: PointsRule, balance: int, coupon: Coupon | None = None) -> int:
    """How many points a cart can take; of so many that its member has."""
    if not rule.worth or not cart.member:
        return 0
    costs = sum(_costs(cart.lines))
    left = costs - _coupon_off(coupon, costs)
    return max(min(balance, share(left, rule.most) // rule.worth), 0)


def rewarded(cart: Cart, rule: PointsRule, balance: int, coupon: Coupon | None = None) -> Cart:
    """The cart with what its coupon and the points that are to be used take off, spread over its goods to the minor
    unit; less where it does not fit. A coupon whose least the goods do not cost takes nothing off.
    """
    costs = _costs(cart.lines)
    off = _coupon_off(coupon, sum(costs))
    by_coupon = spread(off, costs)
    left = [cost - part for cost, part in zip(costs, by_coupon, strict=True)]
    points = min(cart.points, most_usable(cart, rule, balance, coupon))
    by_points = spread(points * rule.worth, left)
    used = spread(points, left)
    lines = tuple(
        line if line.kind is not LineKind.SALE or (line.off, line.used) == (taken := one + other, count) else
        msgspec.structs.replace(line, off=taken, used=count)
        for line, one, other, count in zip(cart.lines, by_coupon, by_points, used, strict=True)
    )  # fmt: skip
    return msgspec.structs.replace(cart, lines=lines, coupon_off=off)


def _costs(lines: Sequence[CartLine]) -> list[int]:
    """What each line costs before points and coupons; what comes back costs nothing."""
    return [line.amount + line.off if line.kind is LineKind.SALE else 0 for line in lines]


def _coupon_off(coupon: Coupon | None, costs: int) -> int:
    return min(coupon.off, costs) if coupon and costs >= coupon.least else 0
