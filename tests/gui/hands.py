"""The hands of whoever works in one of the rooms, and of whoever starts the program for the first time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QWidget

from core.catalogue.product import Product
from core.errors import RefusedError, StoreError
from core.events import SettingChanged
from core.sales.receipt import plain_text
from core.shop import counter, goods, people
from core.shop.glance import glance, take_home
from core.shop.terminal import SYSTEM, Actor
from core.staff.queries import Person
from core.texts import tr
from tests.builders import Shop
from tests.gui.conftest import Hands, Keys, buttons
from ui.app import SIZE, build_window, dress
from ui.goods.importing import ImportPresenter, ImportState, Step
from ui.goods.presenter import GoodsPresenter
from ui.goods.state import GoodsState
from ui.opening import found_shop, open_shop
from ui.rail import RailButton
from ui.receipts.page import SlipView
from ui.setup.presenter import SetupPresenter
from ui.setup.state import SetupState, SetupStep
from ui.widgets.rows import RowsTable
from ui.window import Window

K = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier
PIN, LONG_PIN, OTHER_PIN = "2580", "25801379", "90472615"
PAYMENT, TEA = "134567890123456789", "6901234567892"
SEARCH, CODE, NAME, PRICE, TAX = (
    "F2 Name, initials or code", "Barcode, or a code of your own", "Item name", "Price", "Tax rate",
)  # fmt: skip
SHOP_NAME, FOOTER = "Name of the shop, as on receipts", "Last line of receipts"
TAX_RATE, HOUR = "Tax rate of goods that have none of their own", "Hour at which the business day begins"
ZONE = "Time zone"
COLUMNS = "条码,货号,名称,规格,售价,税率,分类\n"
FILE = COLUMNS + (
    "9521000000377,,云岭矿泉水,550ml,2.50,13%,饮料\n"
    "9521000008144,,稻香大米,5kg,49.90,9%,粮油\n"
    ",TEA,龙井,,88,,茶\n"
    ",SALT,盐,,,,\n"
)
FILE_OF_GOODS = f"条码,名称,售价\n{TEA},龙井,88\n9521000000377,水,2\n"


class Archive(Hands):
    """The Receipts room."""

    def __init__(self, qtbot, shop: Shop, by: Actor = SYSTEM) -> None:
        super().__init__(qtbot, shop, "receipts", by)

    @property
    def search(self) -> QLineEdit:
        return self.field("F2 Number, amount or goods")

    @property
    def numbers(self) -> list[str]:
        return [row[0] for row in self.rows]

    def wait(self, *numbers: str) -> None:
        """Until these receipts are listed, and the slip is that of the chosen one."""
        self.qtbot.waitUntil(lambda: self.numbers == list(numbers))
        if numbers:
            self.looks_at(self.numbers[max(0, self.presenter.state.row)])

    def looks_at(self, number: str) -> list[str]:
        """Until the slip of that receipt is on the screen. Returns what stands on it."""
        view = self.window.page.findChild(SlipView)
        self.qtbot.waitUntil(lambda: view.isVisible() and view.accessibleName() == number)
        (chosen,) = self.window.page.findChild(RowsTable).selectionModel().selectedRows()
        assert chosen.data() == number
        return plain_text(view._slip)


class SettingsDesk(Hands):
    """The Settings room."""

    def __init__(self, qtbot, shop: Shop, by: Actor = SYSTEM, language: str = "en") -> None:
        super().__init__(qtbot, shop, "settings", by, language)
        self.settle()
        self.before = len(self.facts(SettingChanged))

    def value(self, name: str) -> str:
        return self.shop.terminal.write(lambda s: s.settings.text(name)).result()

    def changes(self) -> list[tuple[str, str]]:
        """What was set since the room was opened."""
        return [(fact.name, fact.value) for fact in self.facts(SettingChanged)[self.before :]]

    def choose(self, choice: str) -> None:
        """Touch a choice, and wait until it is pressed."""
        self.touch(choice)
        self.settle()


class House(Hands):
    """A window, and people who come and go."""

    @property
    def rail(self) -> list[str]:
        """What stands on the rail, without the person."""
        return [button.text() for button in buttons(self.window) if isinstance(button, RailButton)]

    def leave(self) -> None:
        self.hit(Qt.Key.Key_F10)
        self.qtbot.waitUntil(lambda: self.window.sign_in is not None)

    def sign_in(self, name: str, pin: str = PIN) -> None:
        self.touch(next(button for button in buttons(self.window) if button.text().startswith(name)))
        self.type(pin + "\r")
        self.qtbot.waitUntil(lambda: bool(self.window.room))
        self.settle()


def staffed(shop: Shop) -> Shop:
    for id_, role, name in (("C1", "cashier", "Wang"), ("M1", "manager", "Zhou")):
        shop.hire(id_, role, name)
        people.give_pin(shop.terminal, SYSTEM, id_, PIN)
    return shop


class Office(House):
    """The Staff room, and a manager in it."""

    def __init__(self, qtbot, shop: Shop) -> None:
        people.give_pin(shop.terminal, SYSTEM, "M1", OTHER_PIN)
        super().__init__(qtbot, shop, "staff", Actor("M1"))
        self.qtbot.waitUntil(lambda: bool(self.rows))

    @property
    def everybody(self) -> dict[str, Person]:
        return {person.id: person for person in self.shop.terminal.read(people.all_people).result()}

    def choose(self, name: str) -> None:
        self.touch_row([row[0] for row in self.rows].index(name))


class Desk(Hands):
    """Hands whose keys and touches are counted; a key comes with its text, as the platform hands it on."""

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
        super().type(text)

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
            self.key(K.Key_4, Qt.KeyboardModifier.AltModifier, "4")
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


class ImportDesk(GoodsDesk):
    """The Goods room, with the folder of a person's downloads beside it."""

    def __init__(self, qtbot, shop: Shop, downloads: Path, by: Actor | None = None) -> None:
        super().__init__(qtbot, shop, by)
        self.downloads = downloads

    @property
    def importing(self) -> ImportPresenter:
        return self.presenter.importing

    def at(self, condition: Callable[[ImportState], bool]) -> ImportState:
        self.qtbot.waitUntil(lambda: condition(self.importing.state))
        return self.importing.state

    def put(self, text: str | bytes, name: str = "goods.csv") -> Path:
        path = self.downloads / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("gb18030"))
        return path

    def begin(self, *files: tuple[str, str | bytes]) -> None:
        for name, text in files:
            self.put(text, name)
        self.key(K.Key_F6)
        self.at(lambda state: len(state.files) == len(files))

    def look(self, text: str | bytes, name: str = "goods.csv") -> ImportState:
        """Choose a file by its key."""
        self.begin((name, text))
        self.key(K.Key_1)
        return self.at(lambda state: state.step is Step.CHECK)

    def refuse_writes(self) -> None:
        """The disk is read-only until the connection is opened anew."""
        self.shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON")).result()


