"""The life of a unit: sold once, taken back once, stopped by whoever says so."""

from __future__ import annotations

from functools import partial

import pytest

from core.codes import serial
from core.codes.life import UnitState
from core.errors import RefusedError
from core.events import UnitStep
from core.sales import cart as carts
from core.shop import codes, counter, returns, selling
from core.shop.keys import chain_keys
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER, Shop


def code_of(step) -> str:
    """The code with which a step is refused; empty where it is done."""
    try:
        step()
    except RefusedError as refused:
        return refused.code
    return ""


def sale_refused(shop: Shop, *texts: str) -> str:
    """Why these are not sold; they are not left lying on the counter."""
    code = code_of(lambda: shop.sell_codes(*texts))
    shop.empty_counter()
    return code


def return_refused(shop: Shop, *texts: str) -> str:
    code = code_of(lambda: shop.bring_codes_back(*texts))
    shop.empty_counter()
    return code


def seen(shop: Shop, text: str) -> tuple[str, str, str]:
    """Kind and reason of a scan, and the unit that it means."""
    scan = shop.scanned(text)
    return scan.kind, scan.reason, scan.unit.key if scan.unit else ""


def elsewhere(shop: Shop, place: int = 1) -> str:
    """A code of our chain that another till issued."""
    (key,) = chain_keys(shop.terminal.home)
    return serial.mint(serial.own_block(place), 1, b"abc", key).serials()[0]


@pytest.fixture
def unit(shop) -> str:
    """A unit of rice."""
    return shop.issue(RICE, 1)[1][0]


class TestSold:
    def test_once(self, shop, unit):
        sale = shop.sell_codes(shop.link(RICE, unit))
        (line,) = sale.lines
        assert (line.unit, line.serial, line.code, line.quantity, line.amount) == (unit, unit, RICE.code, 1, 4990)
        found = shop.unit(unit)
        assert (found.state, found.receipt, found.line) == (UnitState.SOLD, sale.receipt, 1)
        assert sale_refused(shop, unit) == "unit_sold"

    def test_taken_back_once_and_sold_again(self, shop, unit):
        first = shop.sell_codes(unit)
        back = shop.bring_codes_back(unit)
        assert (back.net, back.lines[0].origin, back.lines[0].unit) == (-4990, first.receipt, unit)
        assert (shop.unit(unit).state, shop.unit(unit).receipt) == (UnitState.RETURNED, "")
        assert return_refused(shop, unit) == "unit_not_sold"
        assert return_refused(shop, first.receipt) == "nothing_left"
        second = shop.sell_codes(unit)
        assert shop.unit(unit).receipt == second.receipt != first.receipt
        assert shop.bring_codes_back(unit).lines[0].origin == second.receipt
        assert shop.diagnosis(full=True).ok

    def test_not_twice_in_a_cart(self, shop, unit):
        assert sale_refused(shop, unit, shop.link(RICE, unit)) == "unit_in_cart"

    def test_not_twice_in_a_cart_that_was_tampered_with(self, shop, unit):
        found, _ = shop.terminal.write(partial(counter.scan, by=SYSTEM, text=unit)).result()
        twice = carts.add(shop.cart((WATER, 1)), found.cart.lines[0])
        twice = type(twice)(op=twice.op, lines=(*twice.lines, *found.cart.lines), last_n=9)
        assert code_of(lambda: shop.check_out(twice)) == "unit_twice"

    def test_as_one_piece(self, shop, unit):
        scan = partial(counter.scan, by=SYSTEM, text=unit)
        assert code_of(lambda: shop.terminal.write(partial(scan, quantity=2)).result()) == "quantity_fixed"
        found, line = shop.terminal.write(scan).result()
        more = partial(counter.set_quantity, by=SYSTEM, n=line.n, quantity=2)
        assert code_of(lambda: shop.terminal.write(more).result()) == "quantity_fixed"
        assert shop.terminal.write(counter.look).result().cart == found.cart

    def test_two_units_and_the_bare_item_are_three_lines(self, shop):
        _, (first, second) = shop.issue(RICE, 2)
        sale = shop.sell_codes(first, RICE.shown_code, second, RICE.shown_code)
        assert [(line.unit, line.quantity) for line in sale.lines] == [(first, 1), ("", 2), (second, 1)]

    def test_only_as_the_item_that_it_is(self, shop, unit):
        found, _ = shop.terminal.write(partial(counter.scan, by=SYSTEM, text=unit)).result()
        (line,) = shop.cart((WATER, 1)).lines
        changed = type(line)(n=1, code=WATER.code, name="x", list_price=200, serial=unit, unit=unit)
        assert code_of(lambda: shop.check_out(type(found.cart)(op="x", lines=(changed,)))) == "unit_altered"

    def test_what_changed_while_it_lay_on_the_counter_is_seen_when_it_is_paid(self, shop):
        batch, (sold, void, frozen, whole) = shop.issue(RICE, 4)

        def carted(code: str):
            scan = partial(selling.read_scan, text=code)
            return shop.terminal.write(lambda s: carts.add(selling.new_cart(s), selling.line_of(s, SYSTEM, scan(s))))

        on_counter = [carted(code).result() for code in (sold, void, frozen, whole)]
        shop.sell_codes(sold)
        shop.say(UnitStep.VOID, void)
        shop.say(UnitStep.FROZEN, frozen)
        assert [code_of(lambda c=cart: shop.check_out(c)) for cart in on_counter[:3]] == [
            "unit_sold",
            "unit_void",
            "unit_frozen",
        ]
        shop.say_of(batch.name, UnitStep.FROZEN)
        assert code_of(lambda: shop.check_out(on_counter[3])) == "unit_frozen"
        assert shop.balance(batch.name).sold == 1


