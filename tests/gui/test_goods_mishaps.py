"""Goods, their import and the first start, when somebody is quicker than the shop, leaves, or presses twice."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox

from core.catalogue.files import CatalogueFile
from core.catalogue.product import Product
from core.shop import goods, people
from core.shop.terminal import SYSTEM, Actor
from tests.builders import SCARF, WATER, Shop
from tests.gui.hands import ALT, CODE, FILE, NAME, PIN, PRICE, SEARCH, GoodsDesk, ImportDesk, K, big
from ui.goods.importing import Step
from ui.setup.state import SetupStep

SAVE_FIRST = "Save this with F12 first, or leave it with Esc."


@pytest.fixture
def working(qtbot, shop, tmp_path):
    """A manager's desk, in the middle of an import."""
    shop.hire("M1", "manager", "Li")
    people.give_pin(shop.terminal, SYSTEM, "M1", PIN)
    path = tmp_path / "goods.csv"
    path.write_text(big(6000), encoding="utf-8")
    desk = ImportDesk(qtbot, shop, tmp_path, Actor("M1"))
    desk.key(K.Key_F6)
    desk.importing.choose(path)
    desk.at(lambda state: state.may_start)
    desk.key(K.Key_F12)
    desk.at(lambda state: state.done > 500)
    yield desk
    desk.window.close()


def picker(desk: ImportDesk, name: str) -> QComboBox:
    (found,) = [p for p in desk.window.findChildren(QComboBox) if p.isVisible() and p.accessibleName() == name]
    return found


def take_in(shop: Shop, *products: Product) -> None:
    file = CatalogueFile("goods.csv", "0" * 64, products, ())
    goods.import_catalogue(shop.terminal, SYSTEM, file, tick=lambda _: None)


def test_nobody_leaves_in_the_middle_of_an_import(working):
    for leave in (lambda: working.key(K.Key_F10), working.window._idle.idle.emit):
        leave()
        assert working.importing.state.step is Step.WORKING and working.window.sign_in is None
        assert working.reads("Stop this first, or wait until it is done.")
    working.at(lambda state: state.step is Step.DONE)
    assert working.reads("6000 added") and working.known("ITEM6000")
    working.key(K.Key_F10)
    working.qtbot.waitUntil(lambda: working.window.sign_in is not None)


def test_a_window_closed_in_the_middle_of_an_import_leaves_it_whole(working):
    working.window.close()
    query = "SELECT (SELECT count(*) FROM feed_product), (SELECT count(*) FROM local_import_row)"
    row = working.shop.terminal.write(lambda s: s.connection.execute(query).fetchone()).result()
    assert row in ((0, 0), (6000, 0)) and working.shop.diagnosis(full=True).ok


@pytest.mark.logs
def test_a_disk_that_refuses_after_the_fact_is_not_called_nothing(import_desk):
    desk = import_desk
    desk.look(big(6000))
    desk.key(K.Key_F12)
    desk.at(lambda state: state.done > 6200)
    desk.refuse_writes()
    desk.at(lambda state: state.step is not Step.WORKING)
    assert desk.known("ITEM0001") is None or not desk.reads("Nothing was saved")


def test_a_wheel_over_a_column_changes_nothing(import_desk):
    import_desk.look(FILE)
    price = picker(import_desk, "Price")
    at, down = QPointF(price.rect().center()), QPoint(0, -120)
    none, phase = (Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier), Qt.ScrollPhase.NoScrollPhase
    turn = QWheelEvent(at, QPointF(price.mapToGlobal(at.toPoint())), down, down, *none, phase, False)
    QApplication.sendEvent(price, turn)
    assert import_desk.importing.state.columns["price"] == "售价"


def test_a_column_is_named_by_keys_alone(import_desk):
    desk = import_desk
    desk.look(FILE.replace("货号", "我们的号"))
    own = picker(desk, "Own code")
    for _ in range(20):
        if QApplication.focusWidget() is own:
            break
        desk.key(K.Key_Tab, text="\t")
    assert own.hasFocus()
    for _ in range(2):
        desk.key(K.Key_Down)
        desk.at(lambda state: state.step is Step.CHECK)
    assert own.hasFocus() and own.currentText() == "我们的号"


def test_alt_and_a_digit_leave_the_room_and_not_a_sign_in_a_field(goods_desk):
    goods_desk.touch(goods_desk.field(NAME))
    goods_desk.key(K.Key_1, ALT, "1")
    assert goods_desk.window.room == "sell" and goods_desk.presenter.state.draft.name == WATER.name


def test_a_scan_is_read_here_as_at_the_counter(goods_desk):
    for text in (f"]E0{SCARF.shown_code}", f"https://x.cn/01/{SCARF.code}?17=270100", f"01{SCARF.code}10L7"):
        goods_desk.keys.scan(text)
        goods_desk.until(lambda state: state.chosen == SCARF)
        goods_desk.key(K.Key_Escape)
        goods_desk.until(lambda state: state.chosen == WATER)


