"""Codes that were made elsewhere: of what they are, the file or the range, and rows that cannot be taken in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.texts import tr
from ui import theme
from ui.codes.item_picker import ItemPicker
from ui.codes.side import foot, put_beside, side_column
from ui.codes.taking_in import TakeInPresenter, TakeInState
from ui.widgets.fields import TextField, captioned, picker
from ui.widgets.files import FileTiles, show_columns, show_skip
from ui.widgets.parts import Elided, button, card, complaint, keyed, label, say
from ui.widgets.progress import Progress
from ui.widgets.rows import Column, RowsModel, RowsTable


class TakeInPage(QWidget):
    """Draws a `TakeInState`.

    Args:
        presenter: takes the intents.
        tokens: colours.
    """

    def __init__(self, presenter: TakeInPresenter, tokens: theme.Tokens) -> None:
        super().__init__()
        self._presenter = presenter
        self._item = ItemPicker(presenter.item, tr("F3 Item that the codes are on: scan it, or type its name or code"))
        self._files = FileTiles(presenter.choose)
        self._file, self._column = Elided("subheading"), picker(tr("Column with the codes"))
        self._column.activated.connect(lambda _place: presenter.choose_column(self._column.currentData()))
        self._column_field = captioned(tr("Column with the codes"), self._column)
        self._first = TextField(tr("Or a range: the first code"), lambda text: presenter.choose_range(first=text))
        self._last = TextField(tr("The last code"), lambda text: presenter.choose_range(last=text))
        self._bad = RowsModel(
            (
                Column(tr("Row"), lambda bad: str(bad.row), 80),
                Column(tr("Cannot be taken in"), lambda bad: bad.reason),
            )
        )
        self._bad_table = RowsTable(self._bad, tr("Rows that cannot be taken in"))
        self._skip = button("", presenter.skip_bad)
        self._said = complaint(44)
        self._progress = Progress()
        self._back = button(keyed(tr("Back"), "Esc"), presenter.back)
        self._start = button(keyed(tr("Take in"), "F12"), presenter.start, role="pay")
        self.steps = {
            Qt.Key.Key_F2: self._files.browse,
            Qt.Key.Key_F3: self._item.begin,
            Qt.Key.Key_F12: presenter.start,
            Qt.Key.Key_Up: lambda: presenter.item.step(-1),
            Qt.Key.Key_Down: lambda: presenter.item.step(1),
            Qt.Key.Key_Escape: presenter.back,
        }
        put_beside(self, self._build_item(), self._build_source())
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: TakeInState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._files.show_files(state.files)
        self._file.setText(state.file.name if state.file else tr("A file with a code a row"))
        header = state.file.header if state.file else ()
        self._column_field.setVisible(len(header) > 1)
        show_columns(self._column, header, state.column)
        self._first.show_text(state.first)
        self._last.show_text(state.last)
        self._bad.show(state.bad)
        self._bad_table.setVisible(bool(state.bad))
        self._skip.setVisible(bool(state.bad))
        show_skip(self._skip, skips=state.skip_bad)
        self._progress.show_work(state.done, state.total, works=state.works)
        self._start.setEnabled(not state.works)
        say(self._said, state.said, refused=state.refused)

    def choose(self, number: int) -> None:
        """The file of that number, from 0."""
        files = self._presenter.state.files
        if 0 <= number < len(files):
            self._presenter.choose(files[number])

    def _build_item(self) -> QWidget:
        frame = card()
        column = QVBoxLayout(frame)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label("heading", tr("Codes made elsewhere")))
        column.addWidget(self._item, 2)
        column.addWidget(self._bad_table, 1)
        column.addWidget(self._skip)
        return frame

    def _build_source(self) -> QWidget:
        side, column = side_column()
        frame = card()
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(16, 16, 16, 16)
        inside.setSpacing(10)
        for part in (self._file, self._column_field):
            inside.addWidget(part)
        inside.addWidget(self._files, 1)
        for part in (self._first, self._last, self._progress):
            inside.addWidget(part)
        column.addWidget(frame, 1)
        column.addWidget(self._said)
        column.addWidget(foot(self._back, self._start))
        return side
