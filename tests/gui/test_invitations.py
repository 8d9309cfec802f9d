"""A code is shown to a customer, on their own screen where there is one, and the page says truly what became of it."""

from __future__ import annotations

import numpy
import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QLabel, QWidget

from core.events import MemberInvited, Purpose
from core.members.consent import NOTICE
from core.rows import OutcomeRow
from core.sync.hq import Hq, keep_hq
from tests.builders import Shop
from tests.gui.conftest import Hands
from ui.customer.desk import CustomerDesk

K = Qt.Key
PHONE = "13812345678"


@pytest.fixture
def till(qtbot, shop: Shop) -> Hands:
    """A till that knows a head office, which cannot be reached."""
    hq = Hq("http://127.0.0.1:1", "", contact=shop.terminal.clock.now_ms())
    shop.terminal.write(lambda session: keep_hq(session.connection, hq)).result()
    made = Hands(qtbot, shop, "members")
    made.window._courier.stop()
    yield made
    made.window.close()


@pytest.fixture
def desk(till: Hands) -> CustomerDesk:
    """The customer's own screen."""
    settings = till.shop.terminal.read(lambda view: view.settings).result()
    made = CustomerDesk(settings, QGuiApplication.primaryScreen())
    made.watch(till.presenter)
    # Where nobody manages windows, every new one comes to the front.
    till.window.activateWindow()
    till.window.page.setFocus()
    yield made
    made.close()


def state_of(till: Hands):
    return till.window.presenter("members").state


def shown_on(widget: QWidget) -> str:
    return "\n".join(made.text() for made in widget.findChildren(QLabel) if not made.isHidden())


def scanned(widget: QWidget) -> list[str]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    return [found.text for found in zxingcpp.read_barcodes(_pixels(image))]


def _pixels(image: QImage):
    rows = numpy.frombuffer(image.constBits(), numpy.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


def show(till: Hands) -> str:
    till.hit(K.Key_F3)
    till.qtbot.waitUntil(lambda: state_of(till).invitation is not None)
    return state_of(till).invitation.token


def hear(till: Hands, token: str, **row: object) -> None:
    till.shop.hear("outcomes", **{token: OutcomeRow(**row)})
    till.window._courier.fetched.emit()


def test_a_code_is_shown_by_one_key_and_can_be_scanned(till, desk):
    token = show(till)
    link = f"HTTPS://ID.EXAMPLE.COM/B/{token}"
    assert till.reads("Let the customer scan this") and till.reads("Not scanned yet.")
    assert scanned(till.window.page) == scanned(desk.screen) == [link]
    assert "Nothing is ticked for you" in shown_on(desk.screen) and "○" not in shown_on(desk.screen)
    (fact,) = till.facts(MemberInvited)
    assert fact.token == token


def test_whoever_agreed_is_shown_and_the_screen_forgets_them(till, desk):
    token = show(till)
    hear(till, token, state="waiting", at=1)
    till.says("Scanned; the customer reads what they may agree to.")
    hear(till, token, state="confirmed", at=till.shop.terminal.clock.now_ms(), member="m-1", new=True,
         purposes=("membership",), notice=NOTICE, language="en", commitment="0" * 64)  # fmt: skip
    till.says("Bound.")
    till.qtbot.waitUntil(lambda: state_of(till).card is not None)
    assert state_of(till).card.member.id == "m-1" and state_of(till).invitation is None
    assert state_of(till).card.member.standing.purposes == (Purpose.MEMBERSHIP,)
    assert "Thank you!" in shown_on(desk.screen) and not scanned(desk.screen)
    till.presenter.visit()
    assert shown_on(desk.screen).split("\n") == ["杨柳巷", "Welcome"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("refused", "The customer does not wish to."),
        ("other_guide", "another guide's."),
        ("expired", "Its time is over. F3 shows another."),
    ],
)
def test_what_became_of_it_is_said_truly(till, desk, state, words):
    token = show(till)
    hear(till, token, state=state, at=1)
    till.says(words)
    assert not scanned(till.window.page) and not scanned(desk.screen)
    till.hit(K.Key_F3)
    till.qtbot.waitUntil(lambda: state_of(till).invitation.token != token)
    assert scanned(desk.screen) == [f"HTTPS://ID.EXAMPLE.COM/B/{state_of(till).invitation.token}"]


def test_without_a_network_nothing_is_called_done(till):
    show(till)
    till.shop.terminal.clock.go(minutes=11)
    till.presenter.ask_head_office()
    till.says("What became of it is known when head office can be reached.")


def test_without_a_head_office_it_is_said_whom_to_ask(qtbot, shop):
    made = Hands(qtbot, shop, "members")
    made.hit(K.Key_F3)
    made.qtbot.waitUntil(lambda: state_of(made).refused)
    assert state_of(made).invitation is None and not state_of(made).busy
    made.window.close()


def test_what_is_ticked_is_seen_by_the_customer_and_nothing_of_them(till, desk):
    till.type(PHONE)
    till.qtbot.waitUntil(lambda: state_of(till).draft is not None)
    words = shown_on(desk.screen)
    assert "○ Membership" in words and "Same prices without it" in words
    till.hit(K.Key_F5)
    assert "✓ Membership" in shown_on(desk.screen)
    till.presenter.speak("zh_CN")
    assert "✓ 会员身份" in shown_on(desk.screen)
    till.presenter.type_name("王小明")
    assert not any(part in shown_on(desk.screen) for part in ("138", "5678", "王"))
    till.hit(K.Key_Escape)
    till.qtbot.waitUntil(lambda: "Welcome" in shown_on(desk.screen))


def test_another_code_or_none_takes_the_place_of_one(till, desk):
    show(till)
    till.hit(K.Key_Escape)
    assert state_of(till).invitation is None and "Welcome" in shown_on(desk.screen)
    token = show(till)
    till.type(PHONE[:3])
    assert state_of(till).invitation is None
    hear(till, token, state="refused", at=1)
    assert state_of(till).invitation is None
