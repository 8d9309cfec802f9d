"""Points and coupons at the counter, and given on the Members page."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from core.catalogue.product import Product
from core.events import CouponGiven, PointsAdjusted, SaleCompleted
from core.shop import counter, goods
from core.shop.terminal import SYSTEM, Actor
from tests.builders import RICE, WATER
from tests.gui.conftest import Hands, buttons
from tests.rewards import adjust, bought, coupon, lay, points
from ui.sell.state import Tone

K = Qt.Key
PHONE = "13812345678"


@pytest.fixture
def member(rewarding) -> str:
    """A member with a hundred points; what they buy lies on the counter."""
    found = rewarding.bind(PHONE, name="王小明").id
    adjust(rewarding, found, 100)
    lay(rewarding, found, (RICE, 1))
    return found


@pytest.fixture
def desk(qtbot, rewarding, member) -> Hands:
    made = Hands(qtbot, rewarding)
    made.qtbot.waitUntil(lambda: made.window.sell.state.cart.pieces == 1)
    yield made
    made.window.close()


def word(desk: Hands) -> str:
    (found,) = [one.text() for one in buttons(desk.window) if one.text().startswith("F7")]
    return found


def test_points_are_used_by_three_keys_and_pay_a_part(desk, member):
    assert word(desk) == "F7 100 points"
    desk.hit(K.Key_F7)
    desk.says("How many points? At most 100")
    desk.type("40")
    desk.hit(K.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.used == 40)
    assert word(desk) == "F7 40 points used" and desk.reads("45.90") and desk.reads("-4.00")
    desk.hit(K.Key_F12)
    desk.qtbot.waitUntil(lambda: len(desk.facts(SaleCompleted)) == 1)
    (sale,) = desk.facts(SaleCompleted)
    assert (sale.due, sale.lines[0].used, points(desk.shop, member)) == (4_590, 40, 100 - 40 + 45)


def test_enter_alone_takes_all_and_none_takes_them_back(desk):
    desk.hit(K.Key_F7)
    desk.hit(K.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.used == 100)
    desk.type("0")
    desk.hit(K.Key_F7)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.used == 0)
    assert desk.window.sell.state.verdict.title == "Changed"


def test_more_than_there_are_is_refused_with_how_many_there_are(desk):
    desk.type("101")
    desk.hit(K.Key_F7)
    desk.says("They have 100 points, and 100 of these can be used now.")
    assert desk.window.sell.state.cart.used == 0 and desk.window.sell.state.verdict.tone is Tone.WARN


def test_a_coupon_is_scanned_like_goods(desk, rewarding):
    made = coupon(rewarding, 500)
    desk.scan(made.code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.coupon_off == 500)
    assert word(desk) == "F7 Coupon −5.00" and desk.reads("44.90")
    desk.hit(K.Key_F12)
    desk.says("Paid.")
    desk.scan(WATER.shown_code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.pieces == 1)
    desk.scan(made.code)
    desk.says(f"Coupon {made.code} was used already")
    other = coupon(rewarding, 100)
    desk.scan(other.code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.coupon_off == 100)
    for key in (K.Key_F7, K.Key_0, K.Key_Return):
        desk.hit(key)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.coupon_off == 0)
    assert word(desk) == "F7 100 points" or word(desk) == "F7 Coupon"


def test_a_coupon_that_ended_meanwhile_is_said_and_the_sale_goes_on(desk, rewarding):
    made = coupon(rewarding, 500, until="2026-11-23")
    desk.scan(made.code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.coupon_off == 500)
    rewarding.terminal.clock.go(days=1)
    desk.hit(K.Key_F12)
    desk.says("ended on 2026-11-23")
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.total == RICE.price)
    desk.hit(K.Key_F12)
    desk.says("Paid.")
    assert desk.facts(SaleCompleted)[-1].coupon == ""


def test_a_members_coupon_needs_no_code(desk, rewarding, member):
    coupon(rewarding, 500, member=member)
    adjust(rewarding, member, -100)
    desk.window.sell.refresh()
    desk.qtbot.waitUntil(lambda: bool(desk.window.sell.state.has.coupons))
    desk.hit(K.Key_F7)
    desk.says("Use the coupon?")
    desk.hit(K.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.coupon_off == 500)


def test_what_is_no_coupon_is_refused_and_escape_forgets_the_question(desk):
    desk.hit(K.Key_F7)
    desk.type("CP1")
    desk.hit(K.Key_Return)
    desk.says("CP1 is no coupon that this till knows.")
    desk.hit(K.Key_F7)
    desk.hit(K.Key_Escape)
    assert desk.window.sell.state.ask is None and desk.window.sell.state.cart.pieces == 1


def test_without_a_member_only_a_coupon_is_asked_for(desk, rewarding):
    attach = partial(counter.attach, by=SYSTEM, member="")
    rewarding.terminal.write(attach).result()
    desk.window.sell.refresh()
    desk.qtbot.waitUntil(lambda: word(desk) == "F7 Coupon")
    desk.hit(K.Key_F7)
    desk.says("Which coupon?")
    desk.type("5")
    desk.hit(K.Key_Return)
    desk.says("Points are a member's. Find the member first, with F6.")


@pytest.fixture
def card(qtbot, rewarding, member) -> Hands:
    """The Members page with the member's card."""
    rewarding.empty_counter()
    bought(rewarding, member, (RICE, 1))
    made = Hands(qtbot, rewarding, "members")
    made.type(PHONE)
    made.qtbot.waitUntil(lambda: made.presenter.state.card is not None)
    yield made
    made.window.close()


