"""The first start of a shop, from nothing to its first sale."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from core import texts
from core.catalogue.product import Product
from core.errors import RefusedError, StoreError
from core.shop import goods, people
from core.shop.glance import glance, take_home
from core.shop.terminal import Terminal
from core.texts import tr
from tests.gui.conftest import buttons
from tests.gui.test_goods_page import Desk, K
from ui.app import SIZE, dress
from ui.goods.importing import Step
from ui.opening import found_shop, open_shop
from ui.setup.presenter import SetupPresenter
from ui.setup.state import SetupState, SetupStep
from ui.window import Window

PIN, TEA = "2580", "6901234567892"
FILE = f"条码,名称,售价\n{TEA},龙井,88\n9521000000377,水,2\n"
PAYMENT = "134567890123456789"


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


@pytest.fixture
def program(qtbot, tmp_path, monkeypatch) -> Iterator[Callable[[], Start]]:
    """Starts the program on the same home."""
    downloads = tmp_path / "person" / "Downloads"
    downloads.mkdir(parents=True)
    (downloads / "goods.csv").write_text(FILE, encoding="utf-8")
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


def kept(start: Start) -> tuple[dict[str, str], list[str], list[str], int]:
    """What a closed home holds: settings, staff, the cashiers of its sales, and how many goods."""
    with Terminal(start.home) as terminal:
        settings = terminal.read(lambda view: view.settings.texts()).result()
        staff = [person.name for person in terminal.read(people.all_people).result()]
        query = "SELECT cashier FROM sale"
        sales = [row[0] for row in terminal.read(lambda view: view.connection.execute(query).fetchall()).result()]
        return settings, staff, sales, terminal.read(goods.count_products).result()


LANGUAGES = [("zh_CN", "您的门店", "CNY"), ("zh_TW", "您的門店", "TWD"), ("en", "Your shop", "USD")]


@pytest.mark.parametrize("how", ["key", "touch", "enter"])
@pytest.mark.parametrize(("language", "title", "currency"), LANGUAGES)
def test_a_language_is_chosen_and_spoken_at_once(program, language, title, currency, how):
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
    start.click("Take it in")
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
@pytest.mark.parametrize("text", ["", "a b", "S-1", "1234567890123"])
def test_a_number_that_is_none_is_said_and_what_was_filled_in_is_kept(program, name, text):
    start = program()
    start.go_to(SetupStep.SHOP)
    start.type("Corner")
    start.fill(name, text)
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


@pytest.mark.parametrize(
    ("pin", "sentence"),
    [("12", "A PIN has 4"), ("258036914", "A PIN has 4"), ("abcd", "A PIN has 4"), ("1234", "anybody tries")],
)
def test_a_pin_that_is_none_is_said_and_what_was_filled_in_is_kept(program, pin, sentence):
    start = program()
    start.go_to(SetupStep.MANAGER)
    start.type("Li")
    start.enter()
    start.type(pin)
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
        start.key(K.Key_Escape) if how == "key" else start.click("Later")
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
