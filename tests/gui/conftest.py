"""A window on a shop, and the hands that work it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from core.errors import StoreError
from tests.builders import Shop
from ui.app import build_window
from ui.presenter import Presenter
from ui.sell.state import SellState
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
