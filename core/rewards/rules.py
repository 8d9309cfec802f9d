"""Points and coupons: what there is, and who has how many points by a sale. Pure: a terminal and head office reckon the
same.

A sale keeps the points of each of its lines, as it keeps their prices: a later rule changes nothing of it, and what
comes back takes its own part along.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from core.errors import RefusedError
from core.events import Event, LineKind, PointsAdjusted, SaleCompleted, SaleLine, UnknownEvent
from core.money import LARGEST, RATE_UNIT, split

MOST_POINTS = 10**9
"""No member has so many, and nobody is given so many at once."""

_CODE = re.compile(r"CP[23456789ABCDEFGHJKLMNPQRSTUVWXYZ]{12}")
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class PointsRule:
    """What members earn and what it is worth; the fields are those of `core.events.PointsRuleSet`."""

    since: str
    spend: int
    worth: int
    most: int = RATE_UNIT
    unheard: int = 0


NO_POINTS = PointsRule("", 0, 0)
"""Until somebody sets another."""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon as it stands; the fields are those of `core.events.CouponGiven`.

    Attributes:
        used: receipt of the sale that it took something off; empty while it can be used.
    """

    code: str
    off: int
    least: int
    until: str
    member: str = ""
    used: str = ""


def check_rule(rule: PointsRule) -> None:
    """Refuse what is no rule.

    Raises:
        RefusedError: `bad_points_rule`.
    """
    amounts = (rule.spend, rule.worth, rule.unheard)
    if not all(0 <= amount < MOST_POINTS for amount in amounts) or not 0 <= rule.most <= RATE_UNIT:
        raise RefusedError("bad_points_rule")
    if rule.spend and rule.worth > rule.spend:
        # Whoever buys would get more back than they paid.
        raise RefusedError("bad_points_rule")


def check_points(points: int) -> None:
    """Refuse a number of points that nobody can be given.

    Raises:
        RefusedError: `bad_points`.
    """
    if not points or abs(points) >= MOST_POINTS:
        raise RefusedError("bad_points")


def check_coupon(coupon: Coupon, today: str) -> None:
    """Refuse what is no coupon.

    Raises:
        RefusedError: `bad_coupon`.
    """
    if not 0 < coupon.off < LARGEST or not 0 <= coupon.least < LARGEST or coupon.until < today:
        raise RefusedError("bad_coupon")


def coupon_code(entropy: bytes) -> str:
    """A code for a coupon from eight random bytes: 60 bits of them."""
    number = int.from_bytes(entropy[:8], "big")
    return "CP" + "".join(_LETTERS[number >> 5 * place & 31] for place in range(12))


def read_code(text: str) -> str:
    """The coupon's code in a text; empty where it is none."""
    code = text.strip().upper()
    return code if _CODE.fullmatch(code) else ""


def check_usable(coupon: Coupon, buyer: Collection[str], today: str) -> None:
    """Refuse a coupon that cannot be used now.

    Args:
        buyer: the members by whom the buyer is known; none for nobody known.

    Raises:
        RefusedError: `coupon_used`, `coupon_over`, `coupon_of_another`.
    """
    if coupon.used:
        raise RefusedError("coupon_used", coupon=coupon.code, receipt=coupon.used)
    if coupon.until < today:
        raise RefusedError("coupon_over", coupon=coupon.code, until=coupon.until)
    if coupon.member and coupon.member not in buyer:
        raise RefusedError("coupon_of_another", coupon=coupon.code)


def with_earned(lines: Sequence[SaleLine], rule: PointsRule) -> list[SaleLine]:
    """The lines of a sale to a member with the points that they get for them: for the whole, spread over the lines."""
    costs = [line.amount if line.kind is LineKind.SALE else 0 for line in lines]
    earned = spread(min(sum(costs) // rule.spend, MOST_POINTS - 1) if rule.spend else 0, costs)
    return [
        msgspec.structs.replace(line, earned=points) if points else line
        for line, points in zip(lines, earned, strict=True)
    ]


def changes_in(event: Event | UnknownEvent | None) -> Mapping[str, tuple[int, int]]:
    """Points that members got by a fact, and that they used."""
    if isinstance(event, SaleCompleted):
        return points_of(event)
    return {event.member: (event.points, 0)} if isinstance(event, PointsAdjusted) else {}


def points_of(sale: SaleCompleted) -> dict[str, tuple[int, int]]:
    """Points that members got by a sale, and that they used; of what came back, less."""
    found: dict[str, tuple[int, int]] = {}
    for line in sale.lines:
        if line.earned or line.used:
            member = sale.member if line.kind is LineKind.SALE else line.owner
            earned, used = found.get(member, (0, 0))
            found[member] = (earned + line.earned, used + line.used)
    found.pop("", None)
    return found


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """`total` over lines of these weights, by largest remainder; nothing where there is nothing to spread."""
    return split(total, weights) if total else [0] * len(weights)
