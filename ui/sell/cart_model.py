"""The cart as a table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.money import format_amount
from core.sales.cart import Cart, CartLine
from core.texts import tr
from ui.sell.state import shown_code

ITEM, PRICE, QUANTITY, DISCOUNT, AMOUNT = range(5)
CODE = AMOUNT + 1
"""Place of the code in `CartModel.texts`, behind the columns."""

Index = QModelIndex | QPersistentModelIndex


class CartModel(QAbstractTableModel):
    """Lines of a frozen cart. Their texts are made once, when the line comes in, and not each time it is painted."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency
        self._lines: tuple[CartLine, ...] = ()
        self._texts: list[tuple[str, ...]] = []

    def show(self, cart: Cart) -> None:
        """Show another cart; only rows that differ are painted again."""
        before, after = self._lines, cart.lines
        if len(after) < len(before) or [line.n for line in after[: len(before)]] != [line.n for line in before]:
            self.beginResetModel()
            self._lines, self._texts = after, [self._texts_of(line) for line in after]
            self.endResetModel()
            return
        changed = [row for row, (old, new) in enumerate(zip(before, after, strict=False)) if old != new]
        for row in changed:
            self._texts[row] = self._texts_of(after[row])
        self._lines = after
        if len(after) > len(before):
            self.beginInsertRows(QModelIndex(), len(before), len(after) - 1)
            self._texts += [self._texts_of(line) for line in after[len(before) :]]
            self.endInsertRows()
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, AMOUNT))

    def row_of(self, n: int) -> int:
        """Row of the line of that number, or -1."""
        return next((row for row, line in enumerate(self._lines) if line.n == n), -1)

    def number_at(self, row: int) -> int:
        """Number of the line in that row."""
        return self._lines[row].n if 0 <= row < len(self._lines) else 0

    def texts(self, row: int) -> tuple[str, ...]:
        """What stands in a row: a text a column, then the code."""
        return self._texts[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._texts)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else AMOUNT + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts[index.row()][index.column()]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Item"), tr("Price"), tr("Quantity"), tr("Discount"), tr("Amount"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == ITEM else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _texts_of(self, line: CartLine) -> tuple[str, ...]:
        def show(minor: int | None) -> str:
            return "" if minor is None else format_amount(minor, self._currency)

        discount = show(-line.taken_off) if line.taken_off else ""
        return line.name, show(line.list_price), str(line.quantity), discount, show(line.amount), shown_code(line)
