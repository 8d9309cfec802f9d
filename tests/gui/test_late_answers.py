"""What happens between a step and its answer, and to the focus, the keys and the language meanwhile.

An answer is held back by a gate that one of the shop's threads waits at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from core.events import StaffChanged, TenderKind
from core.sales import cart as carts
from core.sales.payment import Payment
from core.shop import selling
from core.shop.terminal import SYSTEM, Terminal
from tests.builders import BAG, RICE, WATER
from tests.gui.conftest import Hands, buttons
from tests.gui.hands import ALT, FOOTER, HOUR, PAYMENT, SHOP_NAME, TAX_RATE, ZONE, Archive, staffed
from tests.gui.hands import LONG_PIN as PIN
from ui.rooms import ROOMS

F3, F10, F12, TAB, ENTER, DOWN, ESC = (
    getattr(Qt.Key, f"Key_{name}") for name in ("F3", "F10", "F12", "Tab", "Return", "Down", "Escape")
)
NEW_PIN = "New PIN, 4 to 8 digits"

Hold = Callable[..., threading.Event]


@pytest.fixture
def desk(settings_desk):
    return settings_desk


@pytest.fixture
def hold() -> Iterator[Hold]:
    """Lets a thread of a terminal wait until the event that is returned is set, or the test is over."""
    gates: list[threading.Event] = []

    def begin(terminal: Terminal, *, reader: bool = False) -> threading.Event:
        gates.append(gate := threading.Event())
        (terminal.read if reader else terminal.write)(lambda _: gate.wait(20))
        return gate

    yield begin
    for gate in gates:
        gate.set()


STEPS = {
    "search": lambda h: (h.enter("receipts"), h.type("0001")),
    "reprint": lambda h: (h.enter("receipts"), h.hit(F12)),
    "goods": lambda h: (h.enter("goods"), h.fill("Price", "3"), h.hit(F12)),
    "person": lambda h: (h.enter("staff"), h.hit(F3), h.type("Chen"), h.hit(F12)),
    "setting": lambda h: (h.enter("settings"), h.touch("Colours: Dark")),
    "scan": lambda h: (h.enter("sell"), h.scan(RICE.shown_code)),
}


def test_an_answer_that_comes_after_somebody_left_harms_nobody(house, hold):
    house.shop.sell((BAG, 1))
    for name, step in STEPS.items():
        for room in ROOMS:
            house.enter(room)
        house.settle()
        gate = hold(house.shop.terminal, reader=name == "search")
        step(house)
        house.hit(F10)
        if name == "search":
            gate.set()
        house.qtbot.waitUntil(lambda: house.window.sign_in is not None)
        gate.set()
        house.settle()
        assert not house.window.room and not [room for room in ROOMS if house.window.presenter(room)], name
        house.sign_in("Zhou")


def test_a_field_that_was_not_left_yet_harms_nobody_when_somebody_leaves(house):
    house.enter("settings")
    house.fill(FOOTER, "Thanks")
    house.leave()
    house.settle()
    assert not house.window.room and not house.window.presenter("settings")
    house.sign_in("Zhou")
    assert house.shop.terminal.write(lambda s: s.settings["receipt_footer"]).result() in ("", "Thanks")


def test_rooms_are_left_by_keys_out_of_a_field_too(alone):
    for room in ("receipts", "goods", "settings", "staff"):
        alone.enter(room)
        alone.settle()
        line = next(line for line in alone.window.page.findChildren(QLineEdit) if line.isVisible())
        before = line.text()
        alone.touch(line)
        alone.hit(Qt.Key.Key_1, modifier=ALT)
        assert (alone.window.room, line.text()) == ("sell", before), room


def test_alt_and_enter_fill_the_screen_in_every_room(alone):
    for room in ROOMS:
        alone.enter(room)
        alone.settle()
        for full in (True, False):
            alone.hit(ENTER, modifier=ALT)
            alone.settle()
            assert alone.window.isFullScreen() is full, room


def test_alt_and_enter_save_nobody(office):
    office.hit(F3)
    office.type("Bo")
    office.hit(ENTER, modifier=ALT)
    office.settle()
    assert len(office.facts(StaffChanged)) == 2


def test_a_short_tap_on_the_space_bar_presses_a_button(office):
    office.hit(F3)
    office.hit(TAB, 3)
    office.hit(Qt.Key.Key_Space)
    office.qtbot.waitUntil(lambda: not office.window.scanner._held)
    assert office.chosen() == ["Guide", "Works here"] and not [b for b in buttons(office.window) if b.isDown()]


def test_what_is_typed_stays_while_the_answer_to_its_beginning_arrives(archive, day, hold):
    archive.wait(*reversed(day))
    first = hold(archive.shop.terminal, reader=True)
    archive.type("0")
    second = hold(archive.shop.terminal, reader=True)
    archive.type("0")
    first.set()
    archive.type("3")
    second.set()
    archive.settle()
    assert archive.search.text() == "003"


def test_an_arrow_takes_nothing_of_what_is_typed(archive, day, hold):
    archive.wait(*reversed(day))
    gate = hold(archive.shop.terminal, reader=True)
    archive.type("000")
    archive.hit(DOWN)
    typed = archive.search.text()
    gate.set()
    archive.settle()
    assert typed == "000"


def test_escape_is_the_last_word(archive, day, hold):
    archive.wait(*reversed(day))
    gate = hold(archive.shop.terminal, reader=True)
    archive.type("0001")
    archive.hit(ESC)
    gate.set()
    archive.settle()
    assert (archive.search.text(), archive.numbers) == ("", day[::-1])


def test_no_receipt_is_listed_twice(qtbot, shop, hold):
    def many(session):
        line = carts.sale_line(BAG, 0)
        for _ in range(130):
            selling.checkout(session, SYSTEM, carts.add(selling.new_cart(session), line), (Payment(TenderKind.CASH),))

    shop.terminal.write(many).result()
    archive = Archive(qtbot, shop)
    qtbot.waitUntil(lambda: len(archive.numbers) == 100)
    archive.settle()
    gate = hold(shop.terminal, reader=True)
    bar = archive.window.page._table.verticalScrollBar()
    bar.setValue(bar.maximum())
    archive.hit(DOWN)
    bar.setValue(bar.maximum() - 100)
    bar.setValue(bar.maximum())
    gate.set()
    archive.settle()
    numbers = archive.numbers
    archive.window.close()
    assert len(numbers) == len(set(numbers))


def test_a_customers_payment_code_is_shown_nowhere(alone):
    for room in ("receipts", "goods"):
        alone.enter(room)
        alone.settle()
        alone.scan(PAYMENT)
        alone.settle()
        assert not [w for w in alone.window.page.findChildren(QLineEdit) if PAYMENT in w.text()], room


def test_what_was_refused_stays_refused_while_other_fields_are_left(desk):
    desk.fill(TAX_RATE, "x")
    desk.hit(ENTER)
    desk.settle()
    desk.touch(desk.field(FOOTER))
    desk.hit(ENTER)
    desk.settle()
    assert desk.reads("is no rate") and desk.field(TAX_RATE).text() == "x"


def test_two_wrong_values_stay(desk):
    for caption, text in ((TAX_RATE, "x"), (HOUR, "25")):
        desk.fill(caption, text)
        desk.hit(ENTER)
        desk.settle()
    assert (desk.field(TAX_RATE).text(), desk.field(HOUR).text()) == ("x", "25")


def test_what_is_typed_in_the_next_field_stays(desk, hold):
    gate = hold(desk.shop.terminal)
    desk.fill(FOOTER, "Thanks")
    desk.hit(ENTER)
    desk.fill(TAX_RATE, "13")
    gate.set()
    desk.settle()
    assert desk.field(TAX_RATE).text() == "13"


def test_the_focus_stays_when_everything_is_drawn_anew(desk):
    desk.fill(SHOP_NAME, "Lane")
    desk.hit(TAB)
    before = desk.window.focusWidget().accessibleName()
    desk.settle()
    assert desk.window.focusWidget().accessibleName() == before


def test_a_theme_does_not_end_the_full_screen(desk):
    desk.hit(ENTER, modifier=ALT)
    desk.choose("Colours: Dark")
    assert desk.window.isFullScreen()


@pytest.mark.parametrize("room", ["sell", "staff"])
def test_the_last_answer_speaks_the_new_language(desk, room):
    desk.enter(room)
    desk.settle()
    if room == "sell":
        desk.scan(RICE.shown_code)
        desk.until(lambda state: state.cart.pieces == 1)
    else:
        desk.hit(F3)
        desk.type("Bo")
        desk.hit(F12)
        desk.says("is saved")
    desk.enter("settings")
    desk.choose("Language: 简体中文")
    desk.enter(room)
    desk.settle()
    assert not desk.reads("Added") and not desk.reads("is saved")


def test_the_clock_of_the_receipts_follows_the_time_zone(desk):
    desk.shop.sell((WATER, 1))
    desk.enter("receipts")
    desk.settle()
    desk.enter("settings")
    desk.fill(ZONE, "America/New_York")
    desk.hit(ENTER)
    desk.says("Saved.")
    desk.enter("receipts")
    desk.settle()
    assert desk.rows[0][1] == "2026-11-22 21:00"


def test_cash_is_rounded_on_the_counter_too(desk):
    desk.enter("sell")
    desk.scan(RICE.shown_code)
    desk.until(lambda state: state.cart.total == 4990)
    desk.enter("settings")
    desk.choose("Cash is rounded down to: 0.50")
    desk.enter("sell")
    desk.settle()
    assert desk.state.cash_due == 4950


def test_the_business_day_follows_its_hour(desk):
    desk.fill(HOUR, "11")
    desk.hit(ENTER)
    desk.says("Saved.")
    desk.enter("sell")
    desk.settle()
    assert desk.reads("2026-11-22 ·")


def test_the_till_is_named_in_full(desk):
    assert desk.reads("杨柳巷 · T1")


def test_nobody_new_is_begun_while_another_is_saved(office, hold):
    office.choose("Wang")
    office.fill("Name", "Wang Fang")
    gate = hold(office.shop.terminal)
    office.hit(F12)
    office.hit(F3)
    office.type("Bo")
    gate.set()
    office.settle()
    state = office.presenter.state
    assert (state.known, state.draft.id, state.said) == ("C1", "C1", "Wang Fang is saved.")
    assert [(fact.id, fact.name) for fact in office.facts(StaffChanged)[2:]] == [("C1", "Wang Fang")]
    assert sorted(office.everybody) == ["C1", "M1"]


def test_nobody_else_is_chosen_while_one_is_saved(office, hold):
    office.choose("Wang")
    gate = hold(office.shop.terminal)
    office.hit(F12)
    office.hit(DOWN)
    assert office.presenter.state.known == "C1"
    gate.set()
    office.settle()
    office.hit(DOWN)
    assert office.presenter.state.known == office.presenter.state.draft.id == "M1"


def test_nobody_is_half_saved_where_pins_cannot_be_kept(office):
    key = office.shop.terminal.home.pepper
    key.unlink()
    key.mkdir()
    office.hit(F3)
    office.type("Bo")
    office.fill(NEW_PIN, PIN)
    office.hit(F12)
    office.says("cannot be used")
    before = sorted(office.everybody)
    key.rmdir()
    office.hit(F12)
    office.settle()
    assert before == ["C1", "M1"] and office.reads("Bo is saved.")


def test_spaces_around_a_name_are_no_change(office):
    office.hit(F3)
    office.type(" Bo  Li ")
    for _ in range(2):
        office.hit(F12)
        office.settle()
    assert len(office.facts(StaffChanged)) == 3


def test_a_pin_is_not_shown_while_it_is_typed(office):
    assert office.field(NEW_PIN).echoMode() is QLineEdit.EchoMode.Password


def test_the_rail_knows_the_new_name_of_who_is_here(office):
    office.choose("Li")
    office.fill("Name", "Zhou")
    office.hit(F12)
    office.says("Zhou is saved.")
    office.settle()
    assert [b for b in buttons(office.window) if b.text().startswith("Zhou\n")]


def test_who_is_no_manager_any_more_leaves_the_room(office):
    office.choose("Wang")
    office.touch("Role: Manager")
    office.fill(NEW_PIN, PIN)
    office.hit(F12)
    office.says("Wang is saved.")
    office.settle()
    office.choose("Li")
    office.touch("Role: Cashier")
    office.hit(F12)
    office.qtbot.waitUntil(lambda: office.window.room == "sell")
    office.settle()
    assert office.everybody["M1"].role.value == "cashier" and office.window.presenter("staff") is None
    assert not [button for button in buttons(office.window) if button.text() == "Staff"]


def test_the_first_owner_can_leave_once_there_are_pins(qtbot, shop):
    till = Hands(qtbot, shop)
    staffed(shop)
    till.hit(F10)
    till.settle()
    asked = till.window.sign_in
    till.window.close()
    assert asked is not None
