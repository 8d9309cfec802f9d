"""Rewards: members earn points and use them, and coupons take something off. The till reckons by what it knows; of
what other tills said, head office tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import msgspec

from core import events
from core.database import Connection, transaction
from core.errors import RefusedError
from core.events import CouponBack, CouponGiven, LineKind, PointsAdjusted, PointsRuleSet, SaleCompleted, SaleLine
from core.members import queries as known
from core.money import part_of
from core.rewards import commands, queries
from core.rewards.queries import Points
from core.rewards.rules import (
    NO_POINTS,
    Coupon,
    PointsRule,
    changes_in,
    check_usable,
    coupon_code,
    read_code,
    with_earned,
)
from core.rewards.spending import most_usable, rewarded
from core.rows import CouponRow, PointsRow, read
from core.sales import queries as receipts
from core.sales.cart import Cart
from core.sales.queries import SoldLine
from core.shop import members
from core.shop.terminal import Actor, Session, View
from core.staff.permissions import Permission
from core.sync import feeds, streams
from core.sync.hq import known_hq

COUPON_DAYS = 30
"""For so long a coupon can be used, if nothing else is said."""

_HEARD_MS = 300_000
"""For so long after head office answered last, a till counts as one that it hears."""


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a buyer has.

    Attributes:
        points: of theirs; `usable`: as many as the cart can take now, if there is one.
        worth: minor units that a point takes off.
        coupons: of theirs that can be used.
    """

    points: int = 0
    usable: int = 0
    worth: int = 0
    coupons: tuple[Coupon, ...] = ()


@dataclass(frozen=True, slots=True)
class Gift:
    """What is given to a member: points, for a reason in words, and a coupon; 0 for none."""

    points: int = 0
    reason: str = ""
    off: int = 0
    least: int = 0
    until: str = ""


NOTHING = Rewards()
"""What somebody has who is nobody known."""


def points_of(view: View, member: str) -> int:
    """The points of a member, and of those who are the same person; negative where they used more than they had."""
    return sum(one.points for one in _points(view, member))


def person(view: View, member: str) -> list[str]:
    """A member, and those who are the same person."""
    root = known.root(view.connection, member)
    return [root, *known.others(view.connection, root)]


def rewards_of(view: View, member: str, cart: Cart | None = None) -> Rewards:
    """What a member has, and what of it a cart of theirs can take."""
    if not member:
        return NOTHING
    rule = queries.rule_on(view.connection, view.today())
    usable = most_usable(cart, rule, _allowed(view, member, rule), _coupon_in(view, cart)) if cart else 0
    return Rewards(points_of(view, member), usable, rule.worth, tuple(coupons_of(view, member)))


def reward(view: View, cart: Cart) -> Cart:
    """The cart with what the coupon and the points in it take off now."""
    if not cart.points and not cart.coupon and not any(line.off or line.used for line in cart.lines if not line.origin):
        return cart
    rule = queries.rule_on(view.connection, view.today())
    return rewarded(cart, rule, _allowed(view, cart.member, rule), _coupon_in(view, cart))


def use_points(view: View, cart: Cart, points: int) -> Cart:
    """The cart with so many points that its member wants to use; with 0 it takes neither points nor a coupon.

    Raises:
        RefusedError: `points_need_member`, `no_points_yet`; `too_many_points`, with how many can be used.
    """
    if not points:
        return msgspec.structs.replace(cart, points=0, coupon="")
    if not cart.member:
        raise RefusedError("points_need_member")
    found = rewards_of(view, cart.member, cart)
    if not found.worth:
        raise RefusedError("no_points_yet")
    if not 0 <= points <= found.usable:
        raise RefusedError("too_many_points", points=found.points, most=found.usable)
    return msgspec.structs.replace(cart, points=points)


def use_coupon(view: View, cart: Cart, code: str) -> Cart:
    """The cart with a coupon.

    Raises:
        RefusedError: `no_such_coupon`, `coupon_used`, `coupon_over`, `coupon_of_another`; `coupon_least` while the
            goods cost too little.
    """
    coupon = find_coupon(view, code)
    check_usable(coupon, _buyer(view, cart), view.today())
    after = reward(view, msgspec.structs.replace(cart, coupon=coupon.code))
    if not after.coupon_off:
        raise RefusedError("coupon_least", least=view.settings.amount(coupon.least))
    return after


def check_cart(view: View, cart: Cart) -> None:
    """Refuse a cart that takes off what it cannot, by what is known now.

    Raises:
        RefusedError: as `use_coupon`; `rewards_changed`.
    """
    if reward(view, cart) != cart:
        if cart.coupon_off:
            check_usable(find_coupon(view, cart.coupon), _buyer(view, cart), view.today())
        raise RefusedError("rewards_changed")


