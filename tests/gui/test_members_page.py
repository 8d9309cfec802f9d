"""The Members page: somebody is found, becomes a member in few steps, agrees to more or to less, and leaves."""

from __future__ import annotations

import json
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFileDialog

from core.database import connect
from core.events import (
    ConsentGiven,
    ConsentWithdrawn,
    Event,
    MemberBound,
    MemberErased,
    Purpose,
    RecordDisclosed,
    decode,
)
from core.shop import touchpoints, twins
from core.shop.terminal import SYSTEM
from core.texts import use
from tests.builders import RICE, WATER
from tests.gui.conftest import Hands, buttons

K = Qt.Key
PHONE, OTHER = "13812345678", "13912345678"
MOST_KEYS, MOST_TOUCHES = 15, 5


@pytest.fixture
def till(qtbot, shop) -> Hands:
    made = Hands(qtbot, shop)
    yield made
    made.window.close()


@pytest.fixture
def known(till, shop):
    """A member, and the page with their card."""
    member = shop.bind(PHONE, name="王小明", purposes=(Purpose.MEMBERSHIP, Purpose.CONTACT), card="VIP7")
    go(till)
    till.type(PHONE)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    return member


def go(till: Hands) -> None:
    till.hit(K.Key_2, modifier=Qt.KeyboardModifier.AltModifier)
    till.qtbot.waitUntil(lambda: till.window.room == "members")


def state_of(till: Hands):
    return till.window.presenter("members").state


def recorded(shop, kind: type[Event]) -> list:
    with connect(shop.terminal.home.file, read_only=True) as connection:
        events = [decode(raw) for (raw,) in connection.execute("SELECT event FROM journal ORDER BY position")]
    return [event for event in events if isinstance(event, kind)]


def asked(till: Hands):
    till.qtbot.waitUntil(lambda: state_of(till).draft is not None)
    return state_of(till).draft


def test_a_member_is_bound_by_few_keys(till, shop):
    keys = 0
    go(till)
    keys += 1
    till.type(PHONE)
    keys += len(PHONE)
    assert asked(till).purposes == frozenset() and asked(till).phone == "138****5678"
    for key in (K.Key_F5, K.Key_F7, K.Key_F12):
        till.hit(key)
        keys += 1
    assert keys <= MOST_KEYS
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    (event,) = recorded(shop, MemberBound)
    assert (event.purposes, event.language) == ([Purpose.MEMBERSHIP, Purpose.MARKETING], "en")
    assert state_of(till).said == "Bound." and state_of(till).card.member.phone == "138****5678"


def test_a_member_is_bound_by_few_touches(till, shop):
    touches = 0
    till.touch("Members Alt+2")
    till.type(PHONE)
    asked(till)
    for text in ("○ Membership F5", "○ Guide contact F6", "○ Offers F7", "Bind F12"):
        till.touch(text)
        touches += 1
    assert touches + 1 <= MOST_TOUCHES
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert recorded(shop, MemberBound)[0].purposes == list(Purpose)


def test_who_is_known_twice_is_one_person_and_two_again(till, shop):
    one, other = shop.bind(PHONE, name="王小明").id, shop.bind(OTHER).id
    link = partial(twins.link, by=SYSTEM, member=other, into=one)
    shop.terminal.write(link).result()
    go(till)
    till.type(OTHER)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert state_of(till).card.member.id == one and till.reads("Same person: 1 more")
    till.hit(K.Key_F8)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None and not state_of(till).card.others)
    till.qtbot.waitUntil(lambda: not till.reads("Same person: 1 more"))
    till.hit(K.Key_Escape)
    till.type(OTHER)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert state_of(till).card.member.id == other


def test_a_customer_gets_a_copy_of_what_is_known(till, shop, known, tmp_path, monkeypatch):
    file = tmp_path / "copy.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    till.hit(K.Key_F9)
    till.qtbot.waitUntil(lambda: bool(state_of(till).clear))
    assert not file.exists()
    till.hit(K.Key_F9)
    till.qtbot.waitUntil(lambda: state_of(till).said.startswith("Written"))
    copy = json.loads(file.read_text())
    assert (copy["phone"], copy["name"], copy["card"]) == ("+8613812345678", "王小明", "VIP7")
    assert [one["kind"] for one in copy["history"]][-1] == "member.bound"
    assert file.stat().st_mode & 0o077 == 0
    assert [fact.how for fact in recorded(shop, RecordDisclosed)] == ["shown", "exported"]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "none" / "copy.json"), ""))
    till.hit(K.Key_F9)
    till.qtbot.waitUntil(lambda: state_of(till).refused)


def test_nothing_is_agreed_to_beforehand_and_nobody_is_bound_without(till, shop):
    go(till)
    till.type(PHONE)
    asked(till)
    assert not any(made.isChecked() for made in buttons(till.window.page) if made.isCheckable())
    bind = next(made for made in buttons(till.window.page) if made.text().startswith("Bind"))
    till.hit(K.Key_F6)
    assert not bind.isEnabled()
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).refused)
    assert "Nobody becomes a member without agreeing" in state_of(till).said
    assert not recorded(shop, MemberBound)


