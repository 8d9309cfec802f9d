"""The frame around the rooms: who may enter which, where scans go, and what is left when somebody leaves."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTableView, QWidget

from tests.builders import BAG, RICE, WATER
from tests.gui.conftest import buttons
from tests.gui.hands import ALT, House
from ui.rail import RailButton
from ui.rooms import ROOMS
from ui.window import Window

OPEN_TO = {
    "cashier": ["sell", "members", "receipts", "goods", "codes", "guides"],
    "guide": ["members", "receipts", "goods", "codes", "guides"],
    "manager": ["sell", "members", "receipts", "goods", "codes", "today", "guides", "tray", "staff", "settings"],
    "it": ["goods", "codes", "settings"],
}


def everything_shown(window: Window) -> str:
    parts = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        if widget.isVisible():
            parts += [widget.accessibleName(), widget.toolTip()]
            parts += [widget.text()] if isinstance(widget, QLabel | QAbstractButton | QLineEdit) else []
        if widget.isVisible() and isinstance(widget, QTableView) and (model := widget.model()):
            rows, columns = range(model.rowCount()), range(model.columnCount())
            parts += [str(model.index(row, column).data()) for row in rows for column in columns]
    return "\n".join(parts)


@pytest.mark.parametrize("role", OPEN_TO)
def test_the_rail_shows_exactly_the_rooms_that_may_be_entered(qtbot, shop, role):
    house = House(qtbot, shop, by=shop.hire("X1", role, "Somebody"))
    rooms = OPEN_TO[role]
    assert house.window.room == rooms[0]
    assert house.rail == [*(ROOMS[room].word for room in rooms), f"Somebody\n{'IT' if role == 'it' else role.title()}"]
    for number, room in enumerate(ROOMS, 1):
        before, page = house.window.room, house.window.page
        house.hit(Qt.Key(Qt.Key.Key_0.value + number % 10), modifier=ALT)
        assert house.window.room == (room if room in rooms else before)
        assert (house.window.presenter(room) is not None) is (room in rooms)
        assert room in rooms or house.window.page is page
        (marked,) = [
            button.text() for button in buttons(house.window) if isinstance(button, RailButton) and button.isChecked()
        ]
        assert marked == ROOMS[house.window.room].word
    for room in ROOMS.keys() - set(rooms):
        house.window.open_room(room)
        assert house.window.room in rooms and house.window.presenter(room) is None
    for room in rooms:
        house.touch(f"{ROOMS[room].word} Alt+{(list(ROOMS).index(room) + 1) % 10}")
        assert house.window.room == room and house.window.page.isVisible()
    house.settle()
    house.window.close()


def test_a_key_of_no_room_leads_nowhere(alone):
    alone.hit(Qt.Key.Key_A, modifier=ALT)
    assert alone.window.room == "sell" and alone.state.entry == ""


@pytest.mark.parametrize("in_field", [False, True])
@pytest.mark.parametrize("room", ROOMS)
def test_goods_that_are_scanned_go_where_they_are_meant_for(alone, room, in_field):
    presenter = alone.enter(room)
    alone.settle()
    fields = [line for line in alone.window.page.findChildren(QLineEdit) if line.isVisible()]
    before = [line.text() for line in fields]
    if in_field and fields:
        alone.touch(fields[0])
    alone.scan(RICE.shown_code)
    if room in ("receipts", "goods", "codes"):
        alone.qtbot.waitUntil(lambda: presenter.state.typed == RICE.shown_code)
        alone.settle()
        assert alone.window.room == room and not alone.state.cart.lines
        assert room != "goods" or presenter.state.chosen.code == RICE.code
    else:
        alone.until(lambda state: [line.code for line in state.cart.lines] == [RICE.code])
        assert alone.window.room == "sell" and alone.reads("Added: 稻香大米")
        assert [line.text() for line in fields] == before


def test_who_sells_nothing_puts_nothing_on_the_counter(qtbot, shop):
    house = House(qtbot, shop, "settings", shop.hire("X1", "it"))
    house.scan(RICE.shown_code)
    house.settle()
    assert house.window.room == "settings" and house.window.sell is None
    house.window.close()


def test_what_a_room_shows_is_there_again_when_somebody_comes_back(alone):
    alone.type("12")
    alone.enter("staff")
    alone.hit(Qt.Key.Key_F3)
    alone.type("Chen")
    alone.enter("sell")
    assert alone.state.entry == "12" and alone.reads("12")
    alone.enter("staff")
    alone.settle()
    assert alone.field("Name").text() == "Chen"


def test_nothing_of_the_last_one_is_shown_to_the_next(house, shop):
    sale = shop.sell((RICE, 3), (WATER, 7))
    house.enter("receipts")
    house.type("0001")
    house.settle()
    house.hit(Qt.Key.Key_F12)
    house.says("There is no printer; copy 1 is a file")
    house.enter("goods")
    house.hit(Qt.Key.Key_F3)
    house.type("SECRET-CODE")
    house.enter("today")
    house.settle()
    house.enter("staff")
    house.fill("Name", "Secret Person")
    house.fill("New PIN, 4 to 8 digits", "73195028")
    house.enter("settings")
    house.fill("Tax rate of goods that have none of their own", "xyz%")
    house.hit(Qt.Key.Key_Return)
    house.says("▲")
    house.enter("sell")
    house.type("98765")
    house.leave()
    house.settle()
    secrets = ("Secret", "SECRET", "73195028", "xyz", "98765", sale.receipt, "163.70", "Copy")
    assert not [text for text in secrets if text in everything_shown(house.window)]
    assert not [room for room in ROOMS if house.window.presenter(room)]
    house.sign_in("Wang")
    assert (
        house.rail == ["Sell", "Members", "Receipts", "Goods", "Codes", "Guides", "Wang\nCashier"]
        and house.state.entry == ""
    )
    assert not [text for text in (*secrets[:5], "Copy", "Zhou") if text in everything_shown(house.window)]
    for room in ("receipts", "goods"):
        house.enter(room)
        house.settle()
        shown = everything_shown(house.window)
        assert not [text for text in (*secrets[:5], "Copy") if text in shown]
        assert house.window.presenter(room).state.typed == ""
    assert {room for room in ROOMS if house.window.presenter(room)} == {"sell", "receipts", "goods"}


def look_at_the_day(house: House) -> None:
    house.enter("today")
    house.hit(Qt.Key.Key_Left)


def read_goods(house: House) -> None:
    house.enter("goods")
    house.hit(Qt.Key.Key_F2)
    house.type("ymwj")


@pytest.mark.parametrize("step", [look_at_the_day, read_goods])
def test_an_answer_that_comes_while_somebody_leaves_harms_nobody(house, step):
    house.shop.sell((BAG, 1))
    for room in ROOMS:
        house.enter(room)
    house.settle()
    waiting = threading.Event()
    house.shop.terminal.read(lambda _: waiting.wait(20))
    step(house)
    house.hit(Qt.Key.Key_F10)
    waiting.set()
    house.qtbot.waitUntil(lambda: house.window.sign_in is not None)
    house.settle()
    house.sign_in("Wang")
    assert house.window.room == "sell" and house.rail[-1] == "Wang\nCashier"
    assert house.state.verdict.title == "Ready to scan"


def nameless(window: QWidget) -> list[str]:
    kinds = QAbstractButton | QLineEdit | QComboBox | QTableView
    controls = [w for w in window.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible()]
    assert len(controls) > 3
    return [f"{type(w).__name__} {w.objectName()}" for w in controls if not w.accessibleName().strip()]


def test_everything_that_can_be_used_has_a_name(alone):
    alone.shop.sell((RICE, 1))
    for room in ROOMS:
        alone.enter(room)
        alone.settle()
        assert not nameless(alone.window), room


@pytest.mark.parametrize("key", [Qt.Key.Key_F2, Qt.Key.Key_F11])
def test_what_is_offered_at_the_counter_has_a_name(alone, key):
    alone.scan(RICE.shown_code)
    alone.until(lambda state: state.cart.pieces == 1)
    alone.hit(key)
    alone.settle()
    assert not nameless(alone.window)


def test_the_pages_of_who_is_there_and_of_a_file_have_names_too(house):
    house.enter("goods")
    house.hit(Qt.Key.Key_F6)
    house.settle()
    assert not nameless(house.window)
    house.leave()
    assert not nameless(house.window)


def reached(house: House, key: Qt.Key, times: int) -> set[QWidget]:
    found = set()
    for _ in range(times):
        house.hit(key)
        found.add(house.window.focusWidget())
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_tab_reaches_every_field_and_every_button_of_a_room(alone, room):
    alone.shop.sell((RICE, 1))
    alone.enter(room)
    alone.settle()
    page = alone.window.page
    wanted = [w for w in page.findChildren(QWidget) if isinstance(w, QLineEdit | QComboBox | QAbstractButton)]
    wanted = [w for w in wanted if w.isVisible() and w.isEnabled() and not isinstance(w, RailButton)]
    wanted = [w for w in wanted if not isinstance(w.parent(), QTableView | QLineEdit)]
    for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        page.setFocus()
        found = reached(alone, key, len(wanted) + 5)
        assert not [w.accessibleName() for w in wanted if w not in found]
        alone.settle()
        assert alone.window.room == room


@pytest.mark.parametrize("size", [(1024, 700), (1366, 768)])
def test_a_field_that_tab_reaches_is_in_sight(alone, size):
    alone.window.resize(*size)
    alone.enter("settings")
    alone.settle()
    whole, page = alone.window.rect(), alone.window.page
    seen = []
    alone.hit(Qt.Key.Key_Tab)
    while (focused := alone.window.focusWidget()) is not page:
        alone.settle()
        corner = focused.mapTo(alone.window, focused.rect().bottomRight())
        assert whole.contains(corner) and not focused.visibleRegion().isEmpty(), focused.accessibleName()
        seen.append(focused)
        alone.hit(Qt.Key.Key_Tab)
    assert len(set(seen)) == len(seen) > 20


@pytest.mark.parametrize(("role", "sees"), [("cashier", False), ("manager", True)])
def test_how_the_day_goes_is_shown_to_those_who_may_see_reports(qtbot, shop, role, sees):
    shop.sell((RICE, 1))
    house = House(qtbot, shop, "sell", shop.hire("X1", role))
    house.settle()
    assert house.reads("2026-11-23") and house.reads("49.90") is sees
    house.window.close()
