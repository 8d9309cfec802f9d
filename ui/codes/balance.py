"""What a batch adds up to, as a picture: one bar, cut into what is on hand, sold, void and missing."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from core.codes.queries import Balance
from core.shop.codes import BatchRow
from core.texts import mark, tr
from ui import theme
from ui.widgets.parts import label

_HEIGHT, _ROUND = 18, 9

_PARTS = {
    "on_hand": ("accent", mark("On hand")),
    "sold": ("muted", mark("Sold")),
    "void": ("bad", mark("Void")),
    "missing": ("warn", mark("Missing")),
}
"""The colour of each part and its name, in order."""

_BESIDE = {
    "printed": mark("Printed"),
    "returned": mark("Came back"),
    "frozen": mark("Frozen"),
}


class BalanceCard(QWidget):
    """The bar, and its figures below: issued = on hand + sold + void + missing.

    Args:
        tokens: colours.
    """

    def __init__(self, tokens: theme.Tokens) -> None:
        super().__init__()
        self._bar = _Bar(tokens)
        self._figures: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setHorizontalSpacing(8)
        self._add(grid, "issued", tr("Issued"))
        for name, (colour, word) in _PARTS.items():
            self._add(grid, name, tr(word), _square(getattr(tokens, colour)))
        for name, word in _BESIDE.items():
            self._add(grid, name, tr(word), role="muted")
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self._bar)
        column.addLayout(grid)

    def show_row(self, row: BatchRow) -> None:
        """Show another batch, or what it adds up to now."""
        self._bar.show_balance(row.balance)
        for name, figure in self._figures.items():
            figure.setText(f"{row.batch.printed if name == 'printed' else getattr(row.balance, name):,}")

    def _add(self, grid: QGridLayout, name: str, word: str, sign: QWidget | None = None, role: str = "plain") -> None:
        place = grid.rowCount()
        if sign:
            grid.addWidget(sign, place, 0)
        grid.addWidget(label(role, word), place, 1)
        self._figures[name] = label("subheading" if role == "plain" else role)
        self._figures[name].setAccessibleName(word)
        grid.addWidget(self._figures[name], place, 2, Qt.AlignmentFlag.AlignRight)


class _Bar(QWidget):
    def __init__(self, tokens: theme.Tokens) -> None:
        super().__init__()
        self.setFixedHeight(_HEIGHT)
        self._tokens = tokens
        self._balance: Balance | None = None

    def show_balance(self, balance: Balance) -> None:
        if balance != self._balance:
            self._balance = balance
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QPainterPath()
        whole.addRoundedRect(QRectF(self.rect()), _ROUND, _ROUND)
        painter.setClipPath(whole)
        painter.fillRect(self.rect(), QColor(self._tokens.line))
        left = 0.0
        if self._balance and self._balance.issued:
            for name, (colour, _) in _PARTS.items():
                width = self.width() * getattr(self._balance, name) / self._balance.issued
                painter.fillRect(QRectF(left, 0, width, self.height()), QColor(getattr(self._tokens, colour)))
                left += width
        painter.end()


def _square(colour: str) -> QWidget:
    made = QWidget()
    made.setFixedSize(12, 12)
    made.setStyleSheet(f"background: {colour}; border-radius: 3px;")
    return made
