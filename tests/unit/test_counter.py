"""Selling, taking back, printing again; the cart on the counter."""

from __future__ import annotations

import dataclasses
from functools import partial

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import texts
from core.errors import BrokenWorldError, RefusedError
from core.events import LineKind, TenderKind
from core.reports.kpi import Figures
from core.sales import cart as carts
from core.sales.payment import Payment
from core.sales.queries import ReceiptQuery, SoldLine, sold_lines
from core.sales.receipt import compose, plain_text
from core.shop import counter, days, returns, selling
from core.shop.terminal import SYSTEM, Actor, Session, Terminal
from tests.builders import GOODS, RICE, SCARF, UNPRICED, WATER, Shop

CASH = (Payment(TenderKind.CASH),)


def refused(shop: Shop, use_case, **kwargs) -> str:
    with pytest.raises(RefusedError) as found:
        shop.terminal.write(partial(use_case, **kwargs)).result()
    return found.value.code


def today(shop: Shop) -> Figures:
    return shop.terminal.read(partial(days.day_report, by=SYSTEM)).result().total


class TestScan:
    def kind(self, shop: Shop, text: str) -> tuple[str, str]:
        scan = shop.terminal.read(partial(selling.read_scan, text=text)).result()
        return scan.kind, scan.product.name if scan.product else scan.reason

    def test_what_the_shop_knows(self, shop):
        assert self.kind(shop, "9521000000377") == ("product", "云岭矿泉水")
        assert self.kind(shop, "https://x.cn/01/09521000000377/21/A1") == ("product", "云岭矿泉水")
        assert self.kind(shop, "BAG-L") == ("product", "购物袋")
        # Caps Lock.
        assert self.kind(shop, "bag-l") == ("product", "购物袋")

    def test_what_it_does_not(self, shop):
        assert self.kind(shop, "6901234567892") == ("product", "unknown_product")
        assert self.kind(shop, "NOPE") == ("unknown", "unknown_code")
        assert self.kind(shop, "134567890123456789") == ("payment", "payment_code")

    def test_a_scale_code_is_its_item_at_its_amount(self, shop):
        shop.set("scale_codes", "21IIIIIAAAAAC 22IIIIIWWWWWC")
        shop.terminal.write(lambda s: _add_goods(s, "6013", 1200)).result()
        _, line = shop.terminal.write(partial(counter.scan, by=SYSTEM, text="2106013040083")).result()
        assert (line.name, line.amount, line.quantity) == ("称重", 4008, 1)
        assert refused(shop, counter.scan, by=SYSTEM, text="2106013040083", quantity=3) == "quantity_fixed"
        assert refused(shop, returns.blind_return_line, by=SYSTEM, text="2106013040083", quantity=3) == "quantity_fixed"
        _, line = shop.terminal.write(partial(counter.scan, by=SYSTEM, text="2206013012506")).result()
        assert (line.amount, line.weight) == (1500, 1250)
        shop.terminal.write(lambda s: counter.pay(s, SYSTEM, counter.look(s).cart.op, CASH)).result()
        figures = today(shop)
        assert figures.list_value == figures.sold_value == 4008 + 1500

    def test_a_scale_code_in_the_shape_of_a_payment_code_must_agree_with_the_price(self, shop):
        shop.set("scale_codes", "26IIIIIAAAAAWWWWWC")
        shop.terminal.write(lambda s: _add_goods(s, "01234", 412016)).result()
        assert self.kind(shop, "260123450678001232") == ("product", "称重")
        shop.terminal.write(lambda s: _add_goods(s, "01234", 412)).result()
        assert self.kind(shop, "260123450678001232") == ("payment", "payment_or_scale")

    @pytest.mark.parametrize("code", ["(A)", "(01", "http", "]Q1abc", "https://own", "{x}", "0106901234567892"])
    def test_every_code_that_can_be_added_can_be_sold(self, shop, code):
        shop.terminal.write(lambda s: _add_goods(s, code, 100)).result()
        assert self.kind(shop, code) == ("product", "称重")

    def test_a_catalogued_gtin_comes_before_a_scale_code(self, shop):
        shop.set("scale_codes", "21IIIIIAAAAAC")
        shop.terminal.write(lambda s: _add_goods(s, "02106013040083", 777)).result()
        _, line = shop.terminal.write(partial(counter.scan, by=SYSTEM, text="2106013040083")).result()
        assert line.amount == 777


