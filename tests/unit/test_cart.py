"""The cart and its settlement: right to the fen for any cart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalogue.product import Product
from core.errors import RefusedError
from core.events import MAX_EVENT_BYTES, Head, TenderKind, encode
from core.sales import cart as carts
from core.sales.cart import Cart
from core.sales.commands import complete_sale, sale_lines
from core.sales.payment import Payment, Way, refund, rounding_of, settle
from tests.builders import BAG, RICE, SCARF, UNPRICED, WATER

EMPTY = Cart(op="op")


def filled(*items: tuple[Product, int]) -> Cart:
    cart = EMPTY
    for product, quantity in items:
        cart = carts.add(cart, carts.sale_line(product, 0, quantity))
    return cart


def refusal(step, *args, **kwargs) -> str:
    with pytest.raises(RefusedError) as refused:
        step(*args, **kwargs)
    return refused.value.code


def test_the_same_item_again_raises_the_quantity():
    cart = filled((WATER, 1), (RICE, 1), (WATER, 2))
    assert [(line.code, line.quantity) for line in cart.lines] == [(WATER.code, 3), (RICE.code, 1)]
    assert cart.total == 3 * 200 + 4990


def test_a_discounted_line_is_not_added_to():
    cart = carts.with_discount(filled((WATER, 1)), 1, amount=50)
    cart = carts.add(cart, carts.sale_line(WATER, 0))
    assert [line.amount for line in cart.lines] == [150, 200]


def test_line_numbers_are_never_given_twice():
    cart = carts.without(filled((WATER, 1), (RICE, 1)), 2)
    assert [line.n for line in carts.add(cart, carts.sale_line(SCARF, 0)).lines] == [1, 3]


@pytest.mark.parametrize("quantity", [0, -1, 10_000])
def test_impossible_quantities_are_refused(quantity):
    assert refusal(carts.add, EMPTY, carts.sale_line(WATER, 0, quantity)) == "bad_quantity"
    assert refusal(carts.with_quantity, filled((WATER, 1)), 1, quantity) == "bad_quantity"


def test_an_unknown_price_is_asked_for():
    assert refusal(carts.add, EMPTY, carts.sale_line(UNPRICED, 0)) == "price_unknown"


@pytest.mark.parametrize("discount", [{"amount": 201}, {"amount": -1}, {"rate": 1_000_001}, {"rate": -1}])
def test_impossible_discounts_are_refused(discount):
    assert refusal(carts.with_discount, filled((WATER, 1)), 1, **discount) == "bad_discount"


def test_a_smaller_quantity_drops_a_discount_that_no_longer_fits():
    cart = carts.with_discount(filled((WATER, 3)), 1, amount=500)
    assert carts.with_quantity(cart, 1, 1).total == 200


def test_a_full_cart_says_so():
    cart = EMPTY
    for n in range(carts.MOST_LINES):
        cart = carts.add(cart, carts.sale_line(Product(f"P{n}", "p", 1), 0))
    assert refusal(carts.add, cart, carts.sale_line(BAG, 0)) == "cart_full"


def test_a_cart_of_very_long_names_is_full_before_it_is_too_large_to_be_recorded():
    cart = EMPTY
    with pytest.raises(RefusedError, match="cart_full"):
        for n in range(carts.MOST_LINES):
            product = Product(f"P{n}", '"名' * 60, 100, 130_000, spec='规"' * 60)
            cart = carts.with_discount(carts.add(cart, carts.sale_line(product, 0)), n + 1, rate=333_333)
    head = Head(op=cart.op, digest="0" * 32, at=0, offset=0, date="2026-11-23")
    settled = settle(cart.total, [Payment(TenderKind.CASH)], coin=0, currency="CNY")
    assert len(encode(complete_sale(head, "T1XX-261123-0001", cart, sale_lines(cart), settled))) < MAX_EVENT_BYTES


def test_a_line_that_is_not_there():
    assert refusal(carts.without, EMPTY, 1) == "no_such_line"


class TestSettle:
    def test_cash_with_change(self):
        settled = settle(1950, [Payment(TenderKind.CASH, 10000)], coin=0, currency="CNY")
        assert (settled.change, settled.cash_given, settled.tenders[0].amount) == (8050, 10000, 1950)

    def test_mixed(self):
        settled = settle(
            1957, [Payment(TenderKind.CASH, 1000), Payment(TenderKind.WECHAT, 1000, "R1")], coin=10, currency="CNY"
        )
        assert settled.rounding == -7 and settled.change == 50
        assert sum(tender.amount for tender in settled.tenders) == 1957 - 7

    @pytest.mark.parametrize(
        ("payments", "code"),
        [
            ([], "not_paid"),
            ([Payment(TenderKind.CASH, 999)], "cash_below_total"),
            ([Payment(TenderKind.WECHAT, 1001, "R")], "tender_too_large"),
            ([Payment(TenderKind.WECHAT, 500, "R")], "not_paid"),
            ([Payment(TenderKind.WECHAT, 0, "R")], "tender_too_large"),
            ([Payment(TenderKind.CASH, 2000), Payment(TenderKind.CASH, -1000)], "cash_below_total"),
            ([Payment(TenderKind.WECHAT, None, "134567890123456789")], "payment_code_kept"),
            ([Payment(TenderKind.CARD, None, "4111111111111111")], "card_number_kept"),
            ([Payment(TenderKind.WECHAT, None, "1345 6789-0123 456789")], "payment_code_kept"),
            ([Payment(TenderKind.ALIPAY, None, " ]Q1281234567890123456")], "payment_code_kept"),
            ([Payment(TenderKind.CARD, None, "4111 1111-1111 1111")], "card_number_kept"),
            ([Payment(TenderKind.CARD, None, "3782 822463 10005")], "card_number_kept"),
            ([Payment(TenderKind.CARD, None, "4111.1111.1111.1111")], "card_number_kept"),
            ([Payment(TenderKind.CARD, None, "4111  1111/1111\u20131111")], "card_number_kept"),
            ([Payment(TenderKind.WECHAT, None, "1345\u20136789\u20130123\u20134567\u201389")], "payment_code_kept"),
            ([Payment(TenderKind.WECHAT, None, "ref134567890123456789")], "payment_code_kept"),
            ([Payment(TenderKind.CARD, None, "REF 4111111111111111 OK")], "card_number_kept"),
            ([Payment(TenderKind.CARD, None, "x" * 65)], "bad_reference"),
            ([Payment(TenderKind.WECHAT, None, "R"), Payment(TenderKind.CASH, 5000)], "cash_not_owed"),
        ],
    )
    def test_what_does_not_pay_is_refused(self, payments, code):
        assert refusal(settle, 1000, payments, coin=0, currency="CNY") == code

    @given(st.uuids())
    def test_an_id_of_a_command_is_a_reference(self, reference):
        settle(1000, [Payment(TenderKind.OTHER, None, str(reference))], coin=0, currency="CNY")

    @pytest.mark.parametrize("reference", ["4200001234202611230123456789", "RRN 123456789012", "", "订单-7"])
    def test_what_acquirers_print_is_kept(self, reference):
        (tender,) = settle(1000, [Payment(TenderKind.WECHAT, None, reference)], coin=0, currency="CNY").tenders
        assert tender.reference == reference

    def test_rounding_is_down_only(self):
        assert [rounding_of(due, 10) for due in (0, 1, 9, 10, 19, -19)] == [0, -1, -9, 0, -9, 0]

    def test_money_goes_back_the_way_it_came(self):
        ways = [Way("R", 1, TenderKind.CASH, 500, ""), Way("R", 2, TenderKind.WECHAT, 700, "W1")]
        settled = refund(-900, ways, [], currency="CNY")
        assert [(t.kind, t.amount, t.origin_tender) for t in settled.tenders] == [
            (TenderKind.WECHAT, -700, 2),
            (TenderKind.CASH, -200, 1),
        ]

    def test_what_fits_no_way_goes_back_in_cash(self):
        (tender,) = refund(-900, [], [], currency="CNY").tenders
        assert (tender.kind, tender.amount, tender.origin) == (TenderKind.CASH, -900, "")

    @pytest.mark.parametrize("amounts", [[1000], [500], [-900, 1800]])
    def test_a_refund_that_does_not_add_up_is_refused(self, amounts):
        payments = [Payment(TenderKind.CASH, amount) for amount in amounts]
        assert refusal(refund, -900, [], payments, currency="CNY") == "refund_differs"


@st.composite
def any_cart(draw) -> Cart:
    cart = EMPTY
    for n in range(draw(st.integers(1, 12))):
        rate = draw(st.sampled_from([0, 60_000, 90_000, 130_000]))
        product = Product(f"P{n}", "p", draw(st.integers(1, 10**6)), rate)
        cart = carts.add(cart, carts.sale_line(product, 0, draw(st.integers(1, 99))))
        line = cart.lines[-1]
        if draw(st.booleans()):
            cart = carts.with_discount(cart, line.n, rate=draw(st.integers(0, 1_000_000)))
        elif draw(st.booleans()):
            cart = carts.with_discount(cart, line.n, amount=draw(st.integers(0, line.gross)))
    return cart


@given(any_cart(), st.data())
def test_lines_tax_tenders_and_change_add_up(cart, data):
    assert cart.total == sum(line.gross - line.taken_off for line in cart.lines)
    assert all(0 <= line.tax <= line.amount for line in cart.lines)
    coin = data.draw(st.sampled_from([0, 5, 10, 100]))
    left, payments = cart.total, []
    for kind in (TenderKind.WECHAT, TenderKind.CARD):
        if left > 1 and data.draw(st.booleans()):
            payments.append(Payment(kind, data.draw(st.integers(1, left)), "R"))
            left -= payments[-1].amount or 0
    more = data.draw(st.integers(0, 999_000)) if left else 0
    payments.append(Payment(TenderKind.CASH, left + more))
    settled = settle(cart.total, payments, coin=coin, currency="CNY")
    assert sum(tender.amount for tender in settled.tenders) == cart.total + settled.rounding
    assert -max(coin - 1, 0) <= settled.rounding <= 0
    assert settled.cash_given - settled.change == left + settled.rounding
