"""Bursts of keys are scans, whatever has the focus; anything slower is typing."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit
from shiboken6 import isValid

from ui.scanner import LONGEST_GAP, LONGEST_STALL, Scanner


class Keys:
    """A keyboard in front of a window with one field in it, and a clock for its keys."""

    def __init__(self, qtbot) -> None:
        self.field = QLineEdit()
        qtbot.addWidget(self.field)
        self.field.show()
        qtbot.waitExposed(self.field)
        self.field.setFocus()
        self.qtbot = qtbot
        self.scanner = Scanner()
        self.scans: list[str] = []
        self.scanner.scanned.connect(self.scans.append)
        self.now = 1000

    def press(self, text: str, gap: int, *, key: int = 0, repeat: bool = False) -> None:
        self.now += gap
        code = key or (Qt.Key.Key_Return if text == "\r" else ord(text.upper()) if text.isascii() else 0)
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier, text, repeat)
            event.setTimestamp(self.now)
            QCoreApplication.sendEvent(self.field.windowHandle(), event)

    def burst(self, text: str, gap: int = 8) -> None:
        self.now += 1000
        for char in text:
            self.press(char, gap)

    def rest(self) -> None:
        """Until nothing is held any more."""
        self.qtbot.waitUntil(lambda: not self.scanner._held)


@pytest.fixture
def keys(qtbot) -> Iterator[Keys]:
    made = Keys(qtbot)
    yield made
    made.scanner.close()


def test_a_burst_is_a_scan_and_the_field_stays_empty(keys):
    keys.burst("6901234567892\r")
    assert keys.scans == ["6901234567892"] and keys.field.text() == ""


def test_typing_reaches_the_field_in_order(keys):
    for char in "water":
        keys.press(char, 120)
    keys.rest()
    assert keys.field.text() == "water" and keys.scans == []


def test_enter_after_typing_reaches_the_field(keys):
    entered = []
    keys.field.returnPressed.connect(lambda: entered.append(keys.field.text()))
    for char in "6901\r":
        keys.press(char, 90)
    assert entered == ["6901"] and keys.scans == []


def test_two_fast_keys_are_typing(keys):
    keys.burst("ab\r")
    keys.rest()
    assert keys.field.text() == "ab" and keys.scans == []


def test_a_scan_in_the_middle_of_typing(keys):
    keys.press("w", 200)
    keys.press("a", 200)
    keys.burst("6901234567892\r")
    keys.press("t", 200)
    keys.rest()
    assert keys.field.text() == "wat" and keys.scans == ["6901234567892"]


def test_the_separator_of_element_strings_comes_through(keys):
    keys.burst("010690123456789210AB")
    keys.press("\x1d", 8, key=Qt.Key.Key_BracketRight)
    for char in "21K7\r":
        keys.press(char, 8)
    assert keys.scans == ["010690123456789210AB\x1d21K7"]


def test_a_link_with_shifted_signs(keys):
    keys.now += 1000
    for char in "https://x.cn/01/06901234567892?17=270100":
        if char in ":?":
            keys.press("", 4, key=Qt.Key.Key_Shift)
        keys.press(char, 4)
    keys.press("\r", 4)
    assert keys.scans == ["https://x.cn/01/06901234567892?17=270100"]


def test_a_busy_thread_does_not_tear_a_scan_apart(keys):
    # Keys carry the time at which they were pressed; when they are looked at does not matter.
    keys.burst("690123")
    keys.qtbot.waitUntil(lambda: keys.scanner._patience.remainingTime() < LONGEST_STALL)
    for char in "4567892\r":
        keys.press(char, 8)
    assert keys.scans == ["6901234567892"]


def test_a_burst_may_stall_once_it_ran_as_no_hand_can(keys):
    keys.burst("690123")
    for char, gap in zip("4567892\r", (250, 8, 8, 250, 8, 8, 8, 8), strict=True):
        keys.press(char, gap)
    assert keys.scans == ["6901234567892"]


def test_a_slow_scanner_may_not_stall(keys):
    keys.burst("6901", gap=40)
    keys.press("2", 250)
    keys.rest()
    assert keys.field.text() == "69012" and keys.scans == []


def test_two_scans_in_a_row_are_two_scans(keys):
    keys.burst("6901234567892\r")
    keys.burst("BAG-L\r")
    assert keys.scans == ["6901234567892", "BAG-L"]


def test_a_key_that_is_held_down_is_no_scan(keys):
    keys.press("a", 100)
    for _ in range(5):
        keys.press("a", 30, repeat=True)
    keys.rest()
    assert keys.field.text() == "aaaaaa" and keys.scans == []


@pytest.mark.parametrize(("text", "key"), [("\t", Qt.Key.Key_Tab), ("\n", 10), ("\r", Qt.Key.Key_Enter)])
def test_whatever_ends_a_scan(keys, text, key):
    keys.burst("6901234567892")
    keys.press(text, 8, key=key)
    assert keys.scans == ["6901234567892"]


def test_any_mix_of_scans_and_typing_loses_and_doubles_nothing(keys):
    chance = random.Random(1)
    typed, scanned = "", []
    for _ in range(200):
        if chance.random() < 0.5:
            code = "".join(chance.choices("0123456789", k=chance.randrange(3, 20)))
            scanned.append(code)
            keys.burst(code + "\r", gap=chance.randrange(1, LONGEST_GAP))
        else:
            word = "".join(chance.choices("abcdef", k=chance.randrange(1, 6)))
            for char in word:
                keys.press(char, chance.randrange(LONGEST_GAP + 1, 300))
            typed += word
    keys.rest()
    assert keys.scans == scanned and keys.field.text() == typed


def test_keys_that_were_held_are_freed(keys):
    """A clone of an event is nobody's: a day of scans would never give its memory back."""
    for end in ("\r", ""):
        keys.burst("9521")
        held = list(keys.scanner._waiting)
        assert len(held) > 4 and all(isValid(event) for event in held)
        if end:
            keys.press(end, 5)
        keys.rest()
        assert not any(isValid(event) for event in held)
    assert keys.scans == ["9521"] and keys.field.text() == "9521"


def test_a_torn_scan_that_ends_with_a_line_feed_is_a_typed_code_and_enter(keys):
    entered: list[str] = []
    keys.field.returnPressed.connect(lambda: entered.append(keys.field.text()))
    keys.burst("95")
    keys.rest()
    for char in "21000000377":
        keys.press(char, 5)
    keys.press("\n", 5, key=0x0A)
    assert entered == ["9521000000377"] and not keys.scans
