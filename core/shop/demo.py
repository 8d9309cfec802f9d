"""A shop to try things on: goods of nobody's, and a week and a morning of sales through the real counter."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from core.catalogue.files import read_catalogue
from core.catalogue.product import Product
from core.events import Purpose, SaleCompleted, TenderKind, UnitStep
from core.rewards.rules import PointsRule
from core.sales import cart as carts
from core.sales.payment import Payment
from core.shop import codes, goods, members, people, returns, rewards, selling, setup, touchpoints, units
from core.shop.members import Form, Member
from core.shop.terminal import SYSTEM, Actor, Session, Terminal

SALES, A_DAY = 42, 75
"""This morning, and on each of the days before."""

DAYS = 8
_GUIDES = ("G01", "G02", "G03")
CASHIER = Actor("C01")
PIN = "2580"
"""Of everybody in the demo shop."""

_PEOPLE = (
    ("M01", "manager", "李云", "Yun Li"),
    ("C01", "cashier", "王芳", "Fang Wang"),
    ("G01", "guide", "陈静", "Jing Chen"),
    ("G02", "guide", "刘洋", "Yang Liu"),
    ("G03", "guide", "赵敏", "Min Zhao"),
)
_TOUCHPOINTS = (
    ("shelf", "offline", "货架码", "Shelf code"),
    ("group", "social", "社群", "Community group"),
    ("mini", "online", "小程序", "Mini-program"),
)
_MEMBERS, _MEMBERS_SHARE = 40, 0.3
"""People who agreed to be members, and the part of the baskets that is theirs."""

_NAMES = (
    ("张伟", "李娜", "王秀英", "周强", "吴敏", "", "郑丽", "孙杰"),
    ("Wei Zhang", "Na Li", "Xiuying Wang", "Qiang Zhou", "Min Wu", "", "Li Zheng", "Jie Sun"),
)
_COUPONS = 3
"""Members who were given one."""

_WITH_CODES, _CODES = 2, 60
"""Goods whose pieces are followed one by one, and pieces of each."""

_OPENING, _MORNING, _WHOLE_DAY = "08:30", 200, 720
"""When the shop opens, and for how many minutes it sold."""


def open_demo_shop(terminal: Terminal, goods_file: Path, language: str) -> SaleCompleted:
    """Set a shop up in an empty home, with goods, the last days' sales and this morning's. Returns the last sale.

    Args:
        goods_file: CSV with a `name` and a `name_en` column.
        language: `zh_CN` or `en`.
    """
    english = language == "en"
    name = "Willow Lane Shop (demo)" if english else "杨柳巷门店（演示）"
    terminal.write(
        partial(
            setup.set_up, by=SYSTEM, store="DEMO", terminal="T1", name=name, currency="CNY", timezone="Asia/Shanghai"
        )
    ).result()
    terminal.write(partial(setup.change_setting, by=SYSTEM, name="language", value=language)).result()
    terminal.write(partial(setup.change_setting, by=SYSTEM, name="cash_rounding", value="10")).result()
    for id_, role, chinese, latin in _PEOPLE:
        person = latin if english else chinese
        terminal.write(partial(people.change, by=SYSTEM, id_=id_, name=person, role=role)).result()
        people.give_pin(terminal, SYSTEM, id_, PIN)
    file = read_catalogue(goods_file, "CNY", {"name": "name_en"} if english else None)
    goods.import_catalogue(terminal, SYSTEM, file, tick=lambda _: None)
    chance, buyers = random.Random(952), random.Random(138)
    today = date.fromisoformat(terminal.read(lambda view: view.today()).result())
    for id_, category, chinese, latin in _TOUCHPOINTS:
        name = latin if english else chinese
        add = partial(touchpoints.change, by=SYSTEM, id_=id_, name=name, category=category)
        terminal.write(add).result()
    first = today - timedelta(days=DAYS)
    # A point for each whole of the currency's main unit; it takes off a twentieth of that.
    rule = PointsRule(first.isoformat(), spend=100, worth=5, most=500_000, unheard=200)
    terminal.write(partial(rewards.set_rule, by=SYSTEM, rule=rule)).result()
    known = [_bind(terminal, n, first + timedelta(days=n % DAYS), english=english) for n in range(_MEMBERS)]
    for day in range(-DAYS, 0):
        count = A_DAY + chance.randrange(-20, 20)
        for n in range(count):
            moment = _Moment((today + timedelta(days=day)).isoformat(), n * _WHOLE_DAY // count, n, count)
            sell = partial(_sell_one, products=file.products, moment=moment, chance=chance)
            terminal.write(partial(sell, buyer=_buyer(known, moment, buyers))).result()
    morning = [_Moment(today.isoformat(), n * _MORNING // SALES, n, SALES) for n in range(SALES)]
    for moment in morning:
        sell = partial(_sell_one, products=file.products, moment=moment, chance=chance)
        sold = terminal.write(partial(sell, buyer=_buyer(known, moment, buyers))).result()
    for member in known[:_COUPONS]:
        give = partial(rewards.give_coupon, by=SYSTEM, off=500, least=3_000, member=member.id)
        terminal.write(give).result()
    _issue_codes(terminal, file.products)
    return sold


def _bind(terminal: Terminal, n: int, day: date, *, english: bool) -> Member:
    """Somebody who does not exist becomes a member in the morning of a day."""
    names = _NAMES[english]
    form = Form(
        terminal.ids.new(),
        f"138000{n:05}",
        tuple(Purpose)[: 1 + n % 3],
        names[n % len(names)],
        guide=_GUIDES[n % len(_GUIDES)],
        language="en" if english else "zh_CN",
        touchpoint=("counter", *(id_ for id_, *_ in _TOUCHPOINTS))[n % 4],
    )

    def bind(session: Session) -> Member:
        return members.bind(session, SYSTEM, form, session.calendar.instant(day.isoformat(), _OPENING))

    return terminal.write(bind).result()


def _buyer(known: list[Member], moment: _Moment, chance: random.Random) -> Member | None:
    """Who buys: in three of ten baskets a member of then."""
    able = [one for one in known if one.standing.date <= moment.date]
    return chance.choice(able) if able and chance.random() < _MEMBERS_SHARE else None


def _issue_codes(terminal: Terminal, products: tuple[Product, ...]) -> None:
    """Codes on the dearest goods: printed, on sale, one broken and one missed."""
    dear = sorted((product for product in products if product.gtin), key=lambda product: -(product.price or 0))
    for product in dear[:_WITH_CODES]:
        batch = codes.issue(terminal, SYSTEM, product.code, _CODES)
        mark = partial(codes.mark_printed, by=SYSTEM, batch=batch.name, start=0, count=_CODES, medium="pdf")
        terminal.write(mark).result()
        say = partial(codes.say_of_batch, by=SYSTEM, text=f"{batch.name}:1-{_CODES // 2}", step=UnitStep.ON_SALE)
        terminal.write(say).result()
        broken, missed, *_ = terminal.read(partial(codes.serials_of, name=batch.name)).result()
        for unit, step in ((broken, UnitStep.VOID), (missed, UnitStep.MISSING)):
            terminal.write(partial(units.say, by=SYSTEM, texts=[unit], step=step)).result()


@dataclass(frozen=True)
class _Moment:
    """The `n`-th of `count` sales on a date, so many minutes after the shop opened."""

    date: str
    minutes: int
    n: int
    count: int


def _sell_one(
    session: Session, products: tuple[Product, ...], moment: _Moment, chance: random.Random, buyer: Member | None
) -> SaleCompleted:
    n = moment.n
    at = session.calendar.instant(moment.date, _OPENING) + moment.minutes * 60_000 + chance.randrange(60_000)
    cart = selling.new_cart(session, seller=chance.choice(_GUIDES))
    if buyer:
        cart = carts.for_member(cart, *members.buyer(session, buyer.id))
    # Cheap goods sell more often than dear ones.
    weights = [1000 / (500 + (product.price or 0)) for product in products]
    for product in chance.choices(products, weights, k=chance.choice((1, 2, 2, 3, 3, 4, 5, 7))):
        line = carts.sale_line(product, 0, chance.choice((1, 1, 1, 1, 2, 3)))
        cart = carts.add(cart, line)
    if chance.random() < 0.2:
        cart = carts.with_discount(cart, cart.lines[-1].n, rate=100_000)
    kind = chance.choice((TenderKind.WECHAT, TenderKind.WECHAT, TenderKind.ALIPAY, TenderKind.CASH))
    if kind is TenderKind.CASH:
        payment = Payment(kind, -(-cart.total // 1000) * 1000)
    else:
        payment = Payment(kind, reference=f"DEMO{n:06}")
    sold = selling.checkout(session, CASHIER, cart, [payment], at=at)
    if n == moment.count // 2:
        back = returns.return_lines(session, sold.receipt, [(sold.lines[0].code, 1)])
        brought = carts.for_member(selling.new_cart(session), sold.member, sold.member_guide)
        selling.checkout(session, CASHIER, returns.add_returns(brought, back), (), at=at + 240_000)
    return sold