def _add_goods(session: Session, code: str, price: int) -> None:
    from core.shop import goods

    goods.set_product(session, SYSTEM, dataclasses.replace(WATER, code=code, name="称重", price=price, spec=""))


class TestSell:
    def test_a_sale_keeps_its_own_copy(self, shop):
        sale = shop.sell((WATER, 3), payments=(Payment(TenderKind.CASH, 1000),))
        (line,) = sale.lines
        assert (line.code, line.quantity, line.list_price, line.amount, line.tax) == (WATER.code, 3, 200, 600, 69)
        assert (sale.cash_given, sale.change, sale.net) == (1000, 400, 600)
        assert sale.head.date == "2026-11-23"

    def test_receipts_are_numbered_by_the_day(self, shop, clock):
        numbers = [shop.sell((WATER, 1)).receipt[-11:] for _ in range(2)]
        clock.go(hours=24)
        assert [*numbers, shop.sell((WATER, 1)).receipt[-11:]] == ["261123-0001", "261123-0002", "261124-0001"]

    def test_the_same_cart_twice_is_one_sale(self, shop):
        cart = shop.cart((WATER, 1))
        assert shop.check_out(cart) == shop.check_out(cart)
        assert today(shop).orders == 1

    def test_the_same_cart_paid_otherwise_is_refused(self, shop):
        cart = shop.cart((WATER, 1))
        shop.check_out(cart)
        with pytest.raises(RefusedError, match="form_changed"):
            shop.check_out(cart, Payment(TenderKind.CASH, 500))

    def test_nothing_is_sold_of_an_empty_cart(self, shop):
        assert refused(shop, selling.checkout, by=SYSTEM, cart=shop.cart(), payments=()) == "cart_empty"

    @pytest.mark.parametrize(
        "change",
        [{"quantity": 0}, {"quantity": -1}, {"discount": 201}, {"discount": -1}, {"charge": -5}, {"list_price": None}],
    )
    def test_a_cart_that_was_tampered_with_is_refused(self, shop, change):
        cart = shop.cart((WATER, 1))
        bad = msgspec.structs.replace(cart, lines=(msgspec.structs.replace(cart.lines[0], **change),))
        assert refused(shop, selling.checkout, by=SYSTEM, cart=bad, payments=CASH) in ("bad_line", "price_unknown")

    @pytest.mark.parametrize(
        ("seller", "code"), [("134567890123456789", "payment_code"), ("x" * 41, "bad_person"), ("a\nb", "bad_person")]
    )
    def test_who_sold_is_a_person(self, shop, seller, code):
        assert refused(shop, selling.new_cart, seller=seller) == code

    def test_people_are_stored_apart(self, shop):
        for id_, role in (("C01", "cashier"), ("G01", "guide")):
            shop.hire(id_, role)
        cart = msgspec.structs.replace(shop.cart((WATER, 1)), seller="G01")
        by = Actor("C01", "counter")
        shop.terminal.write(partial(selling.checkout, by=by, cart=cart, payments=CASH)).result()
        report = shop.terminal.read(partial(days.day_report, by=SYSTEM)).result()
        assert [group.key for group in report.by_guide] == ["G01"]
        assert [group.key for group in report.by_cashier] == ["C01"]


