"""Goods that were found, as a table."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.catalogue.product import Product
from core.money import format_amount
from core.texts import tr

ITEM, CODE, PRICE = range(3)

Index = QModelIndex | QPersistentModelIndex


class FoundModel(QAbstractTableModel):
    """Products of a search, in its order."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self._currency = currency
        self._products: tuple[Product, ...] = ()

    def show(self, products: tuple[Product, ...]) -> None:
        """Show what another search found."""
        if products is not self._products:
            self.beginResetModel()
            self._products = products
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._products)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else PRICE + 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        product = self._products[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            price = format_amount(product.price, self._currency) if product.price else "—"
            return (product.label, product.shown_code, price)[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(index.column())
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (tr("Item"), tr("Code"), tr("Price"))[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return None


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == PRICE else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