def test_the_card_says_what_they_have_and_how_it_came(card):
    assert card.reads("149 points")
    told = [event for event in card.presenter.state.card.history if isinstance(event, PointsAdjusted | SaleCompleted)]
    assert [type(event) for event in told] == [SaleCompleted, PointsAdjusted]


def test_points_and_a_coupon_are_given(card, rewarding, member):
    card.hit(K.Key_Insert)
    for name, text in (
        ("Points; with - to take some away", "50"),
        ("Why", "birthday"),
        ("Coupon: what it takes off", "5"),
    ):
        card.fill(name, text)
    card.hit(K.Key_F12)
    card.says("Saved.")
    card.qtbot.waitUntil(lambda: card.presenter.state.card.has.points == 199)
    (given,) = card.facts(CouponGiven)
    assert (given.off, given.member, given.until) == (500, member, "2026-12-23")
    assert card.reads("199 points · Coupon −5.00")


@pytest.mark.parametrize(
    ("name", "said"),
    [("Points; with - to take some away", "Give a number of points"), ("Coupon: what it takes off", "many")],
)
def test_what_cannot_be_given_is_said_and_nothing_is_given(card, rewarding, name, said):
    card.hit(K.Key_Insert)
    card.fill(name, "many")
    card.hit(K.Key_F12)
    card.qtbot.waitUntil(lambda: card.presenter.state.refused)
    assert said in card.presenter.state.said and card.presenter.state.gift is not None
    card.hit(K.Key_Escape)
    assert card.presenter.state.gift is None and card.reads("149 points")


def test_only_those_who_may_give_something(qtbot, rewarding, member):
    rewarding.hire("C1", "cashier")
    made = Hands(qtbot, rewarding, "members", Actor("C1"))
    made.type(PHONE)
    made.qtbot.waitUntil(lambda: made.presenter.state.card is not None)
    made.hit(K.Key_Insert)
    assert made.presenter.state.gift is None and not made.window.page.findChildren(QLineEdit, "gift")
    assert not [one for one in buttons(made.window) if one.text().startswith("Give")]
    made.window.close()


def test_goods_may_have_a_code_that_looks_like_a_coupons(desk, rewarding):
    code = "CPSHRT22XSBLAK"
    rewarding.terminal.write(partial(goods.set_product, by=SYSTEM, product=Product(code, "T-shirt", 9_900))).result()
    desk.scan(code)
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.pieces == 2)
    desk.scan("CPSHRT22XSBLAA")
    desk.says("is no code that this shop knows")
