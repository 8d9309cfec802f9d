"""The manager looks at the day, at any period, and at the rows behind a figure."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel

from core.errors import RefusedError
from core.events import TenderKind
from core.sales.payment import Payment
from core.shop import days, people
from core.shop.days import Span
from core.shop.terminal import SYSTEM
from tests.builders import RICE, WATER
from tests.gui.conftest import buttons
from ui.app import build_window
from ui.today.bars import Bars


@pytest.fixture
def week(shop, clock):
    """A sale on a Monday; on the next two sales, twice as much each, of which a part came back."""
    shop.sell((WATER, 5))
    clock.go(hours=7 * 24)
    shop.sell((WATER, 10))
    sale = shop.sell((WATER, 10), payments=(Payment(TenderKind.WECHAT, None, "W1"),))
    shop.bring_back(sale.receipt, (WATER.code, 5))
    return shop


class TestBeside:
    def look(self, shop, start: str, end: str) -> days.Beside:
        return shop.terminal.read(partial(days.beside, by=SYSTEM, start=start, end=end)).result()

    def around(self, shop, span: Span, **kwargs) -> tuple[str, str]:
        return shop.terminal.read(partial(days.span_around, span=span, **kwargs)).result()

    @pytest.mark.parametrize(
        ("start", "end", "before"),
        [
            ("2026-11-30", "2026-11-30", ("2026-11-23", "2026-11-23")),
            ("2026-11-28", "2026-12-01", ("2026-11-21", "2026-11-24")),
            ("2026-11-01", "2026-11-30", ("2026-09-27", "2026-10-26")),
        ],
    )
    def test_a_period_stands_beside_the_same_weekdays_before_it(self, week, start, end, before):
        found = self.look(week, start, end)
        assert (found.report.start, found.report.end) == (start, end)
        assert (found.before.start, found.before.end) == before

    def test_the_figures_of_both(self, week):
        found = self.look(week, "2026-11-30", "2026-11-30")
        assert (found.report.total.net, found.before.total.net) == (3000, 1000)

    @pytest.mark.parametrize(
        ("span", "date", "steps", "expected"),
        [
            (Span.DAY, "", 0, ("2026-11-30", "2026-11-30")),
            (Span.DAY, "2026-03-01", -1, ("2026-02-28", "2026-02-28")),
            (Span.WEEK, "2026-11-29", 0, ("2026-11-23", "2026-11-29")),
            (Span.WEEK, "2026-11-29", 1, ("2026-11-30", "2026-12-06")),
            (Span.MONTH, "2026-12-31", 2, ("2027-02-01", "2027-02-28")),
            (Span.MONTH, "2026-01-31", -1, ("2025-12-01", "2025-12-31")),
        ],
    )
    def test_one_steps_through_days_weeks_and_months(self, week, span, date, steps, expected):
        assert self.around(week, span, date=date, steps=steps) == expected

    @pytest.mark.parametrize("span", Span)
    @pytest.mark.parametrize(("date", "steps"), [("2199-12-31", 1), ("1900-01-01", -1), ("2026-01-01", 10**9)])
    def test_where_the_days_end(self, week, span, date, steps):
        with pytest.raises(RefusedError, match="bad_date"):
            self.around(week, span, date=date, steps=steps)

    def test_a_period_that_ends_before_it_starts(self, week):
        with pytest.raises(RefusedError, match="bad_period"):
            self.look(week, "2026-11-30", "2026-11-29")


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
    return any(text in label.text() for label in window.findChildren(QLabel) if label.isVisible())


def open_today(qtbot, window) -> None:
    qtbot.mouseClick(next(b for b in buttons(window) if b.text() == "Today"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: today(window).state.found is not None and today(window).state.charts)


def chart(window):
    from ui.today.chart import Chart

    (found,) = window.findChildren(Chart)
    return found


def receipts_after(qtbot, window, step, title: str) -> list[str]:
    """The receipts that a step opens, under a title."""
    before = window.presenter("receipts")
    found = before.state.rows if before else None
    step()
    qtbot.waitUntil(lambda: window.room == "receipts" and window.presenter("receipts").state.title == title)
    qtbot.waitUntil(lambda: window.presenter("receipts").state.rows not in ((), found))
    return [row.receipt[-4:] for row in window.presenter("receipts").state.rows]


def test_the_day_at_a_glance(qtbot, window):
    open_today(qtbot, window)
    for text in ("30.00", "+200.0% · a week before 10.00", "2 · 7.50", "10.00", "a week before 1 · 5.00"):
        assert reads(window, text), text
    shown = [bars.accessibleName() for bars in window.findChildren(Bars)]
    assert "By way of paying: Cash 20.00, WeChat Pay 10.00" in shown
    assert any("云岭矿泉水 30.00" in name for name in shown)
    assert "9 0.00, 10 30.00, 11 0.00" in chart(window).accessibleName()


def test_other_days_by_keys(qtbot, window):
    open_today(qtbot, window)
    for _ in range(7):
        before = today(window).state.start
        qtbot.keyClick(window.page, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda before=before: today(window).state.start != before)
    assert today(window).state.start == "2026-11-23" and reads(window, "a week before 0.00")
    qtbot.keyClick(window.page, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: today(window).state.start == "2026-11-30")


def test_weeks_and_months_by_keys(qtbot, window):
    open_today(qtbot, window)
    qtbot.keyClick(window.page, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: (today(window).state.start, today(window).state.end) == ("2026-11-30", "2026-12-06"))
    assert reads(window, "Net sales by day") and chart(window).accessibleName().startswith("11-30 30.00, 12-01 0.00")
    qtbot.keyClick(window.page, Qt.Key.Key_H)
    assert reads(window, "Net sales by hour") and "10 30.00, 11 0.00" in chart(window).accessibleName()
    qtbot.keyClick(window.page, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: today(window).state.start == "2026-11-01")
    assert reads(window, "40.00")


def test_any_period_is_typed(qtbot, window):
    open_today(qtbot, window)
    today(window).type_start("2026-11-20")
    qtbot.waitUntil(lambda: today(window).state.found.report.start == "2026-11-20")
    assert reads(window, "40.00") and today(window).state.span is None
    today(window).type_end("2026-11-99")
    qtbot.waitUntil(lambda: today(window).state.refused)
    assert reads(window, "2026-11-99") and reads(window, "40.00")
    today(window).type_end("2026-11-29")
    qtbot.waitUntil(lambda: today(window).state.found.report.end == "2026-11-29")
    assert not today(window).state.refused and reads(window, "10.00")


def test_figures_open_their_rows(qtbot, window):
    open_today(qtbot, window)
    press = partial(qtbot.keyClick, window.page)
    found = receipts_after(qtbot, window, partial(press, Qt.Key.Key_F1), "Receipts of 2026-11-30")
    assert found == ["0003", "0002", "0001"]
    window.open_room("today")
    press = partial(qtbot.keyClick, window.page)
    assert receipts_after(qtbot, window, partial(press, Qt.Key.Key_F8), "Returns of 2026-11-30") == ["0003"]


@pytest.mark.parametrize("by", ["touch", "keys"])
def test_bars_open_their_rows(qtbot, window, by):
    open_today(qtbot, window)
    tenders = next(bars for bars in window.findChildren(Bars) if bars.title == "By way of paying")
    row = 1 if by == "touch" else 2

    def press() -> None:
        if by == "touch":
            qtbot.mouseClick(tenders, Qt.MouseButton.LeftButton, pos=QPoint(20, tenders._row_height() * row + 4))
        else:
            tenders.setFocus()
            for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
                qtbot.keyClick(tenders, key)

    assert receipts_after(qtbot, window, press, "WeChat Pay") == ["0003", "0002"]


def test_a_bar_of_the_chart_opens_its_hour(qtbot, window):
    open_today(qtbot, window)
    chart(window).setFocus()

    def press() -> None:
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
            qtbot.keyClick(chart(window), key)

    assert receipts_after(qtbot, window, press, "2026-11-30, 10:00") == ["0003", "0002", "0001"]


@pytest.mark.parametrize("ending", ["xlsx", "pdf"])
def test_the_report_is_written_into_a_file(qtbot, window, tmp_path, ending):
    open_today(qtbot, window)
    today(window).write(tmp_path / f"day.{ending}")
    qtbot.waitUntil(lambda: bool(today(window).state.said))
    assert reads(window, "Written: ") and (tmp_path / f"day.{ending}").stat().st_size > 1000
    today(window).write(tmp_path / "nowhere" / f"day.{ending}")
    qtbot.waitUntil(lambda: today(window).state.refused)
    assert reads(window, "cannot be written")


def test_a_scan_leads_back_to_the_counter(qtbot, window):
    open_today(qtbot, window)
    window.scanner.scanned.emit(RICE.shown_code)
    qtbot.waitUntil(lambda: bool(window.sell.state.cart.lines))
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
