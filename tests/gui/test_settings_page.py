"""The manager sets the shop: each change is saved at once, and seen at once."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QTableView, QWidget
from pysqlite3 import dbapi2 as sqlite3

from core.shop import people
from core.shop.terminal import SYSTEM
from core.texts import LANGUAGES
from tests.builders import GOODS, RICE, WATER
from tests.gui.conftest import Hands, buttons
from tests.gui.hands import FOOTER, HOUR, SHOP_NAME, ZONE, SettingsDesk
from tests.gui.hands import TAX_RATE as TAX
from tests.texts import read_catalogue
from ui import theme
from ui.rooms import ROOMS

SCALES = "Layouts of the codes of scales"
CATEGORIES = {product.category for product in GOODS if product.category}
LOCK = "Minutes without a touch until the till locks; 0 = never"
TEXTS = {
    "name": (SHOP_NAME, "Poplar Lane"),
    "receipt_footer": (FOOTER, "Thank you"),
    "tax_rate": (TAX, "13%"),
    "scale_codes": (SCALES, "21IIIIIAAAAAC"),
    "day_cutover": (HOUR, "4"),
    "timezone": (ZONE, "America/New_York"),
    "lock_minutes": (LOCK, "9"),
}


@pytest.fixture
def desk(settings_desk):
    return settings_desk


@pytest.mark.parametrize(
    ("name", "leave"), [*((name, "enter") for name in TEXTS), ("receipt_footer", "tab"), ("tax_rate", "touch")]
)
def test_a_text_is_saved_at_enter_and_when_its_field_is_left(desk, name, leave):
    caption, text = TEXTS[name]
    desk.fill(caption, text)
    assert desk.changes() == []
    if leave == "touch":
        desk.touch(desk.field(LOCK if name != "lock_minutes" else TAX))
    else:
        desk.hit(Qt.Key.Key_Return if leave == "enter" else Qt.Key.Key_Tab)
    desk.says("Saved.")
    desk.settle()
    assert desk.value(name) == text and desk.changes() == [(name, text)]
    assert desk.field(caption).text() == text
    # Once more, and left again: nothing has changed.
    desk.fill(caption, text)
    desk.hit(Qt.Key.Key_Return)
    desk.touch(desk.field(TAX if caption != TAX else LOCK))
    desk.settle()
    assert desk.changes() == [(name, text)]


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("tax_rate", "x", "“x” is no rate"),
        ("timezone", "Nowhere", "“Nowhere” is no time zone"),
        ("day_cutover", "25", "“25” does not fit day_cutover; expected: 0 … 23"),
        ("lock_minutes", "-1", "0 … 600"),
        ("lock_minutes", "601", "0 … 600"),
        ("scale_codes", "21III", "21IIIIIAAAAAC"),
        ("receipt_footer", "4111111111111111", "card number"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_and_stays_to_be_mended(desk, name, text, sentence):
    caption, good = TEXTS[name]
    before = desk.value(name)
    desk.fill(caption, text)
    desk.hit(Qt.Key.Key_Return)
    desk.says("▲")
    assert desk.reads(sentence) and desk.field(caption).text() == text
    assert desk.value(name) == before and desk.changes() == []
    desk.fill(caption, good)
    desk.hit(Qt.Key.Key_Return)
    desk.says("✓ Saved.")
    assert desk.value(name) == good and not desk.reads(sentence) and desk.changes() == [(name, good)]


def test_what_was_refused_is_as_it_was_when_somebody_comes_back(desk):
    desk.fill(TAX, "x")
    desk.hit(Qt.Key.Key_Return)
    desk.says("is no rate")
    desk.enter("goods")
    desk.enter("settings")
    assert desk.field(TAX).text() == "0%" and not desk.reads("is no rate")


@pytest.mark.parametrize(
    ("touched", "name", "value"),
    [
        ("Sounds: Off", "sounds", "no"),
        ("Width of receipts: 58 mm", "receipt_width", "58"),
        ("Cash is rounded down to: 0.10", "cash_rounding", "10"),
        ("Colours: Dark", "theme", "dark"),
        ("Language: 繁體中文", "language", "zh_TW"),
    ],
)
def test_a_choice_is_saved_at_once_and_once(desk, touched, name, value):
    for _ in range(2):
        desk.choose(touched if name != "language" or desk.value(name) == "en" else "語言: 繁體中文")
    assert desk.value(name) == value and desk.changes() == [(name, value)]
    assert touched.split(": ")[1] in desk.chosen() or value == "dark"


def test_a_choice_by_keys_alone(desk):
    desk.hit(Qt.Key.Key_Tab)
    while desk.window.focusWidget().accessibleName() != "Sounds: Off":
        desk.hit(Qt.Key.Key_Tab)
    desk.space()
    desk.says("Saved.")
    assert desk.changes() == [("sounds", "no")]


def catalogue(language: str) -> dict[str, str]:
    english = {message.id: message.id for message in read_catalogue("zh_CN") if message.id}
    return english if language == "en" else {m.id: str(m.string) for m in read_catalogue(language) if m.id}


def shape(text: str) -> str:
    """What a text with its placeholders filled looks like; nothing where it has hardly a word of its own."""
    parts = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
    if sum(char.isalpha() for literal, _ in parts for char in literal) < 2:
        return ""
    return "".join(re.escape(literal) + (".+" if name is not None else "") for literal, name in parts)


def words_shown(window: QWidget) -> set[str]:
    """Every text that can be seen or that a screen reader says, in its parts."""
    shown = [window.windowTitle()]
    for widget in window.findChildren(QWidget):
        if not widget.isVisible():
            continue
        shown += [widget.accessibleName(), widget.toolTip()]
        if isinstance(widget, QLabel | QAbstractButton):
            shown.append(widget.text())
        elif isinstance(widget, QLineEdit):
            shown += [widget.placeholderText(), widget.text()]
        elif isinstance(widget, QTableView) and (model := widget.model()):
            columns = range(model.columnCount())
            shown += [model.headerData(n, Qt.Orientation.Horizontal) for n in columns]
            shown += [str(model.index(row, n).data()) for row in range(model.rowCount()) for n in columns]
    whole = {text for text in shown if text}
    parts = {part for text in whole for part in re.split(r"\n|: | · | (?=F\d+$)|(?<=[✓▲×○]) ", text)}
    return {part.strip() for part in whole | parts if part.strip()}


def words_of_every_room(desk: SettingsDesk) -> dict[str, set[str]]:
    found = {}
    for room in ROOMS:
        desk.enter(room)
        desk.settle()
        found[room] = words_shown(desk.window)
    return found


def test_another_language_is_spoken_in_every_room_at_once(qtbot, shop):
    shop.hire("M1", "manager", "Li")
    shop.sell((WATER, 1), (RICE, 2))
    desk = SettingsDesk(qtbot, shop, language="zh_CN")
    desk.enter("sell")
    desk.scan(RICE.shown_code)
    desk.until(lambda state: state.cart.pieces == 1)
    desk.hit(Qt.Key.Key_Escape)
    desk.type("12")
    before = "zh_CN"
    words_of_every_room(desk)
    for after in ("en", "zh_TW", "zh_CN"):
        desk.enter("settings")
        (choice,) = [button for button in buttons(desk.window) if button.text() == LANGUAGES[after]]
        desk.touch(choice)
        desk.settle()
        assert desk.reads({"en": "Saved.", "zh_TW": "已儲存", "zh_CN": "已保存"}[after])
        old, new = catalogue(before), catalogue(after)
        gone = {old[text] for text in old if old[text] != new[text]} - set(new.values())
        pattern = re.compile("|".join(filter(None, map(shape, gone))))
        for room, words in words_of_every_room(desk).items():
            assert not {word for word in words if pattern.fullmatch(word)}, (room, after)
            assert new[ROOMS[room].word] in words and new[ROOMS["sell"].word] in words
            if after == "en":
                ours = (*(product.name for product in GOODS), "杨柳巷", *LANGUAGES.values(), *CATEGORIES)
                chinese = {word for word in words if re.search(r"[\u4e00-\u9fff]", word)}
                assert not {word for word in chinese if not any(name in word for name in ours)}, room
        desk.enter("sell")
        assert new["Ready to scan"] in words_shown(desk.window)
        assert [(line.code, line.quantity) for line in desk.state.cart.lines] == [(RICE.code, 1)]
        assert desk.state.entry == "12" and desk.reads("12") and desk.reads("49.90")
        assert desk.window.windowTitle() == new["Store Assistant · {shop}"].format(shop="杨柳巷")
        before = after
    desk.window.close()


def colours(desk: SettingsDesk, room: str) -> tuple[str, float]:
    """The colour beside the page's cards, and how much of the page is bright."""
    desk.enter(room)
    desk.settle()
    picture = desk.window.grab().toImage()
    spots = [picture.pixelColor(x, y) for x in range(0, picture.width(), 8) for y in range(0, picture.height(), 8)]
    bright = sum(colour.lightness() > 200 for colour in spots) / len(spots)
    return picture.pixelColor(picture.width() - 4, picture.height() - 4).name(), bright


