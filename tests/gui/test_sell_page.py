"""A cashier sells: scans, looks, takes cash, gets a receipt number."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QTableView

from core import texts
from core.shop import counter, days, goods
from core.shop.terminal import SYSTEM
from tests.builders import BAG, RICE, SCARF, UNPRICED, WATER
from tests.gui.conftest import Till
from ui.sell.cart_table import CartTable
from ui.sell.state import Tone


def last_op(session) -> str:
    return session.connection.execute("SELECT op FROM sale ORDER BY position DESC").fetchone()[0]


def figures(till: Till):
    return till.shop.terminal.read(partial(days.day_report, by=SYSTEM)).result().total


def test_scans_fill_the_cart_and_cash_makes_a_sale(till):
    till.scan(WATER.shown_code)
    till.scan("BAG-L")
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 3)
    assert till.state.verdict.tone is Tone.GOOD and till.reads("Added: 云岭矿泉水 550ml")
    till.type("10")
    till.press(Qt.Key.Key_F12)
    state = till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert state.verdict.title == "Paid. Change 5.50"
    assert till.reads("261123-0001") and not state.cart.lines
    till.until(lambda state: state.day is not None and state.day.net == 450)
    assert figures(till).orders == 1
    assert till.reads("4.50 · 1 orders")


def test_cash_without_an_amount_is_exact(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.click("F12")
    assert till.until(lambda state: state.verdict.title.startswith("Paid")).verdict.title == "Paid. Change 0.00"


def test_too_little_cash_keeps_the_cart(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.type("49")
    till.press(Qt.Key.Key_F12)
    till.until(lambda state: state.verdict.tone is Tone.WARN)
    assert till.reads("49.00 is less than the 49.90 to be paid.") and till.state.cart.pieces == 1
    assert figures(till).orders == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("6901234567892", "is not in the catalogue"),
        ("134567890123456789", "customer's payment code"),
        ("NOPE", "is no code that this shop knows"),
    ],
)
def test_what_cannot_be_sold_is_said(till, text, sentence):
    till.scan(text)
    till.until(lambda state: state.verdict.tone is Tone.WARN)
    assert till.reads(sentence) and not till.state.cart.lines
    if text.startswith("13"):
        assert not till.reads(text)


def test_a_code_can_be_typed(till):
    till.type(f"{WATER.shown_code}\r")
    till.until(lambda state: state.cart.pieces == 1)
    assert till.state.entry == ""


def test_an_unknown_price_is_asked_for(till):
    till.scan(UNPRICED.shown_code)
    till.until(lambda state: bool(state.ask))
    till.type("3.5\r")
    assert till.until(lambda state: state.cart.pieces == 1).cart.total == 350


def test_quantity_discount_and_removal(till):
    till.scan(WATER.shown_code)
    till.scan("BAG-L")
    till.until(lambda state: len(state.cart.lines) == 2)
    till.press(Qt.Key.Key_Up)
    till.type("4")
    till.press(Qt.Key.Key_F3)
    till.until(lambda state: state.cart.lines[0].quantity == 4)
    till.type("10")
    till.press(Qt.Key.Key_F4)
    till.until(lambda state: state.cart.total == 720 + 50)
    till.press(Qt.Key.Key_Down)
    till.press(Qt.Key.Key_Delete)
    assert till.until(lambda state: len(state.cart.lines) == 1).cart.total == 720


@pytest.mark.parametrize("typed", ["0", "10000", "abc", ""])
def test_an_impossible_quantity_is_refused(till, typed):
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.type(typed)
    till.press(Qt.Key.Key_F3)
    till.until(lambda state: state.verdict.tone is Tone.WARN)
    assert till.state.cart.pieces == 1


def test_the_line_that_was_scanned_is_in_sight(till, shop):
    table = till.window.findChild(CartTable)
    for n in range(1, 16):
        product = dataclasses.replace(WATER, code=f"ITEM{n}", name=f"商品{n}")
        shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=product)).result()
        till.scan(product.code)
        till.until(lambda state, n=n: len(state.cart.lines) == n)
        assert table.viewport().rect().contains(table.visualRect(table.model().index(n - 1, 0)))
    till.window.sell.select(1)
    assert table.viewport().rect().contains(table.visualRect(table.model().index(0, 0)))


def test_what_is_typed_while_a_step_is_on_its_way_stays(till):
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.window.sell.press("3")
    till.window.sell.set_quantity()
    till.window.sell.press("7")
    till.until(lambda state: state.cart.pieces == 3)
    assert till.state.entry == "7"


def test_the_pad_and_the_notes(till):
    for key in ("1", "2", "."):
        till.click(key)
    assert till.state.entry == "12."
    till.click("←")
    till.click("←")
    till.press(Qt.Key.Key_Escape)
    assert till.state.entry == ""
    till.click("50")
    till.click("100")
    assert till.state.entry == "150.00"


def test_several_ways_of_paying_and_the_change_stands_large(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.type("20")
    till.click("F11")
    till.click("1  WeChat Pay")
    assert till.reads("WeChat Pay 20.00: which reference?")
    till.type("W77\r")
    assert till.state.left == 2990 and till.reads("29.90 is still to be paid") and till.reads("29.90")
    till.press(Qt.Key.Key_F11)
    till.type("4")
    till.type("\r")
    state = till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert (state.change, state.payments) == (0, ())
    sale = till.shop.terminal.write(lambda s: s.journal.find(last_op(s))).result()
    assert [(t.kind, t.amount, t.reference) for t in sale.tenders] == [("wechat", 2000, "W77"), ("card", 2990, "")]
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1 and state.change is None)


def test_a_key_that_follows_at_once_comes_after_what_was_typed(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.keys.type("50")
    # The last digit may still be the beginning of a scan.
    QTest.keyClick(till.window.windowHandle(), Qt.Key.Key_F12)
    state = till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert state.change == 10


def test_the_rest_in_cash(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.type("40")
    till.press(Qt.Key.Key_F11)
    till.type("2")
    till.type("\r")
    till.type("10")
    till.press(Qt.Key.Key_F12)
    state = till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert state.change == 10 and till.reads("Change") and till.reads("0.10")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("134567890123456789\r", "customer's payment code"), ("4111111111111111\r", "card number")],
)
def test_what_must_not_be_kept_is_no_reference_and_the_question_stays(till, typed, sentence):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.press(Qt.Key.Key_F11)
    till.type("1")
    till.type(typed)
    assert till.reads(sentence) and till.state.ask and not till.state.payments
    till.type("\r")
    till.until(lambda state: state.verdict.title.startswith("Paid"))


def test_more_than_is_left_and_a_change_of_mind(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.type("50")
    till.press(Qt.Key.Key_F11)
    till.type("1")
    assert till.reads("only cash gives change")
    till.press(Qt.Key.Key_Escape)
    till.type("10")
    till.press(Qt.Key.Key_F11)
    till.type("1")
    till.type("\r")
    assert till.state.left == 3990
    till.press(Qt.Key.Key_Escape)
    assert till.state.left == 3990 and till.reads("A part is paid already")
    till.press(Qt.Key.Key_Escape)
    assert till.state.left == 4990 and not till.state.payments


def test_a_part_that_was_paid_is_not_forgotten(till):
    till.scan(RICE.shown_code)
    till.scan("BAG-L")
    till.until(lambda state: len(state.cart.lines) == 2)
    till.type("40")
    till.press(Qt.Key.Key_F11)
    till.type("1")
    till.type("W1\r")
    till.window.lock()
    assert till.reads("A part is paid already") and till.window.sell
    till.window.sell.select(1)
    till.press(Qt.Key.Key_Delete)
    assert till.reads("Finish this payment first") and len(till.state.cart.lines) == 2 and till.state.paid == 4000
    till.press(Qt.Key.Key_F12)
    till.until(lambda state: state.change is not None)
    assert figures(till).orders == 1


def test_goods_come_back_by_their_receipt(till):
    sale = till.shop.sell((WATER, 3), (RICE, 1))
    till.press(Qt.Key.Key_F8)
    assert till.reads("Which receipt?")
    till.scan(sale.receipt)
    till.until(lambda state: len(state.cart.lines) == 2)
    till.press(Qt.Key.Key_Delete)
    till.until(lambda state: len(state.cart.lines) == 1)
    till.type("2")
    till.press(Qt.Key.Key_F3)
    till.until(lambda state: state.cart.pieces == -2)
    assert till.reads("To give back") and till.reads("4.00")
    till.press(Qt.Key.Key_F12)
    state = till.until(lambda state: state.verdict.title == "Paid back 4.00: Cash")
    assert state.change == 400 and figures(till).returns == 400
    till.type(sale.receipt)
    till.press(Qt.Key.Key_F8)
    till.until(lambda state: len(state.cart.lines) == 2)
    till.press(Qt.Key.Key_Up)
    till.type("2")
    till.press(Qt.Key.Key_F3)
    till.until(lambda state: state.verdict.tone is Tone.WARN)
    assert till.reads("3 sold, 1 still with the customer")


def test_goods_are_found_by_initials_and_taken_with_enter(till):
    till.press(Qt.Key.Key_F2)
    assert till.reads("Which item?")
    till.type("ymwj")
    till.until(lambda state: state.found_for == "ymwj" and [item.name for item in state.found] == [SCARF.name])
    till.type("\r")
    till.until(lambda state: state.cart.total == SCARF.price and not state.finding)


def test_goods_are_found_by_a_part_of_the_code_and_taken_with_arrows_or_a_touch(till):
    till.type("952100000")
    till.press(Qt.Key.Key_F2)
    state = till.until(lambda state: len(state.found) == 3)
    till.press(Qt.Key.Key_Down)
    till.press(Qt.Key.Key_Up)
    till.press(Qt.Key.Key_Down)
    assert till.state.row == 1
    (table,) = [t for t in till.window.findChildren(QTableView) if t.isVisible()]
    wanted = [product.code for product in state.found].index(RICE.code)
    till.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(
        table.model().index(wanted, 0)).center())  # fmt: skip
    till.until(lambda state: [line.code for line in state.cart.lines] == [RICE.code])


def test_a_scan_while_goods_are_looked_for_is_a_scan(till):
    till.press(Qt.Key.Key_F2)
    till.type("ym")
    till.scan(WATER.shown_code)
    till.until(lambda state: [line.code for line in state.cart.lines] == [WATER.code] and not state.finding)


def test_a_receipt_that_is_none(till):
    till.type("T1-1")
    till.press(Qt.Key.Key_F8)
    till.until(lambda state: state.verdict.tone is Tone.WARN)
    assert till.reads("There is no receipt T1-1 here.")


def test_a_second_press_of_cash_sells_nothing_twice(till):
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    for _ in range(3):
        till.window.sell.pay_cash()
    till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert figures(till).orders == 1


def test_an_open_cart_comes_back(qtbot, shop):
    shop.set("language", "en")
    shop.terminal.write(partial(counter.scan, by=SYSTEM, text=RICE.shown_code)).result()
    till = Till(qtbot, shop)
    assert till.state.cart.pieces == 1 and till.reads("This cart was still open")
    till.window.close()


@pytest.mark.logs
def test_a_disk_that_refuses_is_said_and_the_cart_stays(till):
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON")).result()
    till.press(Qt.Key.Key_F12)
    till.until(lambda state: state.verdict.tone is Tone.BAD)
    assert till.reads("Nothing was saved") and till.state.cart.pieces == 1
    till.press(Qt.Key.Key_F12)
    till.until(lambda state: state.verdict.title.startswith("Paid"))
    assert figures(till).orders == 1


@pytest.mark.logs
def test_a_line_that_the_disk_refuses_is_taken_back_and_said_so(till):
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    till.shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON")).result()
    till.scan(RICE.shown_code)
    till.until(lambda state: state.verdict.tone is Tone.BAD and state.cart.pieces == 1)
    assert till.reads("Nothing was saved")
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 2)


def test_it_speaks_chinese(qtbot, shop):
    shop.set("language", "zh_CN")
    till = Till(qtbot, shop)
    till.scan(WATER.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    assert till.reads("已加入：云岭矿泉水 550ml")
    till.press(Qt.Key.Key_F12)
    till.until(lambda state: state.verdict.title.startswith("已收款"))
    till.window.close()
    texts.use("en")


def test_drawing_a_state_twice_changes_nothing(till):
    till.scan(BAG.code)
    till.until(lambda state: state.cart.pieces == 1)
    before = [label.text() for label in till.window.findChildren(QLabel)]
    till.window.page.render_state(till.state)
    assert [label.text() for label in till.window.findChildren(QLabel)] == before
