"""A manager keeps the catalogue: finds, changes and adds goods, by keys alone and by touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from core.catalogue.files import CatalogueFile
from core.catalogue.product import Product
from core.shop import goods
from core.shop.terminal import SYSTEM
from tests.builders import BAG, GOODS, RICE, SCARF, WATER
from tests.gui.hands import CODE, NAME, PRICE, SEARCH, TAX, GoodsDesk, K


@pytest.fixture
def desk(goods_desk):
    return goods_desk


@pytest.fixture
def desk_of(qtbot, shop) -> Iterator[Callable[[str], GoodsDesk]]:
    """A desk of somebody in a role."""
    made: list[GoodsDesk] = []

    def open_desk(role: str) -> GoodsDesk:
        made.append(GoodsDesk(qtbot, shop, shop.hire("P1", role, "Wang")))
        return made[-1]

    yield open_desk
    for desk in made:
        desk.window.close()


def test_a_long_catalogue_comes_in_pieces_and_whole(qtbot, shop):
    products = tuple(Product(f"ITEM{n:03}", f"商品{n}", 100 + n) for n in range(450))
    file = CatalogueFile("goods.csv", "0" * 64, products, ())
    goods.import_catalogue(shop.terminal, SYSTEM, file, tick=lambda _: None)
    desk = GoodsDesk(qtbot, shop)
    assert desk.reads("455 goods") and len(desk.codes()) == 200
    for so_far in (400, 455):
        desk.table.scrollToBottom()
        qtbot.waitUntil(lambda so_far=so_far: len(desk.codes()) == so_far)
    desk.table.scrollToBottom()
    assert not desk.state.goes_on and sorted(desk.codes()) == sorted({p.shown_code for p in (*products, *GOODS)})
    desk.type("ITEM449")
    assert desk.until(lambda state: len(state.products) == 1).chosen == products[-1]
    desk.window.close()


def test_goods_are_found_by_whoever_begins_to_type(desk):
    for typed, found in (("ymwj", SCARF), ("lkqs", WATER), ("952100000814", RICE), ("BAG", BAG), ("5kg", RICE)):
        desk.type(typed)
        assert desk.until(lambda state, found=found: state.chosen == found and not state.goes_on).typed == typed
        desk.until(lambda state: len(state.products) < len(GOODS))
        assert desk.field(NAME).text() == found.name and desk.field(CODE).text() == found.shown_code
        assert desk.reads(found.name) and desk.codes()[0] == found.shown_code
        desk.key(K.Key_Escape)
        desk.until(lambda state: len(state.products) == len(GOODS))


def test_goods_are_found_by_a_part_of_the_name(desk):
    desk.key(K.Key_F2)
    desk.write("围巾")
    desk.until(lambda state: state.chosen == SCARF)
    desk.key(K.Key_Escape)
    desk.until(lambda state: len(state.products) == len(GOODS))
    assert desk.field(SEARCH).text() == "" and desk.reads("5 goods")


def test_what_is_not_there_is_said_and_may_be_added(desk):
    desk.type("NEW-7")
    desk.until(lambda state: state.draft.code == "NEW-7")
    assert desk.reads("Nothing is called so")


def test_a_price_is_changed_by_keys_alone(desk):
    desk.look_for("ymwj", SCARF)
    desk.tab_to(PRICE)
    desk.type("199.5")
    desk.key(K.Key_F12)
    desk.until(lambda state: bool(state.said))
    assert desk.reads("羊毛围巾 米色 is saved.") and desk.known(SCARF.code) == replace(SCARF, price=19950)
    assert desk.field(PRICE).text() == "199.50" and desk.table.model().index(0, 3).data() == "199.50"


def test_something_is_added_by_keys_alone(desk):
    desk.key(K.Key_F3)
    for name, text in ((CODE, "6901234567892"), (NAME, "Tea"), (PRICE, "3"), (TAX, "9%")):
        desk.tab_to(name)
        desk.type(text)
    desk.key(K.Key_Return, text="\r")
    desk.until(lambda state: state.count == 6)
    assert desk.reads("Tea is saved.") and desk.reads("6 goods")
    assert desk.known("6901234567892") == Product("06901234567892", "Tea", 300, 90_000)
    assert desk.codes()[0] == "6901234567892"


def test_goods_are_changed_and_added_by_touch_and_typing(desk):
    table = desk.table
    place = table.visualRect(table.model().index(2, 0)).center()
    desk.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert desk.state.chosen == RICE and not desk.field(CODE).isEnabled()
    desk.fill(PRICE, "45")
    desk.fill(TAX, "0.13")
    desk.click("Save")
    desk.until(lambda state: bool(state.said))
    assert desk.known(RICE.code) == replace(RICE, price=4500, tax_rate=130_000)
    desk.click("New")
    assert desk.field(NAME).text() == "" and desk.reads("New item")
    desk.fill(CODE, "TEA")
    desk.touch(desk.field(NAME))
    desk.write("龙井")
    desk.click("Save")
    desk.until(lambda state: state.count == 6)
    assert desk.known("TEA") == Product("TEA", "龙井")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (PRICE, "two", "“two” is no amount of money."),
        (PRICE, "1.234", "“1.234” is no amount of money."),
        (PRICE, "-1", "A price cannot be below zero."),
        (TAX, "13", "“13” is no rate; write 13% or 0.13."),
        (TAX, "x%", "“x%” is no rate; write 13% or 0.13."),
        (NAME, "x" * 121, "longer than a name may be"),
        (NAME, "134567890123456789", "customer's payment code"),
    ],
)
def test_what_cannot_be_is_said_and_the_draft_is_kept(desk, name, text, sentence):
    facts = desk.facts()
    desk.fill("Category", "Drinks")
    desk.touch(desk.field(name))
    desk.key(K.Key_A, Qt.KeyboardModifier.ControlModifier, "\x01")
    desk.write(text)
    desk.key(K.Key_F12)
    desk.until(lambda state: state.refused)
    assert desk.reads(sentence) and desk.facts() == facts and desk.known(WATER.code) == WATER
    assert desk.field(name).text() == text and desk.field("Category").text() == "Drinks"
    desk.fill(name, "5%" if name is TAX else "5")
    assert not desk.reads(sentence)
    desk.key(K.Key_F12)
    desk.until(lambda state: state.said.endswith("is saved."))
    changed = {PRICE: {"price": 500}, TAX: {"tax_rate": 50_000}, NAME: {"name": "5"}}[name]
    assert desk.known(WATER.code) == replace(WATER, category="Drinks", **changed)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(WATER.shown_code, "is already in the catalogue"), ("a b", "no spaces"), ("", "cannot be an item's code")],
)
def test_a_code_that_cannot_be_given_is_said_and_the_draft_is_kept(desk, code, sentence):
    desk.key(K.Key_F3)
    desk.type(code)
    desk.tab_to(NAME)
    desk.type("Tea")
    desk.key(K.Key_F12)
    desk.until(lambda state: state.refused)
    assert desk.reads(sentence) and (desk.field(CODE).text(), desk.field(NAME).text()) == (code, "Tea")
    assert desk.known(WATER.code) == WATER


def test_a_scan_here_is_looked_up_and_goes_into_no_cart(desk):
    desk.keys.scan(RICE.shown_code)
    desk.until(lambda state: state.chosen == RICE)
    desk.keys.scan("6901234567892")
    desk.until(lambda state: state.draft.code == "6901234567892")
    desk.tab_to(NAME)
    desk.type("Tea")
    desk.tab_to(PRICE)
    desk.type("3")
    desk.key(K.Key_F12)
    desk.until(lambda state: state.count == 6)
    assert desk.in_the_cart() == 0
    desk.key(K.Key_Escape)
    desk.keys.scan("6901234567892")
    desk.until(lambda state: bool(state.chosen) and state.chosen.name == "Tea")
    desk.click("Sell")
    desk.keys.scan("6901234567892")
    desk.qtbot.waitUntil(lambda: desk.window.sell.state.cart.total == 300)


def test_a_cashier_looks_and_changes_nothing(desk_of):
    desk = desk_of("cashier")
    facts = desk.facts()
    for name in (CODE, NAME, "Specification", PRICE, TAX, "Category"):
        assert not desk.field(name).isEnabled()
    assert not any(desk.offers(word) for word in ("New", "From a file", "Save"))
    before = desk.state
    for key in (K.Key_F3, K.Key_F6, K.Key_F12, K.Key_Return):
        desk.key(key)
    assert desk.state == before
    desk.look_for("ymwj", SCARF)
    assert desk.facts() == facts


def test_it_may_add_and_take_files_in(desk_of):
    desk = desk_of("it")
    assert desk.window.sell is None and all(desk.offers(word) for word in ("New", "From a file", "Save"))
    desk.key(K.Key_F3)
    desk.type("TEA")
    desk.tab_to(NAME)
    desk.key(K.Key_F12)
    desk.until(lambda state: state.count == 6)
    desk.key(K.Key_F6)
    assert desk.reads("Which file?")
    desk.key(K.Key_Escape)
    desk.until(lambda state: not state.importing)


@pytest.mark.parametrize("name", [SEARCH, NAME, PRICE])
def test_what_is_typed_into_a_field_arrives_once(desk, name):
    desk.touch(desk.field(name))
    for gap in (200, 70, 40, 10):
        desk.key(K.Key_A, Qt.KeyboardModifier.ControlModifier, "\x01")
        for char in "0123456789.55":
            desk.keys._now += gap - 200
            desk.keys.type(char)
        desk.qtbot.waitUntil(lambda: not desk.window.scanner._held)
        assert desk.field(name).text() == "0123456789.55", gap


@pytest.mark.parametrize("name", [SEARCH, NAME, PRICE])
def test_a_scan_while_a_field_has_the_focus_leaves_nothing_in_it(desk, name):
    desk.touch(desk.field(name))
    desk.keys.scan(SCARF.shown_code)
    desk.until(lambda state: state.chosen == SCARF)
    assert [desk.field(f).text() for f in (SEARCH, NAME, PRICE)] == [SCARF.shown_code, SCARF.name, "259.00"]
    assert desk.in_the_cart() == 0 and desk.known(SCARF.code) == SCARF and desk.known(WATER.code) == WATER


def test_a_key_that_follows_at_once_comes_after_what_was_typed(desk):
    desk.fill(PRICE, "2")
    desk.keys.type(".5")
    desk.key(K.Key_F12)
    desk.until(lambda state: bool(state.said))
    assert desk.known(WATER.code) == replace(WATER, price=250)


def test_rooms_are_entered_by_key(desk):
    for number, room in ((1, "sell"), (2, "members"), (3, "receipts"), (6, "today"), (4, "goods")):
        desk.key(K(K.Key_0 + number), Qt.KeyboardModifier.AltModifier, str(number))
        assert desk.window.room == room


def test_drawing_a_state_twice_changes_nothing(desk):
    desk.look_for("ymwj", SCARF)
    desk.tab_to(PRICE)
    desk.key(K.Key_Home)
    before = [field.text() for field in desk.window.findChildren(QLineEdit)]
    desk.window.page.render_state(desk.state)
    assert [field.text() for field in desk.window.findChildren(QLineEdit)] == before
    assert desk.field(PRICE).hasFocus() and desk.field(PRICE).cursorPosition() == 0
