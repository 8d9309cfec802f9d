"""A window on a shop, and the hands that work it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from core import events, texts
from core.errors import StoreError
from core.shop.terminal import SYSTEM, Actor
from tests.builders import BAG, RICE, WATER, Shop
from ui.app import build_window
from ui.presenter import Presenter
from ui.sell.state import SellState
from ui.widgets.rows import RowsTable
from ui.window import Window


def buttons(window: QWidget) -> list[QAbstractButton]:
    """The buttons that can be seen."""
    return [button for button in window.findChildren(QAbstractButton) if button.isVisible()]


class Keys:
    """Keys as the platform hands them to a window: a scanner's and a person's."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._now = 1000

    def scan(self, text: str) -> None:
        """A scanner's burst."""
        self._now += 1000
        for char in text + "\r":
            self._now += 5
            self._send(char)

    def type(self, text: str) -> None:
        """Slow fingers."""
        for char in text:
            self._now += 200
            self._send(char)

    def _send(self, char: str) -> None:
        key = Qt.Key.Key_Return if char == "\r" else Qt.Key(ord(char.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, char)
            event.setTimestamp(self._now)
            QCoreApplication.sendEvent(self._window.windowHandle(), event)


class Till:
    """The window, and what a cashier does with it."""

    def __init__(self, qtbot, shop: Shop) -> None:
        self.shop = shop
        self.window: Window = build_window(shop.terminal, shop.terminal.write(lambda s: s.settings).result())
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.qtbot = qtbot
        self.keys = Keys(self.window)
        self.window.start()
        self.until(lambda state: bool(state.date) and bool(state.cart.op))

    @property
    def state(self) -> SellState:
        assert self.window.sell
        return self.window.sell.state

    def until(self, condition: Callable[[SellState], bool]) -> SellState:
        """Wait until the page shows what is expected."""
        self.qtbot.waitUntil(lambda: condition(self.state))
        return self.state

    def scan(self, text: str) -> None:
        """A scanner's burst."""
        self.keys.scan(text)

    def type(self, text: str) -> None:
        """Slow fingers."""
        self.keys.type(text)
        self.qtbot.waitUntil(lambda: not self.window.scanner._held)

    def press(self, key: Qt.Key) -> None:
        """A key that writes nothing."""
        self.qtbot.keyClick(self.window.page, key)

    def click(self, text: str) -> None:
        """The button with a text, or with a key written below its text."""
        (button,) = [b for b in buttons(self.window) if text in (b.text(), *b.text().split("\n"))]
        assert button.isEnabled(), text
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def enter(self, room: str) -> Presenter[Any]:
        """Go to a room of the rail. Returns what stands behind it."""
        self.window.open_room(room)
        presenter = self.window.presenter(room)
        assert presenter and self.window.room == room
        return presenter

    def reads(self, text: str) -> bool:
        """Whether a visible label shows a text."""
        return any(text in label.text() for label in self.window.findChildren(QLabel) if label.isVisible())


class Hands(Till):
    """A window with one of its rooms open, and somebody whose keys go where the focus is.

    Args:
        room: the one that is open; the first of the rail where it is empty.
        by: who is there.
    """

    def __init__(self, qtbot, shop: Shop, room: str = "", by: Actor = SYSTEM, language: str = "en") -> None:
        shop.set("language", language)
        self.shop, self.qtbot = shop, qtbot
        self.window = build_window(shop.terminal, shop.terminal.write(lambda s: s.settings).result(), by)
        qtbot.addWidget(self.window)
        self.window.show()
        qtbot.waitExposed(self.window)
        self.keys = Keys(self.window)
        self.window.start()
        self.presenter = self.enter(room or self.window.room)

    def field(self, name: str) -> QLineEdit:
        """The field of that caption."""
        (found,) = [line for line in self.window.page.findChildren(QLineEdit) if line.accessibleName() == name]
        return found

    def hit(self, key: Qt.Key, times: int = 1, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        """A key, wherever keys go at the moment."""
        for _ in range(times):
            QTest.keyClick(self.window.windowHandle(), key, modifier)

    def space(self) -> None:
        """The space bar, for as long as a hand needs."""
        QTest.keyPress(self.window.windowHandle(), Qt.Key.Key_Space)
        self.qtbot.waitUntil(lambda: not self.window.scanner._held)
        QTest.keyRelease(self.window.windowHandle(), Qt.Key.Key_Space)

    def touch(self, what: QWidget | str) -> None:
        """A widget, or the button whose accessible name begins so."""
        if isinstance(what, str):
            (what,) = [button for button in buttons(self.window) if button.accessibleName().startswith(what)]
        self.qtbot.mouseClick(what, Qt.MouseButton.LeftButton)

    def touch_row(self, row: int) -> None:
        """A row of the room's table."""
        table = self.window.page.findChild(RowsTable)
        spot = table.visualRect(table.model().index(row, 0)).center()
        self.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    def fill(self, name: str, text: str) -> None:
        """Touch a field and type another text into it."""
        self.touch(self.field(name))
        self.hit(Qt.Key.Key_A, modifier=Qt.KeyboardModifier.ControlModifier)
        self.hit(Qt.Key.Key_Backspace)
        self.type(text)

    def says(self, text: str) -> None:
        self.qtbot.waitUntil(lambda: self.reads(text))

    def chosen(self) -> list[str]:
        """The choices that are pressed."""
        return [button.text() for button in buttons(self.window) if button.property("chosen") == "yes"]

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """What stands in the room's table."""
        model = self.window.page.findChild(RowsTable).model()
        return [tuple(model.index(row, n).data() for n in range(4)) for row in range(model.rowCount())]

    def facts(self, kind: type) -> list[Any]:
        """Those of a kind that are in the journal."""
        stored = self.shop.terminal.write(lambda s: s.connection.execute("SELECT event FROM journal").fetchall())
        return [fact for (row,) in stored.result() if isinstance(fact := events.decode(row), kind)]

    def settle(self) -> None:
        """Until every answer of the shop has arrived; a third may follow from a second, and that from a first."""
        tasks = self.window.setup.tasks if self.window.setup else self.window._tasks
        for _ in range(3):
            for executor in (tasks.slow, tasks.brief):
                with self.qtbot.waitCallback(timeout=20_000) as arrived:
                    executor(lambda _: None, arrived, arrived)
            tasks._terminal.write(lambda _: None).result()
            tasks._terminal.read(lambda _: None).result()
            QApplication.processEvents()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def till(qtbot, shop) -> Iterator[Till]:
    shop.set("language", "en")
    made = Till(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def no_error() -> Callable[[StoreError], None]:
    def fail(error: StoreError) -> None:
        pytest.fail(str(error))

    return fail


@pytest.fixture(autouse=True, scope="module")
def what_is_loaded_stays() -> None:
    """What lives as long as the tests do is not looked through after each of them."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def the_last_window_is_gone() -> None:
    """A window of the test before would be dressed anew together with this one's."""
    if QCoreApplication.instance():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def day(shop, clock) -> list[str]:
    """Receipts of three sales of a morning, the oldest first."""
    sales = [shop.sell((WATER, 1))]
    for goods in (((BAG, 25),), ((RICE, 1), (BAG, 1))):
        clock.go(minutes=75)
        sales.append(shop.sell(*goods))
    return [sale.receipt for sale in sales]


@pytest.fixture
def archive(qtbot, shop, day):
    """The Receipts room, after that morning."""
    from tests.gui.hands import Archive

    made = Archive(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def office(qtbot, shop):
    """The Staff room, with a manager in it and a cashier on the list."""
    from tests.gui.hands import Office

    shop.hire("C1", "cashier", "Wang")
    shop.hire("M1", "manager", "Li")
    made = Office(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def settings_desk(qtbot, shop):
    """The Settings room."""
    from tests.gui.hands import SettingsDesk

    made = SettingsDesk(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def house(qtbot, shop):
    """A manager in it, a cashier outside."""
    from tests.gui.hands import House, staffed

    made = House(qtbot, staffed(shop), by=Actor("M1"))
    yield made
    made.window.close()


@pytest.fixture
def alone(qtbot, shop):
    """Nobody has a PIN; whoever is there may do everything."""
    from tests.gui.hands import House

    made = House(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def goods_desk(qtbot, shop):
    """The Goods room."""
    from tests.gui.hands import GoodsDesk

    made = GoodsDesk(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def import_desk(qtbot, shop, tmp_path, monkeypatch):
    """The Goods room of somebody with a folder of downloads."""
    from tests.gui.hands import ImportDesk

    home = tmp_path / "person"
    (home / "Downloads").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    made = ImportDesk(qtbot, shop, home / "Downloads")
    yield made
    made.window.close()


@pytest.fixture
def program(qtbot, tmp_path, monkeypatch):
    """Starts the program on the same home."""
    from tests.gui.hands import FILE_OF_GOODS, Start

    downloads = tmp_path / "person" / "Downloads"
    downloads.mkdir(parents=True)
    (downloads / "goods.csv").write_text(FILE_OF_GOODS, encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "person" / "config"))
    started: list[Start] = []

    def start(language: str = "en") -> Start:
        if started:
            started[-1].close()
        started.append(Start(qtbot, tmp_path / "home", language))
        return started[-1]

    yield start
    if started:
        started[-1].close()
    texts.use("en")