class TestReturn:
    def test_goods_come_back_once(self, shop):
        sale = shop.sell((WATER, 3), (RICE, 1))
        back = shop.bring_back(sale.receipt, (WATER.code, 2))
        assert (back.net, back.pieces, back.lines[0].origin) == (-400, -2, sale.receipt)
        with pytest.raises(RefusedError, match="more_than_sold"):
            shop.bring_back(sale.receipt, (WATER.code, 2))
        assert shop.bring_back(sale.receipt).net == -(200 + 4990)
        with pytest.raises(RefusedError, match="nothing_left"):
            shop.bring_back(sale.receipt)

    def test_two_carts_cannot_bring_the_same_piece_back(self, shop):
        sale = shop.sell((WATER, 1))
        lines = shop.terminal.write(partial(returns.return_lines, number=sale.receipt)).result()
        first, second = (returns.add_returns(shop.cart(), lines) for _ in range(2))
        shop.check_out(first)
        with pytest.raises(RefusedError, match="more_than_sold"):
            shop.check_out(second)

    def test_the_same_line_twice_in_one_cart_is_counted_together(self, shop):
        sale = shop.sell((WATER, 1))
        lines = shop.terminal.write(partial(returns.return_lines, number=sale.receipt)).result()
        with pytest.raises(RefusedError, match="more_than_sold"):
            shop.check_out(returns.add_returns(shop.cart(), [*lines, *lines]))

    def test_an_amount_that_is_not_the_receipts_is_refused(self, shop):
        sale = shop.sell((WATER, 2))
        (line,) = shop.terminal.write(partial(returns.return_lines, number=sale.receipt)).result()
        more = msgspec.structs.replace(line, charge=-99999)
        with pytest.raises(RefusedError, match="return_changed"):
            shop.check_out(returns.add_returns(shop.cart(), [more]))

    def test_money_goes_back_the_way_it_was_paid(self, shop):
        sale = shop.sell((RICE, 1), payments=(Payment(TenderKind.WECHAT, 3000, "W1"), Payment(TenderKind.CASH, 2000)))
        back = shop.bring_back(sale.receipt)
        assert [(t.kind, t.amount, t.reference) for t in back.tenders] == [
            (TenderKind.WECHAT, -3000, "W1"),
            (TenderKind.CASH, -1990, ""),
        ]

    def test_no_more_goes_back_than_was_paid_after_rounding(self, shop):
        shop.set("cash_rounding", "10")
        shop.terminal.write(lambda s: _add_goods(s, "X1", 501)).result()
        sold = shop.cart((dataclasses.replace(WATER, code="X1", price=501), 3))
        sale = shop.check_out(sold, Payment(TenderKind.CASH))
        assert (sale.net, sale.rounding, sale.due) == (1503, -3, 1500)
        part = shop.bring_back(sale.receipt, ("X1", 1))
        rest = shop.bring_back(sale.receipt)
        assert [(e.net, e.rounded, e.due) for e in (part, rest)] == [(-501, 1, -500), (-1002, 2, -1000)]
        assert sum(tender.amount for event in (sale, part, rest) for tender in event.tenders) == 0
        assert (today(shop).net, today(shop).rounding) == (0, 0)
        rows = shop.terminal.read(selling.find_receipts).result()
        assert [row.total for row in rows] == [-1000, -500, 1500]

    def test_an_exchange_does_not_inherit_the_rounding_it_took_back(self, shop):
        shop.set("cash_rounding", "10")
        shop.terminal.write(lambda s: _add_goods(s, "X1", 1003)).result()
        first = shop.check_out(shop.cart((dataclasses.replace(WATER, code="X1", price=1003), 1)))
        lines = shop.terminal.write(partial(returns.return_lines, number=first.receipt)).result()
        exchange = shop.check_out(returns.add_returns(shop.cart((SCARF, 1)), lines), Payment(TenderKind.WECHAT))
        assert (first.due, exchange.due) == (1000, 24900)
        assert shop.bring_back(exchange.receipt).due == -25900
        assert today(shop).rounding == 0

    def test_the_same_code_twice_is_counted_together(self, shop):
        sale = shop.sell((WATER, 3))
        assert shop.bring_back(sale.receipt, (WATER.code, 1), (WATER.code, 2)).pieces == -3
        assert refused(shop, returns.return_lines, number=sale.receipt, items=[(WATER.code, 1)]) == "more_than_sold"

    def test_unless_somebody_decides_otherwise(self, shop):
        sale = shop.sell((RICE, 1), payments=(Payment(TenderKind.WECHAT, None, "W1"),))
        back = shop.bring_back(sale.receipt, payments=(Payment(TenderKind.CASH, 4990),))
        assert [(t.kind, t.amount) for t in back.tenders] == [(TenderKind.CASH, -4990)]

    @pytest.mark.parametrize(
        ("items", "code"), [(((SCARF.code, 1),), "not_on_receipt"), (((WATER.code, 0),), "bad_quantity")]
    )
    def test_what_was_not_sold_cannot_come_back(self, shop, items, code):
        sale = shop.sell((WATER, 1))
        assert refused(shop, returns.return_lines, number=sale.receipt, items=items) == code

    def test_an_unknown_receipt(self, shop):
        assert refused(shop, returns.return_lines, number="T1XX-261123-0001") == "no_such_receipt"

    def test_a_blind_return_is_its_own_kind(self, shop):
        line = shop.terminal.write(partial(returns.blind_return_line, by=SYSTEM, text="BAG-L", quantity=2)).result()
        back = shop.check_out(returns.add_returns(shop.cart(), [line]))
        assert (back.lines[0].kind, back.net, back.tenders[0].amount) == (LineKind.BLIND, -100, -100)

    def test_an_exchange_is_one_receipt(self, shop):
        sale = shop.sell((WATER, 1))
        lines = shop.terminal.write(partial(returns.return_lines, number=sale.receipt)).result()
        event = shop.check_out(returns.add_returns(shop.cart((RICE, 1)), lines))
        assert (event.net, event.pieces, today(shop).returns) == (4790, 0, 200)


