"""Lists of frozen rows as tables: goods, receipts, people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

Index = QModelIndex | QPersistentModelIndex

_ROW_HEIGHT = 48
_LEAST = 220
"""Px for the column that takes what is left."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        text: of a row in it.
        width: px; 0 = what is left.
        right: its texts stand on the right.
        optional: goes before the one that takes what is left becomes too narrow.
    """

    title: str
    text: Callable[[Any], str]
    width: int = 0
    right: bool = False
    optional: bool = False

    @property
    def side(self) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if self.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class RowsModel(QAbstractTableModel):
    """Frozen rows in their order.

    Args:
        columns: from left to right.
        more: asks for more rows, when somebody scrolls to the end of a list that goes on.
    """

    def __init__(self, columns: Sequence[Column], more: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._more = more
        self._goes_on = False
        self._rows: tuple[Any, ...] = ()

    def show(self, rows: tuple[Any, ...], *, goes_on: bool = False) -> None:
        """Show other rows; those that are there already stay where they are.

        Args:
            goes_on: there are more than these.
        """
        before = self._rows
        if rows is before:
            return
        self._goes_on = goes_on
        if before and len(rows) > len(before) and rows[: len(before)] == before:
            self.beginInsertRows(QModelIndex(), len(before), len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def canFetchMore(self, parent: Index) -> bool:
        return self._goes_on and self._more is not None

    def fetchMore(self, parent: Index) -> None:
        if self._more:
            # Asked for once; the next rows say whether there are more still.
            self._goes_on = False
            self._more()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self._rows[index.row()])
        return column.side if role == Qt.ItemDataRole.TextAlignmentRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return self.columns[section].side if role == Qt.ItemDataRole.TextAlignmentRole else None


class RowsTable(QTableView):
    """Draws a `RowsModel`; one row of it is chosen.

    Args:
        name: what a screen reader says.

    Signals:
        pressed_row: somebody touched that row.
    """

    pressed_row = Signal(int)

    def __init__(self, model: RowsModel, name: str) -> None:
        super().__init__()
        self._model = model
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        columns.setHighlightSections(False)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for place, column in enumerate(model.columns):
            if column.width:
                self.setColumnWidth(place, column.width)
            else:
                columns.setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
        self.clicked.connect(lambda index: self.pressed_row.emit(index.row()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        columns = self._model.columns
        room = self.viewport().width() - sum(column.width for column in columns)
        for place, column in enumerate(columns):
            self.setColumnHidden(place, column.optional and room < _LEAST)
        super().resizeEvent(event)

    def choose(self, row: int) -> None:
        """Mark a row and bring it into sight; none where there is no such row."""
        if 0 <= row < self.model().rowCount():
            self.selectRow(row)
            self.scrollTo(self.model().index(row, 0))
        else:
            self.clearSelection()
