"""The list in which an item is chosen that codes are put on."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.texts import tr
from ui.codes.item import ItemPresenter, ItemState
from ui.widgets.fields import TextField
from ui.widgets.parts import complaint, say
from ui.widgets.rows import Column, RowsModel, RowsTable


class ItemPicker(QWidget):
    """Draws an `ItemState`.

    Args:
        presenter: takes the intents.
        caption: of the search field.
    """

    def __init__(self, presenter: ItemPresenter, caption: str) -> None:
        super().__init__()
        self._presenter = presenter
        self._model = RowsModel(
            (
                Column(tr("Item"), lambda product: product.label),
                Column(tr("Code"), lambda product: product.shown_code, 150),
            )
        )
        self._table = RowsTable(self._model, tr("Goods"))
        self._table.pressed_row.connect(presenter.choose)
        self._search = TextField(caption, presenter.search)
        self._said = complaint()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._search)
        column.addWidget(self._table, 1)
        column.addWidget(self._said)
        presenter.changed.connect(self.render_state)
        self.render_state(presenter.state)

    def render_state(self, state: ItemState) -> None:
        """Draw a state; drawing it twice changes nothing."""
        self._search.show_text(state.typed)
        self._model.show(state.found)
        self._table.choose(state.row)
        say(self._said, state.said, refused=True)
        self._said.setVisible(bool(state.said))

    def type(self, text: str) -> None:
        """Begin to look for something else."""
        self._search.setFocus()
        self._search.line.setText(text)
        self._presenter.search(text)

    def begin(self) -> None:
        """Go into the search field."""
        self._search.begin()