def test_dark_and_light_colours_are_worn_by_every_room_at_once(desk):
    desk.shop.sell((WATER, 1))
    light, dark = (QColor(tokens.background).name() for tokens in (theme.LIGHT, theme.DARK))
    assert {room: colours(desk, room)[0] for room in ROOMS} == dict.fromkeys(ROOMS, light)
    desk.enter("settings")
    desk.choose("Colours: Dark")
    for room in ROOMS:
        ground, bright = colours(desk, room)
        # A receipt is paper at any time.
        assert ground == dark and bright < (0.35 if room == "receipts" else 0.1), room
    desk.enter("settings")
    desk.choose("Colours: Light")
    for room in ROOMS:
        ground, bright = colours(desk, room)
        assert ground == light and bright > 0.5, room


def test_the_name_of_the_shop_is_seen_everywhere(desk):
    desk.fill(SHOP_NAME, "Poplar Lane")
    desk.hit(Qt.Key.Key_Return)
    desk.qtbot.waitUntil(lambda: desk.window.windowTitle() == "Store Assistant · Poplar Lane")
    desk.settle()
    assert desk.reads("Poplar Lane · T1") and desk.window.room == "settings" and desk.reads("Saved.")


def test_the_whole_screen_and_back(desk):
    desk.choose("Full screen: On")
    assert desk.window.isFullScreen() and desk.value("full_screen") == "yes"
    desk.choose("Full screen: Off")
    assert not desk.window.isFullScreen() and desk.value("full_screen") == "no"


