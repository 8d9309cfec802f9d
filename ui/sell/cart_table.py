"""The table of a cart: the name over the code, figures flush right, a hairline below."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from core.texts import tr
from ui import theme
from ui.sell.cart_model import AMOUNT, CODE, DISCOUNT, ITEM, PRICE, QUANTITY, CartModel

ROW_HEIGHT = 60
_MARGIN = 12
_MOST_PICTURES = 64
_WIDTHS = {PRICE: 104, QUANTITY: 100, DISCOUNT: 100, AMOUNT: 120}
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class CartTable(QTableView):
    """Draws each row once, as a picture: after a scan a view paints every visible cell again."""

    def __init__(self, model: CartModel, tokens: theme.Tokens) -> None:
        super().__init__()
        self._lines = model
        self._marked = -1
        self._tokens = tokens
        self._pictures: dict[tuple[object, ...], QPixmap] = {}
        self._font, self._bold, self._small = theme.font("normal"), theme.font("normal", bold=True), theme.font("small")
        self._colours = {PRICE: tokens.muted, DISCOUNT: tokens.warn}
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setShowGrid(False)
        self.setAutoScroll(False)
        self.setAccessibleName(tr("Cart"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # Nothing below it needs to be painted first.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setDefaultSectionSize(ROW_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(ITEM, QHeaderView.ResizeMode.Stretch)
        columns.setHighlightSections(False)

    def lay_out(self, *, narrow: bool) -> None:
        """Widths of the columns; where it is narrow the price is left out: a column goes before a text is cut."""
        self.setColumnHidden(PRICE, narrow)
        for column in range(PRICE, AMOUNT + 1):
            self.setColumnWidth(column, _WIDTHS[column])

    def show_row(self, row: int) -> None:
        """Mark a row (-1 = none), bring it into sight and paint it now; then tell a screen reader which it is."""
        self._marked = row
        index = self._lines.index(row, ITEM)
        if index.isValid():
            # A new row makes the range longer only with the next layout; it must be there to scroll into.
            self.executeDelayedItemsLayout()
            self.updateGeometries()
            self.scrollTo(index)
        self.viewport().repaint()
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)

    def paintEvent(self, event: QPaintEvent) -> None:
        area = event.rect()
        painter = QPainter(self.viewport())
        painter.fillRect(area, QColor(self._tokens.surface))
        first = max(self.rowAt(area.top()), 0)
        for row in range(first, self._lines.rowCount()):
            top = self.rowViewportPosition(row)
            if top > area.bottom():
                break
            if row == self._marked:
                painter.fillRect(0, top, area.right() + 1, ROW_HEIGHT, QColor(self._tokens.accent_soft))
            painter.drawPixmap(0, top, self._picture(row))
        painter.end()

    def _picture(self, row: int) -> QPixmap:
        texts = self._lines.texts(row)
        key = (texts, self.viewport().width(), self.isColumnHidden(PRICE), self.devicePixelRatioF())
        if key not in self._pictures:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            self._pictures[key] = self._draw(texts)
        return self._pictures[key]

    def _draw(self, texts: tuple[str, ...]) -> QPixmap:
        tokens, ratio, width = self._tokens, self.devicePixelRatioF(), self.viewport().width()
        picture = QPixmap(round(width * ratio), round(ROW_HEIGHT * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.fillRect(0, ROW_HEIGHT - 1, width, 1, QColor(tokens.line))
        for column in range(ITEM, AMOUNT + 1):
            if self.isColumnHidden(column):
                continue
            place = QRect(self.columnViewportPosition(column), 0, self.columnWidth(column), ROW_HEIGHT)
            inner = place.adjusted(_MARGIN, 6, -_MARGIN, -6)
            painter.setPen(QColor(self._colours.get(column, tokens.text)))
            if column == ITEM:
                half = inner.height() // 2
                _write(painter, inner.adjusted(0, 0, 0, -half), texts[ITEM], self._font, _LEFT)
                painter.setPen(QColor(tokens.muted))
                _write(painter, inner.adjusted(0, half, 0, 0), texts[CODE], self._small, _LEFT)
            else:
                _write(painter, inner, texts[column], self._bold if column == AMOUNT else self._font, _RIGHT)
        painter.end()
        return picture


def _write(painter: QPainter, place: QRect, text: str, font: QFont, side: int) -> None:
    painter.setFont(font)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, side, shown)
