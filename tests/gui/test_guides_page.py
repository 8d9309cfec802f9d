"""The Guides page: a day, why a sale is whose it is, and what is decided about it."""

from __future__ import annotations

from functools import partial

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.events import MemberInvited
from core.rows import CreditDayRow, TargetRow
from core.sales import cart as carts
from core.shop import credits, members
from core.shop.terminal import SYSTEM, Actor
from core.sync.hq import Hq, keep_hq
from tests.builders import RICE, WATER, Shop
from tests.gui.conftest import Hands, buttons
from tests.gui.test_invitations import scanned

K = Qt.Key


@pytest.fixture
def staffed(shop: Shop) -> str:
    """A shop in which G1 won a member to whom G2 sold. Returns the receipt."""
    shop.hire("G1", "guide", "Chen")
    shop.hire("G2", "guide", "Liu")
    shop.hire("M1", "manager", "Li")
    member = shop.bind("13800001234", guide="G1").id
    buyer = shop.terminal.read(partial(members.buyer, member=member)).result()
    cart = msgspec.structs.replace(shop.cart((WATER, 1), (RICE, 1)), seller="G2")
    return shop.check_out(carts.for_member(cart, *buyer)).receipt


def at(qtbot, shop: Shop, by: Actor) -> Hands:
    made = Hands(qtbot, shop, by=by)
    made.hit(K.Key_7, modifier=Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: made.window.room == "guides" and state_of(made).day is not None)
    return made


def state_of(till: Hands):
    return till.window.presenter("guides").state


def shown(till: Hands) -> str:
    return "\n".join(made.text() for made in till.window.page.findChildren(QLabel) if made.isVisible())


def offered(till: Hands) -> list[str]:
    return [
        made.text().split()[-1] for made in buttons(till.window.page) if made.text()[-2:-1] == "F" and made.isEnabled()
    ]


def test_a_guide_sees_their_own_day_and_why(qtbot, shop, staffed):
    shop.hear("targets", **{"2026-11-23:G1": TargetRow(10_000)})
    shop.hear("credits", **{"2026-11-23:T2:G1": CreditDayRow(5)})
    till = at(qtbot, shop, Actor("G1"))
    assert [one.name for one in state_of(till).people] == ["Chen"]
    words = shown(till)
    assert all(
        part in words for part in ("1 not at head office yet", "26.00", "of it at T2 0.05", "26.0%", "of 100.00")
    )
    till.hit(K.Key_Down)
    qtbot.waitUntil(lambda: state_of(till).why is not None)
    words = shown(till)
    assert "✓ Chen · 50% · 25.95\n    Won the member on 2026-11-23." in words
    assert "Sold it · Liu" in words and "Took the money · system" in words
    assert "50% to whoever won the member, 50% to whoever sells." in words
    assert offered(till) == ["F5", "F6", "F9"]
    till.hit(K.Key_F7)
    assert not state_of(till).form
    till.hit(K.Key_F5)
    till.type("both of us served")
    till.hit(K.Key_F12)
    qtbot.waitUntil(lambda: state_of(till).said == "A manager will look at it.")
    qtbot.waitUntil(lambda: "Chen asked: both of us served" in shown(till))
    till.window.close()


def test_a_manager_is_told_and_decides(qtbot, shop, staffed):
    ask = partial(credits.dispute, by=Actor("G2"), receipt=staffed, reason="I served")
    shop.terminal.write(ask).result()
    till = at(qtbot, shop, Actor("M1"))
    till.hit(K.Key_8, modifier=Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: till.window.room == "tray" and bool(till.window.presenter("tray").state.rows))
    assert "Asks for the credit of a sale" in shown(till) and "I served" in shown(till) and "Liu" in shown(till)
    till.hit(K.Key_F6)
    qtbot.waitUntil(lambda: till.window.room == "guides" and state_of(till).why is not None)
    assert state_of(till).why.sale.receipt == staffed
    till.hit(K.Key_F7)
    assert state_of(till).chosen == {"G1", "G2"} and "F12" not in offered(till)
    till.type("Liu alone")
    presenter = till.window.presenter("guides")
    presenter.toggle(0)
    till.hit(K.Key_F12)
    qtbot.waitUntil(lambda: state_of(till).said == "Saved.")
    qtbot.waitUntil(lambda: "✓ Liu · 100% · 51.90\n    A manager decided so." in shown(till))
    assert "Li decided: Liu alone" in shown(till)
    till.hit(K.Key_8, modifier=Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: "Nothing waits to be looked at." in shown(till))
    till.window.close()


def test_members_change_hands(qtbot, shop, staffed):
    till = at(qtbot, shop, Actor("M1"))
    presenter = till.window.presenter("guides")
    presenter.look_at(0)
    qtbot.waitUntil(lambda: state_of(till).day.person == "G1")
    till.hit(K.Key_F8)
    assert [one.id for one in state_of(till).others] == ["G2", "M1"] and "F12" not in offered(till)
    presenter.toggle(0)
    till.hit(K.Key_F12)
    qtbot.waitUntil(lambda: state_of(till).said == "1 members were handed over.")
    newest = shop.terminal.read(partial(members.newest, by=SYSTEM)).result()
    assert [one.standing.guide for one in newest] == ["G2"]
    till.window.close()


def test_a_guide_shows_their_own_code(qtbot, shop, staffed):
    hq = Hq("http://127.0.0.1:1", "")
    shop.terminal.write(lambda session: keep_hq(session.connection, hq)).result()
    till = at(qtbot, shop, Actor("G1"))
    till.window._courier.stop()
    till.hit(K.Key_F9)
    till.says("Whoever scans it and agrees becomes a member of this guide.")
    (fact,) = till.facts(MemberInvited)
    assert (fact.guide, fact.expires) == ("G1", 0) and scanned(till.window.page) == [state_of(till).code]
    assert state_of(till).code == f"HTTPS://ID.EXAMPLE.COM/B/{fact.token}"
    till.hit(K.Key_F9)
    till.settle()
    assert len(till.facts(MemberInvited)) == 1
    till.hit(K.Key_Escape)
    assert not state_of(till).code
    till.window.close()


def test_days_are_stepped_through_and_a_form_is_left(qtbot, shop, staffed):
    till = at(qtbot, shop, Actor("M1"))
    till.hit(K.Key_Left)
    qtbot.waitUntil(lambda: state_of(till).day.date == "2026-11-22")
    assert state_of(till).rows == ()
    till.hit(K.Key_Right)
    qtbot.waitUntil(lambda: state_of(till).day.date == "2026-11-23")
    till.hit(K.Key_F8)
    till.hit(K.Key_Escape)
    assert not state_of(till).form
    till.hit(K.Key_F5)
    assert not state_of(till).form, "there is no sale that this could be about"
    till.window.close()