class Start(Desk):
    """The program, started on a home as `ui.app.run` starts it, and closed again."""

    def __init__(self, qtbot, home: Path, language: str = "en") -> None:
        self.home, self.opened = home, ExitStack()
        lock = take_home(home)
        self.opened.callback(lock.release)
        try:
            shop = glance(home)
        except RefusedError:
            shop = None
        name, terminal = (shop.name, shop.terminal) if shop else ("", "")
        window = Window(name, terminal, dress(shop.language if shop else language))
        window.resize(*SIZE)
        qtbot.addWidget(window)
        if shop:
            open_shop(home, lock, window, self.opened, self._on_failed)
        else:
            found_shop(home, lock, window, self.opened)
        window.show()
        qtbot.waitExposed(window)
        super().__init__(qtbot, window)

    @staticmethod
    def _on_failed(error: StoreError) -> None:
        pytest.fail(str(error))

    @property
    def setup(self) -> SetupPresenter:
        assert self.window.setup
        return self.window.setup

    @property
    def state(self) -> SetupState:
        return self.setup.state

    def until(self, condition: Callable[[SetupState], bool]) -> SetupState:
        self.qtbot.waitUntil(lambda: condition(self.state))
        return self.state

    def at(self, step: SetupStep) -> None:
        """Wait for a page, and for its first field to have the focus."""
        self.until(lambda state: state.step is step and not state.busy)
        self.qtbot.waitUntil(lambda: not self.window.page.hasFocus() or step in (SetupStep.LANGUAGE, SetupStep.SCAN))
        QApplication.processEvents()

    def enter(self) -> None:
        self.key(K.Key_Return, text="\r")

    def picker(self, name: str) -> QComboBox:
        (found,) = [p for p in self.window.findChildren(QComboBox) if p.isVisible() and p.accessibleName() == tr(name)]
        return found

    def at_the_till(self) -> str:
        """Wait for the first room. Returns who stands in it."""
        self.qtbot.waitUntil(lambda: bool(self.window.sell and self.window.sell.state.cart.op))
        assert self.window.room == "sell" and self.window.setup is None
        return self.window.sell.by.staff

    def sell(self, code: str) -> None:
        self.keys.scan(code)
        self.qtbot.waitUntil(lambda: bool(self.window.sell.state.cart.lines))
        self.key(K.Key_F12)
        self.qtbot.waitUntil(lambda: self.window.sell.state.change is not None)

    def go_to(self, step: SetupStep) -> None:
        """To a page, with what is offered on those before it."""
        ways = {
            SetupStep.LANGUAGE: lambda: self.type("3"),
            SetupStep.SHOP: self.enter,
            SetupStep.MANAGER: lambda: (self.enter(), self.type(PIN), self.enter()),
            SetupStep.GOODS: lambda: self.key(K.Key_Escape),
        }
        for page, way in ways.items():
            if page is step:
                break
            self.at(page)
            way()
        self.at(step)

    def close(self) -> None:
        """Close the window, as anybody may at any time."""
        self.window.close()
        self.opened.close()


def big(count: int = 3000) -> str:
    """A file of so many goods."""
    return COLUMNS + "".join(f",ITEM{n:04},商品{n},,{n}.00,,\n" for n in range(1, count + 1))
