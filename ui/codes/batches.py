"""The batches: a list, and the one that is looked at with what it adds up to."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.codes.queries import BatchFilter
from core.texts import mark, tr
from ui import theme
from ui.codes.balance import BalanceCard
from ui.codes.presenter import CodesPresenter
from ui.codes.side import foot, put_beside, side_column
from ui.codes.state import CodesState
from ui.widgets.fields import ChoiceField, TextField, scrolling
from ui.widgets.parts import Elided, button, card, complaint, keyed, label, rename, say
from ui.widgets.rows import Column, RowsModel, RowsTable

_FILTERS = {
    BatchFilter.ALL: mark("All"),
    BatchFilter.UNPRINTED: mark("To be printed"),
    BatchFilter.UNFINISHED: mark("Broken off"),
    BatchFilter.FROZEN: mark("Frozen"),
}
_MADE = {
    "here": mark("Issued here"),
    "list": mark("Made elsewhere, from a list"),
    "range": mark("Made elsewhere, a range"),
}


class BatchesView(QWidget):
    """Draws the batches of a `CodesState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: CodesPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self._presenter = presenter
        self._search = TextField(tr("F2 Batch, item or code"), presenter.search)
        self._only = ChoiceField(tr("Show"), {key: tr(word) for key, word in _FILTERS.items()}, presenter.show_only)
        self._model = RowsModel(
            (
                Column(tr("Batch"), lambda row: row.batch.name, 128),
                Column(tr("Item"), lambda row: row.product.label),
                Column(tr("Issued"), lambda row: f"{row.balance.issued:,}", 88, right=True),
                Column(tr("On hand"), lambda row: f"{row.balance.on_hand:,}", 96, right=True),
                Column(tr("Sold"), lambda row: f"{row.balance.sold:,}", 88, right=True, optional=True),
                Column(tr("Void"), lambda row: f"{row.balance.void:,}", 76, right=True, optional=True),
                Column(tr("Missing"), lambda row: f"{row.balance.missing:,}", 84, right=True, optional=True),
            ),
            presenter.more,
        )
        self._table = RowsTable(self._model, tr("Batches"))
        self._table.pressed_row.connect(presenter.choose)
        self._title, self._item = Elided("heading"), Elided("plain")
        self._about, self._balance = label("muted"), BalanceCard(tokens)
        self._about.setWordWrap(True)
        self._reason = TextField(tr("Why it is frozen or released"), presenter.type_reason)
        self._said = complaint(44)
        self._sale = button(keyed(tr("On sale"), "F5"), presenter.put_on_sale)
        self._freeze = button(keyed(tr("Freeze"), "F7"), presenter.freeze)
        self._labels = button(keyed(tr("Labels"), "F12"), presenter.print, role="pay")
        self.steps = {
            Qt.Key.Key_F2: self._search.begin,
            Qt.Key.Key_F3: presenter.begin_issue,
            Qt.Key.Key_F5: presenter.put_on_sale,
            Qt.Key.Key_F6: presenter.begin_take_in,
            Qt.Key.Key_F7: presenter.freeze,
            Qt.Key.Key_F12: presenter.print,
            Qt.Key.Key_Return: presenter.enter,
            Qt.Key.Key_Enter: presenter.enter,
            Qt.Key.Key_Up: lambda: presenter.step(-1),
            Qt.Key.Key_Down: lambda: presenter.step(1),
            Qt.Key.Key_Escape: presenter.leave_unit,
        }
        put_beside(self, self._build_list(), self._build_side())

    def render_state(self, state: CodesState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._search.show_text(state.typed)
        self._only.show_choice(state.only)
        self._model.show(state.rows, goes_on=state.goes_on)
        self._table.choose(state.row)
        chosen = state.chosen
        self._balance.setVisible(chosen is not None)
        self._title.setText(chosen.batch.name if chosen else "")
        self._item.setText(chosen.product.label if chosen else "")
        if chosen:
            words = [tr(_MADE[chosen.batch.made]), self._presenter.time_of(chosen.batch.at)]
            if chosen.batch.issued < chosen.batch.asked:
                words.append(tr("broken off, {asked} were wanted", asked=f"{chosen.batch.asked:,}"))
            self._about.setText(" · ".join(words))
            self._balance.show_row(chosen)
        else:
            self._about.setText("")
        self._reason.show_text(state.reason)
        self._reason.setVisible(self._presenter.may_block and chosen is not None)
        self._sale.setEnabled(chosen is not None and self._presenter.may_put_on_sale)
        self._freeze.setEnabled(chosen is not None and self._presenter.may_block)
        rename(self._freeze, keyed(tr("Release") if chosen and chosen.batch.frozen else tr("Freeze"), "F7"))
        self._labels.setEnabled(chosen is not None and chosen.batch.made == "here" and self._presenter.may_issue)
        if state.said or state.rows:
            say(self._said, state.said, refused=state.refused)
        elif state.typed or state.only is not BatchFilter.ALL:
            say(self._said, tr("No such batch."), refused=True)
        else:
            say(self._said, tr("No codes yet. Scan one to see its life."), refused=False)

    def type(self, text: str) -> None:
        """Whoever begins to type wants to find something."""
        self._search.setFocus()
        self._search.line.setText(text)
        self._presenter.search(text)

    def _build_list(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(4, 12, 4, 12)
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, 12, 0)
        head.setSpacing(8)
        head.addWidget(self._search, 1)
        if self._presenter.may_issue:
            for text, key, step in (
                (tr("New codes"), "F3", self._presenter.begin_issue),
                (tr("Made elsewhere"), "F6", self._presenter.begin_take_in),
            ):
                head.addWidget(button(keyed(text, key), step), 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(head)
        self._only.setContentsMargins(16, 0, 12, 0)
        column.addWidget(self._only)
        column.addWidget(self._table, 1)
        return frame

    def _build_side(self) -> QWidget:
        side, column = side_column()
        inner = QWidget()
        inside = QVBoxLayout(inner)
        inside.setContentsMargins(16, 8, 16, 8)
        inside.setSpacing(10)
        for part in (self._title, self._item, self._about, self._balance, self._reason):
            inside.addWidget(part)
        inside.addStretch(1)
        frame = card()
        around = QVBoxLayout(frame)
        around.setContentsMargins(2, 8, 2, 8)
        around.addWidget(scrolling(inner))
        column.addWidget(frame, 1)
        column.addWidget(self._said)
        column.addWidget(foot(self._sale, self._freeze, self._labels))
        return side
