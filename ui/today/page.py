"""The Today page: the figures of a day beside the same weekday a week before, and where they came from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.events import TenderKind
from core.money import format_amount
from core.reports.kpi import Figures, ratio
from core.reports.queries import Report
from core.sales.receipt import TENDER_NAMES
from core.texts import tr
from ui import theme
from ui.today.bars import Bar, Bars
from ui.today.presenter import TodayPresenter
from ui.today.state import TodayState
from ui.widgets.parts import button, card, label

_TOP = 4
_TWO_LINES = 42
_PERCENT = Decimal("0.1")


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
        self._presenter = presenter
        self._date, self._complaint = label("heading"), label("complaint")
        self._figures = {
            name: (label("number"), label("muted")) for name in ("net", "per_order", "per_sale", "returns")
        }
        self._hours = Bars(tokens, rows=24, name_width=56)
        self._products, self._tenders = Bars(tokens, rows=4, name_width=160), Bars(tokens, rows=len(TenderKind))
        self._people = Bars(tokens, rows=3)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 0, 24, 24)
        column.setSpacing(16)
        column.addLayout(self._build_head())
        column.addLayout(self._build_figures())
        grid = QGridLayout()
        grid.setSpacing(16)
        grid.addWidget(_titled(tr("Net sales by hour"), self._hours), 0, 0, 3, 1)
        grid.addWidget(_titled(tr("Best sellers"), self._products), 0, 1)
        grid.addWidget(_titled(tr("By way of paying"), self._tenders), 1, 1)
        grid.addWidget(_titled(tr("By cashier"), self._people), 2, 1)
        for place in range(2):
            grid.setColumnStretch(place, 1)
        for place, share in enumerate((5, 6, 4)):
            grid.setRowStretch(place, share)
        column.addLayout(grid, 1)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: TodayState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._complaint.setText(state.complaint)
        if state.found is None:
            return
        report, before = state.found.report, state.found.before

        def show(minor: int | None) -> str:
            return "—" if minor is None else format_amount(minor, state.currency)

        self._date.setText(report.start)
        now = report.total
        for name, figure, earlier, change in (
            ("net", show(now.net), show(before.net), _change(now.net, before.net)),
            ("per_order", show(now.per_order), show(before.per_order), _change(now.per_order, before.per_order)),
            ("per_sale", _number(now), _number(before), ""),
            ("returns", show(now.returns), show(before.returns), ""),
        ):
            number, beside = self._figures[name]
            number.setText(figure)
            beside.setText(" · ".join(filter(None, (tr("a week before {figure}", figure=earlier), change))))
        self._render_bars(report, show)

    def _render_bars(self, report: Report, show: Callable[[int], str]) -> None:
        self._hours.show_bars([Bar(f"{int(g.key):02}:00", g.net, show(g.net)) for g in report.by_hour])
        self._tenders.show_bars(
            [Bar(tr(TENDER_NAMES[TenderKind(g.tender)]), g.amount, show(g.amount)) for g in report.by_tender]
        )
        self._products.show_bars([Bar(g.name or g.key, g.net, show(g.net)) for g in report.by_product[:_TOP]])
        self._people.show_bars([Bar(g.name or g.key, g.net, show(g.net)) for g in report.by_cashier])

    def _build_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(button("‹", partial(self._presenter.step, -1), name=tr("The day before")))
        row.addWidget(self._date)
        row.addWidget(button("›", partial(self._presenter.step, 1), name=tr("The day after")))
        row.addWidget(button(tr("Today"), self._presenter.start))
        row.addWidget(self._complaint)
        row.addStretch(1)
        return row

    def _build_figures(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        for name, title in (
            ("net", tr("Net sales")),
            ("per_order", tr("Per order")),
            ("per_sale", tr("Orders · pieces per order")),
            ("returns", tr("Returns")),
        ):
            frame = card()
            column = QVBoxLayout(frame)
            column.setContentsMargins(16, 14, 16, 10)
            column.setSpacing(4)
            column.addWidget(label("muted", title))
            number, beside = self._figures[name]
            beside.setWordWrap(True)
            beside.setMinimumHeight(_TWO_LINES)
            beside.setAlignment(Qt.AlignmentFlag.AlignTop)
            column.addWidget(number)
            column.addWidget(beside)
            row.addWidget(frame, 1)
        return row

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if (days := steps.get(Qt.Key(event.key()))) is not None:
            self._presenter.step(days)
        elif event.key() == Qt.Key.Key_Home:
            self._presenter.start()
        else:
            super().keyPressEvent(event)


def _titled(title: str, bars: Bars) -> QWidget:
    frame = card()
    column = QVBoxLayout(frame)
    column.setContentsMargins(20, 10, 20, 10)
    column.setSpacing(4)
    column.addWidget(label("subheading", title))
    column.addWidget(bars, 1)
    return frame


def _number(figures: Figures) -> str:
    pieces = figures.pieces_per_order
    return f"{figures.orders} · {'—' if pieces is None else f'{pieces:.2f}'}"


def _change(now: int | None, before: int | None) -> str:
    """By how much a figure rose or fell, in percent; nothing where there is nothing to compare with."""
    if not before or now is None or (share := ratio(now - before, before)) is None:
        return ""
    return f"{(share * 100).quantize(_PERCENT):+}%"
