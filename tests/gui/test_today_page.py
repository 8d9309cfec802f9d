"""The manager looks at the day."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.errors import RefusedError
from core.events import TenderKind
from core.sales.payment import Payment
from core.shop import days, people
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from tests.gui.conftest import buttons
from ui.app import build_window
from ui.today.bars import Bars


@pytest.fixture
def week(shop, clock):
    """Two sales on a Monday, four times as much on the next."""
    shop.sell((WATER, 5))
    clock.go(hours=7 * 24)
    shop.sell((WATER, 10))
    sale = shop.sell((WATER, 10), payments=(Payment(TenderKind.WECHAT, None, "W1"),))
    shop.bring_back(sale.receipt, (WATER.code, 5))
    return shop


class TestBeside:
    def look(self, shop, **kwargs) -> days.DayBeside:
        return shop.terminal.read(partial(days.beside, by=SYSTEM, **kwargs)).result()

    def test_a_day_stands_beside_the_same_weekday_a_week_before(self, week):
        found = self.look(week)
        assert (found.report.start, found.report.end) == ("2026-11-30", "2026-11-30")
        assert (found.report.total.net, found.before.net) == (3000, 1000)

    def test_one_steps_from_day_to_day(self, week):
        assert self.look(week, date="2026-11-30", days=-7).report.total.net == 1000
        assert self.look(week, date="2026-11-30", days=1).report.total.orders == 0

    @pytest.mark.parametrize(("date", "by"), [("2199-12-31", 1), ("1900-01-01", 0), ("2026-01-01", 10**9)])
    def test_where_the_days_end(self, week, date, by):
        with pytest.raises(RefusedError, match="bad_date"):
            self.look(week, date=date, days=by)


@pytest.fixture
def window(qtbot, week):
    week.set("language", "en")
    made = build_window(week.terminal, week.terminal.write(lambda s: s.settings).result())
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.start()
    qtbot.waitUntil(lambda: bool(made.sell.state.cart.op))
    yield made
    made.close()


def today(window):
    return window.presenter("today")


def reads(window, text: str) -> bool:
    return any(text == label.text() for label in window.findChildren(QLabel) if label.isVisible())


def open_today(qtbot, window) -> None:
    qtbot.mouseClick(next(b for b in buttons(window) if b.text() == "Today"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: today(window).state.found is not None)


def test_the_day_at_a_glance(qtbot, window):
    open_today(qtbot, window)
    for text in ("2026-11-30", "30.00", "a week before 10.00 · +200.0%", "2 · 7.50", "10.00"):
        assert reads(window, text), text
    shown = [bars.accessibleName() for bars in window.findChildren(Bars)]
    assert "10:00 30.00" in shown and "Cash 20.00, WeChat Pay 10.00" in shown
    assert any("云岭矿泉水 30.00" in name for name in shown)


def test_another_day_by_keys(qtbot, window):
    open_today(qtbot, window)
    for _ in range(7):
        before = today(window).state.found.report.start
        qtbot.keyClick(window.page, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda before=before: today(window).state.found.report.start != before)
    assert reads(window, "2026-11-23") and reads(window, "a week before 0.00")
    qtbot.keyClick(window.page, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: today(window).state.found.report.start == "2026-11-30")


def test_a_scan_leads_back_to_the_counter(qtbot, window):
    open_today(qtbot, window)
    window.scanner.scanned.emit(RICE.shown_code)
    qtbot.waitUntil(lambda: bool(window.sell.state.cart.lines))
    assert reads(window, "To pay")


def test_rooms_by_keys_alone(qtbot, window):
    qtbot.keyClick(window.page, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: bool(today(window) and today(window).state.found))
    qtbot.keyClick(window.page, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert reads(window, "To pay")


def test_a_cashier_is_not_offered_the_day(qtbot, week):
    by = week.hire("C1", "cashier")
    people.give_pin(week.terminal, SYSTEM, "C1", "2580")
    made = build_window(week.terminal, week.terminal.write(lambda s: s.settings).result(), by=by)
    qtbot.addWidget(made)
    made.show()
    made.start()
    qtbot.waitUntil(lambda: bool(made.sell.state.cart.op))
    made.open_room("today")
    offered = [button.text() for button in buttons(made)]
    assert today(made) is None and "收银" in offered and "今日" not in offered
    made.close()