def test_a_scan_means_that_code_and_no_longer_one(qtbot, shop):
    take_in(shop, Product("377", "one", 100))
    for longer in ("3771", "AB12", "6901234567892X"):
        shop.terminal.write(partial(goods.set_product, by=SYSTEM, product=Product(longer, "other", 100))).result()
    desk = GoodsDesk(qtbot, shop)
    for scanned, shown, typed in (("377", "377", "377"), ("6901234567892", "6901234567892", ""), ("AB1", None, "")):
        desk.keys.scan(scanned)
        desk.settle()
        assert shown in (None, desk.field(CODE).text()) and desk.field(SEARCH).text() == typed, scanned
        assert not desk.state.chosen or desk.state.chosen.code == shown
    desk.window.close()


def test_a_scan_into_the_code_keeps_what_was_filled_in(goods_desk):
    desk = goods_desk
    desk.key(K.Key_F3)
    desk.tab_to(NAME)
    desk.type("Tea")
    desk.touch(desk.field(CODE))
    desk.keys.scan("6901234567892")
    desk.until(lambda state: state.draft.code == "6901234567892")
    assert desk.field(NAME).text() == "Tea"


def test_an_arrow_leaves_nothing_unsaved_behind(goods_desk):
    desk, before = goods_desk, goods_desk.codes()
    desk.fill(PRICE, "2.5")
    desk.key(K.Key_Down)
    assert desk.reads(SAVE_FIRST) and desk.state.chosen == WATER and desk.field(PRICE).text() == "2.5"
    desk.key(K.Key_F12)
    desk.key(K.Key_Down)
    assert desk.state.chosen == WATER
    desk.until(lambda state: state.said.endswith("is saved."))
    assert desk.codes() == before and desk.known(WATER.code).price == 250
    desk.key(K.Key_Down)
    assert desk.state.row == 1 and desk.codes() == before


def test_what_is_typed_while_it_is_saved_stays(goods_desk):
    desk, disk = goods_desk, threading.Event()
    desk.fill(PRICE, "2.5")
    desk.shop.terminal.write(lambda _: disk.wait(5))
    desk.key(K.Key_F12)
    desk.fill("Category", "Drinks")
    disk.set()
    desk.until(lambda state: bool(state.said))
    assert desk.field("Category").text() == "Drinks"


def test_something_new_saved_twice_is_no_refusal_and_the_next_can_be_begun(goods_desk):
    desk = goods_desk
    desk.key(K.Key_F3)
    desk.type("TEA")
    desk.key(K.Key_F12)
    desk.key(K.Key_F12)
    desk.until(lambda state: state.count == 6)
    desk.settle()
    assert not desk.reads("already in the catalogue")
    desk.key(K.Key_F3)
    assert desk.state.row == -1


def test_more_goods_come_once(qtbot, shop):
    take_in(shop, *(Product(f"ITEM{n:03}", f"商品{n}", 100 + n) for n in range(250)))
    desk = GoodsDesk(qtbot, shop)
    for _ in range(4):
        desk.table.scrollToBottom()
        desk.key(K.Key_Down)
        desk.table.scrollToBottom()
        QApplication.processEvents()
    desk.settle()
    codes = desk.codes()
    desk.window.close()
    assert len(codes) == len(set(codes)) == 255


def test_a_cashier_is_not_asked_to_add(qtbot, shop):
    desk = GoodsDesk(qtbot, shop, shop.hire("C1", "cashier", "Wang"))
    desk.type("zzz")
    desk.until(lambda state: not state.products)
    said = desk.reads("Fill it in to add it")
    desk.window.close()
    assert not said


def test_a_draft_is_there_again_when_somebody_comes_back(goods_desk):
    goods_desk.fill(PRICE, "9")
    for way in ("Goods", "Sell"):
        goods_desk.click(way)
        goods_desk.click("Goods")
        goods_desk.settle()
        assert goods_desk.field(PRICE).text() == "9", way


def test_esc_while_the_manager_is_saved_loses_nobody(program):
    start = program()
    start.go_to(SetupStep.MANAGER)
    start.enter()
    start.type(PIN)
    start.enter()
    start.key(K.Key_Escape)
    start.settle()
    assert start.state.step is SetupStep.GOODS and start.state.manager


def test_a_shop_that_is_opened_twice_opens_once(program):
    start = program()
    start.go_to(SetupStep.SCAN)
    start.enter()
    start.enter()
    start.at_the_till()
    start.settle()
    assert start.window.room == "sell"


def test_a_window_closed_in_the_first_start_leaves_no_thread(program):
    start = program()
    start.go_to(SetupStep.GOODS)
    assert [thread for thread in threading.enumerate() if thread.name.startswith("store-slow")]
    start.window.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("store-slow")]


def test_the_name_of_the_shop_is_whole(program):
    program().go_to(SetupStep.MANAGER)
    again = program()
    again.at_the_till()
    assert again.reads("My shop · T1")
