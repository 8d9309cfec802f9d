"""Somebody comes to the till, shows who they are, and leaves it to the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.shop import people
from core.shop.terminal import SYSTEM
from tests.builders import WATER, Shop
from tests.gui.conftest import Keys, buttons
from ui.app import build_window
from ui.window import Window

PIN, OTHER = "2580", "1379"


class Door:
    """A window that asks who is there."""

    def __init__(self, qtbot, shop: Shop) -> None:
        for id_, role, name in (("C1", "cashier", "Wang"), ("M1", "manager", "Li")):
            shop.hire(id_, role, name)
            people.give_pin(shop.terminal, SYSTEM, id_, PIN)
        shop.set("language", "en")
        self.shop = shop
        self.qtbot = qtbot
        self.window: Window = build_window(shop.terminal, shop.terminal.write(lambda s: s.settings).result())
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.keys = Keys(self.window)
        self.window.start()

    def type(self, text: str) -> None:
        self.keys.type(text)
        self.qtbot.waitUntil(lambda: not self.window.scanner._held)

    def enter(self, pin: str) -> None:
        self.type(pin + "\r")

    def touch(self, text: str) -> None:
        """Touch the button whose text begins so."""
        found = [button for button in buttons(self.window) if button.text().startswith(text)]
        self.qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)

    def reads(self, text: str) -> bool:
        shown = [*self.window.findChildren(QLabel), *buttons(self.window)]
        return any(text in widget.text() for widget in shown if widget.isVisible())

    def wait_for_counter(self) -> None:
        self.qtbot.waitUntil(lambda: bool(self.window.sell and self.window.sell.state.cart.op))


@pytest.fixture
def door(qtbot, shop) -> Iterator[Door]:
    made = Door(qtbot, shop)
    yield made
    made.window.close()


def test_nobody_sells_before_somebody_signs_in(door):
    assert door.window.sell is None and door.reads("Who is at the till?")
    door.keys.scan(WATER.shown_code)
    door.enter(PIN)
    door.wait_for_counter()
    assert door.window.sell.by.staff == "C1" and not door.window.sell.state.cart.lines
    assert door.reads("Wang")


def test_a_wrong_pin_says_so_and_is_forgotten(door):
    door.enter(OTHER)
    door.qtbot.waitUntil(lambda: door.reads("The PIN is wrong."))
    assert door.window.sign_in.state.digits == 0 and door.window.sell is None
    door.enter(PIN)
    door.wait_for_counter()


def test_by_touch_alone_as_somebody_else(door):
    door.touch("Li")
    for digit in PIN:
        door.touch(digit)
    door.touch("Enter")
    door.wait_for_counter()
    assert door.window.sell.by.staff == "M1"


def test_by_arrows_and_keys(door):
    door.qtbot.keyClick(door.window.page, Qt.Key.Key_Down)
    assert door.window.sign_in.state.chosen == "M1"
    door.type("258")
    door.qtbot.keyClick(door.window.page, Qt.Key.Key_Backspace)
    assert door.window.sign_in.state.digits == 2
    door.enter("80")
    door.wait_for_counter()
    assert door.window.sell.by.staff == "M1"


def test_the_cart_stays_on_the_counter_when_somebody_leaves_and_the_next_goes_on(door):
    door.enter(PIN)
    door.wait_for_counter()
    door.keys.scan(WATER.shown_code)
    door.qtbot.waitUntil(lambda: bool(door.window.sell.state.cart.lines))
    door.qtbot.keyClick(door.window.page, Qt.Key.Key_F10)
    door.qtbot.waitUntil(lambda: door.window.sign_in is not None)
    assert door.window.sign_in.state.chosen == "C1"
    door.touch("Li")
    door.enter(PIN)
    door.qtbot.waitUntil(lambda: bool(door.window.sell and door.window.sell.state.cart.lines))
    assert door.reads("This cart was still open")
    door.qtbot.keyClick(door.window.page, Qt.Key.Key_F12)
    door.qtbot.waitUntil(lambda: door.window.sell.state.verdict.title.startswith("Paid"))
    cashiers = door.shop.terminal.write(lambda s: s.connection.execute("SELECT cashier FROM sale").fetchall()).result()
    assert cashiers == [("M1",)]


def test_a_till_that_nobody_touches_asks_again(door):
    door.enter(PIN)
    door.wait_for_counter()
    door.window._idle.idle.emit()
    door.qtbot.waitUntil(lambda: door.window.sign_in is not None)


def test_who_may_not_sell_is_offered_nothing_to_sell_with(door):
    door.shop.hire("G1", "guide", "Chen")
    people.give_pin(door.shop.terminal, SYSTEM, "G1", PIN)
    door.enter(PIN)
    door.wait_for_counter()
    door.window.lock()
    door.qtbot.waitUntil(lambda: door.window.sign_in is not None)
    door.touch("Chen")
    door.enter(PIN)
    door.qtbot.waitUntil(lambda: bool(door.window.room))
    rooms = [
        button.text()
        for button in buttons(door.window)
        if button.text() in ("Sell", "Members", "Receipts", "Goods", "Today")
    ]
    assert rooms == ["Members", "Receipts", "Goods"]
    for room in ("sell", "today", "staff", "settings"):
        door.window.open_room(room)
    door.keys.scan(WATER.shown_code)
    assert door.window.sell is None and door.window.room == "members" and not door.reads("Cash")
    door.window.lock()
    door.qtbot.waitUntil(lambda: door.window.sign_in is not None)


def test_where_nobody_has_a_pin_nobody_is_asked(qtbot, shop):
    shop.hire("C1", "cashier")
    window = build_window(shop.terminal, shop.terminal.write(lambda s: s.settings).result())
    qtbot.addWidget(window)
    assert window.sell is not None and window.sign_in is None
    window.close()


def test_the_till_is_left_at_once_whatever_the_disk_is_doing(door):
    door.enter(PIN)
    door.wait_for_counter()
    gate = threading.Event()
    door.shop.terminal.read(lambda _: gate.wait(20))
    door.qtbot.keyClick(door.window.page, Qt.Key.Key_F10)
    assert door.window.sell is None and door.window.room == "" and door.reads("One moment")
    door.keys.scan(WATER.shown_code)
    for number in "123456789":
        door.qtbot.keyClick(door.window.page, Qt.Key(ord(number)), Qt.KeyboardModifier.AltModifier)
    assert door.window.room == ""
    gate.set()
    door.qtbot.waitUntil(lambda: door.window.sign_in is not None)
