"""Questions at the counter: each is answered, or ends with its sale; none lets money or goods through unseen."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt

from core.events import SaleCompleted, TenderKind
from core.shop.terminal import Terminal
from tests.builders import RICE, SCARF, UNPRICED, WATER
from tests.gui.conftest import Till
from ui.sell.state import AskKind

F3, F4, F8, F11, F12 = (getattr(Qt.Key, f"Key_F{number}") for number in (3, 4, 8, 11, 12))
DEL, ESC = Qt.Key.Key_Delete, Qt.Key.Key_Escape


def hold(terminal: Terminal) -> threading.Event:
    """Nothing is written until it is set."""
    gate = threading.Event()
    terminal.write(lambda _: gate.wait(20))
    return gate


def sales(till: Till) -> list[SaleCompleted]:
    query = "SELECT op FROM sale ORDER BY position"
    ops = till.shop.terminal.write(lambda s: s.connection.execute(query).fetchall()).result()
    return [till.shop.terminal.write(lambda s, op=op: s.journal.find(op)).result() for (op,) in ops]


def put(till: Till, *codes: str) -> None:
    for code in codes:
        before = till.state.verdict
        till.scan(code)
        till.until(lambda state, before=before: state.verdict != before)


def ask(till: Till) -> AskKind | None:
    return till.state.ask.kind if till.state.ask else None


def test_cash_while_a_reference_is_asked_is_the_payment_that_is_asked_about(till):
    put(till, RICE.shown_code)
    till.press(F11)
    till.type("1")
    till.press(F12)
    till.until(lambda state: state.change is not None)
    assert [tender.kind for tender in sales(till)[0].tenders] == [TenderKind.WECHAT] and ask(till) is None
    till.type("\r")
    assert not till.state.payments


def test_a_scan_answers_what_reference_it_is(till):
    put(till, RICE.shown_code)
    till.press(F11)
    till.type("1")
    till.scan("W123")
    till.until(lambda state: state.change is not None)
    assert sales(till)[0].tenders[0].reference == "W123"


def test_an_item_whose_price_is_asked_is_not_left_out_of_the_sale(till):
    put(till, WATER.shown_code, UNPRICED.shown_code)
    till.type("5")
    till.press(F12)
    assert till.reads("Answer this first") and not sales(till)
    till.type("\r")
    till.until(lambda state: len(state.cart.lines) == 2)
    till.press(F12)
    till.until(lambda state: state.change is not None)
    assert sales(till)[0].net == 700


def test_a_question_ends_with_its_sale(till):
    put(till, WATER.shown_code)
    till.press(F8)
    assert ask(till) is AskKind.RECEIPT
    till.press(F12)
    till.until(lambda state: state.change is not None)
    put(till, RICE.shown_code)
    assert [line.code for line in till.state.cart.lines] == [RICE.code]


@pytest.mark.parametrize(("key", "word"), [(F3, "How many?"), (F4, "How many percent off?")])
def test_what_is_not_typed_yet_is_asked(till, key, word):
    put(till, RICE.shown_code)
    till.press(key)
    assert till.reads(word)
    till.type("5\r")
    till.until(lambda state: state.verdict.title == "Changed")
    assert till.state.cart.total == {F3: 5 * 4990, F4: 4990 * 95 // 100}[key]


def test_a_whole_sale_is_forgotten_when_that_is_meant(till):
    put(till, RICE.shown_code, WATER.shown_code)
    till.press(ESC)
    assert till.reads("Forget this sale?")
    till.type("1")
    till.press(Qt.Key.Key_Backspace)
    assert ask(till) is None and len(till.state.cart.lines) == 2
    till.press(ESC)
    till.press(DEL)
    till.until(lambda state: not state.cart.lines)
    assert not sales(till)


def test_goods_do_not_come_back_in_the_middle_of_a_payment(till):
    sale = till.shop.sell((SCARF, 1))
    put(till, RICE.shown_code)
    till.type("20")
    till.press(F11)
    till.type("1")
    till.type("\r")
    till.window.open_room("sell", sale.receipt)
    assert till.reads("Finish this payment first") and len(till.state.cart.lines) == 1


def test_steps_during_a_payment_do_not_reach_the_next_customer(till):
    put(till, RICE.shown_code)
    gate = hold(till.shop.terminal)
    till.press(F12)
    till.scan(SCARF.shown_code)
    till.type("9")
    till.press(F4)
    till.press(DEL)
    gate.set()
    till.until(lambda state: [line.code for line in state.cart.lines] == [SCARF.code])
    assert till.state.cart.total == SCARF.price


def test_what_comes_onto_the_counter_while_cash_is_taken_is_not_paid_unseen(till):
    sale = till.shop.sell((SCARF, 1))
    put(till, RICE.shown_code)
    gate = hold(till.shop.terminal)
    till.window.open_room("sell", sale.receipt)
    till.press(F12)
    gate.set()
    till.until(lambda state: "was not saved" in state.verdict.detail or bool(state.change))
    assert len(sales(till)) == 1


def test_a_second_press_leaves_the_change_to_be_read(till):
    put(till, RICE.shown_code)
    till.type("100")
    till.press(F12)
    till.until(lambda state: state.change == 5010)
    till.press(F12)
    assert till.state.change == 5010 and till.reads("Paid. Change 50.10")


def test_money_goes_back_the_way_it_came_and_the_screen_says_so(till):
    from core.sales.payment import Payment

    sale = till.shop.sell((RICE, 1), payments=(Payment(TenderKind.WECHAT, None, "W1"),))
    till.window.open_room("sell", sale.receipt)
    till.until(lambda state: bool(state.cart.lines))
    assert till.reads("To give back · WeChat Pay")
    till.click("Pay back")
    till.until(lambda state: state.change is not None)
    assert till.reads("Paid back 49.90: WeChat Pay") and till.reads("Given back")


def test_a_code_that_was_typed_is_not_taken_for_cash(till):
    put(till, RICE.shown_code)
    till.type("12345670")
    till.press(F12)
    till.until(lambda state: "handed over" in state.verdict.detail)
    assert not sales(till)