def test_the_phone_stands_in_clear_nowhere_once_it_was_understood(till, shop):
    go(till)
    till.type(PHONE)
    asked(till)
    assert PHONE not in repr(state_of(till)) and state_of(till).entry == "138****5678"
    # Whoever goes on to type begins anew.
    till.type("5")
    assert state_of(till).entry == "5"
    till.hit(K.Key_Backspace)
    till.type(PHONE)
    asked(till)
    till.hit(K.Key_Backspace)
    assert state_of(till).entry == "" and state_of(till).draft is None


def test_where_somebody_was_won_is_told_where_the_shop_has_more_than_a_counter(till, shop):
    def place() -> QComboBox:
        (found,) = till.window.page.findChildren(QComboBox)
        return found

    go(till)
    till.type(PHONE)
    asked(till)
    assert not place().isVisible()
    change = partial(touchpoints.change, by=SYSTEM, id_="shelf-1", name="Shelf by the door", category="offline")
    shop.terminal.write(change).result()
    till.hit(K.Key_Escape)
    till.qtbot.waitUntil(lambda: len(state_of(till).touchpoints) == 2)
    till.type(PHONE)
    asked(till)
    assert place().isVisible() and place().currentText() == "Counter"
    place().setCurrentIndex(1)
    place().activated.emit(1)
    till.hit(K.Key_F5)
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert recorded(shop, MemberBound)[0].head.touchpoint == "shelf-1"


def test_a_customer_reads_in_their_own_language(till, shop):
    go(till)
    till.type(PHONE)
    asked(till)
    till.touch("The customer reads: 繁體中文")
    texts = [made.text() for made in buttons(till.window.page) if made.isCheckable()]
    assert texts[0].startswith("○ 會員") and not any(made.startswith("○ Membership") for made in texts)
    till.hit(K.Key_F5)
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert recorded(shop, MemberBound)[0].language == "zh_TW"


def test_a_guide_is_credited_with_whom_they_win(qtbot, shop):
    shop.hire("M1", "manager")
    guide = shop.hire("G1", "guide")
    till = Hands(qtbot, shop, by=guide)
    till.touch("Members Alt+2")
    till.type(PHONE)
    asked(till)
    till.hit(K.Key_F5)
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert recorded(shop, MemberBound)[0].guide == "G1"
    shown = {made.text().split("\n")[0] for made in buttons(till.window.page) if made.isVisible()}
    assert "In clear" not in shown and "Delete" not in shown
    till.window.close()


def test_the_sale_becomes_the_members(till, shop, known):
    till.scan(WATER.shown_code)
    till.qtbot.waitUntil(lambda: till.window.room == "sell" and len(till.window.sell.state.cart.lines) == 1)
    before = till.window.sell.state.cart.total
    till.hit(K.Key_F6)
    till.qtbot.waitUntil(lambda: till.window.room == "members")
    till.type("5678 王")
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: till.window.room == "sell" and bool(till.window.sell.state.buyer))
    sell = till.window.sell.state
    assert (sell.buyer, sell.cart.member, sell.cart.total) == ("王** 138****5678", known.id, before)
    assert [made for made in buttons(till.window.page) if made.text() == "F6 王** 138****5678"]
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: till.window.sell.state.change is not None)
    till.qtbot.waitUntil(lambda: not till.window.sell.state.buyer)
    assert shop.report().total.member_net == before


def test_consent_is_taken_back_as_easily_as_it_is_given(till, shop, known):
    till.hit(K.Key_F7)
    till.qtbot.waitUntil(lambda: Purpose.MARKETING in state_of(till).purposes)
    till.hit(K.Key_F7)
    till.qtbot.waitUntil(lambda: Purpose.MARKETING not in state_of(till).purposes)
    (event,) = recorded(shop, ConsentWithdrawn)
    assert event.purposes == [Purpose.MARKETING]


def test_leaving_and_deleting_are_asked_for_twice(till, shop, known):
    till.hit(K.Key_F5)
    assert "Press once more" in state_of(till).said
    till.hit(K.Key_Escape)
    assert state_of(till).asked == "" and state_of(till).card is not None
    till.hit(K.Key_F11)
    assert not recorded(shop, MemberErased)
    till.hit(K.Key_F11)
    till.qtbot.waitUntil(lambda: state_of(till).card.member.standing.state == "erased")
    assert len(recorded(shop, MemberErased)) == 1 and not recorded(shop, ConsentWithdrawn)
    till.hit(K.Key_Escape)
    till.type(PHONE)
    asked(till)


def test_who_leaves_by_membership_is_gone(till, shop, known):
    till.hit(K.Key_F5)
    till.hit(K.Key_F5)
    till.qtbot.waitUntil(lambda: state_of(till).card.member.standing.state == "left")
    assert state_of(till).card.member.phone == "" and PHONE not in repr(state_of(till))