def with_points(connection: Connection, cart: Cart, lines: Sequence[SaleLine], today: str) -> list[SaleLine]:
    """The lines of a cart that becomes a sale, with the points that its member gets, and with those that go back to
    whoever bought what comes back: on the first line of each sale of theirs.
    """
    rule = queries.rule_on(connection, today) if cart.member else NO_POINTS
    found = with_earned(lines, rule) if rule.spend else list(lines)
    for origin in dict.fromkeys(line.origin for line in lines if line.kind is LineKind.RETURN):
        sale = receipts.receipt(connection, origin)
        if not sale.member or not any(line.earned or line.used for line in sale.lines):
            continue
        first = next(n for n, line in enumerate(found) if line.origin == origin)
        earned, used = _back(connection, sale, [line for line in lines if line.origin == origin])
        found[first] = msgspec.structs.replace(found[first], earned=-earned, used=-used, owner=sale.member)
    return found


def _back(connection: Connection, sale: SaleCompleted, lines: Sequence[SaleLine]) -> tuple[int, int]:
    """Points earned and used of a sale that go back with lines of it."""
    sold = receipts.sold_lines(connection, sale.receipt)
    earned = sum(line.earned for line in sale.lines if not line.origin)
    used = sum(line.used for line in sale.lines if not line.origin)
    counts = {line.n: line.returned for line in sold}
    before = _gone_back(sold, counts, earned, used)
    for line in lines:
        counts[line.origin_line] -= line.quantity
    after = _gone_back(sold, counts, earned, used)
    return after[0] - before[0], after[1] - before[1]


def coupons_back(connection: Connection, lines: Sequence[SaleLine]) -> tuple[CouponBack, ...]:
    """Coupons of sales of which everything has come back with these lines."""
    found = []
    for origin in dict.fromkeys(line.origin for line in lines if line.kind is LineKind.RETURN):
        sale = receipts.receipt(connection, origin)
        back = -sum(line.quantity for line in lines if line.origin == origin)
        if sale.coupon and back == sum(line.left for line in receipts.sold_lines(connection, origin)):
            found.append(CouponBack(coupon=sale.coupon, receipt=sale.receipt))
    return tuple(found)


def _gone_back(sold: Sequence[SoldLine], returned: Mapping[int, int], earned: int, used: int) -> tuple[int, int]:
    """How many of the points of a sale that were earned and used have gone back when so many pieces of it have.

    By what was paid for these, and rounded for the shop, so that nobody keeps more by bringing a part back; all of them
    when everything has come back.

    Args:
        sold: its lines.
        returned: pieces that came back, by the number of the line.
    """
    whole = sum(line.amount for line in sold)
    part = sum(part_of(line.amount, 0, returned[line.n], line.quantity) for line in sold)
    if not whole:
        # Nothing was paid but points.
        whole, part = sum(line.quantity for line in sold), sum(returned.values())
    return earned - earned * (whole - part) // whole, used * part // whole


def rules(view: View) -> list[PointsRule]:
    """Every rule that was set, the newest first."""
    return queries.rules(view.connection)


def set_rule(session: Session, by: Actor, rule: PointsRule) -> PointsRule:
    """Let members earn and use points otherwise from a business date on; from today, if the rule names none.

    Raises:
        RefusedError: `not_allowed`, `bad_points_rule`, `bad_date`.
    """
    session.require(by, Permission.REWARD)
    rule = rule if rule.since else replace(rule, since=session.today())
    if queries.rule_on(session.connection, rule.since) != rule:
        session.record(by, PointsRuleSet, lambda head: commands.set_rule(head, rule))
    return rule


def adjust_points(session: Session, by: Actor, member: str, points: int, reason: str) -> int:
    """Give a member points, or take some away. Returns how many they have then.

    Raises:
        RefusedError: `not_allowed`, `no_such_member`, `member_left`, `bad_points`, `bad_reason`.
    """
    session.require(by, Permission.REWARD)
    who = members.present(session, member).member
    session.record(by, PointsAdjusted, lambda head: commands.adjust_points(head, who, points, reason))
    return points_of(session, who)


def give_coupon(session: Session, by: Actor, off: int, until: str = "", *, least: int = 0, member: str = "") -> Coupon:
    """Make a coupon.

    Args:
        off: what it takes off, minor units; `least`: what the goods must cost.
        until: last business date; thirty days from now, if none is given.
        member: whose it is; empty for whoever shows it.

    Raises:
        RefusedError: `not_allowed`, `bad_coupon`, `bad_date`, `no_such_member`, `member_left`.
    """
    session.require(by, Permission.REWARD)
    who = members.present(session, member).member if member else ""
    until = until or (date.fromisoformat(session.today()) + timedelta(days=COUPON_DAYS)).isoformat()
    made = Coupon(coupon_code(session.ids.entropy(8)), off, least, until, who)
    event = session.record(by, CouponGiven, lambda head: commands.give_coupon(head, made))
    return replace(made, until=event.until)


