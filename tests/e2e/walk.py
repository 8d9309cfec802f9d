"""A walk through the program with real keys and touches on a real display, once by keyboard alone, once by touch alone.

`uv run python -m tests.e2e.walk OUT --by keyboard|touch --language zh_CN|en` keeps a picture of each step. It needs a
display of its own and xdotool, whose keys go where the display's focus is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
WATER, SODA, JUICE = "9521000000377", "9521000000742", "9521000001114"
_BY_HAND = "200"
"""ms that xdotool takes for a key; half of it passes between two. No scanner is so slow."""

PIN, OTHER = "2580", "1379"
_PATIENCE, _BEFORE_ANOTHER_TRY = 20, 4
"""Seconds."""


class Hands:
    """Fingers on keys or on the screen, and the eyes that go with them. Works on a thread of its own."""

    def __init__(self, out: Path) -> None:
        from PySide6.QtCore import QObject, Qt, Signal

        class Asker(QObject):
            asked = Signal(object, object)

        self._out, self._shots = out, 0
        self.keys = self.touches = 0
        self._asker = Asker()
        self._asker.asked.connect(_answer, Qt.ConnectionType.QueuedConnection)

    def see(self, look: Callable[[Any], Any]) -> Any:
        """What the window shows; looked at on the thread that draws it."""
        future: Future[Any] = Future()
        self._asker.asked.emit(look, future)
        return future.result(_PATIENCE)

    def wait(self, condition: Callable[[Any], bool]) -> None:
        """Until something is so in the window."""
        pause = threading.Event()
        for _ in range(_PATIENCE * 20):
            if self.see(condition):
                return
            pause.wait(0.05)
        self.shot("did-not-happen")
        raise AssertionError("did not happen")

    def happens(self, condition: Callable[[Any], bool]) -> bool:
        """Whether something is so before somebody would try again."""
        pause = threading.Event()
        for _ in range(_BEFORE_ANOTHER_TRY * 20):
            if self.see(condition):
                return True
            pause.wait(0.05)
        return False

    def key(self, *names: str) -> None:
        """Press keys, and count them."""
        self.keys += len(names)
        self._do("key", "--delay", "60", *names)

    def digits(self, text: str) -> None:
        """Type digits by hand, and count them."""
        self.keys += len(text)
        self._do("type", "--delay", _BY_HAND, text)

    def name(self, text: str) -> None:
        """Type a name, which is not counted."""
        self._do("type", "--delay", _BY_HAND, text)

    def scan(self, code: str) -> None:
        """A scanner's burst."""
        self._do("type", "--delay", "3", code + "\n")

    def touch(self, text: str) -> None:
        """Touch the button with a text, or with that line in its text."""
        self.touches += 1
        self.wait(lambda window: _button(window, text) is not None)
        self._at(self.see(lambda window: _centre(_button(window, text))))

    def touch_named(self, name: str) -> None:
        """Touch the button that says this to a screen reader."""
        self.touches += 1
        self._at(self.see(lambda window: _centre(_named(window, name))))

    def touch_row(self, name: str, row: int) -> None:
        """Touch a row of the table of that name."""
        self.touches += 1
        self._at(self.see(lambda window: _row_place(window, name, row)))

    def shot(self, name: str) -> None:
        """Keep a picture of the display."""
        self._shots += 1
        path = self._out / f"{self._shots:02}-{name}.png"
        self.see(lambda window: window.repaint())
        self.see(lambda window: window.screen().grabWindow(0).save(str(path)))

    def _at(self, place: tuple[int, int]) -> None:
        self._do("mousemove", str(place[0]), str(place[1]), "click", "1")

    def _do(self, *args: str) -> None:
        # There is no window manager that would give the focus.
        number = str(self.see(lambda window: int(window.winId())))
        subprocess.run(["xdotool", "windowfocus", number], check=True)
        # Until the window knows that it has the focus.
        self.wait(lambda window: window.isActiveWindow())
        subprocess.run(["xdotool", *args], check=True)


