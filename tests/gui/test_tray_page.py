"""The Tray page: what does not add up is looked at, and somebody says how it ended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.database import connect
from core.events import MatterSettled, Outcome, decode
from core.shop.standing import Status
from core.texts import use
from tests.builders import RICE, SCARF
from tests.gui.conftest import Hands, buttons

AT = 1_795_399_200_000


def told(shop) -> list[str]:
    """Three matters, of which the receipt of one is this till's. Returns the codes of the units."""
    _, serials = shop.issue(SCARF, 2)
    sold = shop.sell_codes(shop.link(SCARF, serials[0]))
    parties = [
        {"op": "there", "store": "S1", "terminal": "T2", "receipt": "T2AA-261123-0001", "at": AT - 60_000},
        {"op": sold.head.op, "store": "S1", "terminal": "T1", "receipt": sold.receipt, "at": AT},
    ]
    row = {"code": SCARF.code, "at": AT, "parties": parties}
    shop.hear("conflicts", **{f"sold_twice:{serials[0]}": row})
    lie = {"terminal": "T1", "seq": 3, "fact": "sale.completed", "at": AT - 1, "detail": "R9: 99900 / 400"}
    shop.hear("findings", **{f"tenders_differ:{'ab' * 32}": lie})
    shop.hear("staff", M07={"name": "", "role": "manager"})
    return serials


@pytest.fixture
def tray(qtbot, shop) -> Hands:
    told(shop)
    made = Hands(qtbot, shop)
    made.window.open_room("tray")
    made.qtbot.waitUntil(lambda: len(made.window.presenter("tray").state.rows) == 3)
    yield made
    made.window.close()


def state_of(tray: Hands):
    return tray.window.presenter("tray").state


def shown(tray: Hands) -> set[str]:
    """The buttons that can be pressed."""
    return {made.text().replace("\n", " ") for made in buttons(tray.window.page) if made.isVisible()}


def settled(shop) -> list[MatterSettled]:
    with connect(shop.terminal.home.file, read_only=True) as connection:
        events = [decode(raw) for (raw,) in connection.execute("SELECT event FROM journal ORDER BY position")]
    return [event for event in events if isinstance(event, MatterSettled)]


def test_a_conflict_card_is_settled_by_a_key(tray, shop):
    assert state_of(tray).chosen.matter.what == "sold_twice"
    assert shown(tray) == {"Another item's label F5", "Put right F7", "Cannot be found out F8", "Receipt F6"}
    texts = tray.window.page._parties.text().split("\n")
    assert texts[0].startswith("✓") and "S1 T2 · receipt T2AA" in texts[0] and texts[1].startswith("▲")
    tray.hit(Qt.Key.Key_F2)
    tray.type("the red one")
    tray.hit(Qt.Key.Key_F5)
    tray.qtbot.waitUntil(lambda: len(state_of(tray).rows) == 2)
    assert state_of(tray).said == "Settled: Another item's label." and state_of(tray).note == ""
    (event,) = settled(shop)
    assert (event.outcome, event.note, len(event.ops)) == (Outcome.OTHER_ITEM, "the red one", 2)
    # The next one moved up.
    assert state_of(tray).chosen.matter.what == "tenders_differ" and shown(tray) == {"Seen F12"}


def test_a_touch_settles_too_and_what_only_head_office_can_mend_has_no_button(tray, shop):
    tray.hit(Qt.Key.Key_Down)
    tray.touch("Seen F12")
    tray.qtbot.waitUntil(lambda: len(state_of(tray).rows) == 2)
    assert [event.matter for event in settled(shop)] == ["tenders_differ"]
    tray.qtbot.waitUntil(lambda: state_of(tray).chosen.matter.what == "staff")
    assert shown(tray) == set()
    assert "cannot be a person's name" in tray.window.page._next.text()
    for key in (Qt.Key.Key_F5, Qt.Key.Key_F7, Qt.Key.Key_F8, Qt.Key.Key_F12):
        tray.hit(key)
    tray.settle()
    assert len(settled(shop)) == 1


def test_the_receipt_is_one_key_away(tray):
    tray.hit(Qt.Key.Key_F6)
    tray.qtbot.waitUntil(lambda: tray.window.room == "receipts")
    tray.qtbot.waitUntil(lambda: len(tray.window.presenter("receipts").state.rows) == 1)


def test_what_does_not_fit_stays_as_it_was_typed(tray):
    tray.hit(Qt.Key.Key_F2)
    tray.type("x" * 101)
    tray.hit(Qt.Key.Key_F7)
    tray.qtbot.waitUntil(lambda: state_of(tray).refused)
    assert "longer than a reason may be" in state_of(tray).said and len(state_of(tray).note) == 101
    assert len(state_of(tray).rows) == 3


def test_goods_that_are_scanned_go_to_the_counter(tray):
    tray.scan(RICE.shown_code)
    tray.qtbot.waitUntil(lambda: tray.window.room == "sell")


def test_drawing_it_twice_and_in_another_language_changes_nothing_else(tray):
    before = tray.window.page.grab().toImage()
    tray.window.page.render_state(state_of(tray))
    assert tray.window.page.grab().toImage() == before
    use("zh_CN")
    tray.window.page.render_state(state_of(tray))
    assert tray.window.page._what.text() == "售出两次"


def test_the_rail_counts_what_waits(tray):
    courier = tray.window._courier
    courier._show(Status("https://hq", 0, None, AT, "", 0, 3))
    (made,) = [made for made in buttons(tray.window) if made.text() == "Tray"]
    assert made.accessibleName() == "Tray 3 Alt+8"
    courier._show(None)
    assert made.accessibleName() == "Tray Alt+8"
