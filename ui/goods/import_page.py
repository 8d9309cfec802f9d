"""The import page: a file, the meaning of its columns, what it would change, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from core.money import format_amount
from core.shop.goods import Change
from core.texts import mark, sentence, tr
from ui import theme
from ui.goods.importing import ImportPresenter, ImportState, Step
from ui.widgets.fields import picker, scrolling
from ui.widgets.files import FileTiles, show_columns, show_skip
from ui.widgets.parts import Elided, button, card, complaint, keyed, label, rename, say
from ui.widgets.progress import Progress
from ui.widgets.rows import Column, RowsModel, RowsTable

FIELD_NAMES = {
    "gtin": mark("Barcode"),
    "code": mark("Own code"),
    "name": mark("Item name"),
    "price": mark("Price"),
    "category": mark("Category"),
    "tax_rate": mark("Tax rate"),
    "spec": mark("Specification"),
}


class ImportPage(QWidget):
    """Draws an `ImportState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
        leave: the word for going without a file.
    """

    def __init__(self, presenter: ImportPresenter, tokens: theme.Tokens, leave: str) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._presenter, self._leave = presenter, leave
        self._title, self._said, self._sums = Elided("heading"), complaint(), label("plain")
        self._sums.setWordWrap(True)
        self._files = FileTiles(presenter.choose)
        self._pickers = {name: self._picker(name) for name in FIELD_NAMES}
        self._changes = RowsModel(
            (
                Column(tr("Row by row"), self._change_of, 140),
                Column(tr("Item"), lambda change: change.after.label),
                Column(tr("Price"), self._prices, 130, right=True),
            )
        )
        self._bad = RowsModel(
            (
                Column(tr("Row"), lambda bad: str(bad.row), 80),
                Column(tr("Cannot be taken in"), lambda bad: sentence(bad.reason)),
            )
        )
        self._changes_table = RowsTable(self._changes, tr("What will change"))
        self._bad_table = RowsTable(self._bad, tr("Rows that cannot be taken in"))
        self._skip = button("", presenter.skip_bad)
        self._start = button(keyed(tr("Import"), "F12"), presenter.start, role="pay")
        self._back = button(keyed(tr("Back"), "Esc"), presenter.back)
        self._progress = Progress()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        self._choose_part, self._check_part = self._build_choose(), self._build_check()
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._choose_part, 1)
        column.addWidget(self._check_part, 1)
        column.addWidget(self._progress)
        column.addWidget(self._said)
        whole.addWidget(frame, 1)
        whole.addWidget(self._build_foot())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: ImportState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._title.setText(state.name or tr("Which file?"))
        self._choose_part.setVisible(state.step is Step.CHOOSE)
        self._check_part.setVisible(bool(state.header))
        self._files.show_files(state.files)
        for name, made in self._pickers.items():
            show_columns(made, state.header, state.columns.get(name, ""))
            made.setEnabled(state.step in (Step.READING, Step.CHECK))
        self._show_preview(state)
        self._progress.show_work(state.done, state.total, works=state.step is Step.WORKING)
        self._start.setEnabled(state.may_start)
        self._start.setVisible(state.step is not Step.DONE)
        words = {Step.CHOOSE: self._leave, Step.WORKING: tr("Stop"), Step.DONE: tr("Done")}
        rename(self._back, keyed(words.get(state.step, tr("Back")), "Esc"))
        reading = tr("One moment …") if state.step is Step.READING else ""
        say(self._said, reading or state.said, refused=state.refused)

    def _show_preview(self, state: ImportState) -> None:
        preview, bad = state.preview, state.bad
        self._changes.show(preview.changes if preview else ())
        self._bad.show(bad)
        self._bad_table.setVisible(bool(bad))
        self._skip.setVisible(bool(bad) and state.step is Step.CHECK)
        show_skip(self._skip, skips=state.skip_bad)
        parts = []
        if preview:
            parts = [
                tr("{count} new", count=f"{preview.added:,}"),
                tr("{count} changed", count=f"{preview.updated:,}"),
                tr("{count} as they are", count=f"{preview.unchanged:,}"),
            ]
        if bad:
            parts.append(tr("{count} cannot be taken in", count=f"{len(bad):,}"))
        self._sums.setText(" · ".join(parts))

    def _build_choose(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        words = label("muted", tr("A CSV or XLSX file with a row a product. Its first row names the columns."))
        words.setWordWrap(True)
        column.addWidget(words)
        column.addWidget(self._files, 1)
        return part

    def _build_check(self) -> QWidget:
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(20)
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        grid.addWidget(label("subheading", tr("Which column is what?")), 0, 0, 1, 2)
        for place, (name, made) in enumerate(self._pickers.items(), 1):
            grid.addWidget(label("muted", tr(FIELD_NAMES[name])), place, 0)
            grid.addWidget(made, place, 1)
        grid.setRowStretch(len(self._pickers) + 1, 1)
        columns = QWidget()
        grid.setContentsMargins(0, 0, 12, 0)
        columns.setLayout(grid)
        left = scrolling(columns)
        left.setFixedWidth(320)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._sums)
        right.addWidget(self._changes_table, 2)
        right.addWidget(self._bad_table, 1)
        right.addWidget(self._skip)
        row.addWidget(left)
        row.addLayout(right, 1)
        return part

    def _build_foot(self) -> QWidget:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addStretch(1)
        for made in (self._back, self._start):
            made.setMinimumHeight(64)
            made.setMinimumWidth(200)
            row.addWidget(made)
        foot = QWidget()
        foot.setLayout(row)
        return foot

    def _picker(self, name: str) -> QComboBox:
        made = picker(tr(FIELD_NAMES[name]))
        made.activated.connect(lambda _place: self._presenter.map(name, made.currentData()))
        return made

    def _change_of(self, change: Change) -> str:
        if change.before is None:
            return tr("New")
        named = {"name": tr("Item name"), "price": tr("Price"), "tax_rate": tr("Tax rate")}
        named |= {"category": tr("Category"), "spec": tr("Specification")}
        return ", ".join(w for n, w in named.items() if getattr(change.before, n) != getattr(change.after, n))

    def _prices(self, change: Change) -> str:
        def show(price: int | None) -> str:
            return format_amount(price, self._presenter.currency) if price else "—"

        if change.before and change.before.price != change.after.price:
            return " → ".join((show(change.before.price), show(change.after.price)))
        return show(change.after.price)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        state, key = self._presenter.state, event.key()
        number = key - Qt.Key.Key_1
        if key == Qt.Key.Key_Escape:
            self._presenter.back()
        elif key == Qt.Key.Key_F12 or key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key == Qt.Key.Key_F2 and state.step is Step.CHOOSE:
            self._files.browse()
        elif state.step is Step.CHOOSE and 0 <= number < len(state.files):
            self._presenter.choose(state.files[number])
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        step = self._presenter.state.step
        if step is Step.DONE:
            self._presenter.back()
        elif step is Step.CHECK:
            self._presenter.start()
