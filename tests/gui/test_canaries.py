"""What a customer tells at the counter is in no file that the program writes, nor in a report of a crash."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt

from core.events import MemberCorrected
from tests.gui.conftest import Hands
from ui.crash import keep_report

K = Qt.Key
PHONE, OTHER, NAME, RIGHT = "13812345678", "13912345678", "金丝雀甲", "金丝雀乙"


@pytest.fixture
def desk(qtbot, shop) -> Hands:
    made = Hands(qtbot, shop, "members")
    yield made
    made.window.close()


def crash(desk: Hands) -> None:
    """Something fails that was busy with what is on the screen, in the worst words."""
    try:
        raise ValueError(f"{desk.presenter.state!r} {desk.presenter!r}")
    except ValueError:
        assert keep_report(*sys.exc_info(), desk.shop.terminal.home.logs)


def test_the_form_and_what_follows_leave_nothing_in_clear(desk, shop):
    desk.type(PHONE)
    desk.qtbot.waitUntil(lambda: desk.presenter.state.draft is not None)
    desk.presenter.type_name(NAME)
    crash(desk)
    for key in (K.Key_F5, K.Key_F12):
        desk.hit(key)
    desk.qtbot.waitUntil(lambda: desk.presenter.state.card is not None)
    desk.hit(K.Key_F4)
    desk.presenter.correct(phone=OTHER, name=RIGHT)
    crash(desk)
    desk.hit(K.Key_F12)
    desk.qtbot.waitUntil(lambda: bool(desk.facts(MemberCorrected)))
    desk.says("Saved.")
    desk.hit(K.Key_F9)
    desk.qtbot.waitUntil(lambda: bool(desk.presenter.state.clear))
    assert OTHER in desk.presenter.state.clear and RIGHT in desk.presenter.state.clear
    crash(desk)
    desk.hit(K.Key_Escape)
    desk.type(f"{OTHER[-4:]} {RIGHT}")
    desk.qtbot.waitUntil(lambda: len(desk.presenter.state.rows) == 1)
    crash(desk)
    files = [path for path in shop.terminal.home.folder.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert len(list(shop.terminal.home.logs.glob("report-*"))) >= 1 and len(content) > 50_000
    for canary in (PHONE, OTHER, PHONE[3:], OTHER[3:], NAME, RIGHT, "金丝雀"):
        for spelt in (canary.encode(), canary.encode("unicode_escape")):
            assert spelt not in content, canary