def test_a_record_is_set_right(till, shop, known):
    till.hit(K.Key_F4)
    till.type(OTHER)
    assert OTHER not in repr(state_of(till))
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).card.member.phone == "139****5678")
    assert (state_of(till).card.member.name, state_of(till).said) == ("王**", "Saved.")
    till.hit(K.Key_F4)
    till.type("123")
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: state_of(till).refused)
    assert state_of(till).correction is not None
    till.hit(K.Key_Escape)
    assert state_of(till).correction is None and state_of(till).card is not None


def test_seeing_the_record_is_a_fact_and_ends_with_the_next_look(till, shop, known):
    till.hit(K.Key_F9)
    till.qtbot.waitUntil(lambda: bool(state_of(till).clear))
    assert state_of(till).clear == "+8613812345678 · 王小明 · VIP7"
    assert len(recorded(shop, RecordDisclosed)) == 1
    till.hit(K.Key_Escape)
    assert state_of(till).clear == ""


def test_a_scanned_card_is_looked_for_and_scanned_goods_are_not(till, shop, known):
    till.hit(K.Key_Escape)
    till.scan("VIP7")
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    till.scan(RICE.shown_code)
    till.qtbot.waitUntil(lambda: till.window.room == "sell")


def test_marks_say_why(till, shop, known):
    ties = [line.text() for line in till.window.page._marks]
    assert ties == [
        "✓ Connected · agreed to be a member",
        "✓ Identified · the phone is known",
        "✓ Reachable · may be contacted",
        "○ Active · bought nothing for 30 days",
    ]


def test_drawing_it_twice_changes_nothing(till, shop, known):
    before = till.window.page.grab().toImage()
    till.window.page.render_state(state_of(till))
    assert till.window.page.grab().toImage() == before
    use("en")


@pytest.fixture
def two(till, shop):
    """Two members, and the page with the card of the first of the list."""
    shop.bind(PHONE, name="甲")
    shop.bind(OTHER, name="乙")
    go(till)
    page = till.window.presenter("members")
    till.qtbot.waitUntil(lambda: len(page.state.rows) == 2)
    page.choose(0)
    till.qtbot.waitUntil(lambda: page.state.card is not None)
    return page


def test_a_key_never_acts_on_whoever_was_looked_at_before(till, shop, two):
    two.choose(1)
    two.erase()
    two.erase()
    two.toggle(Purpose.MARKETING)
    two.toggle(Purpose.MARKETING)
    till.settle()
    assert not recorded(shop, MemberErased) and not recorded(shop, ConsentWithdrawn)


def test_what_was_asked_of_one_is_not_done_to_another(till, shop, two):
    two.erase()
    assert two.state.asked
    two.choose(1)
    till.qtbot.waitUntil(lambda: two.state.card is not None)
    two.erase()
    till.settle()
    assert not recorded(shop, MemberErased)


def test_a_record_in_clear_stands_under_no_other_name(till, two):
    two.disclose()
    two.choose(1)
    till.settle()
    assert two.state.clear == ""
    two.choose(0)
    till.qtbot.waitUntil(lambda: two.state.card is not None)
    two.disclose()
    two.visit()
    till.settle()
    assert two.state.clear == "" and two.state.card is None


def test_the_language_of_a_consent_is_the_one_that_was_shown(till, shop, two):
    two.speak("zh_TW")
    two.visit()
    till.qtbot.waitUntil(lambda: len(two.state.rows) == 2)
    two.choose(0)
    till.qtbot.waitUntil(lambda: two.state.card is not None)
    two.toggle(Purpose.CONTACT)
    till.qtbot.waitUntil(lambda: len(recorded(shop, ConsentWithdrawn)) == 1)
    till.settle()
    two.toggle(Purpose.CONTACT)
    till.qtbot.waitUntil(lambda: len(recorded(shop, ConsentGiven)) == 1)
    assert recorded(shop, ConsentGiven)[0].language == "en"


def test_a_row_of_what_happened_opens_what_was_bought(till, shop, known):
    where = partial(touchpoints.change, by=SYSTEM, id_="group", name="Group", category="social")
    shop.terminal.write(where).result()
    till.hit(K.Key_F12)
    till.qtbot.waitUntil(lambda: till.window.room == "sell")
    till.scan(RICE.shown_code)
    till.qtbot.waitUntil(lambda: till.window.sell.state.cart.pieces == 1)
    till.hit(K.Key_F12)
    till.says("Paid.")
    other = shop.bind(OTHER, touchpoint="group")
    go(till)
    till.type(PHONE)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    words = [till.window.page._life.index(row, 1).data() for row in range(2)]
    assert "261123-0001" in words[0] and words[1] == "Became a member · Membership · Guide contact"
    till.window.presenter("members").open_moment(1)
    assert till.window.room == "members"
    till.window.presenter("members").open_moment(0)
    till.qtbot.waitUntil(lambda: till.window.room == "receipts")
    go(till)
    till.type(OTHER)
    till.qtbot.waitUntil(lambda: state_of(till).card is not None and state_of(till).card.member.id == other.id)
    assert till.window.page._life.index(0, 1).data().endswith(" · Group")