def _answer(look: Callable[[Any], Any], future: Future[Any]) -> None:
    try:
        future.set_result(look(_window()))
    # Raised again where it was asked for.
    except BaseException as error:  # noqa: BLE001
        future.set_exception(error)


def _window() -> Any:
    from PySide6.QtWidgets import QApplication

    from ui.window import Window

    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, Window) and w.isVisible())


def _button(window: Any, text: str) -> Any:
    from PySide6.QtWidgets import QAbstractButton

    for made in window.findChildren(QAbstractButton):
        # Keys are written below or before the word.
        words = [word for line in made.text().split("\n") for word in (line, line.partition("  ")[2])]
        if made.isVisible() and made.isEnabled() and text in words:
            return made
    return None


def _named(window: Any, name: str) -> Any:
    from PySide6.QtWidgets import QAbstractButton

    return next(b for b in window.findChildren(QAbstractButton) if b.isVisible() and b.accessibleName() == name)


def _centre(made: Any) -> tuple[int, int]:
    place = made.mapToGlobal(made.rect().center())
    return place.x(), place.y()


def _row_place(window: Any, name: str, row: int) -> tuple[int, int]:
    from PySide6.QtWidgets import QTableView

    table = next(t for t in window.findChildren(QTableView) if t.isVisible() and t.accessibleName() == name)
    place = table.viewport().mapToGlobal(table.visualRect(table.model().index(row, 0)).center())
    return place.x(), place.y()


def walk(hands: Hands, by: str, language: str) -> dict[str, int]:
    """From an empty home to a day that was looked at. Returns the counts of the first start."""
    from core.texts import LANGUAGES, tr
    from tests.e2e.steps import KeyboardSteps, TouchSteps

    steps = (KeyboardSteps if by == "keyboard" else TouchSteps)(hands)
    hands.wait(lambda window: window.setup is not None)
    hands.shot("language")
    steps.language(list(LANGUAGES).index(language) + 1, LANGUAGES[language])
    hands.wait(lambda window: window.setup.state.step == "shop")
    hands.shot("shop")
    steps.shop("Corner Shop")
    hands.wait(lambda window: window.setup.state.step == "manager")
    steps.manager(PIN)
    hands.wait(lambda window: window.setup.state.step == "goods" and bool(window.setup.importing.state.files))
    hands.shot("goods")
    steps.goods()
    hands.wait(lambda window: window.setup.state.step == "scan")
    hands.scan(WATER)
    hands.wait(lambda window: bool(window.setup.state.found))
    hands.shot("test-scan")
    steps.open_shop()
    hands.wait(lambda window: window.sell is not None and bool(window.sell.state.cart.op))
    hands.shot("open")
    hands.scan(WATER)
    hands.wait(lambda window: bool(window.sell.state.cart.lines))
    steps.cash()
    hands.wait(lambda window: window.sell.state.change is not None)
    hands.shot("first-sale")
    first = {"keys": hands.keys, "touches": hands.touches}

    hands.scan(WATER)
    hands.scan(SODA)
    hands.wait(lambda window: len(window.sell.state.cart.lines) == 2)
    steps.by_hand(JUICE)
    hands.wait(lambda window: len(window.sell.state.cart.lines) == 3)
    steps.quantity("3")
    hands.wait(lambda window: window.sell.state.cart.pieces == 5)
    steps.remove_second()
    hands.wait(lambda window: len(window.sell.state.cart.lines) == 2)
    hands.shot("cart")
    steps.part_by_wechat("10", tr("WeChat Pay"))
    hands.wait(lambda window: bool(window.sell.state.payments))
    hands.shot("part-paid")
    steps.rest_in_cash()
    hands.wait(lambda window: bool(window.sell.state.change))
    hands.shot("change")

    steps.room(3, tr("Receipts"))
    hands.wait(lambda window: bool(window.presenter("receipts").state.slip))
    hands.shot("receipts")
    steps.bring_back()
    hands.wait(lambda window: window.room == "sell" and len(window.sell.state.cart.lines) == 2)
    steps.remove_first()
    hands.wait(lambda window: len(window.sell.state.cart.lines) == 1)
    hands.shot("return")
    steps.pay_back()
    hands.wait(lambda window: not window.sell.state.cart.lines and bool(window.sell.state.change))
    hands.shot("paid-back")

    steps.room(9, tr("Staff"))
    hands.wait(lambda window: bool(window.presenter("staff").state.people))
    steps.hire("Wang", OTHER)
    hands.wait(lambda window: len(window.presenter("staff").state.people) == 2)
    hands.shot("staff")
    steps.leave(tr("Manager"))
    hands.wait(lambda window: window.sign_in is not None)
    hands.shot("sign-in")
    steps.sign_in("Wang", OTHER)
    hands.wait(lambda window: window.sell is not None and window.sell.by.staff != "M1")
    hands.shot("cashier")
    steps.leave("Wang")
    hands.wait(lambda window: window.sign_in is not None)
    steps.sign_in(tr("Manager"), PIN)
    hands.wait(lambda window: window.sell is not None and window.sell.by.staff == "M1")
    steps.room(6, tr("Today"))
    hands.wait(lambda window: bool(window.presenter("today").state.found and window.presenter("today").state.charts))
    hands.shot("today")
    steps.week(tr("Week"))
    hands.wait(lambda window: window.presenter("today").state.span == "week")
    hands.shot("week")
    steps.room(0, tr("Settings"))
    hands.wait(lambda window: window.room == "settings")
    steps.setting("theme", tr("Dark"))
    hands.wait(lambda window: window._settings["theme"] == "dark")
    hands.shot("dark")
    other = "en" if language != "en" else "zh_CN"
    steps.setting("language", LANGUAGES[other])
    hands.wait(lambda window: window._settings["language"] == other)
    hands.shot("other-language")
    return first