class TestStopped:
    @pytest.mark.parametrize(("step", "code"), [(UnitStep.VOID, "unit_void"), (UnitStep.FROZEN, "unit_frozen")])
    def test_by_what_somebody_says_of_it(self, shop, unit, step, code):
        shop.say(step, unit, reason="damaged")
        assert sale_refused(shop, unit) == sale_refused(shop, shop.link(RICE, unit)) == code

    def test_released_it_is_sold(self, shop, unit):
        shop.say(UnitStep.FROZEN, unit)
        shop.say(UnitStep.RELEASED, unit)
        assert shop.sell_codes(unit).lines[0].unit == unit

    def test_by_its_batch(self, shop):
        batch, (one, other) = shop.issue(RICE, 2)
        shop.say_of(batch.name, UnitStep.FROZEN)
        assert sale_refused(shop, one) == sale_refused(shop, other) == "unit_frozen"
        assert shop.balance(batch.name).frozen == 2
        shop.say_of(batch.name, UnitStep.RELEASED)
        shop.sell_codes(one, other)

    def test_its_batch_outranks_it(self, shop):
        batch, (one, other) = shop.issue(RICE, 2)
        shop.say(UnitStep.FROZEN, one)
        shop.say_of(batch.name, UnitStep.FROZEN)
        assert code_of(lambda: shop.say(UnitStep.FROZEN, other)) == "unit_already"
        shop.say(UnitStep.RELEASED, one)
        assert sale_refused(shop, one) == "unit_frozen"
        shop.say_of(batch.name, UnitStep.RELEASED)
        assert not shop.unit(one).frozen

    def test_one_that_was_frozen_by_itself_stays_so_when_its_batch_is_released(self, shop):
        batch, (one, other) = shop.issue(RICE, 2)
        shop.say(UnitStep.FROZEN, one)
        shop.say_of(batch.name, UnitStep.FROZEN)
        shop.say_of(batch.name, UnitStep.RELEASED)
        assert (sale_refused(shop, one), sale_refused(shop, other)) == ("unit_frozen", "")

    def test_with_activation_only_what_was_put_on_sale_is_sold(self, shop):
        batch, (one, other, third) = shop.issue(RICE, 3)
        shop.set("activation", "yes")
        assert sale_refused(shop, one) == "unit_not_on_sale"
        shop.say(UnitStep.ON_SALE, one)
        shop.sell_codes(one)
        shop.bring_codes_back(one)
        assert sale_refused(shop, one) == "unit_not_on_sale"
        shop.say_of(f"{batch.name}:1-2", UnitStep.ON_SALE)
        shop.sell_codes(one, other)
        assert sale_refused(shop, third) == "unit_not_on_sale"
        shop.set("activation", "no")
        shop.sell_codes(third)

    def test_a_missing_one_that_is_sold_was_found(self, shop, unit):
        batch = shop.unit(unit).batch
        shop.say(UnitStep.MISSING, unit)
        assert (shop.balance(batch).missing, shop.balance(batch).on_hand) == (1, 0)
        shop.sell_codes(unit)
        assert (shop.balance(batch).missing, shop.balance(batch).sold) == (0, 1)

    @pytest.mark.parametrize(
        ("before", "step", "code"),
        [
            ([UnitStep.VOID], UnitStep.VOID, "unit_void"),
            ([UnitStep.VOID], UnitStep.ON_SALE, "unit_void"),
            ([UnitStep.VOID], UnitStep.MISSING, "unit_void"),
            ([UnitStep.MISSING], UnitStep.MISSING, "unit_already"),
            ([UnitStep.ON_SALE], UnitStep.ON_SALE, "unit_already"),
            ([UnitStep.FROZEN], UnitStep.FROZEN, "unit_already"),
            ([], UnitStep.RELEASED, "unit_already"),
            ([UnitStep.MISSING], UnitStep.ON_SALE, ""),
            ([UnitStep.MISSING], UnitStep.VOID, ""),
            ([UnitStep.VOID], UnitStep.FROZEN, ""),
            ([UnitStep.FROZEN], UnitStep.MISSING, ""),
        ],
    )
    def test_what_cannot_be_said_or_is_so_already(self, shop, unit, before, step, code):
        for said in before:
            shop.say(said, unit)
        assert code_of(lambda: shop.say(step, unit)) == code

    @pytest.mark.parametrize("step", [UnitStep.ON_SALE, UnitStep.MISSING])
    def test_what_a_customer_has_is_neither_missing_nor_on_sale(self, shop, unit, step):
        shop.sell_codes(unit)
        assert code_of(lambda: shop.say(step, unit)) == "unit_sold"

    def test_of_many_something_is_said_to_all_or_none(self, shop):
        _, (one, other, third) = shop.issue(RICE, 3)
        shop.say(UnitStep.VOID, third)
        assert code_of(lambda: shop.say(UnitStep.VOID, one, other, third)) == "unit_void"
        assert code_of(lambda: shop.say(UnitStep.VOID, one, shop.link(RICE, one))) == "unit_twice"
        assert code_of(lambda: shop.say(UnitStep.VOID)) == "too_many_units"
        assert code_of(lambda: shop.say(UnitStep.VOID, *["X"] * 1_001)) == "too_many_units"
        assert {shop.unit(code).state for code in (one, other)} == {UnitState.ISSUED}
        shop.say(UnitStep.FROZEN, one, other)
        assert shop.unit(one).frozen and shop.unit(other).frozen


