"""The only way in which tests earn and use points, and show coupons."""

from __future__ import annotations

from functools import partial

from core import events
from core.events import SaleCompleted, TenderKind
from core.rewards.rules import Coupon, PointsRule
from core.sales import cart as carts
from core.sales.payment import Payment
from core.shop import counter, rewards
from core.shop.terminal import SYSTEM, Actor
from tests.builders import Shop

RULE = PointsRule("2026-11-01", spend=100, worth=10, most=500_000)
"""A point for 1.00; it takes off 0.10, and points at most the half."""


def set_rule(shop: Shop, rule: PointsRule) -> PointsRule:
    return shop.terminal.write(partial(rewards.set_rule, by=SYSTEM, rule=rule)).result()


def points(shop: Shop, member: str) -> int:
    return shop.terminal.read(partial(rewards.points_of, member=member)).result()


def adjust(shop: Shop, member: str, count: int, by: Actor = SYSTEM) -> int:
    step = partial(rewards.adjust_points, by=by, member=member, points=count, reason="for waiting")
    return shop.terminal.write(step).result()


def coupon(shop: Shop, off: int, least: int = 0, member: str = "", until: str = "2026-12-31") -> Coupon:
    give = partial(rewards.give_coupon, by=SYSTEM, off=off, until=until, least=least, member=member)
    return shop.terminal.write(give).result()


def lay(shop: Shop, member: str, *items) -> counter.Counter:
    """Goods lie on the counter, for a member."""
    for product, quantity in items:
        line = carts.sale_line(product, 0, quantity)
        add = partial(counter.change, by=SYSTEM, step=lambda cart, line=line: carts.add(cart, line))
        found = shop.terminal.write(add).result()
    if member:
        found = shop.terminal.write(partial(counter.attach, by=SYSTEM, member=member)).result()
    return found


def use(shop: Shop, count: int) -> counter.Counter:
    return shop.terminal.write(partial(counter.use_points, by=SYSTEM, points=count)).result()


def show(shop: Shop, code: str) -> counter.Counter:
    return shop.terminal.write(partial(counter.use_coupon, by=SYSTEM, code=code)).result()


def pay_as_shown(shop: Shop, found: counter.Counter) -> SaleCompleted:
    """Take the money for what was shown, whatever became known since."""
    cash = (Payment(TenderKind.CASH),)
    pay = partial(counter.pay, by=SYSTEM, op=found.cart.op, payments=cash, seen=found.cart)
    return shop.terminal.write(pay).result()[0]


def bought(shop: Shop, member: str, *items) -> SaleCompleted:
    lay(shop, member, *items)
    return shop.pay_counter()


def facts(shop: Shop) -> list[events.Event]:
    read = lambda view: [events.decode(raw) for (raw,) in view.connection.execute("SELECT event FROM journal")]  # noqa: E731
    return shop.terminal.read(read).result()
