"""The unit card: what was scanned, what became of it, and what can be said of it; or of several at once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.codes.life import Unit, UnitState
from core.codes.serial import grouped
from core.shop.units import Moment
from core.texts import tr
from ui import theme
from ui.codes.presenter import CodesPresenter
from ui.codes.side import foot, put_beside, side_column
from ui.codes.state import CodesState, UnitView
from ui.codes.words import STATES, STEPS
from ui.widgets.fields import TextField
from ui.widgets.parts import Elided, button, card, complaint, filling, keyed, label, rename, restyle, say
from ui.widgets.rows import Column, RowsModel, RowsTable

_TONES = {
    UnitState.SOLD: "warn",
    UnitState.MISSING: "warn",
    UnitState.VOID: "bad",
}
_SHAPES = {"good": "✓", "warn": "▲", "bad": "✕"}


class UnitCard(QWidget):
    """Draws the units of a `CodesState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: CodesPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self._presenter = presenter
        self._serial, self._state = label("number"), label("badge")
        self._item, self._facts = Elided("heading"), label("muted")
        self._facts.setWordWrap(True)
        self._fresh = label("muted")
        self._fresh.setWordWrap(True)
        self._life = RowsModel(
            (
                Column(tr("Time"), lambda moment: presenter.time_of(moment.at), 164),
                Column(tr("What"), _what),
                Column(tr("Who"), lambda moment: moment.staff, 110),
                Column(tr("Till"), lambda moment: moment.terminal, 84, optional=True),
            )
        )
        self._several = RowsModel(
            (
                Column(tr("Code"), lambda view: grouped(view.unit.serial), 232),
                Column(tr("Item"), lambda view: view.product.label if view.product else view.unit.gtin),
                Column(tr("State"), lambda view: state_words(view.unit), 130),
            )
        )
        self._lists = QStackedWidget()
        for model, name in ((self._life, tr("Its life")), (self._several, tr("Scanned units"))):
            self._lists.addWidget(RowsTable(model, name))
        self._reason = TextField(tr("Why: damaged, stolen, recalled …"), presenter.type_reason)
        self._said = complaint(66)
        self._sale = button(keyed(tr("On sale"), "F5"), presenter.put_on_sale)
        self._freeze = button(keyed(tr("Freeze"), "F7"), presenter.freeze)
        self._void = button(keyed(tr("Void"), "F8"), presenter.void)
        self._missing = button(keyed(tr("Missing"), "F9"), presenter.miss)
        self._receipt = button(keyed(tr("Receipt"), "F6"), presenter.open_receipt)
        self._label = button(keyed(tr("Label again"), "F12"), presenter.print)
        self._collect = button(keyed(tr("Several"), "F4"), presenter.collect)
        self._back = button(keyed(tr("Back"), "Esc"), presenter.leave_unit)
        self.steps = {
            Qt.Key.Key_F4: presenter.collect,
            Qt.Key.Key_F5: presenter.put_on_sale,
            Qt.Key.Key_F6: presenter.open_receipt,
            Qt.Key.Key_F7: presenter.freeze,
            Qt.Key.Key_F8: presenter.void,
            Qt.Key.Key_F9: presenter.miss,
            Qt.Key.Key_F12: presenter.print,
            Qt.Key.Key_Escape: presenter.leave_unit,
        }
        put_beside(self, self._build_life(), self._build_side())

    def render_state(self, state: CodesState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        shown = state.shown
        self._lists.setCurrentIndex(1 if state.collecting else 0)
        self._life.show(shown.moments if shown else ())
        self._several.show(state.units)
        self._show_unit(shown, several=len(state.units) if state.collecting else 0)
        self._reason.show_text(state.reason)
        self._reason.setVisible(self._presenter.may_block)
        if not state.said and state.collecting and not shown:
            say(self._said, tr("Scan one unit after the other."), refused=False)
        else:
            say(self._said, state.said, refused=state.refused)
        restyle(self._collect, chosen="yes" if state.collecting else "no")
        free = shown is not None and not state.busy
        self._sale.setEnabled(free and self._presenter.may_put_on_sale)
        for made in (self._freeze, self._void, self._missing):
            made.setEnabled(free and self._presenter.may_block)
        rename(self._freeze, keyed(tr("Release") if shown and shown.unit.frozen else tr("Freeze"), "F7"))
        self._label.setEnabled(free and not state.collecting and self._presenter.may_issue)
        sold = shown is not None and bool(shown.unit.receipt)
        self._receipt.setEnabled(sold and not state.collecting and self._presenter.may_see_receipts)

    def _show_unit(self, shown: UnitView | None, several: int) -> None:
        self._serial.setText(grouped(shown.unit.serial) if shown else "—")
        self._item.setText((shown.product.label if shown.product else shown.unit.gtin) if shown else "")
        self._state.setVisible(shown is not None)
        if several:
            self._item.setText(tr("Units scanned: {count}", count=several))
        if shown is None:
            self._facts.setText("")
            self._fresh.setText("")
            return
        unit = shown.unit
        tone = "bad" if unit.frozen else _TONES.get(unit.state, "good")
        restyle(self._state, tone=tone)
        self._state.setText(" ".join((_SHAPES[tone], state_words(unit))))
        facts = []
        if shown.product:
            facts.append(shown.product.shown_code)
        if unit.batch:
            facts.append(tr("batch {batch}, no. {place}", batch=unit.batch, place=unit.ordinal + 1))
        if unit.receipt:
            facts.append(tr("receipt {receipt}", receipt=unit.receipt))
        if unit.elsewhere and unit.elsewhere.receipt:
            said = unit.elsewhere
            facts.append(tr("receipt {receipt} of {till}", receipt=said.receipt, till=said.till))
        if unit.labels:
            facts.append(tr("label printed again: {count} ×", count=unit.labels))
        self._facts.setText(" · ".join(facts))
        self._fresh.setText(self._freshness(shown))

    def _freshness(self, shown: UnitView) -> str:
        now = self._presenter.time_of(shown.at)
        if shown.heard:
            heard = self._presenter.time_of(shown.heard)
            return tr("What other tills did with it is known as of {time}, when head office last answered.", time=heard)
        if not shown.unit.batch:
            return tr("Issued at another till; what became of it there is not known here. {time}", time=now)
        return tr("As this till knows it at {time}. What other tills did with it is not known here.", time=now)

    def _build_life(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 16, 4, 12)
        column.setSpacing(8)
        head = QVBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.setSpacing(6)
        named = QHBoxLayout()
        named.addWidget(self._item, 1)
        named.addWidget(self._state)
        head.addWidget(self._serial)
        head.addLayout(named)
        head.addWidget(self._facts)
        column.addLayout(head)
        column.addWidget(self._lists, 1)
        self._fresh.setContentsMargins(16, 0, 16, 0)
        column.addWidget(self._fresh)
        return frame

    def _build_side(self) -> QWidget:
        side, column = side_column()
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.setSpacing(12)
        inside.addWidget(self._reason)
        grid = QGridLayout()
        grid.setSpacing(10)
        steps = (self._sale, self._missing, self._freeze, self._void, self._receipt, self._label)
        for place, made in enumerate(steps):
            grid.addWidget(filling(made), place // 2, place % 2)
        inside.addLayout(grid)
        inside.addStretch(1)
        column.addWidget(frame, 1)
        column.addWidget(self._said)
        column.addWidget(foot(self._back, self._collect))
        return side


def _what(moment: Moment) -> str:
    return " · ".join(filter(None, (tr(STEPS[moment.kind]), moment.detail)))


def state_words(unit: Unit) -> str:
    """The state of a unit in words."""
    words = tr(STATES[unit.state])
    return " · ".join((words, tr("frozen"))) if unit.frozen else words
