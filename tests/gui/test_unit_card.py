"""Units in front of the scanner: their life at one glance, and what is said of one or of many."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtWidgets import QLabel

from core.codes.serial import grouped
from core.events import LabelReprinted, UnitsChanged, UnitStep
from core.shop import codes, units
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from tests.gui.code_desk import WHY, CodeDesk, K
from tests.gui.hands import House
from ui.codes.state import Part
from ui.rooms import ROOMS


@pytest.fixture
def desk(qtbot, shop):
    made = CodeDesk(qtbot, shop)
    yield made
    made.window.close()


def uri(serial: str) -> str:
    return f"HTTPS://ID.EXAMPLE.COM/01/{RICE.code}/21/{serial}"


def sold(desk: CodeDesk, serial: str) -> str:
    """It is sold at the counter. Returns the receipt."""
    desk.enter("sell")
    desk.scan(uri(serial))
    desk.qtbot.waitUntil(lambda: bool(desk.window.sell.state.cart.lines))
    desk.hit(K.Key_F12)
    desk.settle()
    found = desk.shop.terminal.read(partial(units.unit_of, text=serial)).result()
    desk.enter("codes")
    desk.settle()
    return found.receipt


def test_a_life_is_told_in_one_glance(desk):
    batch, (serial, *_) = desk.issued(3)
    part = partial(codes.mark_printed, by=SYSTEM, batch=batch.name, start=0, count=2, medium="pdf")
    desk.shop.terminal.write(part).result()
    receipt = sold(desk, serial)
    desk.look_at(serial)
    assert desk.reads(grouped(serial)) and desk.reads("▲ sold") and desk.reads("稻香大米 5kg")
    assert desk.reads(f"9521000008144 · batch {batch.name}, no. 1 · receipt {receipt}")
    assert desk.rows == [
        ("2026-11-23 10:00", f"issued · {batch.name}", "system", "T1"),
        ("2026-11-23 10:00", "printed · pdf", "system", "T1"),
        ("2026-11-23 10:00", f"sold · {receipt}", "system", "T1"),
    ]
    assert desk.reads("As this till knows it at 2026-11-23 10:00.")
    desk.hit(K.Key_F6)
    desk.settle()
    assert desk.window.room == "receipts" and desk.window.presenter("receipts").state.chosen.receipt == receipt
    desk.enter("codes")
    desk.hit(K.Key_Escape)
    assert desk.now.shown is None and desk.reads(batch.name)


def test_who_acted_is_named(qtbot, shop):
    desk = CodeDesk(qtbot, shop, shop.hire("M1", "manager", "Li Yun"))
    _, (serial, *_) = desk.issued(1)
    desk.look_at(serial)
    desk.hit(K.Key_F5)
    desk.settle()
    assert desk.rows[-1][1:3] == ("on sale", "Li Yun")
    desk.window.close()


def test_what_is_said_of_a_unit_is_seen_on_it(desk):
    _, (serial, *_) = desk.issued(1)
    desk.look_at(serial)
    for key, state, step in (
        (K.Key_F5, "✓ on sale", UnitStep.ON_SALE),
        (K.Key_F9, "▲ missing", UnitStep.MISSING),
        (K.Key_F7, "✕ missing · frozen", UnitStep.FROZEN),
        (K.Key_F7, "▲ missing", UnitStep.RELEASED),
    ):
        desk.fill(WHY, "stock-taking")
        desk.hit(key)
        desk.settle()
        assert desk.reads(state) and desk.facts(UnitsChanged)[-1].step is step
        assert desk.facts(UnitsChanged)[-1].reason == "stock-taking" and desk.field(WHY).text() == ""
    desk.hit(K.Key_F9)
    desk.says("is so already.")


def test_void_is_for_ever_and_asked_for_twice(desk):
    _, (serial, *_) = desk.issued(1)
    desk.look_at(serial)
    desk.hit(K.Key_F8)
    desk.settle()
    assert desk.reads("void for ever? Press Void once more.") and not desk.facts(UnitsChanged)
    desk.scan(serial)
    desk.settle()
    desk.hit(K.Key_F8)
    desk.settle()
    assert not desk.facts(UnitsChanged)
    desk.hit(K.Key_F8)
    desk.settle()
    assert desk.reads("✕ void") and [fact.step for fact in desk.facts(UnitsChanged)] == [UnitStep.VOID]
    desk.hit(K.Key_F5)
    desk.says("is void. Put the item aside")


def test_many_are_scanned_and_one_word_is_said_of_all(desk):
    _, serials = desk.issued(30)
    desk.hit(K.Key_F4)
    desk.look_at(serials[0])
    desk.hit(K.Key_F4)
    assert not desk.now.collecting or desk.now.units
    desk.hit(K.Key_Escape)
    desk.look_at(serials[0])
    desk.hit(K.Key_F4)
    for serial in serials[1:25]:
        desk.look_at(serial)
    desk.scan(serials[3])
    desk.says("stands here twice")
    assert len(desk.rows) == 25 and desk.reads("Units scanned: 25")
    desk.hit(K.Key_F5)
    desk.settle()
    assert {row[2] for row in desk.rows} == {"on sale"} and desk.reads("Units: 25 · on sale")
    (fact,) = desk.facts(UnitsChanged)
    assert fact.units == serials[:25]


def test_all_of_them_or_none(desk):
    _, serials = desk.issued(2)
    desk.look_at(serials[1])
    desk.hit(K.Key_F9)
    desk.settle()
    desk.hit(K.Key_F4)
    desk.look_at(serials[0])
    desk.hit(K.Key_F9)
    desk.says("is so already.")
    assert [row[2] for row in desk.rows] == ["missing", "issued"] and len(desk.facts(UnitsChanged)) == 1


def test_a_spoiled_label_comes_out_again_with_the_same_code(desk):
    _, (serial, *_) = desk.issued(1)
    desk.look_at(serial)
    desk.hit(K.Key_F12)
    desk.settle()
    desk.hit(K.Key_F12)
    desk.settle()
    assert [fact.copy for fact in desk.facts(LabelReprinted)] == [1, 2]
    assert (
        desk.reads("copy 2:") and desk.reads("label printed again: 2 ×") and (desk.folder / f"{serial}.pdf").is_file()
    )


@pytest.mark.parametrize("room", [name for name in ROOMS if name != "sell"])
def test_a_unit_scanned_outside_a_sale_is_looked_at(alone, room):
    _, (serial,) = alone.shop.issue(RICE, 1)
    alone.enter(room)
    alone.settle()
    alone.scan(uri(serial))
    alone.settle()
    alone.settle()
    presenter = alone.window.presenter("codes")
    assert alone.window.room == "codes" and presenter.state.shown.unit.serial == serial and not alone.state.cart.lines


@pytest.mark.parametrize("room", ["today", "settings"])
def test_a_unit_scanned_while_somebody_is_served_is_sold(alone, room):
    _, (serial,) = alone.shop.issue(RICE, 1)
    alone.scan(WATER.shown_code)
    alone.until(lambda state: bool(state.cart.lines))
    alone.enter(room)
    alone.scan(uri(serial))
    alone.until(lambda state: [line.unit for line in state.cart.lines] == ["", serial])
    assert alone.window.room == "sell"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (uri("2345678923456789"), "is no code of this shop, although it looks like one."),
        ("134567890123456789", "This is a customer's payment code"),
        ("HTTPS://ID.EXAMPLE.COM/01/9521000008144/21/ABC", "14 digits"),
        ("nonsense!", "is no code that this shop knows"),
    ],
)
def test_what_is_no_unit_says_what_it_is(desk, text, words):
    desk.issued(1)
    desk.scan(text)
    desk.settle()
    shown = [label.text() for label in desk.window.findChildren(QLabel) if label.isVisible()]
    assert desk.now.refused and any(words in one for one in shown), desk.now.said


def test_a_code_is_typed_where_no_scanner_reads_it(desk):
    batch, (serial, other) = desk.issued(2)
    desk.type(serial)
    desk.hit(K.Key_Return)
    desk.at(lambda state: bool(state.shown))
    assert desk.now.shown.unit.serial == serial
    desk.type(other)
    desk.hit(K.Key_Return)
    desk.at(lambda state: bool(state.shown))
    assert desk.now.shown.unit.serial == other
    desk.hit(K.Key_Escape)
    desk.settle()
    desk.type(batch.name[-3:])
    desk.hit(K.Key_Return)
    desk.settle()
    assert desk.now.chosen.batch.name == batch.name and not desk.now.refused


def test_a_form_that_is_open_takes_the_scan_as_its_item(desk):
    _, (serial, *_) = desk.issued(1)
    desk.hit(K.Key_F3)
    desk.settle()
    desk.scan(uri(serial))
    desk.settle()
    assert desk.now.part is Part.LABELS and desk.presenter.issuing.item.state.chosen == RICE


def test_a_guide_looks_and_puts_on_sale_and_no_more(qtbot, shop):
    _, (serial,) = shop.issue(RICE, 1)
    desk = CodeDesk(qtbot, shop, shop.hire("G1", "guide"))
    desk.look_at(serial)
    for key in (K.Key_F7, K.Key_F8, K.Key_F8, K.Key_F9, K.Key_F12):
        desk.hit(key)
        desk.settle()
    assert not desk.facts(UnitsChanged) and not desk.facts(LabelReprinted)
    desk.hit(K.Key_F5)
    desk.settle()
    assert [fact.step for fact in desk.facts(UnitsChanged)] == [UnitStep.ON_SALE]
    desk.window.close()


def test_at_the_counter_a_sold_unit_names_its_receipt_and_comes_back_by_its_code(qtbot, shop):
    _, (serial,) = shop.issue(RICE, 1)
    house = House(qtbot, shop)
    house.scan(uri(serial))
    house.until(lambda state: len(state.cart.lines) == 1)
    house.scan(uri(serial))
    house.says("is in the cart already; it is one item.")
    house.hit(K.Key_F12)
    house.until(lambda state: not state.cart.lines)
    found = shop.terminal.read(partial(units.unit_of, text=serial)).result()
    house.scan(serial)
    house.says(f"is sold already, on receipt {found.receipt}.")
    house.hit(K.Key_F8)
    house.scan(uri(serial))
    house.until(lambda state: state.cart.total == -RICE.price)
    house.hit(K.Key_F12)
    house.until(lambda state: not state.cart.lines)
    assert shop.terminal.read(partial(units.unit_of, text=serial)).result().state == "returned"
    house.window.close()
