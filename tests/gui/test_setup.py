"""The first start of a shop, from nothing to its first sale."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from core import texts
from core.catalogue.product import Product
from core.shop import goods, people
from core.shop.terminal import Terminal
from core.texts import tr
from tests.gui.conftest import buttons
from tests.gui.hands import PAYMENT, PIN, TEA, K, Start
from ui.goods.importing import Step
from ui.setup.state import SetupStep


def kept(start: Start) -> tuple[dict[str, str], list[str], list[str], int]:
    """What a closed home holds: settings, staff, the cashiers of its sales, and how many goods."""
    with Terminal(start.home) as terminal:
        settings = terminal.read(lambda view: view.settings.texts()).result()
        staff = [person.name for person in terminal.read(people.all_people).result()]
        query = "SELECT cashier FROM sale"
        sales = [row[0] for row in terminal.read(lambda view: view.connection.execute(query).fetchall()).result()]
        return settings, staff, sales, terminal.read(goods.count_products).result()


LANGUAGES = {"zh_CN": ("您的门店", "CNY"), "zh_TW": ("您的門市", "TWD"), "en": ("Your shop", "USD")}


@pytest.mark.parametrize(
    ("language", "how"), [*((each, "enter") for each in LANGUAGES), ("zh_CN", "touch"), ("zh_TW", "key")]
)
def test_a_language_is_chosen_and_spoken_at_once(program, language, how):
    title, currency = LANGUAGES[language]
    start = program(language if how == "enter" else "en" if language != "en" else "zh_CN")
    start.at(SetupStep.LANGUAGE)
    number = list(texts.LANGUAGES).index(language) + 1
    if how == "key":
        start.type(str(number))
    elif how == "touch":
        start.click(f"{number}  {texts.LANGUAGES[language]}")
    else:
        start.enter()
    start.at(SetupStep.SHOP)
    assert texts.language() == language and start.reads(title) and start.offers(tr("Next"))
    assert start.field(tr("Name of the shop, as on receipts")).text() == tr("My shop")
    assert start.picker("Currency").currentText() == currency
    assert (start.field(tr("Number of the shop")).text(), start.field(tr("Number of this till")).text()) == ("S1", "T1")
    start.enter()
    start.at(SetupStep.MANAGER)
    assert start.field(tr("Name of the manager")).text() == tr("Manager")


def test_from_nothing_to_the_first_sale_by_keys_alone(program):
    start = program()
    start.type("3")
    start.at(SetupStep.SHOP)
    start.type("Corner")
    for name, text in (("Number of the shop", "S9"), ("Number of this till", "T4")):
        start.tab_to(name)
        start.type(text)
    start.key(K.Key_Tab, text="\t")
    assert start.picker("Currency").hasFocus()
    start.type("CNY")
    start.key(K.Key_Tab, text="\t")
    start.type("Asia/Tok")
    assert start.picker("Time zone").currentText() == "Asia/Tokyo"
    start.enter()
    start.at(SetupStep.MANAGER)
    start.type("Li")
    start.enter()
    start.type(PIN)
    start.enter()
    start.at(SetupStep.GOODS)
    start.qtbot.waitUntil(lambda: bool(start.setup.importing.state.files))
    start.type("1")
    start.qtbot.waitUntil(lambda: start.setup.importing.state.may_start)
    assert start.reads("2 new · 0 changed · 0 as they are")
    start.key(K.Key_F12)
    start.qtbot.waitUntil(lambda: start.setup.importing.state.step is Step.DONE)
    start.enter()
    start.at(SetupStep.SCAN)
    start.keys.scan(TEA)
    start.until(lambda state: bool(state.found))
    assert start.reads("龙井 · 88.00") and start.reads("The scanner works.")
    start.enter()
    assert start.at_the_till() == "M1" and start.reads("Corner · T4")
    start.sell(TEA)
    start.close()
    settings, staff, cashiers, count = kept(start)
    assert (staff, cashiers, count) == (["Li"], ["M1"], 2)
    chosen = {"name": "Corner", "store": "S9", "terminal": "T4", "language": "en"}
    chosen |= {"currency": "CNY", "timezone": "Asia/Tokyo"}
    assert {name: settings[name] for name in chosen} == chosen


def test_few_keys_lead_to_the_first_sale(program):
    start = program()
    start.go_to(SetupStep.GOODS)
    start.qtbot.waitUntil(lambda: bool(start.setup.importing.state.files))
    start.type("1")
    start.qtbot.waitUntil(lambda: start.setup.importing.state.may_start)
    start.enter()
    start.qtbot.waitUntil(lambda: start.setup.importing.state.step is Step.DONE)
    start.enter()
    start.at(SetupStep.SCAN)
    start.keys.scan(TEA)
    start.until(lambda state: bool(state.found))
    start.enter()
    assert start.at_the_till() == "M1"
    start.sell(TEA)
    assert start.pressed <= 25 and start.touched == 0


def test_few_touches_lead_to_the_first_sale(program):
    start = program("zh_CN")
    start.click("3  English")
    start.at(SetupStep.SHOP)
    start.click("Next")
    start.at(SetupStep.MANAGER)
    for digit in PIN:
        start.click(digit)
    start.click("Next")
    start.at(SetupStep.GOODS)
    start.qtbot.waitUntil(lambda: bool(start.setup.importing.state.files))
    start.click("1  goods.csv")
    start.qtbot.waitUntil(lambda: start.setup.importing.state.may_start)
    start.click("Import")
    start.qtbot.waitUntil(lambda: start.setup.importing.state.step is Step.DONE)
    start.click("Done")
    start.at(SetupStep.SCAN)
    start.click("Open the shop")
    assert start.at_the_till() == "M1"
    start.keys.scan(TEA)
    start.qtbot.waitUntil(lambda: bool(start.window.sell.state.cart.lines))
    start.click("F12")
    start.qtbot.waitUntil(lambda: start.window.sell.state.change == 0)
    assert start.touched <= 12 and start.pressed == 0
    start.close()
    assert kept(start)[1:] == (["Manager"], ["M1"], 2)


@pytest.mark.parametrize("name", ["Number of the shop", "Number of this till"])
def test_a_number_that_is_none_is_said_and_what_was_filled_in_is_kept(program, name):
    start = program()
    start.go_to(SetupStep.SHOP)
    start.type("Corner")
    for text in ("", "a b", "S-1", "1234567890123"):
        start.fill(name, text)
        assert not start.reads("cannot name")
        start.enter()
        start.until(lambda state: state.refused)
        assert start.reads(f"“{text}” cannot name a shop or a terminal") and start.state.step is SetupStep.SHOP
        assert start.field(name).text() == text and start.field("Name of the shop, as on receipts").text() == "Corner"
    start.fill(name, "S7")
    assert not start.reads("cannot name")
    start.enter()
    start.at(SetupStep.MANAGER)
    start.close()
    assert kept(start)[0]["store" if "shop" in name else "terminal"] == "S7"


def test_a_pin_that_is_none_is_said_and_what_was_filled_in_is_kept(program):
    start = program()
    start.go_to(SetupStep.MANAGER)
    start.type("Li")
    start.enter()
    for pin, sentence in (
        ("12", "A PIN has 4"),
        ("258036914", "A PIN has 4"),
        ("abcd", "A PIN has 4"),
        ("1234", "anybody tries"),
    ):
        start.fill("PIN, 4 to 8 digits", pin)
        assert not start.reads(sentence)
        start.enter()
        start.until(lambda state: state.refused)
        assert start.reads(sentence) and start.state.step is SetupStep.MANAGER
        assert (start.field("Name of the manager").text(), start.field("PIN, 4 to 8 digits").text()) == ("Li", pin)
    start.fill("PIN, 4 to 8 digits", PIN)
    assert not start.reads(sentence)
    start.enter()
    start.at(SetupStep.GOODS)
    start.close()
    assert kept(start)[1] == ["Li"]


@pytest.mark.parametrize("how", ["key", "touch"])
def test_without_a_manager_and_goods_nobody_signs_in(program, how):
    start = program()
    start.go_to(SetupStep.MANAGER)
    for step in (SetupStep.GOODS, SetupStep.SCAN):
        start.key(K.Key_F9) if how == "key" else start.click("Later")
        start.at(step)
    start.enter() if how == "key" else start.click("Open the shop")
    assert start.at_the_till() == "system"
    again = program()
    assert again.at_the_till() == "system" and not again.reads("Who is at the till?")


@pytest.mark.parametrize(
    ("code", "found", "sentence"),
    [
        (TEA, "龙井 · 88.00", "The scanner works."),
        ("4006381333931", "The scanner works.", "4006381333931 is not in the catalogue"),
        ("NOPE", "The scanner works.", "is no code that this shop knows"),
        (PAYMENT, "The scanner works.", "customer's payment code"),
    ],
)
def test_a_test_scan_says_what_it_was(program, code, found, sentence):
    start = program()
    start.go_to(SetupStep.SCAN)
    tea = Product("0" + TEA, "龙井", 8800)
    start.setup.tasks._terminal.write(lambda session: goods.set_product(session, people.SYSTEM, tea)).result()
    start.keys.scan(code)
    start.until(lambda state: bool(state.found))
    assert start.reads(found) and start.reads(sentence) and not start.reads(PAYMENT)
    assert not any(PAYMENT in button.text() for button in buttons(start.window))
    start.enter()
    assert start.at_the_till() == "M1" and not start.window.sell.state.cart.lines


@pytest.mark.parametrize("step", list(SetupStep)[:2])
def test_closed_before_there_is_a_shop_it_begins_anew(program, step):
    program().go_to(step)
    again = program()
    again.at(SetupStep.LANGUAGE)
    again.go_to(SetupStep.SCAN)
    again.enter()
    assert again.at_the_till() == "M1"


def test_closed_after_a_refusal_it_begins_anew(program):
    start = program()
    start.go_to(SetupStep.SHOP)
    start.fill("Number of the shop", "a b")
    start.enter()
    start.until(lambda state: state.refused)
    again = program()
    again.go_to(SetupStep.MANAGER)
    assert again.state.store == "S1"


def test_closed_before_there_is_a_manager_the_shop_opens_for_anybody(program):
    start = program()
    start.go_to(SetupStep.MANAGER)
    again = program()
    assert again.at_the_till() == "system"
    assert again.window.windowTitle() == "Store Assistant · My shop"
    assert [b.text() for b in buttons(again.window) if b.text() in ("Staff", "Settings")] == ["Staff", "Settings"]


@pytest.mark.parametrize("step", list(SetupStep)[3:])
def test_closed_after_there_is_a_manager_the_manager_signs_in(program, step):
    program().go_to(step)
    again = program()
    again.qtbot.waitUntil(lambda: again.window.sign_in is not None)
    assert again.reads("Who is at the till?") and any("Manager" in b.text() for b in buttons(again.window))
    again.type(PIN)
    again.enter()
    assert again.at_the_till() == "M1"


def test_a_pad_for_fingers_fills_the_pin(program):
    start = program()
    start.go_to(SetupStep.MANAGER)
    for digit in "2589":
        start.click(digit)
    start.click("←")
    start.click("0")
    assert start.field("PIN, 4 to 8 digits").text() == PIN
    (enter,) = [b for b in buttons(start.window) if b.text() == "Enter" and isinstance(b, QPushButton)]
    start.touch(enter)
    start.at(SetupStep.GOODS)


def test_a_scan_that_comes_in_pieces_is_a_typed_code_and_does_not_open_the_shop(program):
    start = program()
    start.go_to(SetupStep.SCAN)
    start.type("9521000000377")
    assert start.reads("9521000000377")
    start.enter()
    start.qtbot.waitUntil(lambda: bool(start.state.said))
    assert start.state.step is SetupStep.SCAN and not start.state.typed and start.window.setup