def parsed(about: str | None, program: str) -> argparse.ArgumentParser:
    """What every walk on the demo shop can be told."""
    parser = argparse.ArgumentParser(prog=program, description=about)
    parser.add_argument("out", type=Path)
    parser.add_argument("--language", choices=("zh_CN", "zh_TW", "en"), default="zh_CN")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    return parser


def demo_home(home: Path, language: str, theme: str) -> None:
    """The demo shop, for a walk on this display."""
    os.environ |= {"QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
    import resources
    from core import texts
    from core.shop import setup
    from core.shop.demo import open_demo_shop
    from core.shop.terminal import SYSTEM, Terminal

    texts.use(language)
    with Terminal(home) as terminal:
        open_demo_shop(terminal, resources.path("demo/goods.csv"), language)
        terminal.write(partial(setup.change_setting, by=SYSTEM, name="theme", value=theme)).result()


def walk_through(home: Path, out: Path, walked: Callable[[Hands], dict[str, Any]], staff: str) -> dict[str, Any]:
    """Open the window on a home and walk. Returns what the walk told; ends the program where it came to nothing."""
    from ui.app import application, run

    application()
    hands, outcome = Hands(out), dict[str, Any]()

    def go() -> None:
        try:
            outcome.update(walked(hands))
        finally:
            hands.see(lambda window: window.close())

    threading.Thread(target=go, daemon=True).start()
    if code := run(home, staff=staff):
        sys.exit(code)
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.e2e.walk", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--by", choices=("keyboard", "touch"), default="keyboard")
    parser.add_argument("--language", choices=("zh_CN", "zh_TW", "en"), default="zh_CN")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    place = args.out / "person"
    (place / "Downloads").mkdir(parents=True)
    shutil.copy(ROOT / "resources" / "demo" / "goods.csv", place / "Downloads" / "goods.csv")
    os.environ |= {"HOME": str(place), "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
    from PySide6.QtCore import QTimer

    from ui.app import application, run

    application()
    hands, outcome = Hands(args.out), {}

    def go() -> None:
        try:
            outcome.update(walk(hands, args.by, args.language))
            outcome["whole"] = hands.keys + hands.touches
        finally:
            hands.see(lambda window: QTimer.singleShot(0, window, window.close))

    threading.Thread(target=go, daemon=True).start()
    code = run(args.out / "home")
    print(json.dumps(outcome))
    sys.exit(code or not outcome)


if __name__ == "__main__":
    main()