class TestReceipts:
    def test_a_receipt_is_found_and_printed_again(self, shop):
        sale = shop.sell((WATER, 2))
        query = ReceiptQuery(text=sale.receipt[-4:].lower())
        found = shop.terminal.read(partial(selling.find_receipts, query=query)).result()
        assert [row.receipt for row in found] == [sale.receipt]
        for copy in (1, 2):
            event, printed = shop.terminal.write(partial(selling.reprint, by=SYSTEM, number=sale.receipt)).result()
            assert (event, printed.copy) == (sale, copy)

    def test_a_slip_says_everything(self, shop):
        sale = shop.sell((WATER, 2), payments=(Payment(TenderKind.CASH, 1000),))
        settings_ = shop.terminal.read(lambda view: view.settings).result()
        text = "\n".join(plain_text(compose(sale, settings_, copy=1)))
        for part in ("杨柳巷", sale.receipt, "云岭矿泉水 550ml", "2.00 × 2", "4.00", "10.00", "6.00", "Copy 1", "13%"):
            assert part in text
        texts.use("zh_CN")
        assert "找零" in "\n".join(plain_text(compose(sale, settings_)))


class TestCounter:
    def scan(self, shop: Shop, text: str, **kwargs):
        return shop.terminal.write(partial(counter.scan, by=SYSTEM, text=text, **kwargs)).result()

    def test_scans_land_in_one_cart_in_order(self, shop):
        futures = [
            shop.terminal.write(partial(counter.scan, by=SYSTEM, text=p.shown_code)) for p in (WATER, RICE, WATER)
        ]
        found, line = futures[-1].result()
        assert [(x.code, x.quantity) for x in found.cart.lines] == [(WATER.code, 2), (RICE.code, 1)]
        assert line.n == 1

    def test_the_cart_outlives_the_program(self, shop, clock):
        before, _ = self.scan(shop, WATER.shown_code)
        shop.terminal.close()
        with Terminal(shop.terminal.home.folder, clock=clock) as again:
            assert again.write(counter.look).result() == before

    @pytest.mark.logs
    def test_a_cart_that_cannot_be_read_keeps_nobody_from_selling(self, shop, clock):
        self.scan(shop, WATER.shown_code)
        shop.terminal.write(lambda s: s.connection.execute("UPDATE local_cart SET body = x'00ff'")).result()
        shop.terminal.close()
        with Terminal(shop.terminal.home.folder, clock=clock) as again:
            found = again.write(counter.look).result()
            assert (found.lost, found.cart.lines) == (True, ())
            assert not again.write(counter.look).result().lost
            sold, _ = again.write(partial(counter.scan, by=SYSTEM, text=WATER.shown_code)).result()
            again.write(partial(counter.pay, by=SYSTEM, op=sold.cart.op, payments=CASH)).result()
            kept = again.write(lambda s: s.connection.execute("SELECT slot, body FROM local_cart").fetchall()).result()
            assert ("unreadable", b"\x00\xff") in kept

    def test_a_cart_that_was_sold_does_not_come_back(self, shop, clock):
        found, _ = self.scan(shop, WATER.shown_code)
        # The crash comes after the commit: the counter never heard of it.
        shop.terminal.write(partial(selling.checkout, by=SYSTEM, cart=found.cart, payments=CASH)).result()
        shop.terminal.close()
        with Terminal(shop.terminal.home.folder, clock=clock) as again:
            assert again.write(counter.look).result().cart.lines == ()

    def test_paying_twice_gives_the_same_sale(self, shop):
        found, _ = self.scan(shop, WATER.shown_code)
        pay = partial(counter.pay, by=SYSTEM, op=found.cart.op, payments=CASH)
        first, second = shop.terminal.write(pay), shop.terminal.write(pay)
        assert first.result()[0] == second.result()[0]
        assert today(shop).orders == 1

    def test_a_refused_step_leaves_the_cart(self, shop):
        found, _ = self.scan(shop, WATER.shown_code)
        assert refused(shop, counter.scan, by=SYSTEM, text=UNPRICED.shown_code) == "price_unknown"
        assert refused(shop, counter.pay, by=SYSTEM, op=found.cart.op, payments=[Payment(TenderKind.CASH, 1)])
        assert shop.terminal.write(counter.look).result() == found

    def test_a_price_can_be_given(self, shop):
        found, _ = self.scan(shop, UNPRICED.shown_code, price=350)
        assert found.cart.total == 350

    def test_cash_is_rounded_down_where_the_shop_says_so(self, shop):
        shop.set("cash_rounding", "10")
        shop.terminal.write(lambda s: _add_goods(s, "X1", 1999)).result()
        found, _ = self.scan(shop, "X1")
        assert (found.cart.total, found.cash_due) == (1999, 1990)

    @pytest.mark.logs
    def test_a_disk_that_refuses_keeps_the_cart(self, shop):
        found, _ = self.scan(shop, WATER.shown_code)
        shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON")).result()
        with pytest.raises(BrokenWorldError, match="file_read_only"):
            self.scan(shop, RICE.shown_code)
        # The next step opens the file anew.
        assert shop.terminal.write(counter.look).result() == found
        assert len(self.scan(shop, RICE.shown_code)[0].cart.lines) == 2