class TestComesBack:
    def test_by_its_code_alone_or_with_the_rest_of_its_receipt(self, shop):
        _, (one, other) = shop.issue(RICE, 2)
        sale = shop.sell_codes(one, other, WATER.shown_code)
        assert shop.bring_codes_back(shop.link(RICE, one)).pieces == -1
        rest = shop.bring_codes_back(sale.receipt)
        assert [line.unit for line in rest.lines] == [other, ""] and rest.net == -(4990 + 200)

    def test_of_its_receipt_only_by_its_own_code(self, shop, unit):
        sale = shop.sell_codes(unit)
        lines = partial(returns.return_lines, number=sale.receipt)

        def ask(text: str, count: int) -> str:
            return code_of(lambda: shop.terminal.write(partial(lines, items=[(text, count)])).result())

        assert ask(RICE.code, 1) == "unit_asked"
        assert ask(unit, 2) == "quantity_fixed"
        assert ask(WATER.code, 1) == "not_on_receipt"
        assert ask(unit, 1) == ""

    def test_from_another_receipt_not(self, shop):
        _, (one, other) = shop.issue(RICE, 2)
        first, second = shop.sell_codes(one), shop.sell_codes(other)
        lines = partial(returns.return_lines, number=first.receipt, items=[(other, 1)])
        assert code_of(lambda: shop.terminal.write(lines).result()) == "not_on_receipt"
        (line,) = shop.terminal.write(partial(returns.return_lines, number=second.receipt)).result()
        swapped = type(line)(**{f: getattr(line, f) for f in line.__struct_fields__} | {"unit": one, "serial": one})
        back = returns.add_returns(shop.cart(), [swapped])
        assert code_of(lambda: shop.check_out(back)) == "unit_not_sold"

    def test_scanned_twice_it_comes_back_once(self, shop, unit):
        shop.sell_codes(unit)
        assert return_refused(shop, unit, unit) == "nothing_left"
        assert shop.bring_codes_back(unit).pieces == -1

    def test_what_was_never_sold_does_not(self, shop, unit):
        assert return_refused(shop, unit) == "unit_not_sold"
        blind = partial(returns.blind_return_line, by=SYSTEM, text=unit)
        assert code_of(lambda: shop.terminal.write(blind).result()) == "unit_not_sold"

    def test_by_its_receipt_where_that_is_known(self, shop, unit):
        sale = shop.sell_codes(unit)
        blind = partial(returns.blind_return_line, by=SYSTEM, text=unit)
        assert code_of(lambda: shop.terminal.write(blind).result()) == "unit_on_receipt"
        assert shop.bring_codes_back(unit).lines[0].origin == sale.receipt

    def test_for_another_in_one_receipt(self, shop):
        _, (one, other) = shop.issue(RICE, 2)
        shop.sell_codes(one)
        shop.terminal.write(partial(counter.bring_back, by=SYSTEM, text=one)).result()
        exchange = shop.sell_codes(other)
        assert (exchange.net, exchange.pieces, exchange.tenders) == (0, 0, [])
        assert (shop.unit(one).state, shop.unit(other).state) == (UnitState.RETURNED, UnitState.SOLD)

    def test_for_itself_not(self, shop, unit):
        shop.sell_codes(unit)
        shop.terminal.write(partial(counter.bring_back, by=SYSTEM, text=unit)).result()
        assert sale_refused(shop, unit) == "unit_sold"
        assert shop.unit(unit).state is UnitState.SOLD

    def test_frozen_too_and_it_stays_frozen(self, shop, unit):
        shop.sell_codes(unit)
        shop.say(UnitStep.FROZEN, unit)
        shop.bring_codes_back(unit)
        assert (shop.unit(unit).state, shop.unit(unit).frozen) == (UnitState.RETURNED, True)
        assert sale_refused(shop, unit) == "unit_frozen"

    def test_of_a_batch_that_was_called_back(self, shop, unit):
        sale = shop.sell_codes(unit)
        shop.say_of(shop.unit(unit).batch, UnitStep.FROZEN)
        assert shop.bring_codes_back(sale.receipt).pieces == -1
        assert sale_refused(shop, unit) == "unit_frozen"

    def test_void_too_and_it_stays_void(self, shop, unit):
        batch = shop.unit(unit).batch
        shop.sell_codes(unit)
        shop.say(UnitStep.VOID, unit, reason="counterfeit")
        assert shop.balance(batch).void == 1
        shop.bring_codes_back(unit)
        assert (shop.unit(unit).state, shop.unit(unit).receipt) == (UnitState.VOID, "")
        assert sale_refused(shop, unit) == "unit_void" and return_refused(shop, unit) == "unit_not_sold"
        assert shop.diagnosis(full=True).ok


