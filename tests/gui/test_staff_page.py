"""The manager keeps the list of who works here."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from core import events
from core.errors import RefusedError
from core.events import PinSet, StaffChanged
from core.shop import people
from core.shop.terminal import SYSTEM
from core.staff.queries import Person
from tests.gui.conftest import buttons
from tests.gui.hands import LONG_PIN as PIN

F3, F10, F12 = Qt.Key.Key_F3, Qt.Key.Key_F10, Qt.Key.Key_F12


def test_everybody_is_listed_and_somebody_new_is_begun(office):
    assert office.rows == [("Wang", "C1", "Cashier", "No PIN yet"), ("Li", "M1", "Manager", "With a PIN")]
    office.says("New employee")
    assert office.field("Number").text() == "P01"
    assert office.chosen() == ["Cashier", "Works here"]


@pytest.mark.parametrize(("tabs", "role"), [(0, "cashier"), (2, "guide"), (3, "manager"), (4, "it")])
def test_somebody_is_added_by_keys_alone(office, tabs, role):
    office.hit(F3)
    office.type("Ann Lee")
    if tabs:
        office.hit(Qt.Key.Key_Tab, 1 + tabs)
        office.space()
    office.hit(Qt.Key.Key_Return)
    office.says("Ann Lee is saved.")
    assert office.everybody["P01"] == Person("P01", "Ann Lee", events.Role(role), active=True, has_pin=False)
    office.qtbot.waitUntil(lambda: len(office.rows) == 3)
    office.hit(F3)
    assert office.field("Number").text() == "P02" and office.field("Name").text() == ""


def test_somebody_is_added_by_touch_with_a_number_of_their_own(office):
    office.touch("F3 New employee")
    office.type("Chen")
    office.fill("Number", "G-7")
    office.touch("Role: Guide")
    office.touch("Save F12")
    office.says("Chen is saved.")
    assert (office.everybody["G-7"].role.value, office.everybody["G-7"].name) == ("guide", "Chen")
    assert len(office.facts(StaffChanged)) == 3


def test_a_name_and_a_role_are_changed_and_the_number_stays(office):
    office.choose("Wang")
    assert office.reads("Wang") and not office.field("Number").isEnabled()
    office.fill("Name", "Wang Fang")
    office.touch("Role: Guide")
    assert office.everybody["C1"].name == "Wang"
    office.hit(F12)
    office.says("Wang Fang is saved.")
    office.qtbot.waitUntil(lambda: ("Wang Fang", "C1", "Guide", "No PIN yet") in office.rows)
    changed = office.facts(StaffChanged)[-1]
    assert (changed.id, changed.head.staff) == ("C1", "M1") and not office.facts(PinSet)[1:]
    office.hit(F12)
    office.says("Wang Fang is saved.")
    assert len(office.facts(StaffChanged)) == 3


def test_arrows_choose_who_is_changed(office):
    office.hit(Qt.Key.Key_Down)
    assert office.field("Number").text() == "C1"
    office.hit(Qt.Key.Key_Down, 3)
    assert office.field("Number").text() == "M1"
    office.touch(office.field("Name"))
    office.hit(Qt.Key.Key_Up)
    assert office.field("Name").text() == "Wang" and office.chosen() == ["Cashier", "Works here"]


def secrets_shown(window: QWidget) -> str:
    parts = window.findChildren(QWidget)
    texts = [part.accessibleName() + part.accessibleDescription() + part.toolTip() for part in parts]
    texts += [widget.text() for kind in (QLineEdit, QAbstractButton) for widget in window.findChildren(kind)]
    return "\n".join(texts)


def test_a_pin_lets_them_in_and_is_written_down_nowhere(office, caplog):
    office.choose("Wang")
    office.fill("New PIN, 4 to 8 digits", PIN)
    office.hit(Qt.Key.Key_Return)
    office.says("Wang is saved.")
    office.qtbot.waitUntil(lambda: ("Wang", "C1", "Cashier", "With a PIN") in office.rows)
    assert len(office.facts(PinSet)) == 2 and len(office.facts(StaffChanged)) == 2
    assert PIN not in secrets_shown(office.window) and not office.reads(PIN)
    assert office.presenter.state.draft.pin == "" and PIN not in caplog.text
    for path in office.shop.terminal.home.folder.rglob("*"):
        assert path.is_dir() or PIN.encode() not in path.read_bytes(), path
    office.leave()
    office.sign_in("Wang", PIN)
    office.qtbot.waitUntil(lambda: office.window.room == "sell")
    assert office.window.sell.by.staff == "C1"


def test_a_new_pin_takes_the_place_of_the_old_one(office):
    for pin in (PIN, "1379"):
        office.choose("Wang")
        office.fill("New PIN, 4 to 8 digits", pin)
        office.hit(F12)
        office.says("Wang is saved.")
    with pytest.raises(RefusedError, match="wrong_pin"):
        people.sign_in(office.shop.terminal, "C1", PIN)
    assert people.sign_in(office.shop.terminal, "C1", "1379").staff == "C1"


@pytest.mark.parametrize("by_keys", [False, True])
def test_who_has_left_is_not_let_in_any_more(office, by_keys):
    office.choose("Wang")
    office.fill("New PIN, 4 to 8 digits", PIN)
    office.hit(F12)
    office.says("Wang is saved.")
    if by_keys:
        office.hit(Qt.Key.Key_Backtab, modifier=Qt.KeyboardModifier.ShiftModifier)
        office.space()
    else:
        office.touch("State: Has left")
    assert office.chosen() == ["Cashier", "Has left"]
    office.hit(F12)
    office.qtbot.waitUntil(lambda: ("Wang", "C1", "Cashier", "Has left") in office.rows)
    with pytest.raises(RefusedError, match="no_such_person"):
        people.sign_in(office.shop.terminal, "C1", PIN)
    office.leave()
    assert [person.name for person in office.window.sign_in.state.people] == ["Li"]
    assert not [b for b in buttons(office.window) if b.text().startswith("Wang")]


@pytest.mark.parametrize("choice", ["Role: Cashier", "State: Has left"])
def test_the_last_manager_stays_one(office, choice):
    office.choose("Li")
    office.fill("Name", "Li Na")
    office.touch(choice)
    office.hit(F12)
    office.says("is the only manager. Make somebody else a manager first.")
    assert office.field("Name").text() == "Li Na" and choice.split(": ")[1] in office.chosen()
    assert (office.everybody["M1"].name, office.everybody["M1"].role.value) == ("Li", "manager")
    assert office.everybody["M1"].active and len(office.facts(StaffChanged)) == 2
    office.touch("Role: Manager")
    office.touch("State: Works here")
    office.hit(F12)
    office.says("Li Na is saved.")


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("Number", "C1", "“C1” already works here."),
        ("Number", "a b", "cannot be a person's number"),
        ("Name", "", "cannot be a person's name"),
        ("Name", "4111111111111111", "card number"),
        ("New PIN, 4 to 8 digits", "1234", "the first that anybody tries"),
        ("New PIN, 4 to 8 digits", "258", "A PIN has 4 to 8"),
        ("New PIN, 4 to 8 digits", "25x8", "A PIN has 4 to 8"),
    ],
)
def test_what_is_refused_is_said_and_nothing_of_the_person_is_saved(office, field, text, sentence):
    office.hit(F3)
    office.type("Chen")
    office.touch("Role: Guide")
    office.fill(field, text)
    office.hit(F12)
    office.qtbot.waitUntil(lambda: office.presenter.state.refused)
    assert office.reads(sentence) and sorted(office.everybody) == ["C1", "M1"]
    assert len(office.facts(StaffChanged)) == 2
    assert office.field(field).text() == text and "Guide" in office.chosen()
    good = {"Number": "G1", "Name": "Chen"}.get(field, PIN)
    office.fill(field, good)
    assert not office.reads(sentence)
    office.hit(F12)
    office.says("Chen is saved.")
    assert len(office.everybody) == 3


def test_a_simple_pin_changes_nothing_of_who_is_here_already(office):
    office.choose("Wang")
    office.touch("Role: Manager")
    office.fill("New PIN, 4 to 8 digits", "9876")
    office.hit(F12)
    office.says("the first that anybody tries")
    assert (office.everybody["C1"].role.value, office.everybody["C1"].has_pin) == ("cashier", False)


def test_two_presses_save_once(office):
    office.hit(F3)
    office.type("Chen")
    office.hit(F12, 3)
    office.says("Chen is saved.")
    assert len(office.facts(StaffChanged)) == 3 and len(office.everybody) == 3


@pytest.mark.logs
def test_a_disk_that_refuses_is_said_and_the_draft_stays(office):
    office.shop.terminal.write(lambda s: s.connection.execute("PRAGMA query_only=ON")).result()
    office.hit(F3)
    office.type("Chen")
    office.hit(F12)
    office.says("Nothing was saved")
    assert office.field("Name").text() == "Chen" and len(office.everybody) == 2
    office.hit(F12)
    office.says("Chen is saved.")


def test_who_is_no_manager_does_not_come_in(office, shop):
    people.give_pin(shop.terminal, SYSTEM, "C1", PIN)
    office.leave()
    office.sign_in("Wang", PIN)
    office.qtbot.waitUntil(lambda: office.window.room == "sell")
    office.window.open_room("staff")
    office.hit(Qt.Key.Key_8, modifier=Qt.KeyboardModifier.AltModifier)
    assert office.window.room == "sell" and office.window.presenter("staff") is None
    assert not [b for b in buttons(office.window) if b.text() == "Staff"]


def test_drawing_a_state_twice_changes_nothing(office):
    office.choose("Wang")
    before = office.window.page.grab().toImage()
    office.window.page.render_state(office.presenter.state)
    assert office.window.page.grab().toImage() == before