@st.composite
def shopping(draw) -> list[tuple[list[tuple[int, int]], int, list[int]]]:
    """Sales: items and quantities, discount in percent, and how many of each line come back in which portions."""
    item = st.tuples(st.sampled_from([0, 1, 2, 3]), st.integers(1, 9))
    return draw(
        st.lists(
            st.tuples(st.lists(item, min_size=1, max_size=4), st.integers(0, 100), st.lists(st.integers(1, 3))),
            min_size=1,
            max_size=5,
        )
    )


def _sold(terminal: Terminal, receipt: str) -> list[SoldLine]:
    return terminal.read(lambda view: sold_lines(view.connection, receipt)).result()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=shopping(), coin=st.sampled_from(["0", "10", "100"]))
def test_over_any_history_the_fen_add_up(history, coin, tmp_path_factory, clock):
    from tests.builders import set_up_shop

    with Terminal(tmp_path_factory.mktemp("history"), clock=clock) as terminal:
        shop = set_up_shop(terminal)
        shop.set("cash_rounding", coin)
        events = []
        for items, percent, portions in history:
            cart = shop.cart(*((GOODS[index], quantity) for index, quantity in items))
            cart = carts.with_discount(cart, cart.lines[0].n, rate=percent * 10_000)
            sale = shop.check_out(cart)
            events.append(sale)
            left = sale.lines[0].quantity
            for portion in portions:
                if portion <= left:
                    events.append(shop.bring_back(sale.receipt, (sale.lines[0].code, portion)))
                    left -= portion
            if not left:
                back = [e.lines[0] for e in events if e.lines[0].origin == sale.receipt]
                assert sum(line.amount for line in back) == -sale.lines[0].amount
                assert sum(line.tax for line in back) == -sale.lines[0].tax
            if any(line.left for line in _sold(terminal, sale.receipt)):
                events.append(shop.bring_back(sale.receipt))
            family = [e for e in events if e is sale or e.lines[0].origin == sale.receipt]
            assert sum(tender.amount for event in family for tender in event.tenders) == 0
        for event in events:
            assert sum(tender.amount for tender in event.tenders) == event.due
            assert event.due <= 0 if event.lines[0].kind is LineKind.RETURN else event.due >= 0
            assert event.net == sum(line.amount for line in event.lines)
        report = terminal.read(partial(days.day_report, by=SYSTEM)).result()
        assert report.total.net == sum(event.net for event in events)
        assert report.total.tax == sum(event.tax for event in events)
        assert report.total.pieces == sum(event.pieces for event in events)
        assert report.total.rounding == sum(event.rounded for event in events)
        assert report.total.orders == sum(event.net > 0 for event in events)
        assert report.total.returns == -sum(e.net for e in events if e.lines[0].kind is LineKind.RETURN)
        for groups in (report.by_hour, report.by_product, report.by_cashier, report.by_touchpoint):
            assert sum(group.net for group in groups) == report.total.net
        assert sum(group.amount for group in report.by_tender) == report.total.net + report.total.rounding
        assert shop.diagnosis().ok
