"""The Today page: the figures of a period beside the one before it, and where they came from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.events import TenderKind
from core.money import exponent, format_amount
from core.reports.kpi import Figures, Group, Report, ratio
from core.sales.receipt import TENDER_NAMES
from core.shop.days import Beside, Span
from core.texts import tr
from ui import theme
from ui.today.bars import Bar, Bars
from ui.today.figure import FigureButton
from ui.today.presenter import TodayPresenter
from ui.today.state import TodayState
from ui.widgets.fields import TextField
from ui.widgets.parts import button, card, label, restyle, say

if TYPE_CHECKING:
    from ui.today.chart import Chart, Point

_TOP = 5
_PERCENT = Decimal("0.1")
_DATE_WIDTH = 132


class TodayPage(QWidget):
    """Draws a `TodayState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: TodayPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._tokens = presenter, tokens
        self._said = label("complaint")
        self._start = TextField(tr("From"), committed=presenter.type_start)
        self._end = TextField(tr("To"), committed=presenter.type_end)
        spans = {Span.DAY: tr("Day"), Span.WEEK: tr("Week"), Span.MONTH: tr("Month")}
        self._spans = {
            span: button(" ".join((word, key)), partial(presenter.show_span, span), role="choice")
            for (span, word), key in zip(spans.items(), "DWM", strict=True)
        }
        self._figures = {
            "net": FigureButton(tr("Net sales"), "F1", presenter.open_period),
            "per_order": FigureButton(tr("Per order"), "", presenter.open_period),
            "per_sale": FigureButton(tr("Orders · pieces per order"), "", presenter.open_period),
            "returns": FigureButton(tr("Returns"), "F8", presenter.open_returns),
        }
        self._shop = label("muted")
        self._chart: Chart | None = None
        self._chart_title, self._chart_place = label("subheading"), QVBoxLayout()
        self._legend = label("muted")
        self._chart_switch = button("", presenter.change_chart, role="choice")
        self._products = Bars(tokens, tr("Best sellers"), presenter.open_product, rows=_TOP, name_width=150)
        ways = len(TenderKind)
        self._tenders = Bars(tokens, tr("By way of paying"), presenter.open_tender, rows=ways)
        self._people = Bars(tokens, tr("By cashier"), presenter.open_cashier, rows=3)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 20)
        column.setSpacing(12)
        column.addLayout(self._build_head())
        figures = QHBoxLayout()
        figures.setSpacing(12)
        for made in self._figures.values():
            figures.addWidget(made, 1)
        column.addLayout(figures)
        column.addWidget(self._shop)
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.addWidget(self._build_chart(), 0, 0)
        grid.addWidget(self._titled(self._people), 1, 1)
        grid.addWidget(self._titled(self._tenders), 0, 1)
        grid.addWidget(self._titled(self._products), 1, 0)
        for place, share in enumerate((3, 2)):
            grid.setColumnStretch(place, share)
            grid.setRowStretch(place, share)
        column.addLayout(grid, 1)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: TodayState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        say(self._said, state.said, refused=state.refused)
        for span, made in self._spans.items():
            restyle(made, chosen="yes" if span is state.span else "no")
        self._start.show_text(state.start)
        self._end.show_text(state.end)
        if state.charts and self._chart is None:
            self._hang_chart()
        if state.found is None:
            return
        now, before = state.found.report.total, state.found.before.total

        def show(minor: int | None) -> str:
            return "—" if minor is None else format_amount(minor, state.currency)

        for name, figure, earlier, change in (
            ("net", show(now.net), show(before.net), _change(now.net, before.net)),
            ("per_order", show(now.per_order), show(before.per_order), _change(now.per_order, before.per_order)),
            ("per_sale", _number(now), _number(before), ""),
            ("returns", show(now.returns), show(before.returns), ""),
        ):
            words = (
                tr("a week before {figure}", figure=earlier)
                if _is_a_day(state.found)
                else tr("before {figure}", figure=earlier)
            )
            self._figures[name].show_figure(figure, " · ".join(filter(None, (change, words))))
        words = _shop_words(state.found, state.currency)
        self._shop.setText(words)
        self._shop.setVisible(bool(words))
        self._render_pictures(state, state.found.report)

    def _render_pictures(self, state: TodayState, report: Report) -> None:
        def show(minor: int) -> str:
            return format_amount(minor, state.currency)

        def bars(groups: tuple[Group, ...]) -> list[Bar]:
            return [Bar(g.name or g.key, g.net, show(g.net)) for g in groups]

        self._tenders.show_bars(
            [Bar(tr(TENDER_NAMES[TenderKind(g.tender)]), g.amount, show(g.amount)) for g in report.by_tender]
        )
        self._products.show_bars(bars(report.by_product[:_TOP]))
        self._people.show_bars(bars(report.by_cashier))
        self._chart_title.setText(tr("Net sales by day") if state.by_day else tr("Net sales by hour"))
        self._legend.setText(tr("— the period before") if state.start != state.end else tr("— a week before"))
        self._chart_switch.setVisible(report.start != report.end)
        self._chart_switch.setText(tr("H By hour") if state.by_day else tr("H By day"))
        if self._chart and state.found:
            points = _days if state.by_day else _hours
            self._chart.show_points(points(state.found, state.currency))

    def _hang_chart(self) -> None:
        from ui.today.chart import Chart

        self._chart = Chart(self._tokens, self._open_bar)
        self._chart_place.addWidget(self._chart)

    def _open_bar(self, number: int) -> None:
        state = self._presenter.state
        if state.found and state.by_day:
            self._presenter.open_day(_date(state.found.report.start, number))
        elif state.found:
            self._presenter.open_hour(_hours_of(state.found)[number])

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        presenter = self._presenter
        low = Qt.AlignmentFlag.AlignBottom
        row.addWidget(button("‹", partial(presenter.step, -1), name=tr("The one before")), 0, low)
        for field in (self._start, self._end):
            field.setFixedWidth(_DATE_WIDTH)
            row.addWidget(field)
        row.addWidget(button("›", partial(presenter.step, 1), name=tr("The one after")), 0, low)
        for made in self._spans.values():
            row.addWidget(made, 0, low)
        self._said.setWordWrap(True)
        row.addWidget(self._said, 1, low)
        row.addWidget(button("F6 Excel", partial(self._write, "xlsx")), 0, low)
        row.addWidget(button("F7 PDF", partial(self._write, "pdf")), 0, low)
        return row

    def _build_chart(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 10, 12, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self._chart_title)
        head.addStretch(1)
        head.addWidget(self._legend)
        head.addWidget(self._chart_switch)
        column.addLayout(head)
        column.addLayout(self._chart_place, 1)
        return frame

    def _titled(self, bars: Bars) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 10, 20, 10)
        column.setSpacing(4)
        title: QLabel = label("subheading", bars.title)
        column.addWidget(title)
        column.addWidget(bars, 1)
        return frame

    def _write(self, ending: str) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        found = self._presenter.state.found
        if found is None:
            return
        dates = dict.fromkeys((found.report.start, found.report.end))
        name = f"{'_'.join(dates)}.{ending}"
        kinds = f"{ending.upper()} (*.{ending})"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Write the report"), str(Path(folder) / name), kinds)
        if chosen:
            path = Path(chosen)
            # The button says which kind it is, whatever the name.
            self._presenter.write(
                path if path.suffix.lower() == f".{ending}" else path.with_name(f"{path.name}.{ending}")
            )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        presenter = self._presenter
        steps: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Left: partial(presenter.step, -1),
            Qt.Key.Key_Right: partial(presenter.step, 1),
            Qt.Key.Key_Home: partial(presenter.show_span, Span.DAY),
            Qt.Key.Key_D: partial(presenter.show_span, Span.DAY),
            Qt.Key.Key_W: partial(presenter.show_span, Span.WEEK),
            Qt.Key.Key_M: partial(presenter.show_span, Span.MONTH),
            Qt.Key.Key_H: presenter.change_chart,
            Qt.Key.Key_F1: presenter.open_period,
            Qt.Key.Key_F8: presenter.open_returns,
            Qt.Key.Key_F6: partial(self._write, "xlsx"),
            Qt.Key.Key_F7: partial(self._write, "pdf"),
        }
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.setFocus()
        elif step := steps.get(Qt.Key(event.key())):
            step()
        else:
            super().keyPressEvent(event)


def _hours_of(found: Beside) -> range:
    """The hours at which shops are open, and those of either period besides."""
    hours = [int(group.key) for group in (*found.report.by_hour, *found.before.by_hour)]
    return range(min([9, *hours]), max([20, *hours]) + 1)


def _hours(found: Beside, currency: str) -> list[Point]:
    now, before = ({int(g.key): g.net for g in report.by_hour} for report in (found.report, found.before))
    return [_point(f"{hour}", now.get(hour, 0), before.get(hour, 0), currency) for hour in _hours_of(found)]


def _days(found: Beside, currency: str) -> list[Point]:
    now, before = ({day: figures.net for day, figures in report.days} for report in (found.report, found.before))
    count = (date.fromisoformat(found.report.end) - date.fromisoformat(found.report.start)).days + 1
    days = [(_date(found.report.start, n), _date(found.before.start, n)) for n in range(count)]
    return [_point(day[5:], now.get(day, 0), before.get(earlier, 0), currency) for day, earlier in days]


def _point(word: str, now: int, before: int, currency: str) -> Point:
    from ui.today.chart import Point

    unit = 10 ** exponent(currency)
    return Point(word, now / unit, before / unit, format_amount(now, currency))


def _date(start: str, days: int) -> str:
    return (date.fromisoformat(start) + timedelta(days=days)).isoformat()


def _is_a_day(found: Beside) -> bool:
    """Whether it is one day: what stands beside it is the same weekday a week before."""
    return found.report.start == found.report.end


def _shop_words(found: Beside, currency: str) -> str:
    """What all tills sold, and how much of the target that is; nothing where head office says nothing of it."""
    shop = found.shop
    if shop is None:
        return ""
    net = format_amount(shop.net, currency)
    words = tr("All {tills} tills: {net}, {orders} orders", tills=shop.tills, net=net, orders=shop.orders)
    share = ratio(shop.net, shop.target) if shop.target else None
    if shop.target is None or share is None:
        return words
    percent = f"{(share * 100).quantize(_PERCENT)}%"
    return " · ".join(
        (words, tr("{percent} of the target of {target}", percent=percent, target=format_amount(shop.target, currency)))
    )


def _number(figures: Figures) -> str:
    pieces = figures.pieces_per_order
    return f"{figures.orders} · {'—' if pieces is None else f'{pieces:.2f}'}"


def _change(now: int | None, before: int | None) -> str:
    """By how much a figure rose or fell, in percent; nothing where there is nothing to compare with."""
    if not before or now is None or (share := ratio(now - before, before)) is None:
        return ""
    return f"{(share * 100).quantize(_PERCENT):+}%"
