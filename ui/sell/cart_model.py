"""The cart as a table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from core.money import format_amount
from core.sales.cart import Cart, CartLine
from core.texts import tr
from ui import theme
from ui.sell.presenter import shown_code

ITEM, PRICE, QUANTITY, DISCOUNT, AMOUNT = range(5)
CodeRole = Qt.ItemDataRole.UserRole + 1
ROW_HEIGHT = 60

Index = QModelIndex | QPersistentModelIndex


class CartModel(QAbstractTableModel):
    """Lines of a frozen cart."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency
        self._lines: tuple[CartLine, ...] = ()

    def show(self, cart: Cart) -> None:
        """Show another cart; only rows that differ are painted again."""
        before, after = self._lines, cart.lines
        if len(after) < len(before) or [line.n for line in after[: len(before)]] != [line.n for line in before]:
            self.beginResetModel()
            self._lines = after
            self.endResetModel()
            return
        if len(after) > len(before):
            self.beginInsertRows(QModelIndex(), len(before), len(after) - 1)
            self._lines = (*before, *after[len(before) :])
            self.endInsertRows()
        self._lines = after
        for row, (old, new) in enumerate(zip(before, after, strict=False)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, AMOUNT))

    def row_of(self, n: int) -> int:
        """Row of the line of that number, or -1."""
        return next((row for row, line in enumerate(self._lines) if line.n == n), -1)

    def number_at(self, row: int) -> int:
        """Number of the line in that row."""
        return self._lines[row].n if 0 <= row < len(self._lines) else 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else AMOUNT + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self._lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(line, index.column())
        if role == CodeRole:
            return shown_code(line)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() != ITEM:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Item"), tr("Price"), tr("Quantity"), tr("Discount"), tr("Amount"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if section == ITEM else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, line: CartLine, column: int) -> str:
        if column == ITEM:
            return line.name
        if column == QUANTITY:
            return str(line.quantity)
        if column == DISCOUNT:
            return format_amount(-line.taken_off, self._currency) if line.taken_off else ""
        minor = line.amount if column == AMOUNT else line.list_price
        return "" if minor is None else format_amount(minor, self._currency)


class ItemDelegate(QStyledItemDelegate):
    """Paints a line: the name over the code, figures flush right, a hairline below."""

    def __init__(self, tokens: theme.Tokens, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self._tokens = tokens
        self._fonts = {
            ITEM: theme.font("normal"),
            PRICE: theme.font("normal"),
            QUANTITY: theme.font("normal"),
            DISCOUNT: theme.font("normal"),
            AMOUNT: theme.font("normal", bold=True),
        }
        self._small = theme.font("small")
        self._colours = {PRICE: tokens.muted, DISCOUNT: tokens.warn}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, column = option.rect, index.column()
        selected = index.row() == self._view.currentIndex().row()
        painter.fillRect(rect, QColor(self._tokens.accent_soft if selected else self._tokens.surface))
        painter.setPen(QPen(QColor(self._tokens.line), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(16, 6, -16, -6)
        text = str(index.data())
        painter.setFont(self._fonts[column])
        painter.setPen(QColor(self._colours.get(column, self._tokens.text)))
        metrics = painter.fontMetrics()
        if column != ITEM:
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            return
        upper = QRect(inner.left(), inner.top(), inner.width(), inner.height() * 11 // 20)
        lower = QRect(inner.left(), upper.bottom(), inner.width(), inner.bottom() - upper.bottom())
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(upper, left, metrics.elidedText(text, Qt.TextElideMode.ElideRight, upper.width()))
        painter.setFont(self._small)
        painter.setPen(QColor(self._tokens.muted))
        code = painter.fontMetrics().elidedText(str(index.data(CodeRole)), Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, left, code)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(80, ROW_HEIGHT)
