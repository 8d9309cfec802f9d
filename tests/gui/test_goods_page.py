"""A manager keeps the catalogue: finds, changes and adds goods, by keys alone and by touch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from core.catalogue.files import CatalogueFile
from core.catalogue.product import Product
from core.shop import counter, goods
from core.shop.terminal import SYSTEM, Actor
from tests.builders import BAG, GOODS, RICE, SCARF, WATER, Shop
from tests.gui.conftest import Keys, buttons
from ui.app import build_window
from ui.goods.presenter import GoodsPresenter
from ui.goods.state import GoodsState
from ui.widgets.rows import RowsTable
from ui.window import Window

K = Qt.Key
SEARCH, CODE, NAME, PRICE, TAX = (
    "F2 Name, initials or code", "Barcode, or a code of your own", "Item name", "Price", "Tax rate",
)  # fmt: skip


class Desk:
    """A window, and the hands of whoever keeps a shop at it."""

    def __init__(self, qtbot, window: Window) -> None:
        self.qtbot, self.window, self.keys = qtbot, window, Keys(window)
        self.pressed = self.touched = 0

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, text: str = "") -> None:
        """A key as the platform hands it to whatever has the focus."""
        self.pressed += 1
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(self.window.windowHandle(), QKeyEvent(kind, key, modifiers, text))

    def type(self, text: str) -> None:
        """Slow fingers."""
        self.pressed += len(text)
        self.keys.type(text)
        self.qtbot.waitUntil(lambda: not self.window.scanner._held)

    def write(self, text: str) -> None:
        """What an input method commits to the field that has the focus."""
        focus = QApplication.focusWidget()
        assert focus and focus.inputMethodQuery(Qt.InputMethodQuery.ImEnabled)
        event = QInputMethodEvent()
        event.setCommitString(text)
        QCoreApplication.sendEvent(focus, event)

    def touch(self, widget: QWidget) -> None:
        assert widget.isEnabled() and widget.isVisible()
        self.touched += 1
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def click(self, text: str) -> None:
        """The button whose text, or one line of it, is so."""

        def found() -> list[QAbstractButton]:
            return [b for b in buttons(self.window) if text in (b.text(), *b.text().split("\n"))]

        self.qtbot.waitUntil(lambda: len(found()) == 1)
        self.touch(found()[0])

    def field(self, name: str) -> QLineEdit:
        found = [f for f in self.window.findChildren(QLineEdit) if f.isVisible() and f.accessibleName() == name]
        assert len(found) == 1, name
        return found[0]

    def fill(self, name: str, text: str) -> None:
        """Touch a field and type something else into it."""
        self.touch(self.field(name))
        self.key(K.Key_A, Qt.KeyboardModifier.ControlModifier, "\x01")
        self.type(text) if text else self.key(K.Key_Backspace)

    def tab_to(self, name: str) -> None:
        for _ in range(12):
            if QApplication.focusWidget() is self.field(name):
                return
            self.key(K.Key_Tab, text="\t")
        pytest.fail(f"no Tab leads to {name}")

    def offers(self, word: str) -> bool:
        return any(word in button.text() for button in buttons(self.window))

    def reads(self, text: str) -> bool:
        return any(text in label.text() for label in self.window.findChildren(QLabel) if label.isVisible())


class GoodsDesk(Desk):
    """The Goods room."""

    def __init__(self, qtbot, shop: Shop, by: Actor | None = None) -> None:
        self.shop = shop
        shop.set("language", "en")
        window = build_window(shop.terminal, shop.terminal.write(lambda s: s.settings).result(), by)
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        super().__init__(qtbot, window)
        window.start()
        self.enter()

    def enter(self) -> None:
        """Come in, by the key of the rail."""
        if self.window.room != "goods":
            self.key(K.Key_3, Qt.KeyboardModifier.AltModifier, "3")
        self.until(lambda state: state.count >= 0 and bool(state.products))

    @property
    def presenter(self) -> GoodsPresenter:
        found = self.window.presenter("goods")
        assert isinstance(found, GoodsPresenter)
        return found

    @property
    def state(self) -> GoodsState:
        return self.presenter.state

    @property
    def table(self) -> RowsTable:
        (found,) = [t for t in self.window.page.findChildren(RowsTable) if t.isVisible()]
        return found

    def until(self, condition: Callable[[GoodsState], bool]) -> GoodsState:
        self.qtbot.waitUntil(lambda: condition(self.state))
        return self.state

    def codes(self) -> list[str]:
        """What the list shows, from top to bottom."""
        model = self.table.model()
        return [model.index(row, 1).data() for row in range(model.rowCount())]

    def known(self, code: str) -> Product | None:
        return self.shop.terminal.read(partial(goods.known_product, text=code)).result()

    def look_for(self, initials: str, product: Product) -> None:
        """Find a product by keys alone; the next keys are for the list."""
        self.type(initials)
        self.until(lambda state: state.chosen == product)
        self.key(K.Key_Return, text="\r")

    def in_the_cart(self) -> int:
        return self.shop.terminal.write(counter.look).result().cart.pieces

    def facts(self) -> int:
        count = "SELECT count(*) FROM journal"
        return self.shop.terminal.read(lambda view: view.connection.execute(count).fetchone()[0]).result()


@pytest.fixture
def desk(qtbot, shop) -> Iterator[GoodsDesk]:
    made = GoodsDesk(qtbot, shop)
    yield made
    made.window.close()


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


@pytest.mark.parametrize(
    ("typed", "found"),
    [("ymwj", SCARF), ("lkqs", WATER), ("952100000814", RICE), ("BAG", BAG), ("5kg", RICE)],
)
def test_goods_are_found_by_whoever_begins_to_type(desk, typed, found):
    desk.type(typed)
    assert desk.until(lambda state: state.chosen == found).typed == typed
    assert desk.field(NAME).text() == found.name and desk.field(CODE).text() == found.shown_code
    assert desk.reads(found.name) and desk.codes()[0] == found.shown_code


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
    assert desk.field(NAME).text() == "" and desk.reads("Something new")
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
@pytest.mark.parametrize("gap", [200, 70, 40, 10])
def test_what_is_typed_into_a_field_arrives_once(desk, name, gap):
    desk.touch(desk.field(name))
    desk.key(K.Key_A, Qt.KeyboardModifier.ControlModifier, "\x01")
    for char in "0123456789.55":
        desk.keys._now += gap - 200
        desk.keys.type(char)
    desk.qtbot.waitUntil(lambda: not desk.window.scanner._held)
    assert desk.field(name).text() == "0123456789.55"


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


@pytest.mark.parametrize("number", [1, 2, 4])
def test_rooms_are_entered_by_key(desk, number):
    desk.key(K(K.Key_0 + number), Qt.KeyboardModifier.AltModifier, str(number))
    assert desk.window.room == ["sell", "receipts", "goods", "today"][number - 1]


def test_drawing_a_state_twice_changes_nothing(desk):
    desk.look_for("ymwj", SCARF)
    desk.tab_to(PRICE)
    desk.key(K.Key_Home)
    before = [field.text() for field in desk.window.findChildren(QLineEdit)]
    desk.window.page.render_state(desk.state)
    assert [field.text() for field in desk.window.findChildren(QLineEdit)] == before
    assert desk.field(PRICE).hasFocus() and desk.field(PRICE).cursorPosition() == 0
