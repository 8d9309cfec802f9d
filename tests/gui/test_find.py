"""Goods are found on the Sell page, and only what is on the screen is taken."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.builders import RICE, SCARF, WATER


def find_scarf(till) -> None:
    till.press(Qt.Key.Key_F2)
    till.type("ymwj")
    till.until(lambda state: [product.code for product in state.found] == [SCARF.code])


def test_a_search_that_was_left_for_a_return_takes_nothing(till):
    sale = till.shop.sell((WATER, 1))
    find_scarf(till)
    for _ in "ymwj":
        till.press(Qt.Key.Key_Backspace)
    till.press(Qt.Key.Key_F8)
    till.type(f"{sale.receipt}\r")
    state = till.until(lambda state: bool(state.cart.lines))
    assert [line.code for line in state.cart.lines] == [WATER.code]


def test_a_search_that_was_left_for_a_payment_takes_nothing(till):
    till.scan(RICE.shown_code)
    till.until(lambda state: state.cart.pieces == 1)
    find_scarf(till)
    till.press(Qt.Key.Key_F11)
    till.press(Qt.Key.Key_F11)
    till.window.sell.erase()
    till.type("\r")
    till.until(lambda state: "is no code that this shop knows" in state.verdict.detail)
    assert [line.code for line in till.state.cart.lines] == [RICE.code]


def test_enter_that_comes_before_the_answer_takes_nothing_that_was_found_before(till):
    find_scarf(till)
    till.window.sell.press("z")
    till.window.sell.enter()
    till.until(lambda state: state.found == ())
    assert not till.state.cart.lines and till.state.finding