def give(session: Session, by: Actor, member: str, gift: Gift) -> Rewards:
    """Give a member points, a coupon, or both; or neither. Returns what they have then.

    Raises:
        RefusedError: as `adjust_points` and `give_coupon`; then nothing was given.
    """
    with transaction(session.connection):
        if gift.points:
            adjust_points(session, by, member, gift.points, gift.reason)
        if gift.off:
            give_coupon(session, by, gift.off, gift.until, least=gift.least, member=member)
    return rewards_of(session, member)


def find_coupon(view: View, text: str) -> Coupon:
    """A coupon as it stands, by all that is known here.

    Raises:
        RefusedError: `no_such_coupon`.
    """
    if (found := _coupon(view, read_code(text))) is None:
        raise RefusedError("no_such_coupon", coupon=text.strip()[:40])
    return found


def _coupon(view: View, code: str) -> Coupon | None:
    """A coupon; whatever somebody else says of it, nobody stumbles over it."""
    told = read(feeds.said(view.connection, "coupons", code), CouponRow)
    return _as_told(view, code, told) if told and told.off else queries.coupon(view.connection, code)


def coupons_of(view: View, member: str) -> list[Coupon]:
    """The coupons of a member, and of those who are the same person, that can be used today."""
    today = view.today()
    codes = {code for one in person(view, member) for code in queries.coupons_of(view.connection, one)}
    return [one for one in _coupons(view, codes) if not one.used and one.until >= today]


def all_coupons(view: View, by: Actor) -> list[Coupon]:
    """Every coupon of the store that is known here, those that end last first.

    Raises:
        RefusedError: `not_allowed`: whoever knows a code can use it.
    """
    view.require(by, Permission.REWARD)
    return _coupons(view, queries.coupons(view.connection))


def _coupons(view: View, codes: Iterable[str]) -> list[Coupon]:
    found = (_coupon(view, code) for code in codes)
    return sorted((one for one in found if one), key=lambda one: (one.until, one.code), reverse=True)


def _as_told(view: View, code: str, told: CouponRow) -> Coupon:
    """What head office tells of a coupon, and what it has not heard yet of what was said here."""
    said = queries.coupon_said(view.connection, code)
    new = [one for one in said if one.mark not in told.said]
    used = queries.used_on(new, [use.receipt for use in told.uses])
    return Coupon(code, told.off, told.least, told.until, told.member, used)


def _coupon_in(view: View, cart: Cart) -> Coupon | None:
    """The coupon of a cart, if it can be used now."""
    if not cart.coupon:
        return None
    try:
        coupon = find_coupon(view, cart.coupon)
        check_usable(coupon, _buyer(view, cart), view.today())
    except RefusedError:
        return None
    return coupon


def _buyer(view: View, cart: Cart) -> list[str]:
    return person(view, cart.member) if cart.member else []


def _allowed(view: View, member: str, rule: PointsRule) -> int:
    """How many points of a member may be used here now: all; while head office does not hear this till, so many of
    which it has not heard.
    """
    if not member:
        return 0
    points, hq = points_of(view, member), known_hq(view.connection)
    if hq is None or abs(view.clock.now_ms() - hq.contact) <= _HEARD_MS:
        return points
    unheard = sum(_unheard(view, one).used for one in person(view, member))
    return min(points, max(rule.unheard - unheard, 0))


def _unheard(view: View, member: str) -> Points:
    """A member's points by the facts of this terminal that head office does not have."""
    points = used = facts = 0
    for raw in streams.waiting_about(view.connection, member):
        earned, spent = changes_in(events.decode(raw)).get(member, (0, 0))
        points, used, facts = points + earned - spent, used + spent, facts + 1
    return Points(points, used, facts)


def _points(view: View, member: str) -> Iterator[Points]:
    """Points by the facts of each till. Where head office has more of this one's than it has itself, it was brought
    back from a copy, or took another's place: then what head office tells counts, and what it has not heard.
    """
    own = view.settings["terminal"]
    for one in person(view, member):
        here = queries.points_here(view.connection, one)
        for bodies in feeds.under(view.connection, "balances", f"{one}:"):
            for terminal, body in bodies.items():
                row = read(body, PointsRow)
                if row and terminal != own:
                    yield Points(row.points, row.used, row.facts)
                elif row and row.facts > here.facts:
                    more = _unheard(view, one)
                    here = Points(row.points + more.points, row.used + more.used, row.facts + more.facts)
        yield here