@pytest.mark.parametrize("in_field", [False, True])
def test_alt_and_enter_fill_the_screen_and_set_nothing(desk, in_field):
    if in_field:
        desk.touch(desk.field(FOOTER))
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        for full in (True, False):
            desk.hit(key, modifier=Qt.KeyboardModifier.AltModifier)
            desk.settle()
            assert desk.window.isFullScreen() is full
    assert desk.changes() == []


@pytest.mark.parametrize(("minutes", "ms"), [("1", 60_000), ("600", 36_000_000), ("0", 0)])
def test_the_minutes_until_the_till_locks_hold_from_now_on(qtbot, shop, minutes, ms):
    manager = shop.hire("M1", "manager", "Li")
    people.give_pin(shop.terminal, SYSTEM, "M1", "2580")
    desk = SettingsDesk(qtbot, shop, manager)
    assert desk.window._idle._timer.interval() == 300_000
    desk.fill(LOCK, minutes)
    desk.hit(Qt.Key.Key_Return)
    desk.says("Saved.")
    timer = desk.window._idle._timer
    assert timer.interval() == ms and timer.isActive() is bool(ms)
    if ms:
        timer.start(1)
        qtbot.waitUntil(lambda: desk.window.sign_in is not None)
    desk.window.close()


def test_a_key_or_a_touch_begins_the_minutes_anew(qtbot, shop):
    desk = SettingsDesk(qtbot, shop, shop.hire("M1", "manager", "Li"))
    desk.fill(LOCK, "1")
    desk.hit(Qt.Key.Key_Return)
    desk.says("Saved.")
    timer = desk.window._idle._timer
    handle = desk.window.windowHandle()
    for sign in (
        lambda: desk.hit(Qt.Key.Key_Down),
        lambda: QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=handle.geometry().center()),
    ):
        timer.stop()
        sign()
        assert timer.isActive()
    desk.window.close()


@pytest.mark.parametrize("role", ["cashier", "guide"])
def test_who_sells_sets_nothing(qtbot, shop, role):
    till = Hands(qtbot, shop, by=shop.hire("X1", role))
    till.hit(Qt.Key.Key_9, modifier=Qt.KeyboardModifier.AltModifier)
    till.window.open_room("settings")
    assert till.window.presenter("settings") is None and till.window.room != "settings"
    assert not [button for button in buttons(till.window) if button.text() == "Settings"]
    till.window.close()


@pytest.mark.logs
@pytest.mark.parametrize("touched", [False, True])
def test_a_file_that_another_program_writes_is_said_and_it_works_afterwards(desk, touched):
    desk.shop.terminal.write(lambda s: s.connection.execute("PRAGMA busy_timeout=20")).result()
    other = sqlite3.connect(desk.shop.terminal.home.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    if touched:
        desk.touch("Colours: Dark")
    else:
        desk.fill(FOOTER, "Thank you")
        desk.hit(Qt.Key.Key_Return)
    desk.says("Another program is writing to")
    assert desk.reads("Nothing was saved") and desk.changes() == []
    assert "Light" in desk.chosen() and (touched or desk.field(FOOTER).text() == "Thank you")
    other.execute("ROLLBACK")
    other.close()
    desk.touch("Colours: Dark") if touched else desk.hit(Qt.Key.Key_Return)
    desk.says("Saved.")
    assert desk.changes() == [("theme", "dark") if touched else ("receipt_footer", "Thank you")]


def test_drawing_a_state_twice_changes_nothing(desk):
    before = desk.window.page.grab().toImage()
    desk.window.page.render_state(desk.presenter.state)
    QApplication.processEvents()
    assert desk.window.page.grab().toImage() == before