class TestOfAnotherTill:
    """A code that is genuine, and in no register here."""

    def test_is_sold_and_taken_back_once_by_its_symbol(self, shop, unit):
        code = elsewhere(shop)
        link = shop.link(RICE, code)
        assert seen(shop, link) == ("unit", "", code) and not shop.scanned(link).known
        shop.sell_codes(link)
        assert sale_refused(shop, link) == sale_refused(shop, code) == "unit_sold"
        shop.bring_codes_back(code)
        assert shop.unit(code).state is UnitState.RETURNED
        shop.sell_codes(link)
        assert shop.diagnosis(full=True).ok

    def test_needs_its_symbol_before_it_is_known(self, shop, unit):
        code = elsewhere(shop)
        assert seen(shop, code) == seen(shop, serial.grouped(code)) == ("unit", "unit_needs_symbol", "")
        assert sale_refused(shop, code) == return_refused(shop, code) == "unit_needs_symbol"

    def test_nothing_can_be_said_of_it(self, shop, unit):
        link = shop.link(RICE, elsewhere(shop))
        for step in UnitStep:
            assert code_of(lambda s=step: shop.say(s, link)) == "unit_unknown"
        label = partial(codes.reprint_label, by=SYSTEM, text=link)
        assert code_of(lambda: shop.terminal.write(label).result()) == "unit_unknown"

    def test_is_not_asked_whether_it_was_put_on_sale(self, shop, unit):
        shop.set("activation", "yes")
        assert shop.sell_codes(shop.link(RICE, elsewhere(shop))).pieces == 1

    def test_comes_back_blind_where_this_till_never_sold_it(self, shop, unit):
        link = shop.link(RICE, elsewhere(shop))
        line = shop.terminal.write(partial(returns.blind_return_line, by=SYSTEM, text=link)).result()
        shop.check_out(returns.add_returns(shop.cart(), [line]))
        again = partial(returns.blind_return_line, by=SYSTEM, text=link)
        assert code_of(lambda: shop.terminal.write(again).result()) == "unit_not_sold"
