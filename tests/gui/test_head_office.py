"""The window beside a real head office: joining, the badge, what is said when it is away, leaving."""

from __future__ import annotations

import pytest

from core.shop import standing
from core.texts import tr
from tests.builders import WATER
from tests.gui.conftest import Hands, buttons
from tests.head_office import HeadOffice
from ui.settings.hq import PARCEL, HqState

ADDRESS, TOKEN = "Head office's address", "Token, from head office"
ALL_THERE = "✓ All at head office"


@pytest.fixture(scope="module")
def head_office(tmp_path_factory):
    made = HeadOffice(tmp_path_factory.mktemp("hq"))
    made.start()
    yield made
    if made.runs:
        made.stop()


class Desk:
    """The part of the settings that is about head office."""

    def __init__(self, desk: Hands) -> None:
        self.desk, self.window, self.qtbot = desk, desk.window, desk.qtbot
        self.hq = desk.window.presenter("settings").hq

    @property
    def state(self) -> HqState:
        return self.hq.state

    def until(self, condition) -> None:
        self.qtbot.waitUntil(lambda: condition(self.state), timeout=20_000)

    def press(self, text: str) -> None:
        (made,) = [b for b in buttons(self.window) if b.text() == tr(text)]
        made.click()

    def join(self, address: str, token: str) -> None:
        self.desk.fill(ADDRESS, address)
        self.desk.fill(TOKEN, token)
        self.press("Join")
        self.until(lambda state: not state.busy)

    def send(self) -> None:
        """Have somebody run to head office, once nobody is on the way."""
        self.qtbot.waitUntil(lambda: not self.window._courier._runs, timeout=20_000)
        self.hq.send()

    def badge(self) -> str:
        return str(self.window._frame._badge.text())


@pytest.fixture
def desk(settings_desk) -> Desk:
    return Desk(settings_desk)


def sell(desk: Desk) -> None:
    desk.desk.shop.sell((WATER, 1))
    desk.window._courier.look()


def test_without_a_head_office_the_badge_speaks_of_this_terminal_only(desk):
    assert desk.badge() == "✓ Saved on this terminal"
    assert {b.text() for b in buttons(desk.window)} & {"Join", "Send now", "Leave head office"} == {"Join"}


@pytest.mark.parametrize(
    ("address", "token", "said"),
    [
        ("hq.example.com", "x", "begins with https://"),
        ("http://192.168.1.9", "x", "begins with https://"),
        ("http://127.0.0.1:9", "x", "cannot be reached"),
        ("", "", "begins with https://"),
    ],
)
def test_what_cannot_be_joined_says_why(desk, address, token, said):
    desk.join(address, token)
    assert said in desk.state.said and desk.state.refused
    assert (desk.state.url, desk.state.token) == (address, token)


def test_a_token_that_is_none_says_whom_to_ask(desk, head_office):
    desk.join(head_office.address, "made-up")
    assert "Ask for a new one" in desk.state.said and desk.state.refused


def test_it_joins_sends_and_leaves(desk, head_office):
    sell(desk)
    desk.join(head_office.address, head_office.token("S1", "T1"))
    assert desk.state.said == "Head office knows this terminal now." and desk.state.token == ""
    desk.until(lambda state: bool(state.status) and not state.status.waiting)
    assert desk.badge() == ALL_THERE
    shown = head_office.ok("report", "--store", "S1")
    assert shown["total"]["orders"] == 1

    head_office.kill()
    sell(desk)
    desk.until(lambda state: state.status.waiting == 1 and state.status.trouble == "hq_unreachable")
    assert "1 waiting since" in desk.badge()
    # Asked twice; what waits goes into a file.
    desk.press("Leave head office")
    assert desk.state.leaving and "once more" in desk.state.said
    desk.press("Leave head office")
    desk.until(lambda state: state.status is None and not state.busy)
    assert "1 facts are in" in desk.state.said
    assert desk.badge() == "✓ Saved on this terminal"
    parcel = desk.desk.shop.terminal.home.folder / PARCEL
    head_office.start()
    assert head_office.ok("import", parcel)["new"] == 1
    assert head_office.ok("report", "--store", "S1")["total"]["orders"] == 2


def test_a_disk_that_takes_no_file_loses_nothing(desk, head_office, monkeypatch):
    desk.join(head_office.address, head_office.token("S1", "T1"))
    desk.until(lambda state: bool(state.status) and not state.status.waiting)
    monkeypatch.setattr(standing, "unsent", lambda _view: 1)
    folder = desk.desk.shop.terminal.home.folder
    (folder / f"{PARCEL}.new").mkdir()
    desk.press("Leave head office")
    desk.press("Leave head office")
    desk.until(lambda state: not state.busy)
    assert "cannot be written" in desk.state.said and desk.state.status is not None


@pytest.fixture
def own_head_office(tmp_path):
    """One whose words reach no other test."""
    made = HeadOffice(tmp_path / "own-hq")
    made.start()
    yield made
    made.stop()


def test_what_head_office_says_is_so_in_the_window_at_once(desk, own_head_office, tmp_path):
    head_office = own_head_office
    settings, staff = tmp_path / "settings.csv", tmp_path / "staff.csv"
    settings.write_text("name,value\nlanguage,en\nname,Willow Lane\n", "utf-8")
    head_office.ok("feed", "settings", settings, "--store", "S1")
    desk.join(head_office.address, head_office.token("S1", "T1"))
    desk.qtbot.waitUntil(lambda: "Willow Lane" in desk.window.windowTitle(), timeout=20_000)
    # A language, too; and whoever is here stays where they are.
    settings.write_text("name,value\nlanguage,zh_CN\n", "utf-8")
    head_office.ok("feed", "settings", settings, "--store", "S1")
    desk.send()
    desk.qtbot.waitUntil(lambda: desk.window._settings["language"] == "zh_CN", timeout=20_000)
    assert desk.window.room == "settings" and desk.badge() == "✓ 已全部到总部"
    staff.write_text("id,name,role\nM77,Head,manager\n", "utf-8")
    head_office.ok("feed", "staff", staff, "--store", "S1")
    desk.send()
    home = desk.desk.shop.terminal
    desk.qtbot.waitUntil(lambda: "M77" in home.read(lambda view: view.people).result(), timeout=20_000)
    desk.qtbot.waitUntil(lambda: not desk.window._courier._runs, timeout=20_000)
